using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Every compression: tiles are served with their type and open in GDAL, and slabs open in GDAL with the pixels of the tiles.</summary>
[Collection("grid")]
public sealed class SlabFormatTests(SharedGrid shared)
{
    // A slab of complete PNGs is a TIFF for ROK4 alone: there the tile itself is what GDAL can read.
    [Theory]
    [InlineData("raw", "image/tiff", true, 1, 2)]
    [InlineData("zip", "image/tiff", true, 8, 2)]
    [InlineData("jpg", "image/jpeg", true, 7, 6)]
    [InlineData("jpg90", "image/jpeg", true, 7, 6)]
    [InlineData("png", "image/png", false, 8, 2)]
    public async Task Tiles_and_slabs_of_each_compression_open_in_GDAL(string compression, string type, bool slabsOpen, uint tag259, uint photometric)
    {
        var layer = $"ortho_of_{compression}";
        var storedData = await shared.Producer.BuildAsync(shared.Upload, layer, new JsonObject { ["compression"] = compression, ["top"] = "15" });
        await shared.Producer.PublishAsync(storedData, layer);
        await CheckAsync(storedData, layer, type, slabsOpen, "Type=Byte");
        Assert.All(StoredPyramid.Read(shared.Grid, storedData).Slabs, slab => Assert.NotEqual(0, Rok4Layout.Check(slab.Value, tag259, photometric, 3, 8)));
    }

    [RealDataTheory]
    [InlineData("raw", "image/x-bil;bits=32", null, 1)]
    [InlineData("zip", "image/x-bil;bits=32", "deflate", 8)]
    public async Task Elevations_are_stored_and_served_as_numbers(string compression, string type, string? encoding, uint tag259)
    {
        var folder = Directory.CreateTempSubdirectory("grid-dem-").FullName;
        (await Programs.RunAsync("gdal_translate", ["-q", "-a_srs", "EPSG:2154", RealData.PathOf("raster/ign/RGEALTI.tif"), Path.Combine(folder, "dem.tif")])).Expect();
        var layer = $"dem_{compression}";
        var storedData = await shared.Producer.BuildAsync(
            await shared.Producer.UploadAsync(folder, layer), layer, new JsonObject { ["compression"] = compression, ["tms"] = "2154_1M_MNT", ["interpolation"] = "nn" });
        await shared.Producer.PublishAsync(storedData, layer);

        var pyramid = StoredPyramid.Read(shared.Grid, storedData);
        Assert.Equal($"TIFF_{compression.ToUpperInvariant()}_FLOAT32", (string?)pyramid.Descriptor["format"]);
        Assert.All(pyramid.Slabs, slab => Assert.NotEqual(0, Rok4Layout.Check(slab.Value, tag259, 1, 1, 32)));
        var tile = KvpTile.InTheMiddle(pyramid, layer, type);
        using var answer = await shared.Http.GetAsync(tile.Address());
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString().Replace(" ", ""));
        Assert.Equal(encoding is null ? [] : [encoding], answer.Content.Headers.ContentEncoding);
        var stored = await answer.Content.ReadAsByteArrayAsync();
        var bytes = encoding is null ? stored : await InflatedAsync(stored);
        Assert.Equal(256 * 256 * 4, bytes.Length);

