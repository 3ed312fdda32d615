using Grid.Imaging.Codecs;
using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Pyramids;

namespace Grid.Imaging.Styles;

/// <summary>What the stored tiles of a level are.</summary>
/// <param name="Nodata">One value a channel.</param>
public sealed record StoredTileFormat(TileCompression Compression, PixelFormat Pixels, int Width, int Height, IReadOnlyList<double> Nodata);

/// <summary>A tile as it is stored: its bytes, empty where it does not exist, and those of its mask; null where the pyramid has no masks.</summary>
public readonly record struct StoredTile(ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte>? Mask);

/// <summary>Tiles in a style, as PNG.</summary>
public static class StyledTile
{
    /// <summary>Tiles that a styled tile is made of: itself in the middle of its eight neighbours, row-major.</summary>
    public const int Around = 9;

    /// <summary>
    /// The tile in a style: PNG of the style's channels, and one of opacity more where some pixel has no data. Null when nothing is to be shown. A
    /// palette on stored PNG of one channel only takes the place of the grey ramp: the pixels are not touched.
    /// </summary>
    /// <param name="style">One that takes the format.</param>
    /// <param name="tiles">The tile alone for a style without margin; else <see cref="Around"/> of them. All tiles are of one size.</param>
    /// <param name="cellWidthMetres">Ground width of a pixel in the middle of the tile.</param>
    /// <param name="cellHeightMetres">Ground height, likewise.</param>
    /// <exception cref="TileCodecException">A tile is damaged.</exception>
    public static byte[]? Make(IRasterStyle style, StoredTileFormat format, ReadOnlySpan<StoredTile> tiles, double cellWidthMetres, double cellHeightMetres)
    {
        var centre = tiles[tiles.Length / 2];
        if (centre.Data.IsEmpty)
            return null;
        if (style is PaletteStyle { Palette: var palette } && centre.Mask is null && format is { Pixels: { Sample: SampleType.UInt8, Channels: 1 }, Compression: TileCompression.Png })
            return PngPalette.Replace(centre.Data.Span, palette, (byte)Math.Clamp(Math.Round(format.Nodata[0]), 0, 255));
        var margin = style.Margin;
        using var window = Raster.Rent(format.Width + (2 * margin), format.Height + (2 * margin), format.Pixels);
        if (!Fill(window, format, tiles, margin))
            return null;
        var output = style.OutputOf(format.Pixels) ?? throw new ArgumentException($"{format.Pixels} cannot be shown in this style", nameof(style));
        using var picture = Raster.Rent(format.Width, format.Height, output);
        style.Apply(window, cellWidthMetres, cellHeightMetres, picture);
        return picture.IsFull || picture.Mask.ContainsAnyExcept((byte)0) ? Encode(picture) : null;
    }

    private static bool Fill(Raster window, StoredTileFormat format, ReadOnlySpan<StoredTile> tiles, int margin)
    {
        window.Mask.Clear();
        window.IsFull = margin == 0;
        using var tile = Raster.Rent(format.Width, format.Height, format.Pixels);
        if (!TryDecode(tiles[tiles.Length / 2], format, tile))
            return false;
        window.IsFull &= tile.IsFull;
        Copy(tile, window, margin, margin);
        for (var place = 0; margin > 0 && place < Around; place++)
        {
            if (place != Around / 2 && !tiles[place].Data.IsEmpty && TryDecode(tiles[place], format, tile))
                Copy(tile, window, margin + (((place % 3) - 1) * format.Width), margin + (((place / 3) - 1) * format.Height));
        }

        return true;
    }

    private static bool TryDecode(StoredTile stored, StoredTileFormat format, Raster tile)
    {
        TileDecoder.Decode(format.Compression, stored.Data.Span, format.Pixels, format.Width, format.Height, tile.Pixels);
        if (stored.Mask is not { } mask)
            NodataPixels.Mask(tile, format.Compression, format.Nodata);
        else if (mask.IsEmpty)
            return false;
        else
            TileDecoder.Decode(TileCompression.Zip, mask.Span, new PixelFormat(SampleType.UInt8, 1), format.Width, format.Height, tile.Mask);
        tile.IsFull = !tile.Mask.Contains((byte)0);
        return tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0);
    }

    /// <summary>Copies what of a tile falls into the window, which begins at its column and row 0.</summary>
    private static void Copy(Raster tile, Raster window, int left, int top)
    {
        int firstX = Math.Max(0, -left), lastX = Math.Min(tile.Width, window.Width - left);
        int firstY = Math.Max(0, -top), lastY = Math.Min(tile.Height, window.Height - top);
        var size = tile.Format.BytesPerPixel;
        for (var y = firstY; y < lastY; y++)
        {
            var to = ((top + y) * window.Width) + left + firstX;
            var from = (y * tile.Width) + firstX;
            tile.Mask.Slice(from, lastX - firstX).CopyTo(window.Mask[to..]);
            tile.Pixels.Slice(from * size, (lastX - firstX) * size).CopyTo(window.Pixels[(to * size)..]);
        }
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
