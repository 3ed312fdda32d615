using System.Buffers.Binary;

namespace Grid.Imaging.Sources;

/// <summary>
/// Where the blocks of a pixel-interleaved TIFF lie (TIFF 6.0, sections 2 and 15; BigTIFF), when they are uncompressed, or JPEG streams of luminance and
/// colour differences or of grey (TIFF Technical Note 2, 1995). Anything else, and anything doubtful, is none of these: GDAL then reads it or says what is wrong with it.
/// </summary>
internal sealed class TiffBlocks
{
    private const int ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, StripOffsets = 273, SamplesPerPixel = 277,
        RowsPerStrip = 278, StripByteCounts = 279, PlanarConfiguration = 284, TileWidth = 322, TileLength = 323, TileOffsets = 324,
        TileByteCounts = 325, SampleFormat = 339, Photometric = 262, Tables = 347;

    private const int Uncompressed = 1, Jpeg = 7, MinIsBlack = 1, YCbCr = 6;

    private const int MaxEntries = 4096;
    private const long MostJpegBytes = 256L << 20;

    private TiffBlocks(int blockWidth, int blockHeight, int blocksAcross, int pixelBytes, long[] offsets, long[] lengths, byte[] jpegTables)
    {
        BlockWidth = blockWidth;
        BlockHeight = blockHeight;
        BlocksAcross = blocksAcross;
        PixelBytes = pixelBytes;
        Offsets = offsets;
        Lengths = lengths;
        JpegTables = jpegTables;
    }

    /// <summary>Pixels in a row of a block: the tile's width, or the image's for strips.</summary>
    internal int BlockWidth { get; }

    internal int BlockHeight { get; }

    internal int BlocksAcross { get; }

    internal int PixelBytes { get; }

    /// <summary>Byte offset of each block, row by row of blocks; every block lies wholly in the file.</summary>
    internal long[] Offsets { get; }

    /// <summary>Bytes of each block in the file.</summary>
    internal long[] Lengths { get; }

    /// <summary>The tables that JPEG blocks have in common; empty when each has its own.</summary>
    internal byte[] JpegTables { get; }

    /// <param name="isJpeg">JPEG blocks are meant; uncompressed ones otherwise.</param>
    /// <param name="channels">Samples a pixel, of <paramref name="sampleBytes"/> bytes each (1: unsigned, 4: IEEE float).</param>
    /// <returns>Null when the file is not such a TIFF of that size.</returns>
    internal static TiffBlocks? TryParse(Stream file, bool isJpeg, int width, int height, int channels, int sampleBytes)
    {
        try
        {
            return Parse(file, isJpeg, width, height, channels, sampleBytes);
        }
        catch (Exception failure) when (failure is EndOfStreamException or OverflowException)
        {
            return null;
        }
    }

    private static TiffBlocks? Parse(Stream file, bool isJpeg, int width, int height, int channels, int sampleBytes)
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

        if (tags.Number(ImageWidth) != width || tags.Number(ImageLength) != height || tags.Number(Compression, Uncompressed) != (isJpeg ? Jpeg : Uncompressed)
            || tags.Number(SamplesPerPixel, 1) != channels || (channels > 1 && tags.Number(PlanarConfiguration, 1) != 1)
            || !tags.AllEqual(BitsPerSample, sampleBytes * 8, channels) || !tags.AllEqual(SampleFormat, sampleBytes == 1 ? 1 : 3, channels, absent: 1))
        {
            return null;
        }

        // JPEG streams say nothing of their colours where the TIFF does.
        if (isJpeg && (sampleBytes != 1 || tags.Number(Photometric) != (channels switch { 1 => MinIsBlack, 3 => YCbCr, _ => -2 })))
            return null;
        var tables = isJpeg && tags.Has(Tables) ? tags.Bytes(Tables) : [];
        if (tables is null)
            return null;

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
            if (isJpeg && lengths[block] > MostJpegBytes)
                return null;
            var needed = isJpeg ? Math.Max(1, lengths[block]) : checked((long)blockWidth * rows * pixelBytes);
            if (offsets[block] <= 0 || lengths[block] < needed || offsets[block] > file.Length - needed)
                return null;
        }

        return new TiffBlocks(blockWidth, blockHeight, across, pixelBytes, offsets, lengths, tables);
    }
}
