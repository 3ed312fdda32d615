using Grid.Imaging.Resampling;

namespace Grid.Imaging.Pyramids;

/// <summary>The source pixels that a part of a slab needs, one window a sheet, read together and warped tile by tile.</summary>
internal sealed class SheetWindows : IDisposable
{
    private readonly List<(SheetResampler Sheet, PixelWindow At, Raster Pixels, BlockMap Map)> _windows = [];
    private readonly PixelFormat _format;

    /// <param name="part">Output pixels to be warped.</param>
    /// <param name="whole">Those that the parts make together: where masks decide, the parts come out as if they had one window.</param>
    public SheetWindows(IEnumerable<SheetResampler> sheets, PixelWindow part, PixelWindow whole, PixelFormat format, CancellationToken cancellation)
    {
        _format = format;
        try
        {
            foreach (var sheet in sheets)
            {
                if (sheet.WindowOf(part) is not { } needed || sheet.WindowOf(whole) is not { } all)
                    continue;
                var at = part == whole ? all : needed.OnBlocksOf(all, BlockMap.Side);
                var pixels = Raster.Rent((int)at.Width, (int)at.Height, format);
                if (sheet.Source.Read(at.Col, at.Row, pixels, cancellation))
                    _windows.Add((sheet, at, pixels, new BlockMap(pixels)));
                else
                    pixels.Dispose();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Warps a part of a tile, which lies at <paramref name="place"/> in the slab; safe from several threads.</summary>
    /// <returns>Whether every pixel of the part has data.</returns>
    public bool Warp(Raster tile, PixelWindow place, PixelWindow part)
    {
        // From the sheet on top downwards, each fills what those above it left open.
        var first = true;
        for (var i = _windows.Count - 1; i >= 0; i--)
        {
            if (first)
            {
                if (Resample(i, tile, place, part))
                    return true;
                first = false;
                continue;
            }

            using var under = Raster.Rent(tile.Width, tile.Height, tile.Format);
            Resample(i, under, place, part);
            if (FillGaps(tile, under, place, part))
                return true;
        }

        if (first)
            ForEachRow(place, part, (start, length) => tile.Mask.Slice(start, length).Clear());
        return false;
    }

    public void Dispose()
    {
        foreach (var window in _windows)
            window.Pixels.Dispose();
        _windows.Clear();
    }

    private bool Resample(int sheet, Raster tile, PixelWindow place, PixelWindow part)
    {
        var (resampler, at, pixels, map) = _windows[sheet];
        if (resampler.WindowOf(part) is not null)
        {
            return resampler.Resample(
                pixels, map, at, tile, (int)place.Col, (int)place.Row, (int)part.Col, (int)part.Row, (int)part.Width, (int)part.Height);
        }

        ForEachRow(place, part, (start, length) => tile.Mask.Slice(start, length).Clear());
        return false;
    }

    private bool FillGaps(Raster tile, Raster under, PixelWindow place, PixelWindow part)
    {
        var size = _format.BytesPerPixel;
        var full = true;
        ForEachRow(place, part, (start, length) =>
        {
            for (var i = start; i < start + length; i++)
            {
                if (tile.Mask[i] != 0)
                    continue;
                if (under.Mask[i] == 0)
                {
                    full = false;
                    continue;
                }

                tile.Mask[i] = 255;
                under.Pixels.Slice(i * size, size).CopyTo(tile.Pixels[(i * size)..]);
            }
        });
        return full;
    }

    private static void ForEachRow(PixelWindow place, PixelWindow part, Action<int, int> row)
    {
        for (var y = 0; y < part.Height; y++)
            row((int)(((part.Row - place.Row + y) * place.Width) + part.Col - place.Col), (int)part.Width);
    }
}
