using Grid.Cli.Lots.Lidar;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>Blocks of LAZ tiles, delivered and checked as producers do.</summary>
[Collection("Entrepôt")]
public sealed class PointCloudCheckTests(EntrepotHost host) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-clouds-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Sound_block_passes_and_its_densities_are_told()
    {
        var tiles = await LidarLot.GenerateAsync(_folder.FullName, new LidarLotOptions { Columns = 2, Rows = 1, SideMeters = 50, Density = 6 });
        var upload = await DeliverAsync("sound block", "EPSG:2154", tiles);
        Assert.Equal("CLOSED", await host.Producer.CloseAsync(upload));
        var log = await host.Producer.CheckLogsAsync(upload, "passed");
        Assert.Matches(@"INFO\|\|grid-point-cloud-checker\|\|\d+\|\|LHD_FXX_65005_687000_PTS_LAMB93_IGN69\.laz: \d+ points of format 8, [\d.]+ pulses/m²", log);
        Assert.DoesNotContain("WARNING||grid-point-cloud-checker", log);
    }

    [Fact]
    public async Task Damaged_and_doubled_tiles_fail_by_their_names_and_the_rest_stays()
    {
        var tile = (await LidarLot.GenerateAsync(_folder.FullName, new LidarLotOptions { Columns = 1, Rows = 1, SideMeters = 50, Density = 6 }))[0];
        var bytes = await File.ReadAllBytesAsync(tile);
        string cut = Path.Combine(_folder.FullName, "cut.laz"), twin = Path.Combine(_folder.FullName, "twin.laz"), text = Path.Combine(_folder.FullName, "text.las");
        await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length / 2)]);
        await File.WriteAllBytesAsync(twin, bytes);
        await File.WriteAllTextAsync(text, "this is no point cloud");
        var upload = await DeliverAsync("bad block", "EPSG:2154", [tile, cut, twin, text]);
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(upload));
        var log = await host.Producer.CheckLogsAsync(upload, "failed");
        Assert.Matches(@"ERROR\|\|grid-point-cloud-checker\|\|\d+\|\|cut\.laz: ", log);
        Assert.Matches(@"ERROR\|\|grid-point-cloud-checker\|\|\d+\|\|text\.las: ", log);
        Assert.Matches(@"ERROR\|\|grid-point-cloud-checker\|\|\d+\|\|.*twin\.laz.* have the same \d+ points", log);
        Assert.Equal(4, (await host.Producer.ReadAsync($"{upload}/tree")).AsArray().Count);
    }

    [Fact]
    public async Task Block_in_another_crs_than_declared_fails()
    {
        var tiles = await LidarLot.GenerateAsync(_folder.FullName, new LidarLotOptions { Columns = 1, Rows = 1, SideMeters = 50, Density = 6 });
        // The heights' system is no part of what is declared.
        var same = await DeliverAsync("compound", "EPSG:5698", tiles);
        Assert.Equal("CLOSED", await host.Producer.CloseAsync(same));
        var other = await DeliverAsync("other crs", "EPSG:3857", tiles);
        Assert.Equal("UNSTABLE", await host.Producer.CloseAsync(other));
        Assert.Matches(@"ERROR\|\|grid-point-cloud-checker\|\|\d+\|\|LHD_.*\.laz: its CRS is .*Lambert-93.*, the delivery declares EPSG:3857", await host.Producer.CheckLogsAsync(other, "failed"));
    }

    private async Task<string> DeliverAsync(string name, string crs, IReadOnlyList<string> files)
    {
        var (status, body) = await host.Producer.CallAsync("POST", $"{host.Root}/uploads", $$"""{"name":"{{name}}","description":"","type":"POINT-CLOUD","srs":"{{crs}}"}""");
        Assert.True((int)status == 201, $"{body}");
        var upload = $"{host.Root}/uploads/{body!["_id"]}";
        foreach (var file in files)
            Assert.True((int)(await host.Producer.DeliverAsync(upload, Path.GetFileName(file), await File.ReadAllBytesAsync(file))).Status < 300);
        return upload;
    }
}
