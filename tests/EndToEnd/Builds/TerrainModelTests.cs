using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Grid.Cli.Api;
using Grid.Cli.Lots.Lidar;
using Grid.Cli.Producer;
using Grid.Cli.Terrain;
using Grid.Fixtures;
using Grid.PointCloud.Terrain;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Point clouds are delivered through the REST API and become a model: tiles to keep, and a pyramid that is served.</summary>
[Collection("grid")]
public sealed class TerrainModelTests(SharedGrid shared) : IDisposable
{
    private const string Processing = "Calcul de modèle numérique";
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-terrain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Delivery_becomes_tiles_and_a_pyramid_whose_values_are_the_models()
    {
        var lot = Path.Combine(_folder, "lot");
        await LidarLot.GenerateAsync(lot, new LidarLotOptions { Columns = 2, Rows = 1, SideMeters = 100, Density = 6 });
        var upload = await DeliverAsync(lot, "block");
        var pyramid = await shared.Producer.RunAsync(Processing, [upload], [], "mns", new JsonObject { ["model"] = "MNS", ["step"] = 0.5 });

        // The command makes the same tiles of the same files.
        var expected = await ModelTiles.WriteAsync(lot, Path.Combine(_folder, "models"), new ModelTilesOptions { Models = new TerrainOptions { Models = [TerrainModelKind.Mns], Steps = [0.5] } });
        var stored = Directory.EnumerateFiles(StoredPyramid.FolderOf(shared.Grid, pyramid), "*.tif", SearchOption.AllDirectories).Where(file => file.Contains("/tiles/")).Order().ToList();
        Assert.Equal(["LHD_FXX_65000_687000_MNS_O_0M50_LAMB93_IGN69.tif", "LHD_FXX_65010_687000_MNS_O_0M50_LAMB93_IGN69.tif"], stored.Select(Path.GetFileName));
        Assert.Equal(expected.Order().Select(File.ReadAllBytes), stored.Select(File.ReadAllBytes));
        Assert.False(Directory.Exists(Path.Combine(shared.Grid.Data, "objects", "processings")) && Directory.EnumerateFiles(Path.Combine(shared.Grid.Data, "objects", "processings"), "*.tif", SearchOption.AllDirectories).Any());

        await shared.Producer.PublishAsync(pyramid, "mns", type: "WMS-RASTER");
        var map = await shared.Http.GetByteArrayAsync(
            "/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=mns&STYLES=&CRS=EPSG:2154&BBOX=650040,6869940,650060,6869960&WIDTH=40&HEIGHT=40&FORMAT=image%2Fx-bil%3Bbits%3D32");
        var heights = MemoryMarshal.Cast<byte, float>(map).ToArray();
        Assert.Equal(1600, heights.Length);
        Assert.All(heights, height => Assert.InRange(height, 35, 160));

        await CheckDownloadsAsync(pyramid, expected.Order().ToList());

        // Stored COPC files of the same points make the same tiles.
        foreach (var files in (string[])["TILES", "BLOCK"])
        {
            var cloud = await shared.Producer.RunAsync("Calcul de pyramide 3D COPC", [upload], [], $"cloud {files}", new JsonObject { ["files"] = files, ["tileset"] = false });
            var again = await shared.Producer.RunAsync(Processing, [], [cloud], $"mns of {files}", new JsonObject { ["model"] = "MNS", ["step"] = 0.5 });
            var tiles = Directory.EnumerateFiles(StoredPyramid.FolderOf(shared.Grid, again), "*.tif", SearchOption.AllDirectories).Where(file => file.Contains("/tiles/")).Order().ToList();
            if (files == "TILES")
                Assert.Equal(expected.Order().Select(File.ReadAllBytes), tiles.Select(File.ReadAllBytes));
            else
                Assert.Equal(["LHD_FXX_65000_687000_MNS_O_0M50_LAMB93_IGN69.tif"], tiles.Select(Path.GetFileName));
        }

        await shared.Producer.PublishAsync(pyramid, "mns_shaded", new JsonObject { ["styles"] = new JsonArray("hillshade") });
        var shaded = await shared.Http.GetByteArrayAsync(KvpTile.InTheMiddle(StoredPyramid.Read(shared.Grid, pyramid), "mns_shaded", "image/png").Address(("STYLE", "hillshade")));
        Assert.Equal("PNG"u8.ToArray(), shaded[1..4]);
    }

    [Fact]
    public async Task Model_of_both_a_delivery_and_stored_clouds_or_of_neither_is_refused()
    {
        foreach (var uploads in (IReadOnlyList<string>[])[[], [Guid.NewGuid().ToString()]])
        {
            var error = await Assert.ThrowsAnyAsync<Exception>(
                () => shared.Producer.LaunchAsync(Processing, uploads, [.. uploads.Select(_ => Guid.NewGuid().ToString())], "both", new JsonObject()));
            Assert.Contains("takes either uploads of type POINT-CLOUD or stored data of type PYRAMID-3D-COPC", error.Message);
        }
    }

