using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Grid.Fixtures;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Slabs;

public class SlabTests
{
    private static readonly SlabSize _small = new(2, 3);

    public static TheoryData<TileCompression, SampleType, int> Formats()
    {
        var data = new TheoryData<TileCompression, SampleType, int>();
        foreach (var compression in new[] { TileCompression.Raw, TileCompression.Zip })
        {
            foreach (var channels in new[] { 1, 2, 3, 4 })
                data.Add(compression, SampleType.UInt8, channels);
            data.Add(compression, SampleType.Float32, 1);
            data.Add(compression, SampleType.Float32, 3);
        }

        data.Add(TileCompression.Jpeg, SampleType.UInt8, 3);
        data.Add(TileCompression.Jpeg90, SampleType.UInt8, 3);
        return data;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Slab_shows_the_same_pixels_in_gdal(TileCompression compression, SampleType sample, int channels)
    {
        var pixels = new PixelFormat(sample, channels);
        var format = new SlabFormat(compression, pixels, _small, new double[channels], 64, 32);
        using var picture = Pictures.Waves(128, 96, pixels);
        using var slab = Write(format, picture);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("slab.tif"), slab.Memory.ToArray());

        var seen = OutsideTools.Samples(folder.File("slab.tif"));

        Assert.Equal(picture.Pixels.Length, seen.Length);
        if (TileCompressions.IsLossless(compression))
        {
            Assert.True(picture.Pixels.SequenceEqual(seen));
            return;
        }

        double sum = 0;
        for (var i = 0; i < seen.Length; i++)
            sum += Math.Abs(seen[i] - picture.Pixels[i]);
        Assert.InRange(sum / seen.Length, 0, compression == TileCompression.Jpeg90 ? 3 : 5);
        var reader = new SlabReader(slab.Memory);
        var decoded = new byte[format.TileBytes];
        Assert.True(reader.TryDecode(5, decoded));
        for (var y = 0; y < 32; y++)
            Assert.True(decoded.AsSpan(y * 192, 192).SequenceEqual(seen.AsSpan((((64 + y) * 128) + 64) * 3, 192)));
    }

    [Fact]
    public void WebP_slab_shows_its_pixels_and_its_mask_in_gdal()
    {
        var format = new SlabFormat(TileCompression.WebP, new PixelFormat(SampleType.UInt8, 3), _small, [255, 255, 255], 64, 32);
        using var picture = Pictures.Waves(64, 32, format.Pixels);
        picture.Mask[..(64 * 16)].Clear();
        using var encoder = TileEncoder.Create(TileCompression.WebP, format.Pixels, 64, 32);
        using var writer = new SlabWriter(format);
        writer.Add(1, encoder.Encode(picture.Pixels));
        writer.Add(4, encoder.Encode(picture.Pixels, picture.Mask));
        using var slab = writer.Finish();
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("slab.tif"), slab.Memory.ToArray());

        var seen = OutsideTools.Samples(folder.File("slab.tif"));

