using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;

namespace Grid.Imaging.Styles;

/// <summary>
/// The outermost pixels of a tile, which its neighbours' styles look at: samples and mask of its first and last rows and columns. A few kilobytes where
/// the tile has hundreds. Immutable.
/// </summary>
public sealed class TileEdges
{
    private readonly byte[] _samples;
    private readonly byte[] _mask;
    private readonly int _width;
    private readonly int _height;
    private readonly int _pixelBytes;

    private TileEdges(Raster tile)
    {
        (_width, _height, _pixelBytes) = (tile.Width, tile.Height, tile.Format.BytesPerPixel);
        _samples = new byte[2 * (_width + _height) * _pixelBytes];
        _mask = new byte[2 * (_width + _height)];
        for (var x = 0; x < _width; x++)
        {
            Take(tile, x, 0, x);
            Take(tile, x, _height - 1, _width + x);
        }

        for (var y = 0; y < _height; y++)
        {
            Take(tile, 0, y, (2 * _width) + y);
            Take(tile, _width - 1, y, (2 * _width) + _height + y);
        }
    }

    private TileEdges()
    {
        _samples = [];
        _mask = [];
    }

    /// <summary>Those of a tile that has no data.</summary>
    public static TileEdges None { get; } = new();

    /// <summary>Bytes held.</summary>
    public int LengthBytes => _samples.Length + _mask.Length;

    /// <summary>The edges of a stored tile, which is decoded for them.</summary>
    /// <exception cref="TileCodecException">The tile is damaged.</exception>
    public static TileEdges Of(StoredTile stored, StoredTileFormat format)
    {
        using var tile = Raster.Rent(format.Width, format.Height, format.Pixels);
        return TryDecode(stored, format, tile) ? new TileEdges(tile) : None;
    }

    internal static TileEdges Of(Raster tile) => new(tile);

    /// <summary>Decodes a tile with its mask; false when it has no data.</summary>
    internal static bool TryDecode(StoredTile stored, StoredTileFormat format, Raster tile)
    {
        if (stored.Data.IsEmpty)
            return false;
        var hasMask = TileDecoder.TryDecodeMask(format.Compression, stored.Data.Span, format.Pixels, format.Width, format.Height, tile.Pixels, tile.Mask);
        if (stored.Mask is not { } mask)
        {
            if (!hasMask)
                NodataPixels.Mask(tile, format.Compression, format.Nodata);
        }
        else if (mask.IsEmpty)
            return false;
        else
            TileDecoder.Decode(TileCompression.Zip, mask.Span, new PixelFormat(SampleType.UInt8, 1), format.Width, format.Height, tile.Mask);
        tile.IsFull = !tile.Mask.Contains((byte)0);
        return tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0);
    }

    /// <summary>
    /// Writes what of the neighbour falls on the outermost line of pixels of a window that is one pixel larger on each side than the tile in its middle.
    /// (<paramref name="dx"/>, <paramref name="dy"/>) says where the neighbour is: -1 left or above, 1 right or below.
    /// </summary>
    internal void Frame(Raster window, int dx, int dy)
    {
        if (_mask.Length == 0)
            return;
        var x = dx < 0 ? 0 : dx > 0 ? window.Width - 1 : 1;
        var y = dy < 0 ? 0 : dy > 0 ? window.Height - 1 : 1;
        if (dy == 0)
        {
            // The neighbour on the left shows its last column.
            for (var i = 0; i < _height; i++)
                Put(window, x, 1 + i, (2 * _width) + (dx < 0 ? _height : 0) + i);
        }
        else if (dx == 0)
        {
            for (var i = 0; i < _width; i++)
                Put(window, 1 + i, y, (dy < 0 ? _width : 0) + i);
        }
        else
        {
            Put(window, x, y, (dy < 0 ? _width : 0) + (dx < 0 ? _width - 1 : 0));
        }
    }

    private void Take(Raster tile, int x, int y, int place)
    {
        var at = (y * _width) + x;
        _mask[place] = tile.Mask[at];
        tile.Pixels.Slice(at * _pixelBytes, _pixelBytes).CopyTo(_samples.AsSpan(place * _pixelBytes));
    }

    private void Put(Raster window, int x, int y, int place)
    {
        var at = (y * window.Width) + x;
        window.Mask[at] = _mask[place];
        _samples.AsSpan(place * _pixelBytes, _pixelBytes).CopyTo(window.Pixels[(at * _pixelBytes)..]);
    }
}
