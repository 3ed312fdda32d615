using System.Text.Json.Nodes;
using Grid.Cli.Cluster;
using Grid.Cli.Lots.Lidar;
using Grid.Fixtures;
using Grid.Fixtures.Clusters;
using Xunit.Abstractions;

namespace Grid.Cluster.Tests;

/// <summary>Builds of point clouds on two silos, one of which is lost.</summary>
public sealed class PointCloudTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Copc = "Calcul de pyramide 3D COPC", Model = "Calcul de modèle numérique";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _data = Directory.CreateTempSubdirectory("grid-cluster-").FullName;
    private readonly string _lot = Directory.CreateTempSubdirectory("grid-lot-").FullName;
    private LocalCluster _cluster = null!;

    private static JsonObject OfModel => new() { ["model"] = "MNS", ["step"] = 0.25 };

    public async Task InitializeAsync()
    {
        // The private PostgreSQL may run as another user, who must be able to come here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_data, (UnixFileMode)0b111_101_101);
        await LidarLot.GenerateAsync(_lot, new LidarLotOptions { Columns = 4, Rows = 3, SideMeters = 100, Density = 12 });
        _cluster = new LocalCluster(_data, Sources.Folder("src"));
    }

    public async Task DisposeAsync()
    {
        await _cluster.DownAsync(default);
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_lot, recursive: true);
    }

    [Fact]
    public async Task Copc_files_tilesets_and_models_of_two_silos_are_the_embedded_engine_s_though_one_is_lost()
    {
        SortedDictionary<string, string> cloud, model;
        await using (var alone = await RunningGrid.StartAsync())
        {
            using var producer = await GridProducer.OfAsync(alone);
            var upload = await producer.UploadAsync(_lot, "lot", isLidar: true);
            cloud = StoredFiles.Digests(alone.Data, await producer.RunAsync(Copc, [upload], [], "bloc", []));
            model = StoredFiles.Digests(alone.Data, await producer.RunAsync(Model, [upload], [], "mns", OfModel));
        }

        Assert.Equal(13, cloud.Keys.Count(file => file.EndsWith(".copc.laz", StringComparison.Ordinal)));
        Assert.Contains("3dtiles/bloc/tileset.json", cloud.Keys);
        Assert.Equal(12, model.Keys.Count(file => file.StartsWith("tiles/", StringComparison.Ordinal)));

        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await _cluster.UpAsync(2, RunningGrid.FreePort(), default);
        using var of = await GridProducer.OfAsync(_cluster.File.Frontend!.Url!, _data);
        var lot = await of.UploadAsync(_lot, "lot", isLidar: true);
        Assert.Equal(cloud, await LoseOneAsync(of, Copc, lot, "bloc", [], random));
        await _cluster.AddAsync(default);
        Assert.Equal(model, await LoseOneAsync(of, Model, lot, "mns", OfModel, random));
    }

    // Runs a build on both silos and kills one when a random share of it is done, the one that leads the build as well as the other.
    private async Task<SortedDictionary<string, string>> LoseOneAsync(GridProducer producer, string processing, string lot, string name, JsonObject parameters, Random random)
    {
        var (execution, storedData) = await producer.LaunchAsync(processing, [lot], [], name, parameters);
        var busy = new HashSet<string>();
        var moment = random.NextDouble() * 0.6;
        var fraction = 0.0;
        await UntilAsync(async () =>
        {
            foreach (var silo in _cluster.File.Silos.Where(silo => !busy.Contains(silo.Name)))
            {
                if ((int)(await RunningCluster.AskAsync(silo))["regions"]! > 0)
                    busy.Add(silo.Name);
            }

            var progress = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}/progress", default);
            Assert.True((string?)progress["status"] is not ("FINISHED" or "FAILED"), $"the build ended before a silo was lost: {progress.ToJsonString()}");
            fraction = (double)progress["fraction"]!;
            return busy.Count == 2 && fraction >= moment;
        }, $"two silos at {processing}");
        var victim = _cluster.File.Silos[random.Next(2)].Name;
        await _cluster.KillAsync(RunningCluster.NumberOf(victim), default);
        output.WriteLine($"{processing}: {victim} lost at {fraction:0.00}, wanted {moment:0.00}");
        var status = "";
        await UntilAsync(async () => (status = await producer.StatusOfAsync(execution)) is "SUCCESS" or "FAILURE" or "ABORTED", $"the end of {processing}");
        Assert.Equal("SUCCESS", status);
        return StoredFiles.Digests(_data, storedData);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var over = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            if (over.IsCancellationRequested)
                throw new TimeoutException($"{what}: not within {Patience.TotalSeconds} s");
            await Task.Delay(20);
        }
    }
}
