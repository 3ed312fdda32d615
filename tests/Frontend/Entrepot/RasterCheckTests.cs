using System.Diagnostics;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>Lots made by GDAL's own tools, delivered and checked as producers do.</summary>
[Collection("Entrepôt")]
public sealed class RasterCheckTests(EntrepotHost host) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-rasters-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Sound_lot_passes_both_checks()
    {
        var upload = await DeliverAsync("sound", Raster("a.tif", "650000 6870064 650064 6870000"), Raster("b.tif", "650064 6870064 650128 6870000"));
        Assert.Equal("CLOSED", await host.Producer.CloseAsync(upload));
        Assert.Equal(2, (await host.Producer.ReadAsync($"{upload}/checks"))["passed"]!.AsArray().Count);
        Assert.Contains("a.tif: opened and decoded whole", await host.Producer.CheckLogsAsync(upload, "passed"));
    }

    [Fact]
    public async Task One_bad_raster_fails_by_its_name_and_the_rest_stays()
    {
        var cut = await File.ReadAllBytesAsync(Raster("cut.tif", "650064 6870064 650128 6870000"));
        var text = Path.Combine(_folder.FullName, "text.tif");
        await File.WriteAllTextAsync(text, "this is not a raster");
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "cut.tif"), cut[..(cut.Length / 2)]);
        var upload = await DeliverAsync("bad", Raster("a.tif", "650000 6870064 650064 6870000"), Path.Combine(_folder.FullName, "cut.tif"), text);
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(upload));
        var log = await host.Producer.CheckLogsAsync(upload, "failed");
        Assert.Contains("a.tif: opened and decoded whole", log);
        Assert.Matches(@"ERROR\|\|grid-raster-checker\|\|\d+\|\|cut\.tif: ", log);
        Assert.Matches(@"ERROR\|\|grid-raster-checker\|\|\d+\|\|text\.tif: ", log);
        Assert.Equal(3, (await host.Producer.ReadAsync($"{upload}/tree")).AsArray().Count);
    }

    [Theory]
    [InlineData("-ot UInt16 -a_srs EPSG:2154")]
    [InlineData("-a_srs EPSG:3857")]
    public async Task Raster_unlike_its_lot_fails_by_its_name(string options)
    {
        var upload = await DeliverAsync(
            "unlike", Raster("a.tif", "650000 6870064 650064 6870000"), Raster("b.tif", "650000 6870128 650064 6870064"),
            Raster("odd.tif", "650064 6870064 650128 6870000", options));
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(upload));
        Assert.Matches(@"ERROR\|\|grid-raster-checker\|\|\d+\|\|.*odd\.tif", await host.Producer.CheckLogsAsync(upload, "failed"));
    }

    [Fact]
    public async Task Raster_without_a_crs_fails_by_its_name_unless_a_world_file_places_it()
    {
        var bare = await DeliverAsync("no crs", Raster("bare.tif", "650000 6870064 650064 6870000", ""));
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(bare));
        Assert.Matches(@"ERROR\|\|grid-raster-checker\|\|\d+\|\|bare\.tif", await host.Producer.CheckLogsAsync(bare, "failed"));

        // TIFF with world files, which many producers deliver, never carry one.
        var placed = await DeliverAsync("world file", Raster("placed.tif", "650000 6870064 650064 6870000", "-co PROFILE=BASELINE -co TFW=YES"), Path.Combine(_folder.FullName, "placed.tfw"));
        Assert.Equal("CLOSED", await host.Producer.CloseAsync(placed));
        Assert.Matches(@"WARNING\|\|grid-raster-checker\|\|\d+\|\|placed\.tif", await host.Producer.CheckLogsAsync(placed, "passed"));
    }

    [Fact]
    public async Task Upload_without_rasters_fails()
    {
        var text = Path.Combine(_folder.FullName, "read.me");
        await File.WriteAllTextAsync(text, "hello");
        var upload = await DeliverAsync("none", text);
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(upload));
        Assert.Contains("The upload has no raster", await host.Producer.CheckLogsAsync(upload, "failed"));
    }

    private async Task<string> DeliverAsync(string name, params string[] files)
    {
        var upload = await host.Producer.CreateUploadAsync(host.Root, name);
        foreach (var file in files)
            await host.Producer.DeliverAsync(upload, Path.GetFileName(file), await File.ReadAllBytesAsync(file));
        return upload;
    }

    private string Raster(string name, string corners, string options = "-a_srs EPSG:2154")
    {
        var path = Path.Combine(_folder.FullName, name);
        using var gdal = Process.Start("gdal_create", $"-q -of GTiff -outsize 64 64 -bands 3 -burn 100 {(options.Contains("-ot") ? "" : "-ot Byte")} {options} -a_ullr {corners} {path}");
        gdal.WaitForExit();
        Assert.Equal(0, gdal.ExitCode);
        return path;
    }
}
