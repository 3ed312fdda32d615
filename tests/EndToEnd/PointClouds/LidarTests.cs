using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Grid.Cli.Producer;
using Grid.Cli.Reports;
using Grid.Fixtures;
using Grid.PointCloud.Copc;
using Xunit.Abstractions;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>LiDAR tiles from a producer's folder to COPC files that clients read by range.</summary>
public sealed class LidarTests(ITestOutputHelper output) : IDisposable
{
    private const string Processing = "Calcul de pyramide 3D COPC";

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-lidar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Delivered_tiles_are_downloaded_and_streamed_as_copc_and_a_damaged_one_is_named()
    {
        var points = await LidarLot.WriteAsync(_folder, 60_000, seed: 3);
        await using var grid = await RunningGrid.StartAsync();
        using var producer = await GridProducer.OfAsync(grid);
        using var http = new HttpClient { BaseAddress = grid.Address };
        var delivered = await DeliverAsync(producer, "bloc");
        Assert.Equal(points, delivered.Points);

        // The feed leads to the files.
        var feed = XDocument.Parse(await http.GetStringAsync(new Uri(grid.Address, "telechargement/resource/bloc/bloc")));
        XNamespace atom = "http://www.w3.org/2005/Atom";
        var names = feed.Descendants(atom + "entry").Select(entry => (string)entry.Element(atom + "title")!).ToList();
        Assert.Equal(["index.geojson", "bloc.copc.laz", "Semis_0.copc.laz", "Semis_1.copc.laz", "Semis_2.copc.laz", "Semis_3.copc.laz"], names);
        var dalles = JsonNode.Parse(await http.GetStringAsync(delivered.Index))!["features"]!.AsArray();
        Assert.Equal(4, dalles.Count);
        Assert.InRange((double)dalles[0]!["geometry"]!["coordinates"]![0]![0]![0]!, 2.99, 3.01);

        var block = new Uri(delivered.Files, "bloc.copc.laz");
        await CopcOverHttp.CheckRangesAsync(http, block);
        await CopcOverHttp.CheckPointsAsync(http, block, points);
        await CopcOverHttp.CheckPointsAsync(http, new Uri(delivered.Files, "Semis_2.copc.laz"), points / 4);
        await CheckNpmCopcAsync(block, points);
        await TilesetOverHttp.CheckAsync(grid.Address, "bloc", points);
        await EptOverHttp.CheckAsync(grid.Address, "bloc", ["bloc", "Semis_0", "Semis_1", "Semis_2", "Semis_3"], points);
        await CheckOfferingAsync(producer, grid.Address);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(delivered.Files, "absent.copc.laz"))).StatusCode);
        Assert.False(Directory.Exists(Path.Combine(grid.Data, "objects", "pyramids", delivered.StoredData, "1", "work")), "work files are left");

        // The same tiles, one of them damaged: the failure names the file and the chunk.
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder, "Semis_1.laz"));
        RandomNumberGenerator.Fill(bytes.AsSpan(bytes.Length / 2, 200));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "Semis_1.laz"), bytes);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => DeliverAsync(producer, "abime"));
        Assert.Contains("Semis_1.laz", error.Message);
        Assert.Contains("chunk", error.Message);
        Assert.DoesNotContain("Semis_2.laz", error.Message);
    }

    [Fact]
    public async Task Build_that_lost_its_server_ends_with_the_bytes_of_an_undisturbed_one()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await LidarLot.WriteAsync(_folder, 250_000, seed: 9);
        await using var grid = await RunningGrid.StartAsync();
        string execution, disturbed, undisturbed;
        using (var producer = await GridProducer.OfAsync(grid))
        {
            var upload = await UploadAsync(producer, "lot");
            undisturbed = await producer.RunAsync(Processing, [upload], [], "bloc", new JsonObject());
            (execution, disturbed) = await producer.LaunchAsync(Processing, [upload], [], "bloc", new JsonObject());
        }

        for (var kill = 0; kill < 3; kill++)
        {
            var moment = (kill + random.NextDouble()) / 3.5;
            await UntilAsync(grid, execution, moment);
            await grid.KillAsync(withDatabase: kill == 1);
            output.WriteLine($"killed after {moment:0.00}");
            await grid.StartAgainAsync();
        }

        using var after = await GridProducer.OfAsync(grid);
        Assert.Equal("SUCCESS", await after.EndOfAsync(execution));
        Assert.Equal(Hashes(grid, undisturbed), Hashes(grid, disturbed));

        // The tiles are squares of a grid: below their roots, their files have the block's chunks.
        var files = Directory.GetFiles(StoredPyramid.FolderOf(grid, undisturbed), "*.copc.laz", SearchOption.AllDirectories);
        var block = await ChunksAsync(files.Single(file => file.EndsWith("bloc.copc.laz", StringComparison.Ordinal)));
        foreach (var tile in files.Where(file => !file.EndsWith("bloc.copc.laz", StringComparison.Ordinal)))
        {
            var chunks = await ChunksAsync(tile);
            Assert.True(chunks.Count > 1);
            Assert.All(chunks.Where(chunk => chunk.Key.Level > 0), chunk => Assert.Contains(chunk.Value, block.Values));
        }
    }

    private static async Task<Dictionary<OctantKey, string>> ChunksAsync(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        await using var reader = await CopcReader.OpenAsync(file);
        return (await reader.ReadNodesAsync()).Where(node => node.PointCount > 0)
            .ToDictionary(node => node.Key, node => Convert.ToHexString(SHA256.HashData(bytes.AsSpan((int)node.Offset, node.LengthBytes))));
    }

    private static SortedDictionary<string, string> Hashes(RunningGrid grid, string storedData)
    {
        var files = StoredFiles.Digests(grid.Data, storedData);
        Assert.Equal(5, files.Keys.Count(name => name.EndsWith(".copc.laz", StringComparison.Ordinal)));
        Assert.Contains("3dtiles/bloc/tileset.json", files.Keys);
        return files;
    }

    private static async Task UntilAsync(RunningGrid grid, string execution, double fraction)
    {
        using var producer = await GridProducer.OfAsync(grid);
        while (true)
        {
            var progress = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}/progress", default);
            if ((string?)progress["status"] is "FINISHED" or "FAILED" || (progress["files_total"] is not null && (double)progress["fraction"]! >= fraction))
                return;
            await Task.Delay(20);
        }
    }

    private Task<LidarDeliveryResult> DeliverAsync(GridProducer producer, string name) =>
        new LidarDelivery(producer.Api, new PlainReport(TextWriter.Null, TimeProvider.System), Options(name)).RunAsync(default);

    private Task<string> UploadAsync(GridProducer producer, string name) =>
        new UploadStep(producer.Api, new PlainReport(TextWriter.Null, TimeProvider.System), Options(name), producer.Datastore["datastores/".Length..]).RunAsync(default);

    private DeliveryOptions Options(string name) => new() { Folder = _folder, Name = name, IsLidar = true, PollInterval = TimeSpan.FromMilliseconds(50) };

    /// <summary>The offering leads to all three services.</summary>
    private static async Task CheckOfferingAsync(GridProducer producer, Uri grid)
    {
        var listed = (await producer.Api.ListAsync($"{producer.Datastore}/offerings", default)).Single()!;
        var urls = (await producer.Api.GetAsync($"{producer.Datastore}/offerings/{(string)listed["_id"]!}", default))["urls"]!.AsArray();
        Assert.Equal(
            [("DOWNLOAD", "telechargement/resource/bloc"), ("3DTILES", "3dtiles/bloc/tileset.json"), ("EPT", "ept/bloc/bloc/bloc/ept.json")],
            urls.Select(url => ((string)url!["type"]!, grid.MakeRelativeUri(new Uri((string)url["url"]!)).ToString())));
    }

    private static async Task CheckNpmCopcAsync(Uri file, int points)
    {
        var folder = Sources.Folder("tests/Benchmarks");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "copc")))
            return;
        var read = JsonDocument.Parse((await Programs.RunAsync("node", [Path.Combine(folder, "Lidar", "copc.mjs"), file.AbsoluteUri])).Expect()).RootElement;
        Assert.Equal(points, read.GetProperty("points").GetInt64());
        Assert.Equal(points, read.GetProperty("nodes").EnumerateObject().Sum(node => node.Value.GetProperty("points").GetInt64()));
    }
}
