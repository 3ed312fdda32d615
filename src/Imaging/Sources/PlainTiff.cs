using System.Buffers.Binary;

namespace Grid.Imaging.Sources;

/// <summary>
/// Where the samples of an uncompressed, pixel-interleaved TIFF lie (TIFF 6.0, sections 2 and 15; BigTIFF): enough to read them without a
/// decoder. Anything else, and anything doubtful, is no plain TIFF: GDAL then reads it or says what is wrong with it.
/// </summary>
internal sealed class PlainTiff
{
    private const int ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, StripOffsets = 273, SamplesPerPixel = 277,
        RowsPerStrip = 278, StripByteCounts = 279, PlanarConfiguration = 284, TileWidth = 322, TileLength = 323, TileOffsets = 324,
        TileByteCounts = 325, SampleFormat = 339;

    private const int MaxEntries = 4096;

    private PlainTiff(int blockWidth, int blockHeight, int blocksAcross, int pixelBytes, long[] offsets)
    {
        BlockWidth = blockWidth;
        BlockHeight = blockHeight;
        BlocksAcross = blocksAcross;
        PixelBytes = pixelBytes;
        Offsets = offsets;
    }

    /// <summary>Pixels in a row of a block: the tile's width, or the image's for strips.</summary>
    internal int BlockWidth { get; }

    internal int BlockHeight { get; }

    internal int BlocksAcross { get; }

    internal int PixelBytes { get; }

    /// <summary>Byte offset of each block, row by row of blocks; every block lies wholly in the file.</summary>
    internal long[] Offsets { get; }

    /// <param name="channels">Samples a pixel, of <paramref name="sampleBytes"/> bytes each (1: unsigned, 4: IEEE float).</param>
    /// <returns>Null when the file is not such a TIFF of that size.</returns>
    internal static PlainTiff? TryParse(Stream file, int width, int height, int channels, int sampleBytes)
    {
        try
        {
            return Parse(file, width, height, channels, sampleBytes);
        }
        catch (Exception failure) when (failure is EndOfStreamException or OverflowException)
        {
            return null;
        }
    }

    private static PlainTiff? Parse(Stream file, int width, int height, int channels, int sampleBytes)
    {
        Span<byte> head = stackalloc byte[16];
        file.ReadExactly(head[..8]);
        if (head[0] != 'I' || head[1] != 'I')
            return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        if (version is not (42 or 43))
            return null;
        var isBig = version == 43;
        if (isBig)
            file.ReadExactly(head[8..16]);
        var directory = isBig ? BinaryPrimitives.ReadInt64LittleEndian(head[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        var tags = new TiffDirectory(file, directory, isBig, MaxEntries);

        if (tags.Number(ImageWidth) != width || tags.Number(ImageLength) != height || tags.Number(Compression, 1) != 1
            || tags.Number(SamplesPerPixel, 1) != channels || (channels > 1 && tags.Number(PlanarConfiguration, 1) != 1)
            || !tags.AllEqual(BitsPerSample, sampleBytes * 8, channels) || !tags.AllEqual(SampleFormat, sampleBytes == 1 ? 1 : 3, channels, absent: 1))
        {
            return null;
        }

        var isTiled = tags.Has(TileWidth);
        var blockWidth = isTiled ? checked((int)tags.Number(TileWidth)) : width;
        var blockHeight = isTiled ? checked((int)tags.Number(TileLength)) : (int)Math.Min(tags.Number(RowsPerStrip, height), height);
        if (blockWidth <= 0 || blockHeight <= 0)
            return null;
        int across = (int)(((long)width + blockWidth - 1) / blockWidth), down = (int)(((long)height + blockHeight - 1) / blockHeight);
        var count = checked(across * down);
        if (tags.Numbers(isTiled ? TileOffsets : StripOffsets, count) is not { } offsets
            || tags.Numbers(isTiled ? TileByteCounts : StripByteCounts, count) is not { } lengths)
        {
            return null;
        }

        var pixelBytes = channels * sampleBytes;
        for (var block = 0; block < count; block++)
        {
            var rows = isTiled ? blockHeight : Math.Min(blockHeight, height - (block / across * blockHeight));
            var needed = checked((long)blockWidth * rows * pixelBytes);
            if (offsets[block] <= 0 || lengths[block] < needed || offsets[block] > file.Length - needed)
                return null;
        }

        return new PlainTiff(blockWidth, blockHeight, across, pixelBytes, offsets);
    }
}
