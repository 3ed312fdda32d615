using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A build survives the loss of its process, and of the database's, at any moment.</summary>
public sealed class KilledServerTests(ITestOutputHelper output)
{
    private const int Kills = 5;
    private const int Builds = 3;

    [Fact]
    public async Task Build_that_lost_its_server_five_times_ends_with_the_bytes_of_an_undisturbed_one()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 2, 1600, 0.2);
        await using var grid = await RunningGrid.StartAsync();

        // Small slabs, and so many: there is always a middle to be caught in.
        static JsonObject Parameters() => new() { ["compression"] = "png", ["bottom"] = "20", ["width"] = 2, ["height"] = 2 };
        string undisturbed, upload;
        using (var producer = await GridProducer.OfAsync(grid))
        {
            upload = await producer.UploadAsync(folder, "lot");
            undisturbed = await producer.BuildAsync(upload, "undisturbed", Parameters());
        }

        Directory.Delete(folder, recursive: true);
        // On a machine that is busy with other things a build may end before it is caught often enough: then another is.
        var caught = 0;
        for (var build = 0; build < Builds && caught < 3; build++)
            caught = await DisturbAsync(grid, upload, $"disturbed {build}", Parameters(), undisturbed, random);
        Assert.True(caught >= 3, $"no build of {Builds} was caught in the middle three times");
    }

    /// <summary>Builds, kills the server again and again, and compares what comes of it; returns how often it was in the middle.</summary>
    private async Task<int> DisturbAsync(RunningGrid grid, string upload, string name, JsonObject parameters, string undisturbed, Random random)
    {
        string execution, disturbed;
        using (var producer = await GridProducer.OfAsync(grid))
            (execution, disturbed) = await producer.LaunchAsync(upload, name, parameters);
        var slabs = StoredPyramid.Read(grid, undisturbed).Slabs.Count;
        var caught = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            // A random moment of the remaining work, told by what is on disk; the build is waked by asking how far it is.
            var present = Present(grid, disturbed);
            var moment = present + random.Next(1, Math.Max(2, (slabs - present) / (Kills + 1 - kill) * 2));
            await UntilAsync(grid, execution, () => Present(grid, disturbed) >= Math.Min(moment, slabs - 1));
            await grid.KillAsync(withDatabase: kill % 2 == 1);
            if (Present(grid, disturbed) < slabs)
                caught++;
            output.WriteLine($"killed with {Present(grid, disturbed)} of {slabs} slabs");
            await grid.StartAgainAsync();
        }

        using var after = await GridProducer.OfAsync(grid);
        await UntilAsync(grid, execution, null);
        Assert.Equal("SUCCESS", await after.EndOfAsync(execution));
        SamePyramids.Check(StoredPyramid.Read(grid, undisturbed), StoredPyramid.Read(grid, disturbed));
        return caught;
    }

    private static int Present(RunningGrid grid, string storedData) => Directory.Exists(StoredPyramid.FolderOf(grid, storedData))
        ? Directory.EnumerateFiles(StoredPyramid.FolderOf(grid, storedData), "*.tif", SearchOption.AllDirectories).Count()
        : 0;

    // Until the condition holds, or the build has ended.
    private static async Task UntilAsync(RunningGrid grid, string execution, Func<bool>? condition)
    {
        using var producer = await GridProducer.OfAsync(grid);
        while (condition?.Invoke() != true)
        {
            var progress = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}/progress", default);
            if ((string?)progress["status"] is "FINISHED" or "FAILED")
                return;
            await Task.Delay(20);
        }
    }
}
