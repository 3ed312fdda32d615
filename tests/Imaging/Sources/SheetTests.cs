using Grid.Imaging.Gdal;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;

namespace Grid.Imaging.Tests.Sources;

public sealed class SheetTests
{
    private const string Crs = "EPSG:2154";

    [Theory]
    [InlineData("-co", "COMPRESS=NONE")]
    [InlineData("-co", "TILED=YES")]
    [InlineData("-co", "BIGTIFF=YES")]
    [InlineData("-co", "INTERLEAVE=BAND")]
    [InlineData("-co", "COMPRESS=DEFLATE")]
    [InlineData("-co", "ENDIANNESS=BIG")]
    public void Every_layout_of_a_tiff_gives_the_same_samples(params string[] options)
    {
        using var folder = new RasterFolder();
        const int Width = 700, Height = 530;
        var samples = Picture.Samples(Width, Height, 3);
        var path = Picture.Write(folder, "a.tif", samples, Width, Height, 3, [.. Picture.At(1000, 2000, Width, Height), .. options]);
        using var lot = LotSources.Open([(path, "a.tif")], Crs);
        using var window = Raster.Rent(333, 222, lot.Format);
        Assert.True(lot[0].Read(301, 267, window, default));
        Assert.True(window.IsFull);
        for (var row = 0; row < window.Height; row++)
            Assert.Equal(samples.AsSpan((((267 + row) * Width) + 301) * 3, window.StrideBytes), window.Pixels.Slice(row * window.StrideBytes, window.StrideBytes));
    }

    [Theory]
    [InlineData(3, true, "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES")]
    [InlineData(3, true, "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES", "-co", "JPEGTABLESMODE=0")]
    [InlineData(3, true, "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES", "-co", "JPEGTABLESMODE=3", "-co", "BIGTIFF=YES")]
    [InlineData(3, true, "-co", "PHOTOMETRIC=YCBCR", "-co", "BLOCKYSIZE=32")]
    [InlineData(1, true, "-co", "TILED=YES")]
    [InlineData(3, false, "-co", "PHOTOMETRIC=RGB", "-co", "TILED=YES")]
    [InlineData(3, false, "-co", "INTERLEAVE=BAND", "-co", "TILED=YES")]
    public void Jpeg_blocks_give_the_samples_that_gdal_reads(int channels, bool isDirect, params string[] options)
    {
        using var folder = new RasterFolder();
        const int Width = 700, Height = 530;
        var path = Picture.Write(
            folder, "a.tif", Picture.Samples(Width, Height, channels), Width, Height, channels, [.. Picture.At(1000, 2000, Width, Height), "-co", "COMPRESS=JPEG", .. options]);
        var expected = OutsideTools.Samples(path);
        using var lot = LotSources.Open([(path, "a.tif")], Crs);
        using var window = Raster.Rent(Width, Height, lot.Format);
        Assert.True(Assert.Single(lot).Read(0, 0, window, default));
        Assert.True(window.IsFull);
        Assert.Equal(expected, window.Pixels.ToArray());

        using var file = File.OpenRead(path);
        Assert.Equal(isDirect, TiffBlocks.TryParse(file, isJpeg: true, Width, Height, channels, 1) is not null);
    }

    [Fact]
    public void Jpeg_block_that_is_no_jpeg_names_its_place()
    {
        using var folder = new RasterFolder();
        const int Size = 512;
        var path = Picture.Write(
            folder, "a.tif", Picture.Samples(Size, Size, 3), Size, Size, 3,
            [.. Picture.At(1000, 2000, Size, Size), "-co", "COMPRESS=JPEG", "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES"]);
        TiffBlocks blocks;
        using (var file = File.OpenRead(path))
            blocks = TiffBlocks.TryParse(file, isJpeg: true, Size, Size, 3, 1)!;
        using (var file = File.OpenWrite(path))
        {
            file.Position = blocks.Offsets[3];
            file.Write(new byte[blocks.Lengths[3]]);
        }

        using var lot = LotSources.Open([(path, "a.tif")], Crs);
        using var window = Raster.Rent(256, 256, lot.Format);
        Assert.True(lot[0].Read(0, 0, window, default));
        var failure = Assert.Throws<UnreadableRasterException>(() => lot[0].Read(256, 256, window, default));
        Assert.Contains("columns 256 to 511, rows 256 to 511 cannot be decoded", failure.Message);
        Assert.True(lot[0].Read(0, 256, window, default));
    }

