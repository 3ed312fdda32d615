using System.Text.Json.Nodes;
using Grid.Fixtures;
using Xunit.Abstractions;
using Lot = Grid.Cli.Lots.Lidar.LidarLot;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>A terrain model whose server is lost while its tiles, and then their pyramid, are made.</summary>
public sealed class KilledTerrainTests(ITestOutputHelper output) : IDisposable
{
    private const string Processing = "Calcul de modèle numérique";
    private const int Kills = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-terrain-").FullName;

    private static JsonObject Parameters => new() { ["model"] = "MNS", ["step"] = 0.25 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Model_that_lost_its_server_has_the_bytes_of_an_undisturbed_one()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await Lot.GenerateAsync(_folder, new() { Columns = 4, Rows = 3, SideMeters = 100, Density = 6 });
        await using var grid = await RunningGrid.StartAsync();
        string execution, disturbed, undisturbed;
        using (var producer = await GridProducer.OfAsync(grid))
        {
            var upload = await producer.UploadAsync(_folder, "lot", isLidar: true);
            undisturbed = await producer.RunAsync(Processing, [upload], [], "mns", Parameters);
            (execution, disturbed) = await producer.LaunchAsync(Processing, [upload], [], "mns", Parameters);
        }

        var caught = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            var moment = (kill + random.NextDouble()) / Kills;
            var reached = await UntilAsync(grid, execution, moment);
            await grid.KillAsync(withDatabase: kill == 1);
            output.WriteLine($"killed at {reached:0.00}, wanted {moment:0.00}");
            caught += reached < 1 ? 1 : 0;
            await grid.StartAgainAsync();
        }

        Assert.True(caught > 0, "the model was made before the first loss");
        using var after = await GridProducer.OfAsync(grid);
        Assert.Equal("SUCCESS", await after.EndOfAsync(execution));
        var whole = StoredFiles.Digests(grid.Data, undisturbed);
        Assert.Equal(12, whole.Keys.Count(file => file.StartsWith("tiles/", StringComparison.Ordinal)));
        Assert.Equal(whole, StoredFiles.Digests(grid.Data, disturbed));
    }

    // Until so much is done, or all.
    private static async Task<double> UntilAsync(RunningGrid grid, string execution, double fraction)
    {
        using var producer = await GridProducer.OfAsync(grid);
        while (true)
        {
            var progress = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}/progress", default);
            if ((string?)progress["status"] is "FINISHED" or "FAILED")
                return 1;
            if ((long)progress["parts_total"]! > 0 && (double)progress["fraction"]! is var reached && reached >= fraction)
                return reached;
            await Task.Delay(10);
        }
    }
}