        var reader = new SlabReader(slab.Memory);
        Assert.Equal((format.Pixels, TileCompression.WebP), (reader.Header.Pixels, reader.Header.TileCompression));
        byte[] samples = new byte[64 * 32 * 3], mask = new byte[64 * 32];
        foreach (var (tile, left, top) in ((int, int, int)[])[(1, 64, 0), (4, 0, 64)])
        {
            Assert.True(reader.TryDecode(tile, samples, mask, out var hasMask));
            Assert.Equal(tile == 4, hasMask);
            for (var i = 0; i < mask.Length; i++)
            {
                var at = (((top + (i / 64)) * 128) + left + (i % 64)) * 4;
                Assert.Equal(hasMask ? picture.Mask[i] : 255, seen[at + 3]);
                if (seen[at + 3] != 0)
                    Assert.Equal(samples.AsSpan(3 * i, 3).ToArray(), seen.AsSpan(at, 3).ToArray());
            }
        }
    }

    [Fact]
    public void Rok4_layout_is_kept_at_every_offset_of_a_default_rgb_jpeg_slab()
    {
        var format = new SlabFormat(TileCompression.Jpeg90, new PixelFormat(SampleType.UInt8, 3), SlabSize.Default, [255, 255, 255]);
        using var picture = Pictures.Waves(4096, 4096, format.Pixels);
        using var slab = Write(format, picture);
        var bytes = slab.Memory.Span;

        Assert.Equal([(byte)'I', (byte)'I', 42, 0, 16, 0, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0, 12, 0], bytes[..18].ToArray());
        (int Tag, int Type, uint Count, uint Value)[] expected =
        [
            (256, 4, 1, 4096), (257, 4, 1, 4096), (258, 3, 3, 8), (259, 3, 1, 7), (262, 3, 1, 6), (277, 3, 1, 3), (322, 4, 1, 256),
            (323, 4, 1, 256), (324, 4, 256, 2048), (325, 4, 256, 3072), (339, 3, 1, 1), (530, 3, 2, 0x20002),
        ];
        Assert.Equal(expected, Directory(bytes));
        Assert.True(bytes[(18 + (12 * 12))..2048].IndexOfAnyExcept((byte)0) < 0);
        var next = 4096;
        for (var tile = 0; tile < 256; tile++)
        {
            var offset = BinaryPrimitives.ReadInt32LittleEndian(bytes[(2048 + (4 * tile))..]);
            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[(3072 + (4 * tile))..]);
            Assert.Equal((next + 15) & ~15, offset);
            Assert.Equal([0xFF, 0xD8], bytes.Slice(offset, 2).ToArray());
            Assert.Equal([0xFF, 0xD9], bytes.Slice(offset + count - 2, 2).ToArray());
            next = offset + count;
        }

        Assert.Equal(next, slab.Length);
    }

    [Fact]
    public void Raw_rgb_slab_has_the_length_rok4_gives_it()
    {
        var format = new SlabFormat(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 3), SlabSize.Default, [0, 0, 0]);
        using var picture = Pictures.Waves(4096, 4096, format.Pixels);
        using var slab = Write(format, picture);

        Assert.Equal(4096 + 50_331_648, slab.Length);
    }

    [Theory]
    [InlineData(1, 11)]
    [InlineData(2, 12)]
    [InlineData(4, 12)]
    public void Extra_samples_are_told_for_two_and_four_channels(int channels, int tags)
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, channels), _small, new double[channels], 64, 32);
        using var picture = Pictures.Waves(128, 96, format.Pixels);
        using var slab = Write(format, picture);

        var directory = Directory(slab.Memory.Span);

        Assert.Equal(tags, directory.Length);
        Assert.Equal(channels != 1, directory.Any(entry => entry is { Tag: 338, Value: 2 }));
    }

    [Fact]
    public void Slab_of_one_tile_holds_its_place_in_the_directory_and_in_the_index()
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), new SlabSize(1, 1), [0], 64, 32);
        using var picture = Pictures.Waves(64, 32, format.Pixels);
        using var slab = Write(format, picture);
        var bytes = slab.Memory.Span;
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[2052..]);

        Assert.Equal(2056, BinaryPrimitives.ReadInt32LittleEndian(bytes[2048..]));
        Assert.Equal(count, BinaryPrimitives.ReadInt32LittleEndian(bytes[134..]));
        Assert.Contains((324, 4, 1u, 2056u), Directory(bytes));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("slab.tif"), bytes.ToArray());
        Assert.Equal(picture.Pixels.ToArray(), OutsideTools.Samples(folder.File("slab.tif")));
    }

    [Fact]
    public void Tile_without_data_has_byte_count_0_and_reads_as_nothing()
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), _small, [0], 64, 32);
        using var writer = new SlabWriter(format);
        writer.Add(3, [1, 2, 3]);
        using var slab = writer.Finish();

        var reader = new SlabReader(slab.Memory);

        Assert.Equal((0, 0), reader.Index[2]);
        Assert.Equal((SlabTileIndex.ReadLength(6), 3), reader.Index[3]);
        Assert.Equal(1, reader.Index.NonEmptyTiles);
        Assert.False(reader.TryDecode(2, new byte[2048]));
    }

    [Fact]
    public void Slab_without_tiles_has_no_bytes()
    {
        using var writer = new SlabWriter(new SlabFormat(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 1), _small, [0]));
        using var slab = writer.Finish();
        Assert.Equal(0, slab.Length);
    }

    [Fact]
    public void Order_in_which_tiles_are_added_does_not_change_the_bytes()
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), _small, [0], 64, 32);
        using SlabWriter forwards = new(format), backwards = new(format);
        for (var tile = 0; tile < 6; tile++)
        {
            forwards.Add(tile, new byte[10 + tile]);
            backwards.Add(5 - tile, new byte[10 + 5 - tile]);
        }

        using PooledBytes a = forwards.Finish(), b = backwards.Finish();

        Assert.True(a.Memory.Span.SequenceEqual(b.Memory.Span));
    }

    [RealDataFact]
    public void Rok4_float32_slab_decodes_to_what_gdal_reads()
    {
        var path = RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32/DATA/8/1F/2N/60.tif");
        CompareWithGdal(path, 4);
    }

    [RealDataFact]
    public void Rok4_jpeg_slab_of_its_own_tool_tests_decodes_to_what_gdal_reads()
    {
        CompareWithGdal(RealData.PathOf("raster/ign/rok4_tools/checkWork/SLAB.tif"), 100);
    }

    [RealDataFact]
    public void Rok4_vector_slab_gives_its_tiles()
    {
        var reader = new SlabReader(File.ReadAllBytes(RealData.PathOf("raster/rok4_pyramids/TIFF_PBF_MVT/DATA/4/00/00/21.tif")));

        Assert.Null(reader.Header.Pixels);
        Assert.Equal(16, reader.Index.Tiles);
        Assert.Equal(2176, reader.Index[0].Offset);
        Assert.Equal(0x1A, reader.TileBytes(0).Span[0]); // protobuf field 3, length-delimited: a layer (MVT 2.1 section 4.1)
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(2047)]
    [InlineData(2050)]
    public void Slab_cut_in_its_header_or_index_is_refused(int length)
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), _small, [0], 64, 32);
        using var picture = Pictures.Waves(128, 96, format.Pixels);
        using var slab = Write(format, picture);
        Assert.Throws<InvalidSlabException>(() => new SlabReader(slab.Memory[..length]));
    }

    [Fact]
    public void Slab_cut_in_its_tiles_names_the_tile()
    {
        var format = new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), _small, [0], 64, 32);
        using var picture = Pictures.Waves(128, 96, format.Pixels);
        using var slab = Write(format, picture);
        var reader = new SlabReader(slab.Memory[..^1]);
        Assert.Contains("tile 5", Assert.Throws<InvalidSlabException>(() => reader.TileBytes(5)).Message);
    }

    [Fact]
    public void Jpeg_of_one_channel_is_refused_with_a_reason() => Assert.Contains(
        "3 channels",
        Assert.Throws<ArgumentException>(() => new SlabFormat(TileCompression.Jpeg, new PixelFormat(SampleType.UInt8, 1), _small, [0])).Message);

    private static void CompareWithGdal(string path, int tiles)
    {
        using var folder = new TemporaryFolder();
        File.Copy(path, folder.File("slab.tif"));
        var seen = OutsideTools.Samples(folder.File("slab.tif"));
        var reader = new SlabReader(File.ReadAllBytes(path));
        var header = reader.Header;
        Assert.Equal(tiles, header.Tiles);
        var stride = header.TileWidth * header.Pixels!.Value.BytesPerPixel;
        var samples = new byte[stride * header.TileHeight];
        var across = header.Width / header.TileWidth;
        for (var tile = 0; tile < tiles; tile++)
        {
            Assert.True(reader.TryDecode(tile, samples));
            for (var y = 0; y < header.TileHeight; y++)
            {
                var at = ((((tile / across * header.TileHeight) + y) * across) + (tile % across)) * stride;
                Assert.True(samples.AsSpan(y * stride, stride).SequenceEqual(seen.AsSpan(at, stride)), $"tile {tile} row {y}");
            }
        }
    }

    private static PooledBytes Write(SlabFormat format, Raster picture)
    {
        using var writer = new SlabWriter(format);
        using var encoder = TileEncoder.Create(format.Compression, format.Pixels, format.TileWidth, format.TileHeight);
        var stride = format.TileWidth * format.Pixels.BytesPerPixel;
        var samples = new byte[format.TileBytes];
        for (var tile = 0; tile < format.Size.Tiles; tile++)
        {
            int col = tile % format.Size.TilesPerWidth, row = tile / format.Size.TilesPerWidth;
            for (var y = 0; y < format.TileHeight; y++)
                picture.Pixels.Slice((((row * format.TileHeight) + y) * picture.StrideBytes) + (col * stride), stride).CopyTo(samples.AsSpan(y * stride));
            writer.Add(tile, encoder.Encode(samples));
        }

        return writer.Finish();
    }

    private static (int Tag, int Type, uint Count, uint Value)[] Directory(ReadOnlySpan<byte> slab)
    {
        var entries = new (int, int, uint, uint)[BinaryPrimitives.ReadUInt16LittleEndian(slab[16..])];
        for (var i = 0; i < entries.Length; i++)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(slab.Slice(18 + (12 * i), 12));
            entries[i] = (words[0], words[1], words[2] | ((uint)words[3] << 16), words[4] | ((uint)words[5] << 16));
        }

        return entries;
    }
}