        // The node under the middle of the tile, by GDAL in the slab and in the source.
        var value = BitConverter.ToSingle(bytes, 4 * ((128 * 256) + 128));
        var slab = (await Programs.RunAsync("gdallocationinfo", ["-valonly", pyramid.SlabOf(tile.Level, tile.Col, tile.Row), $"{(tile.Col % 16 * 256) + 128}", $"{(tile.Row % 16 * 256) + 128}"])).Expect();
        Assert.Equal(value, float.Parse(slab, CultureInfo.InvariantCulture), 0.001f);
        var (x, y) = ((tile.Col * 256) + 128, 12000000 - (tile.Row * 256) - 128);
        var source = (await Programs.RunAsync("gdallocationinfo", ["-valonly", "-geoloc", Path.Combine(folder, "dem.tif"), $"{x}", $"{y}"])).Expect();
        Assert.Equal(source.Trim().Length == 0 ? -99999f : float.Parse(source, CultureInfo.InvariantCulture), value, 0.001f);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Mask_slabs_lie_beside_the_data_and_say_where_it_is()
    {
        var storedData = await shared.Producer.BuildAsync(
            shared.Upload, "masked", new JsonObject { ["compression"] = "raw", ["mask"] = true, ["top"] = "17" });
        var pyramid = StoredPyramid.Read(shared.Grid, storedData);
        Assert.Equal("TIFF_ZIP_UINT8", (string?)pyramid.Descriptor["mask_format"]);
        Assert.All(
            pyramid.Slabs.Where(slab => slab.Key.StartsWith("MASK", StringComparison.Ordinal)), slab => Assert.NotEqual(0, Rok4Layout.Check(slab.Value, 8, 1, 1, 8)));
        var level = pyramid.Levels[^1];
        var limits = pyramid.Limits(level);
        string data = pyramid.SlabOf(level, limits.MinCol, limits.MinRow), mask = pyramid.SlabOf(level, limits.MinCol, limits.MinRow, "MASK");
        var info = (await Programs.RunAsync("gdalinfo", ["-stats", "--config", "GDAL_PAM_ENABLED", "NO", mask])).Expect();
        Assert.Contains("Size is 4096, 4096", info);
        Assert.Contains("STATISTICS_MINIMUM=0\n", info);
        Assert.Contains("STATISTICS_MAXIMUM=255\n", info);

        // The lot's own nodata is white: where the mask is 0 the picture is, and all the rest of white is a rare accident.
        var difference = (await Programs.RunAsync(Programs.Python, ["-c", """
            import sys
            from osgeo import gdal
            data, mask = gdal.Open(sys.argv[1]).ReadAsArray(), gdal.Open(sys.argv[2]).ReadAsArray()
            white = (data == 255).all(0)
            # A tile without any data is not stored, and GDAL reads 0 there.
            stored = data.max((0,)).reshape(16, 256, 16, 256).max((1, 3)).repeat(256, 0).repeat(256, 1) > 0
            print(int((stored & ~white & (mask == 0)).sum()), float((white & (mask > 0)).sum() / (mask > 0).sum()))
            """, data, mask])).Expect().Split(' ');
        Assert.Equal("0", difference[0]);
        Assert.True(double.Parse(difference[1], CultureInfo.InvariantCulture) < 0.001);
    }

    private static async Task<byte[]> InflatedAsync(byte[] zlib)
    {
        using var output = new MemoryStream();
        await using var stream = new System.IO.Compression.ZLibStream(new MemoryStream(zlib), System.IO.Compression.CompressionMode.Decompress);
        await stream.CopyToAsync(output);
        return output.ToArray();
    }

    private async Task CheckAsync(string storedData, string layer, string type, bool slabsOpen, string pixels)
    {
        var pyramid = StoredPyramid.Read(shared.Grid, storedData);
        var tile = KvpTile.InTheMiddle(pyramid, layer, type);
        using var answer = await shared.Http.GetAsync(tile.Address());
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        var folder = Directory.CreateTempSubdirectory("grid-tile-").FullName;
        var file = Path.Combine(folder, "tile");
        await File.WriteAllBytesAsync(file, await answer.Content.ReadAsByteArrayAsync());
        var served = (await Programs.RunAsync("gdalinfo", ["-checksum", file])).Expect();
        Assert.Contains("Size is 256, 256", served);
        Assert.Contains(pixels, served);
        if (slabsOpen)
        {
            var window = Path.Combine(folder, "window.vrt");
            (await Programs.RunAsync("gdal_translate", [
                "-q", "-of", "VRT", "-srcwin", $"{tile.Col % 16 * 256}", $"{tile.Row % 16 * 256}", "256", "256", pyramid.SlabOf(tile.Level, tile.Col, tile.Row), window])).Expect();
            Assert.Equal(Checksums(served), Checksums((await Programs.RunAsync("gdalinfo", ["-checksum", window])).Expect()));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static IReadOnlyList<string> Checksums(string info)
    {
        var sums = info.Split('\n').Where(line => line.Contains("Checksum=", StringComparison.Ordinal)).Select(line => line.Trim()).ToList();
        Assert.Equal(3, sums.Count);
        return sums;
    }
}
