using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Imaging.Slabs;

/// <summary>
/// Everything that decides the bytes of a slab but its pixels: compression, pixel format, number and size of tiles, and the value of pixels
/// without data (one a channel). Slabs are ROK4's: TIFF files of one picture, tiles in a fixed grid (rok4/core-cpp, Rok4Image).
/// </summary>
public sealed record SlabFormat
{
    /// <exception cref="ArgumentException">The compression does not take the pixel format, or nodata has another number of channels.</exception>
    public SlabFormat(
        TileCompression compression, PixelFormat pixels, SlabSize size, IReadOnlyList<double> nodata, int tileWidth = 256, int tileHeight = 256)
    {
        if (pixels.Channels != nodata.Count)
            throw new ArgumentException($"{nodata.Count} nodata values for {pixels.Channels} channels");
        if (compression is not (TileCompression.Lzw or TileCompression.PackBits) && TileCompressions.WhyNot(compression, pixels) is { } reason)
            throw new ArgumentException(reason);
        if (size.TilesPerWidth < 1 || size.TilesPerHeight < 1 || size.Tiles > SlabTileIndex.MaxTiles)
            throw new ArgumentException($"{size.TilesPerWidth} × {size.TilesPerHeight} tiles a slab: 1 to {SlabTileIndex.MaxTiles} in all are allowed");
        if (tileWidth is < 1 or > 4096 || tileHeight is < 1 or > 4096)
            throw new ArgumentException($"tiles of {tileWidth} × {tileHeight} pixels: sides of 1 to 4096 are allowed");
        Compression = compression;
        Pixels = pixels;
        Size = size;
        Nodata = nodata;
        TileWidth = tileWidth;
        TileHeight = tileHeight;
    }

    public TileCompression Compression { get; }

    public PixelFormat Pixels { get; }

    public SlabSize Size { get; }

    public IReadOnlyList<double> Nodata { get; }

    public int TileWidth { get; }

    public int TileHeight { get; }

    public int TileBytes => TileWidth * TileHeight * Pixels.BytesPerPixel;

    /// <summary>The format of the mask slab beside a data slab: one channel of UInt8, zip; 0 without data, 255 with.</summary>
    public SlabFormat ForMask() => new(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), Size, [0], TileWidth, TileHeight);

    /// <summary>The format of a slab of the same tiles at half their resolution, uncompressed: a quarter of the pixels.</summary>
    public SlabFormat ForHalves() => new(TileCompression.Raw, Pixels, Size, Nodata, TileWidth / 2, TileHeight / 2);

    /// <summary>One pixel of nodata, in machine order; UInt8 values are rounded and clamped.</summary>
    public byte[] NodataPixel() => NodataPixels.PixelOf(Pixels, Nodata);
}

/// <summary>A slab whose bytes do not follow the format; the message says where.</summary>
public sealed class InvalidSlabException(string reason) : Exception(reason);
