using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Pyramids.Harvest;

/// <summary>
/// A level of a tile matrix set, drawn by a map service on the level's own pixels. Maps are cut on a grid of their largest size that begins at the
/// level's origin, so that the same maps are asked for whatever window needs them; those outside the area are not asked for. Safe for concurrent use.
/// </summary>
/// <param name="area">What is harvested, in the set's CRS.</param>
/// <param name="nodata">Value(s) without data, one a channel; null for none.</param>
internal sealed class WmsLevel(
    WmsClient client, HarvestOrder order, TileMatrixSet set, TileMatrix matrix, PixelFormat format, PixelArea area, byte[]? nodata) : IRasterSource
{
    public PixelGrid Grid { get; } = new(
        matrix.OriginX, matrix.OriginY, matrix.CellSize, matrix.CellSize, matrix.MatrixWidth * matrix.TileWidth, matrix.MatrixHeight * matrix.TileHeight);

    public PixelFormat Format => format;

    public bool Read(long col, long row, Raster window, CancellationToken cancellation)
    {
        window.Mask.Clear();
        window.IsFull = false;
        var any = false;
        long lastCol = Math.Min(col + window.Width, Grid.Width) - 1, lastRow = Math.Min(row + window.Height, Grid.Height) - 1;
        for (var y = Math.Max(row, 0) / order.MaxHeight; y * order.MaxHeight <= lastRow; y++)
        {
            for (var x = Math.Max(col, 0) / order.MaxWidth; x * order.MaxWidth <= lastCol; x++)
            {
                cancellation.ThrowIfCancellationRequested();
                var map = new MapPlace(
                    x * order.MaxWidth, y * order.MaxHeight,
                    (int)Math.Min(order.MaxWidth, Grid.Width - (x * order.MaxWidth)), (int)Math.Min(order.MaxHeight, Grid.Height - (y * order.MaxHeight)));
                any |= TryHarvest(map, col, row, window, cancellation);
            }
        }

        window.IsFull = any && !window.Mask.ContainsAnyExcept((byte)255);
        return any;
    }

    private bool TryHarvest(MapPlace map, long col, long row, Raster window, CancellationToken cancellation)
    {
        var cell = matrix.CellSize;
        var west = matrix.OriginX + (map.Col * cell);
        var north = matrix.OriginY - (map.Row * cell);
        var extent = new Extent(west, north - (map.Height * cell), west + (map.Width * cell), north);
        if (!area.Touches(extent))
            return false;
        var address = WmsClient.Address(order, set.Crs, extent, map.Width, map.Height);
        var bytes = client.Read(address, cancellation);
        if (bytes.Length <= order.MinBytes)
            return false;
        using var picture = Raster.Rent(map.Width, map.Height, format);
        try
        {
            FetchedPicture.Decode(bytes, picture);
        }
        catch (TileCodecException wrong)
        {
            throw new UnreadableRasterException(address.GetLeftPart(UriPartial.Path), $"its answer of {bytes.Length} bytes is no {order.Format} of {map.Width} × {map.Height} pixels: {wrong.Message}", wrong);
        }

        if (nodata is not null)
            MaskNodata(picture, nodata);
        if (order.IsClipped)
            Clip(picture, extent);
        return Copy(picture, map.Col - col, map.Row - row, window);
    }

    private void Clip(Raster picture, Extent extent)
    {
        var inside = new byte[picture.Width * picture.Height];
        area.Fill(inside, picture.Width, picture.Height, extent);
        for (var i = 0; i < inside.Length; i++)
            picture.Mask[i] &= inside[i];
    }

    private static void MaskNodata(Raster picture, byte[] nodata)
    {
        for (var i = 0; i < picture.Mask.Length; i++)
        {
            if (picture.Pixels.Slice(i * nodata.Length, nodata.Length).SequenceEqual(nodata))
                picture.Mask[i] = 0;
        }
    }

    private static bool Copy(Raster picture, long left, long top, Raster window)
    {
        int firstX = (int)Math.Max(0, -left), lastX = (int)Math.Min(picture.Width, window.Width - left);
        int firstY = (int)Math.Max(0, -top), lastY = (int)Math.Min(picture.Height, window.Height - top);
        var size = picture.Format.BytesPerPixel;
        var any = false;
        for (var y = firstY; y < lastY && firstX < lastX; y++)
        {
            var to = (int)(((top + y) * window.Width) + left + firstX);
            var from = (y * picture.Width) + firstX;
            var mask = picture.Mask.Slice(from, lastX - firstX);
            any |= mask.ContainsAnyExcept((byte)0);
            mask.CopyTo(window.Mask[to..]);
            picture.Pixels.Slice(from * size, (lastX - firstX) * size).CopyTo(window.Pixels[(to * size)..]);
        }

        return any;
    }

    private readonly record struct MapPlace(long Col, long Row, int Width, int Height);
}