    [Fact]
    public void Later_raster_covers_an_earlier_one_only_where_it_has_data()
    {
        using var folder = new RasterFolder();
        const int Size = 64;
        var below = Picture.Samples(Size, Size, 3, seed: 1);
        var above = Picture.Samples(Size, Size, 3, seed: 2);
        above.AsSpan(0, Size * Size * 3 / 2).Fill(255);
        var first = Picture.Write(folder, "first.tif", below, Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), "-a_nodata", "255"]);
        var second = Picture.Write(folder, "second.tif", above, Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), "-a_nodata", "255"]);
        using var lot = LotSources.Open([(first, "first.tif"), (second, "second.tif")], Crs);
        using var window = Raster.Rent(Size, Size, lot.Format);
        Assert.True(Assert.Single(lot).Read(0, 0, window, default));
        Assert.True(window.IsFull);
        Assert.Equal(below.AsSpan(0, below.Length / 2), window.Pixels[..(below.Length / 2)]);
        Assert.Equal(above.AsSpan(above.Length / 2), window.Pixels[(above.Length / 2)..]);
    }

    [Theory]
    [InlineData(0, "plain")]
    [InlineData(4, "plain")]
    [InlineData(5, "plain")]
    [InlineData(5, "LZW")]
    public void Pixels_near_nodata_have_no_data_to_within_the_tolerance(int tolerance, string compression)
    {
        using var folder = new RasterFolder();
        const int Size = 64;
        var samples = Picture.Samples(Size, Size, 3);
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (byte)Math.Min((byte)200, samples[i]);
        // A border of the scan that is nearly white, 5 grey levels off in one channel, and a pixel that is white in two channels alone.
        for (var i = 0; i < 10 * Size * 3; i++)
            samples[i] = (byte)(i % 3 == 1 ? 250 : 253);
        (samples[^3], samples[^2], samples[^1]) = (255, 255, 200);
        string[] options = compression == "plain" ? [] : ["-co", $"COMPRESS={compression}"];
        var path = Picture.Write(folder, "scan.tif", samples, Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), .. options]);
        using var lot = LotSources.Open([(path, "scan.tif")], Crs, nodata: [255], tolerance: tolerance);
        using var window = Raster.Rent(Size, Size, lot.Format);
        Assert.True(lot[0].Read(0, 0, window, default));
        var without = tolerance >= 5 ? 10 * Size : 0;
        Assert.All(window.Mask[..without].ToArray(), value => Assert.Equal(0, value));
        Assert.All(window.Mask[without..].ToArray(), value => Assert.Equal(255, value));
    }

    [Fact]
    public void Heights_near_nodata_have_no_data_to_within_the_tolerance()
    {
        float[] heights = [-99999, -99998.5f, -99990, 0, float.NaN];
        var mask = new byte[heights.Length];
        NodataMask.FromFloats(heights, 1, [-99999], 1, mask);
        Assert.Equal([0, 0, 255, 255, 0], mask);
    }

    [Fact]
    public void Rasters_of_another_phase_or_cell_size_begin_a_new_sheet()
    {
        using var folder = new RasterFolder();
        const int Size = 32;
        var samples = Picture.Samples(Size, Size, 3);
        string Make(string name, double west, double cell) => Picture.Write(folder, name, samples, Size, Size, 3, Picture.At(west, 2000, Size, Size, cell));
        using var lot = LotSources.Open(
            [(Make("a.tif", 1000, 0.5), "a"), (Make("b.tif", 1016, 0.5), "b"), (Make("c.tif", 1032.2, 0.5), "c"), (Make("d.tif", 1048, 0.25), "d")], Crs);
        Assert.Equal([64, 32, 32], lot.Select(sheet => sheet.Grid.Width));
        Assert.Equal(0.25, lot.CellSize);
        Assert.Equal((1000, 1984, 1056, 2000), (lot.Extent.MinX, lot.Extent.MinY, lot.Extent.MaxX, lot.Extent.MaxY));
    }

    [Fact]
    public void South_up_raster_reads_with_its_rows_reversed()
    {
        using var folder = new RasterFolder();
        const int Size = 40;
        var samples = Picture.Samples(Size, Size, 3);
        var path = Picture.Write(folder, "south.tif", samples, Size, Size, 3, "-a_srs", Crs, "-a_ullr", "1000", "1980", "1020", "2000");
        using var lot = LotSources.Open([(path, "south.tif")], Crs);
        using var window = Raster.Rent(Size, Size, lot.Format);
        Assert.True(lot[0].Read(0, 0, window, default));
        Assert.Equal(2000, lot[0].Grid.OriginY);
        for (var row = 0; row < Size; row++)
            Assert.Equal(samples.AsSpan((Size - 1 - row) * Size * 3, Size * 3), window.Pixels.Slice(row * window.StrideBytes, window.StrideBytes));
    }

    [Fact]
    public void Grey_spreads_over_three_channels_and_colours_become_grey_by_their_luma()
    {
        using var folder = new RasterFolder();
        const int Size = 20;
        byte[] grey = Picture.Samples(Size, Size, 1), colours = Picture.Samples(Size, Size, 3);
        var greyPath = Picture.Write(folder, "grey.tif", grey, Size, Size, 1, Picture.At(1000, 2000, Size, Size));
        var coloursPath = Picture.Write(folder, "rgb.tif", colours, Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), "-co", "PHOTOMETRIC=RGB"]);
        using var asColours = LotSources.Open([(greyPath, "grey.tif")], Crs, new PixelFormat(SampleType.UInt8, 3));
        using var asGrey = LotSources.Open([(coloursPath, "rgb.tif")], Crs, new PixelFormat(SampleType.UInt8, 1));
        using var three = Raster.Rent(Size, Size, asColours.Format);
        using var one = Raster.Rent(Size, Size, asGrey.Format);
        Assert.True(asColours[0].Read(0, 0, three, default));
        Assert.True(asGrey[0].Read(0, 0, one, default));
        for (var i = 0; i < Size * Size; i++)
        {
            Assert.Equal((grey[i], grey[i], grey[i]), (three.Pixels[i * 3], three.Pixels[(i * 3) + 1], three.Pixels[(i * 3) + 2]));
            Assert.Equal((0.299 * colours[i * 3]) + (0.587 * colours[(i * 3) + 1]) + (0.114 * colours[(i * 3) + 2]), one.Pixels[i], 0.51);
        }
    }

    [Fact]
    public void Threads_that_read_at_once_get_the_same_bytes()
    {
        using var folder = new RasterFolder();
        const int Size = 600;
        var samples = Picture.Samples(Size, Size, 3);
        var path = Picture.Write(folder, "a.tif", samples, Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), "-co", "COMPRESS=LZW", "-co", "TILED=YES"]);
        using var lot = LotSources.Open([(path, "a.tif")], Crs);
        Parallel.For(0, 64, i =>
        {
            using var window = Raster.Rent(97, 89, lot.Format);
            int col = i * 37 % (Size - 97), row = i * 53 % (Size - 89);
            Assert.True(lot[0].Read(col, row, window, default));
            for (var y = 0; y < window.Height; y++)
                Assert.Equal(samples.AsSpan((((row + y) * Size) + col) * 3, window.StrideBytes), window.Pixels.Slice(y * window.StrideBytes, window.StrideBytes));
        });
    }

    [Fact]
    public void Nodata_masks_of_the_vector_path_equal_the_scalar_ones()
    {
        var random = new Random(5);
        foreach (var bands in new[] { 1, 2, 3, 4 })
        {
            var pixels = new byte[1003 * bands];
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = random.Next(3) > 0 || i < 200 ? (byte)255 : (byte)random.Next(256);
            var nodata = Enumerable.Repeat((byte)255, bands).ToArray();
            byte[] vector = new byte[1003], scalar = new byte[1003];
            foreach (byte tolerance in new byte[] { 0, 3, 200, 255 })
            {
                NodataMask.FromBytes(pixels, nodata, tolerance, vector);
                NodataMask.ScalarBytes(pixels, nodata, tolerance, scalar);
                Assert.Equal(scalar, vector);
            }
        }
    }

    [Fact]
    public void Sixteen_bit_raster_in_an_eight_bit_lot_is_refused_by_name()
    {
        using var folder = new RasterFolder();
        const int Size = 16;
        var samples = Picture.Samples(Size, Size, 3);
        var eight = Picture.Write(folder, "eight.tif", samples, Size, Size, 3, Picture.At(1000, 2000, Size, Size));
        var sixteen = Picture.Write(folder, "sixteen.tif", samples, Size, Size, 3, [.. Picture.At(1008, 2000, Size, Size), "-ot", "UInt16"]);
        var refusal = Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(eight, "eight.tif"), (sixteen, "sixteen.tif")], Crs));
        Assert.Equal("sixteen.tif", refusal.Raster);
        Assert.Contains("UInt16", refusal.Reason);
        Assert.Contains("8-bit", refusal.Reason);
    }
}
