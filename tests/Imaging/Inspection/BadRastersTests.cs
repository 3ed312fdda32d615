using Grid.Imaging.Inspection;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;

namespace Grid.Imaging.Tests.Inspection;

/// <summary>What producers send by mistake or malice: each gets its reason, and the process lives on.</summary>
public sealed class BadRastersTests
{
    private const int Size = 300;

    [Theory]
    [InlineData("COMPRESS=NONE")]
    [InlineData("COMPRESS=DEFLATE")]
    [InlineData("COMPRESS=JPEG")]
    public void Truncated_tiff_is_found_by_decoding_it(string compression)
    {
        using var folder = new RasterFolder();
        var path = Good(folder, "cut.tif", "-co", compression);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length * 2 / 3)]);
        var refusal = Assert.Throws<UnreadableRasterException>(() => RasterInspector.Verify(path, "cut.tif"));
        Assert.Equal("cut.tif", refusal.Raster);
        Assert.Contains("truncated or damaged", refusal.Reason);
    }

    [Fact]
    public void Damaged_jpeg_tile_is_named()
    {
        using var folder = new RasterFolder();
        var path = Good(folder, "jpeg.tif", "-co", "COMPRESS=JPEG", "-co", "TILED=YES", "-co", "BLOCKXSIZE=128", "-co", "BLOCKYSIZE=128");
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length / 2, 4000).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        var refusal = Assert.Throws<UnreadableRasterException>(() => RasterInspector.Verify(path, "jpeg.tif"));
        Assert.Contains("the tile of columns", refusal.Reason);
    }

    [Fact]
    public void Text_named_tif_says_what_it_begins_with()
    {
        using var folder = new RasterFolder();
        var path = folder.File("notes.tif");
        File.WriteAllText(path, "Hello, this is a text.");
        var refusal = Assert.Throws<UnreadableRasterException>(() => RasterInspector.Inspect(path, "notes.tif"));
        Assert.Contains("\"Hello, this is a\"", refusal.Reason);
        Assert.Contains("GeoTIFF", refusal.Reason);
    }

    [Fact]
    public void Empty_and_absent_files_are_told_apart()
    {
        using var folder = new RasterFolder();
        File.WriteAllBytes(folder.File("empty.tif"), []);
        Assert.Contains("empty", Assert.Throws<UnreadableRasterException>(() => RasterInspector.Inspect(folder.File("empty.tif"), "empty.tif")).Reason);
        var absent = Assert.Throws<UnreadableRasterException>(() => RasterInspector.Inspect(folder.File("absent.tif"), "absent.tif"));
        Assert.Contains("cannot be opened", absent.Reason);
        Assert.DoesNotContain(folder.Root, absent.Message);
    }

    [Fact]
    public void Vrt_is_refused_because_it_points_to_other_files()
    {
        using var folder = new RasterFolder();
        GdalTool.Run("gdal_translate", "-q", "-of", "VRT", Good(folder, "good.tif"), folder.File("a.vrt"));
        Assert.Contains("VRT", Assert.Throws<UnreadableRasterException>(() => RasterInspector.Inspect(folder.File("a.vrt"), "a.vrt")).Reason);
    }

    [Fact]
    public void Raster_that_claims_too_many_pixels_is_refused_before_it_is_decoded()
    {
        using var folder = new RasterFolder();
        var path = folder.File("bomb.tif");
        GdalTool.Run("gdal_create", "-q", "-of", "GTiff", "-outsize", "400000", "400000", "-bands", "3", "-co", "SPARSE_OK=YES", "-co", "TILED=YES",
            "-co", "BLOCKXSIZE=4096", "-co", "BLOCKYSIZE=4096", "-co", "BIGTIFF=YES", path);
        Assert.Contains("400000 x 400000", Assert.Throws<UnreadableRasterException>(() => RasterInspector.Inspect(path, "bomb.tif")).Reason);
        Assert.Contains("times as many", Assert.Throws<UnreadableRasterException>(
            () => RasterInspector.Verify(path, "bomb.tif", new RasterLimits { MaxPixels = long.MaxValue })).Reason);
    }

    [Fact]
    public void Raster_without_place_or_rotated_is_refused_with_what_to_do()
    {
        using var folder = new RasterFolder();
        var samples = Picture.Samples(Size, Size, 3);
        var unplaced = Picture.Write(folder, "unplaced.tif", samples, Size, Size, 3);
        Assert.Contains("world file", Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(unplaced, "unplaced.tif")], "EPSG:2154")).Reason);
        var rotated = Picture.Write(folder, "rotated.tif", samples, Size, Size, 3);
        File.WriteAllText(folder.File("rotated.tfw"), "0.4\n0.3\n0.3\n-0.4\n1000\n2000\n");
        Assert.Contains("gdalwarp", Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(rotated, "rotated.tif")], "EPSG:2154")).Reason);
    }

    [Fact]
    public void Raster_in_another_crs_than_the_lot_is_refused_with_both_names()
    {
        using var folder = new RasterFolder();
        var refusal = Assert.Throws<UnreadableRasterException>(() => LotSources.Open([(Good(folder, "a.tif"), "a.tif")], "EPSG:32631"));
        Assert.Contains("EPSG:2154", refusal.Reason);
        Assert.Contains("EPSG:32631", refusal.Reason);
    }

    [Fact]
    public void Sparse_blocks_hold_nodata()
    {
        using var folder = new RasterFolder();
        var path = folder.File("sparse.tif");
        GdalTool.Run("gdal_create", "-q", "-of", "GTiff", "-outsize", "512", "512", "-bands", "3", "-co", "SPARSE_OK=YES", "-co", "TILED=YES",
            "-a_nodata", "0", "-a_srs", "EPSG:2154", "-a_ullr", "0", "512", "512", "0", path);
        RasterInspector.Verify(path, "sparse.tif");
        using var lot = LotSources.Open([(path, "sparse.tif")], "EPSG:2154");
        using var window = Raster.Rent(512, 512, lot.Format);
        Assert.False(lot[0].Read(0, 0, window, default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_bytes_give_a_reason_or_a_picture_and_never_a_crash(int seed)
    {
        using var folder = new RasterFolder();
        string[][] forms = [["-co", "COMPRESS=NONE"], ["-co", "COMPRESS=LZW", "-co", "TILED=YES"], ["-co", "COMPRESS=JPEG", "-co", "TILED=YES"], ["-of", "PNG"]];
        var random = new Random(seed);
        for (var form = 0; form < forms.Length; form++)
        {
            var good = File.ReadAllBytes(Good(folder, $"good{form}", forms[form]));
            for (var round = 0; round < 40; round++)
            {
                var bad = good.AsSpan(0, random.Next(4) == 0 ? random.Next(good.Length) : good.Length).ToArray();
                for (var flips = random.Next(1, 12); flips > 0 && bad.Length > 0; flips--)
                    bad[random.Next(2) == 0 ? random.Next(Math.Min(600, bad.Length)) : random.Next(bad.Length)] = (byte)random.Next(256);
                var path = folder.File($"bad-{form}-{round}.tif");
                File.WriteAllBytes(path, bad);
                try
                {
                    var limits = new RasterLimits { MaxPixels = 10_000_000, MaxBlockBytes = 64 << 20 };
                    RasterInspector.Verify(path, "bad.tif", limits);
                    using var lot = LotSources.Open([(path, "bad.tif")], "EPSG:2154", limits: limits);
                    using var window = Raster.Rent(Size, Size, lot.Format);
                    lot[0].Read(0, 0, window, default);
                }
                catch (UnreadableRasterException refusal)
                {
                    Assert.NotEmpty(refusal.Reason);
                }

                File.Delete(path);
            }
        }
    }

    private static string Good(RasterFolder folder, string name, params string[] options) =>
        Picture.Write(folder, name, Picture.Samples(Size, Size, 3), Size, Size, 3, [.. Picture.At(1000, 2000, Size, Size), .. options]);
}
