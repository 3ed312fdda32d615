using Grid.Imaging.Codecs;

namespace Grid.Imaging.Tests.Codecs;

public class TileCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Png_tile_is_what_gdal_reads(int channels)
    {
        var format = new PixelFormat(SampleType.UInt8, channels);
        using var picture = Pictures.Waves(61, 37, format);
        using var encoder = TileEncoder.Create(TileCompression.Png, format, 61, 37);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tile.png"), encoder.Encode(picture.Pixels));

        Assert.Equal(picture.Pixels.ToArray(), OutsideTools.Samples(folder.File("tile.png")));
    }

    [Theory]
    [InlineData(1, "WORLDFILE=NO")]
    [InlineData(2, "ZLEVEL=9")]
    [InlineData(3, "ZLEVEL=1")]
    [InlineData(4, "ZLEVEL=9")]
    public void Png_of_libpng_with_its_filters_is_read(int channels, string option)
    {
        var format = new PixelFormat(SampleType.UInt8, channels);
        using var picture = Pictures.Waves(61, 37, format);
        using var encoder = TileEncoder.Create(TileCompression.Png, format, 61, 37);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("ours.png"), encoder.Encode(picture.Pixels));
        OutsideTools.Run("gdal_translate", "-q", "-of", "PNG", "-co", option, folder.File("ours.png"), folder.File("theirs.png"));

        var samples = new byte[picture.Pixels.Length];
        TileDecoder.Decode(TileCompression.Png, File.ReadAllBytes(folder.File("theirs.png")), format, 61, 37, samples);

        Assert.True(picture.Pixels.SequenceEqual(samples));
    }

    [Theory]
    [InlineData("LZW", TileCompression.Lzw)]
    [InlineData("PACKBITS", TileCompression.PackBits)]
    [InlineData("DEFLATE", TileCompression.Zip)]
    public void Tiles_that_libtiff_compressed_are_read(string theirs, TileCompression ours)
    {
        var format = new PixelFormat(SampleType.UInt8, 3);
        using var picture = Pictures.Waves(256, 256, format);
        Pictures.Noise(picture.Pixels[..50_000], 7);
        using var encoder = TileEncoder.Create(TileCompression.Png, format, 256, 256);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tile.png"), encoder.Encode(picture.Pixels));
        OutsideTools.Run(
            "gdal_translate", "-q", "-co", "TILED=YES", "-co", $"COMPRESS={theirs}", "-co", "INTERLEAVE=PIXEL", folder.File("tile.png"), folder.File("tile.tif"));
        var place = OutsideTools.Run("/usr/bin/python3", "-c",
            $"from osgeo import gdal; d=gdal.Open('{folder.File("tile.tif")}'); b=d.GetRasterBand(1); print(b.GetMetadataItem('BLOCK_OFFSET_0_0','TIFF'), b.GetMetadataItem('BLOCK_SIZE_0_0','TIFF'))")
            .Split(' ', '\n').Take(2).Select(int.Parse).ToArray();

        var samples = new byte[picture.Pixels.Length];
        TileDecoder.Decode(ours, File.ReadAllBytes(folder.File("tile.tif")).AsSpan(place[0], place[1]), format, 256, 256, samples);

        Assert.True(picture.Pixels.SequenceEqual(samples));
    }

    [Theory]
    [InlineData(TileCompression.Raw)]
    [InlineData(TileCompression.Zip)]
    [InlineData(TileCompression.Png)]
    [InlineData(TileCompression.Jpeg)]
    [InlineData(TileCompression.Jpeg90)]
    [InlineData(TileCompression.JpegPng)]
    [InlineData(TileCompression.WebP)]
    public void Tile_encoded_twice_gives_the_same_bytes(TileCompression compression)
    {
        var format = new PixelFormat(SampleType.UInt8, 3);
        using var picture = Pictures.Waves(256, 256, format);
        using TileEncoder one = TileEncoder.Create(compression, format, 256, 256), two = TileEncoder.Create(compression, format, 256, 256);
        var first = one.Encode(picture.Pixels).ToArray();
        one.Encode(new byte[picture.Pixels.Length]);

        Assert.Equal(first, one.Encode(picture.Pixels).ToArray());
        Assert.Equal(first, two.Encode(picture.Pixels).ToArray());
    }

    [Theory]
    [InlineData(TileCompression.Raw)]
    [InlineData(TileCompression.Zip)]
    [InlineData(TileCompression.Png)]
    [InlineData(TileCompression.Jpeg90)]
    [InlineData(TileCompression.Lzw)]
    [InlineData(TileCompression.PackBits)]
    [InlineData(TileCompression.JpegPng)]
    [InlineData(TileCompression.WebP)]
    public void Damaged_tile_gives_a_picture_or_an_error_never_worse(TileCompression compression)
    {
        var format = new PixelFormat(SampleType.UInt8, 3);
        using var picture = Pictures.Waves(64, 64, format);
        byte[] tile;
        if (compression is TileCompression.Lzw or TileCompression.PackBits)
        {
            tile = new byte[5000];
        }
        else
        {
            using var encoder = TileEncoder.Create(compression, format, 64, 64);
            tile = encoder.Encode(picture.Pixels).ToArray();
        }

        var random = new Random(20);
        var samples = new byte[picture.Pixels.Length];
        for (var round = 0; round < 500; round++)
        {
            var damaged = tile.AsSpan(0, random.Next(tile.Length + 1)).ToArray();
            for (var i = random.Next(20); i > 0 && damaged.Length > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                TileDecoder.Decode(compression, damaged, format, 64, 64, samples);
            }
            catch (TileCodecException)
            {
            }
        }
    }

    /// <summary>GDAL reads each tile as a picture of its own: its alpha is the mask, and where there are data its colours are nearly those that were given.</summary>
    [Theory]
    [InlineData(TileCompression.JpegPng, "jpg", "png", 0)]
    [InlineData(TileCompression.WebP, "webp", "webp", 4)]
    public void Tiles_tell_gdal_and_us_which_pixels_have_data(TileCompression compression, string whole, string partial, double tolerance)
    {
        var format = new PixelFormat(SampleType.UInt8, 3);
        using var picture = Pictures.Waves(128, 128, format);
        for (var i = 0; i < picture.Mask.Length; i++)
            picture.Mask[i] = (i % 128) + (i / 128) < 150 ? (byte)255 : (byte)0;
        using var encoder = TileEncoder.Create(compression, format, 128, 128);
        using var folder = new TemporaryFolder();
        string full = folder.File("full." + whole), cut = folder.File("cut." + partial);
        byte[] fullBytes = encoder.Encode(picture.Pixels).ToArray(), cutBytes = encoder.Encode(picture.Pixels, picture.Mask).ToArray();
        File.WriteAllBytes(full, fullBytes);
        File.WriteAllBytes(cut, cutBytes);

        byte[] samples = new byte[picture.Pixels.Length], mask = new byte[128 * 128];
        Assert.False(TileDecoder.TryDecodeMask(compression, fullBytes, format, 128, 128, samples, mask));
        Assert.Equal(OutsideTools.Samples(full), samples);
        Assert.True(TileDecoder.TryDecodeMask(compression, cutBytes, format, 128, 128, samples, mask));
        Assert.True(mask.AsSpan().SequenceEqual(picture.Mask));
        var seen = OutsideTools.Samples(cut);
        double sum = 0;
        for (var i = 0; i < mask.Length; i++)
        {
            Assert.Equal(mask[i], seen[(4 * i) + 3]);
            for (var channel = 0; channel < 3 && mask[i] != 0; channel++)
            {
                Assert.Equal(seen[(4 * i) + channel], samples[(3 * i) + channel]);
                sum += Math.Abs(samples[(3 * i) + channel] - picture.Pixels[(3 * i) + channel]);
            }
        }

        Assert.InRange(sum / samples.Length, 0, tolerance);
    }

    [Fact]
    public void Damaged_jpeg_does_not_spoil_the_next_one()
    {
        var format = new PixelFormat(SampleType.UInt8, 3);
        using var picture = Pictures.Waves(64, 64, format);
        using var encoder = TileEncoder.Create(TileCompression.Jpeg90, format, 64, 64);
        var good = encoder.Encode(picture.Pixels).ToArray();
        byte[] expected = new byte[picture.Pixels.Length], samples = new byte[picture.Pixels.Length];
        TileDecoder.Decode(TileCompression.Jpeg90, good, format, 64, 64, expected);

        for (var at = 2; at < 200; at++)
        {
            var damaged = good.ToArray();
            damaged[at] ^= 0xFF;
            try
            {
                TileDecoder.Decode(TileCompression.Jpeg90, damaged, format, 64, 64, samples);
            }
            catch (TileCodecException)
            {
            }

            TileDecoder.Decode(TileCompression.Jpeg90, good, format, 64, 64, samples);
            Assert.Equal(expected, samples);
        }
    }

    [Fact]
    public void Png_of_another_size_is_refused_before_it_is_unpacked()
    {
        var format = new PixelFormat(SampleType.UInt8, 1);
        using var encoder = TileEncoder.Create(TileCompression.Png, format, 64, 32);
        var png = encoder.Encode(new byte[2048]).ToArray();
        var error = Assert.Throws<TileCodecException>(() => TileDecoder.Decode(TileCompression.Png, png, format, 32, 32, new byte[1024]));
        Assert.Contains("64 × 32 pixels instead of 32 × 32", error.Message);
    }
}
