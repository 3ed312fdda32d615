using Grid.Imaging.Codecs;
using Grid.Imaging.Codecs.Png;

namespace Grid.Imaging.Styles;

/// <summary>What the stored tiles of a level are.</summary>
/// <param name="Nodata">One value a channel.</param>
public sealed record StoredTileFormat(TileCompression Compression, PixelFormat Pixels, int Width, int Height, IReadOnlyList<double> Nodata);

/// <summary>A tile as it is stored: its bytes, empty where it does not exist, and those of its mask; null where the pyramid has no masks.</summary>
public readonly record struct StoredTile(ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte>? Mask);

/// <summary>Tiles in a style, as PNG.</summary>
public static class StyledTile
{
    /// <summary>Tiles around a tile, row-major, the tile itself left out.</summary>
    public const int Neighbours = 8;

    /// <summary>
    /// The tile in a style: PNG of the style's channels, and one of opacity more where some pixel has no data. Null when nothing is to be shown. A
    /// palette on stored PNG of one channel only takes the place of the grey ramp: the pixels are not touched.
    /// </summary>
    /// <param name="style">One that takes the format, of margin 0 or 1.</param>
    /// <param name="format">What the tiles are.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="around">The edges of its <see cref="Neighbours"/>; not looked at for a style without margin.</param>
    /// <param name="cellWidthMetres">Ground width of a pixel in the middle of the tile.</param>
    /// <param name="cellHeightMetres">Ground height, likewise.</param>
    /// <param name="own">The tile's own edges, where it was decoded for a style with a margin; else null.</param>
    /// <exception cref="TileCodecException">The tile is damaged.</exception>
    public static byte[]? Make(
        IRasterStyle style, StoredTileFormat format, StoredTile tile, IReadOnlyList<TileEdges> around, double cellWidthMetres, double cellHeightMetres, out TileEdges? own)
    {
        own = null;
        if (tile.Data.IsEmpty)
            return null;
        if (style is PaletteStyle { Palette: var palette } && tile.Mask is null && format is { Pixels: { Sample: SampleType.UInt8, Channels: 1 }, Compression: TileCompression.Png })
            return PngPalette.Replace(tile.Data.Span, palette, (byte)Math.Clamp(Math.Round(format.Nodata[0]), 0, 255));
        var margin = style.Margin;
        using var middle = Raster.Rent(format.Width, format.Height, format.Pixels);
        if (!TileEdges.TryDecode(tile, format, middle))
        {
            own = TileEdges.None;
            return null;
        }

        var output = style.OutputOf(format.Pixels) ?? throw new ArgumentException($"{format.Pixels} cannot be shown in this style", nameof(style));
        using var picture = Raster.Rent(format.Width, format.Height, output);
        if (margin == 0)
        {
            style.Apply(middle, cellWidthMetres, cellHeightMetres, picture);
        }
        else
        {
            own = TileEdges.Of(middle);
            using var window = Framed(middle, around);
            style.Apply(window, cellWidthMetres, cellHeightMetres, picture);
        }

        return picture.IsFull || picture.Mask.ContainsAnyExcept((byte)0) ? Encode(picture) : null;
    }

    private static Raster Framed(Raster middle, IReadOnlyList<TileEdges> around)
    {
        var window = Raster.Rent(middle.Width + 2, middle.Height + 2, middle.Format);
        window.Mask.Clear();
        for (var y = 0; y < middle.Height; y++)
        {
            middle.Mask.Slice(y * middle.Width, middle.Width).CopyTo(window.Mask[(((y + 1) * window.Width) + 1)..]);
            middle.Pixels.Slice(y * middle.StrideBytes, middle.StrideBytes).CopyTo(window.Pixels[(((y + 1) * window.StrideBytes) + middle.Format.BytesPerPixel)..]);
        }

        for (var i = 0; i < Neighbours; i++)
        {
            var place = i < 4 ? i : i + 1;
            around[i].Frame(window, (place % 3) - 1, (place / 3) - 1);
        }

        window.IsFull = !window.Mask.Contains((byte)0);
        return window;
    }

    private static byte[] Encode(Raster picture)
    {
        var channels = picture.Format.Channels;
        var hasOpacity = channels is 2 or 4;
        if (picture.IsFull || hasOpacity)
        {
            // What is not shown is zeros already, opacity included.
            using var encoder = new PngEncoder(picture.Width, picture.Height, channels);
            return encoder.Encode(picture.Pixels).ToArray();
        }

        using var withOpacity = Raster.Rent(picture.Width, picture.Height, new PixelFormat(SampleType.UInt8, channels + 1));
        var from = picture.Pixels;
        var mask = picture.Mask;
        var to = withOpacity.Pixels;
        for (var i = 0; i < mask.Length; i++)
        {
            from.Slice(i * channels, channels).CopyTo(to[(i * (channels + 1))..]);
            to[(i * (channels + 1)) + channels] = mask[i];
        }

        using var wider = new PngEncoder(picture.Width, picture.Height, channels + 1);
        return wider.Encode(to).ToArray();
    }
}