    /// <summary>The tiles are offered as a download: feed, index of dalles, ranges; and GDAL reads one over HTTP.</summary>
    private async Task CheckDownloadsAsync(string pyramid, IReadOnlyList<string> expected)
    {
        await shared.Producer.PublishAsync(pyramid, "mns_dalles", type: "DOWNLOAD");
        var resources = JsonNode.Parse(await shared.Http.GetStringAsync("/telechargement/capabilities?outputFormat=application/json&limit=50"))!["entry"]!.AsArray();
        Assert.Contains(resources, entry => (string)entry!["title"]! == "mns_dalles" && (string)entry["category"]![0]!["term"]! == "EPSG:2154");
        var feed = XDocument.Parse(await shared.Http.GetStringAsync("/chunk/telechargement/resource/mns_dalles/mns_dalles"));
        XNamespace atom = "http://www.w3.org/2005/Atom";
        var links = feed.Descendants(atom + "entry").Select(entry => entry.Element(atom + "link")!).ToList();
        Assert.Equal(["application/geo+json", .. expected.Select(_ => "image/tiff; application=geotiff; profile=cloud-optimized")], links.Select(link => (string)link.Attribute("type")!));
        Assert.Equal(expected.Select(file => new FileInfo(file).Length), links.Skip(1).Select(link => (long)link.Attribute("length")!));
        Assert.Equal(await File.ReadAllBytesAsync(expected[1]), await shared.Http.GetByteArrayAsync((string)links[2].Attribute("href")!));

        var tile = new HttpRequestMessage(HttpMethod.Get, (string)links[1].Attribute("href")!) { Headers = { Range = new(0, 3) } };
        var first = await shared.Http.SendAsync(tile);
        Assert.Equal((HttpStatusCode.PartialContent, "II*\0"), (first.StatusCode, await first.Content.ReadAsStringAsync()));

        var index = (await Programs.RunAsync("ogrinfo", ["-so", "-al", $"/vsicurl/{links[0].Attribute("href")!.Value}"])).Expect();
        Assert.Contains("Feature Count: 2", index);
        var info = JsonNode.Parse((await Programs.RunAsync("gdalinfo", ["-json", "-stats", $"/vsicurl/{links[1].Attribute("href")!.Value}"])).Expect())!;
        Assert.Equal([649_999.75, 0.5, 0, 6_870_000.25, 0, -0.5], info["geoTransform"]!.AsArray().Select(value => (double)value!));
        Assert.Equal(("Float32", -9999.0), ((string)info["bands"]![0]!["type"]!, (double)info["bands"]![0]!["noDataValue"]!));
        Assert.InRange((double)info["bands"]![0]!["mean"]!, 35, 160);
    }

    [Fact]
    public async Task Step_that_does_not_divide_the_tiles_fails_with_a_sentence()
    {
        var lot = Path.Combine(_folder, "lot");
        await LidarLot.GenerateAsync(lot, new LidarLotOptions { Columns = 1, Rows = 1, SideMeters = 50, Density = 6 });
        var upload = await DeliverAsync(lot, "odd step");
        var (execution, _) = await shared.Producer.LaunchAsync(Processing, [upload], [], "odd", new JsonObject { ["step"] = 0.3 });
        Assert.Equal("FAILURE", await shared.Producer.EndOfAsync(execution));
        var log = await shared.Producer.Api.ListAsync($"{shared.Producer.Datastore}/processings/executions/{execution}/logs", default);
        Assert.Contains(log, line => ((string)line!).Contains("each must be a whole multiple"));
    }

    private async Task<string> DeliverAsync(string folder, string name)
    {
        var (api, root) = (shared.Producer.Api, $"{shared.Producer.Datastore}/uploads");
        var upload = Json.Id(await api.PostAsync(root, new JsonObject { ["name"] = name, ["description"] = "", ["type"] = "POINT-CLOUD", ["srs"] = "EPSG:2154" }, default));
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            await api.PostContentAsync(
                $"{root}/{upload}/data?path={Uri.EscapeDataString(Path.GetFileName(file))}",
                () => new MultipartFile(File.OpenRead(file), new FileInfo(file).Length, Path.GetFileName(file)), default);
        }

        await api.PostAsync($"{root}/{upload}/close", null, default);
        while ((string)(await api.GetAsync($"{root}/{upload}", default))["status"]! is var status and not "CLOSED")
        {
            if (status == "UNSTABLE")
                throw new InvalidOperationException($"The checks of {name} failed.");
            await Task.Delay(50);
        }

        return upload;
    }
}
