using System.Buffers.Binary;
using Grid.Imaging.Codecs;

namespace Grid.Imaging.Slabs;

/// <summary>
/// The first 2,048 bytes of a slab: a little-endian TIFF header (TIFF 6.0 section 2) and its only directory. What <see cref="SlabWriter"/> writes is
/// ROK4's layout byte for byte: bits per sample at 8, directory at 16, zeros up to the tile index. <see cref="Read"/> follows the
/// directory wherever it is, so slabs of older ROK4 versions (directory at 14) are read too.
/// </summary>
public readonly record struct SlabHeader
{
    /// <summary>Bytes before the tile index.</summary>
    public const int LengthBytes = 2048;

    private const int DirectoryOffset = 16;

    /// <summary>WebP's number among TIFF compressions, as libtiff has it.</summary>
    private const ushort WebPScheme = 50001;

    private const ushort Short = 3;
    private const ushort Long = 4;

    private const ushort ImageWidth = 256;
    private const ushort ImageLength = 257;
    private const ushort BitsPerSample = 258;
    private const ushort Compression = 259;
    private const ushort Photometric = 262;
    private const ushort SamplesPerPixel = 277;
    private const ushort TileWidthTag = 322;
    private const ushort TileLength = 323;
    private const ushort TileOffsets = 324;
    private const ushort TileByteCounts = 325;
    private const ushort ExtraSamples = 338;
    private const ushort SampleFormat = 339;
    private const ushort YCbCrSubSampling = 530;

    /// <summary>Columns of the whole picture.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>0 in vector slabs, whose tiles are not pictures.</summary>
    public required int TileWidth { get; init; }

    public required int TileHeight { get; init; }

    public required int Tiles { get; init; }

    /// <summary>
    /// How tiles are compressed. <see cref="TileCompression.Zip"/> stands for PNG tiles too and <see cref="TileCompression.Jpeg"/> for every
    /// quality, with or without PNG tiles in between: the directory does not tell them apart.
    /// </summary>
    public required TileCompression TileCompression { get; init; }

    /// <summary>Null for vector slabs and for samples that are neither UInt8 nor Float32.</summary>
    public required PixelFormat? Pixels { get; init; }

    /// <summary>Writes the header of a slab into its first 2,048 bytes.</summary>
    /// <param name="header">The bytes to fill.</param>
    /// <param name="format">What the slab is.</param>
    /// <param name="singleTileBytes">Length of the only tile of a slab of one: such a directory holds offset and length themselves.</param>
    internal static void Write(Span<byte> header, SlabFormat format, uint singleTileBytes)
    {
        header = header[..LengthBytes];
        header.Clear();
        header[0] = header[1] = (byte)'I';
        header[2] = 42;
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], DirectoryOffset);
        // A WebP tile may have opacity beside its colours, and readers are told of the channels that a tile can have.
        var isWebP = format.Compression == TileCompression.WebP;
        var channels = format.Pixels.Channels + (isWebP ? 1 : 0);
        var bits = (ushort)(8 * format.Pixels.BytesPerSample);
        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(header[(8 + (2 * i))..], bits);

        var jpeg = format.Compression is TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng;
        var extra = channels is 2 or 4;
        BinaryPrimitives.WriteUInt16LittleEndian(header[DirectoryOffset..], (ushort)(11 + (jpeg ? 1 : 0) + (extra ? 1 : 0)));
        var tiles = (uint)format.Size.Tiles;
        var at = DirectoryOffset + 2;
        Entry(header, ref at, ImageWidth, Long, 1, (uint)(format.TileWidth * format.Size.TilesPerWidth));
        Entry(header, ref at, ImageLength, Long, 1, (uint)(format.TileHeight * format.Size.TilesPerHeight));

        // Two values of 16 bits fit in the entry, three or four are at offset 8.
        Entry(header, ref at, BitsPerSample, Short, (uint)channels, channels switch { 1 => bits, 2 => bits | ((uint)bits << 16), _ => 8 });
        Entry(header, ref at, Compression, Short, 1, format.Compression switch
        {
            TileCompression.Raw => 1,
            TileCompression.Lzw => 5,
            TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng => 7,
            TileCompression.PackBits => 32773,
            TileCompression.WebP => WebPScheme,
            _ => 8,
        });
        Entry(header, ref at, Photometric, Short, 1, jpeg ? 6u : channels < 3 ? 1u : 2u);
        Entry(header, ref at, SamplesPerPixel, Short, 1, (uint)channels);
        Entry(header, ref at, TileWidthTag, Long, 1, (uint)format.TileWidth);
        Entry(header, ref at, TileLength, Long, 1, (uint)format.TileHeight);
        Entry(header, ref at, TileOffsets, Long, tiles, tiles == 1 ? LengthBytes + 8u : LengthBytes);
        Entry(header, ref at, TileByteCounts, Long, tiles, tiles == 1 ? singleTileBytes : LengthBytes + (4 * tiles));
        if (extra)
            Entry(header, ref at, ExtraSamples, Short, 1, 2);
        Entry(header, ref at, SampleFormat, Short, 1, format.Pixels.Sample == SampleType.Float32 ? 3u : 1u);
        if (jpeg)
            Entry(header, ref at, YCbCrSubSampling, Short, 2, 2 | (2 << 16));
    }

    /// <summary>Reads the directory from the first <see cref="LengthBytes"/> bytes of a slab.</summary>
    /// <exception cref="InvalidSlabException">The bytes are no slab.</exception>
    public static SlabHeader Read(ReadOnlySpan<byte> header)
    {
        if (header.Length < LengthBytes || header[0] != 'I' || header[1] != 'I' || header[2] != 42 || header[3] != 0)
            throw new InvalidSlabException($"{header.Length} bytes that do not begin as a little-endian TIFF: a slab's header has {LengthBytes}");
        var directory = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (directory is < 8 or > LengthBytes - 18)
            throw new InvalidSlabException($"the directory is at byte {directory}: slabs have it in the first {LengthBytes}");
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(header[(int)directory..]);
        if (directory + 2 + (12 * entries) > LengthBytes)
            throw new InvalidSlabException($"the directory has {entries} entries, which pass the header's end");

        uint width = 0, height = 0, bits = 8, compression = 1, samples = 1, tileWidth = 0, tileHeight = 0, sample = 1, tiles = 0;
        for (var i = 0; i < entries; i++)
        {
            var entry = header.Slice((int)directory + 2 + (12 * i), 12);
            var count = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            uint value = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) == Short
                ? BinaryPrimitives.ReadUInt16LittleEndian(entry[8..])
                : BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(entry))
            {
                case ImageWidth: width = value; break;
                case ImageLength: height = value; break;
                case BitsPerSample: bits = count <= 2 ? value & 0xFFFF : value <= LengthBytes - 2 ? BinaryPrimitives.ReadUInt16LittleEndian(header[(int)value..]) : 0u; break;
                case Compression: compression = value; break;
                case SamplesPerPixel: samples = value; break;
                case TileWidthTag: tileWidth = value; break;
                case TileLength: tileHeight = value; break;
                case TileOffsets: tiles = count; break;
                case SampleFormat: sample = value; break;
            }
        }

        var isVector = tileWidth == 0;
        if (tiles is 0 or > SlabTileIndex.MaxTiles || tileWidth > 4096 || tileHeight > 4096 || samples > 4)
            throw new InvalidSlabException($"{tiles} tiles of {tileWidth} × {tileHeight} pixels of {samples} channels are no slab");
        if (!isVector && (tileHeight == 0 || ((ulong)width + tileWidth - 1) / tileWidth * (((ulong)height + tileHeight - 1) / tileHeight) != tiles))
            throw new InvalidSlabException($"{tiles} tiles of {tileWidth} × {tileHeight} pixels do not cover {width} × {height}");
        return new SlabHeader
        {
            Width = (int)width,
            Height = (int)height,
            TileWidth = (int)tileWidth,
            TileHeight = (int)tileHeight,
            Tiles = (int)tiles,
            TileCompression = compression switch
            {
                1 => TileCompression.Raw,
                5 => TileCompression.Lzw,
                7 => TileCompression.Jpeg,
                8 or 32946 => TileCompression.Zip,
                32773 => TileCompression.PackBits,
                WebPScheme => TileCompression.WebP,
                _ => throw new InvalidSlabException($"TIFF compression {compression}: slabs have 1, 5, 7, 8, 32773 or {WebPScheme}"),
            },
            Pixels = isVector || samples == 0 ? null : (sample, bits) switch
            {
                (1, 8) when compression == WebPScheme => samples == 4 ? new PixelFormat(SampleType.UInt8, 3) : null,
                (1, 8) => new PixelFormat(SampleType.UInt8, (int)samples),
                (3, 32) => new PixelFormat(SampleType.Float32, (int)samples),
                _ => null,
            },
        };
    }

    private static void Entry(Span<byte> header, ref int at, ushort tag, ushort type, uint count, uint value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header[at..], tag);
        BinaryPrimitives.WriteUInt16LittleEndian(header[(at + 2)..], type);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(at + 4)..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(at + 8)..], value);
        at += 12;
    }
}
