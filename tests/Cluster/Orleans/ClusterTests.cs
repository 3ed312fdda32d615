using System.Net;
using Grid.Cli.Api;
using Xunit.Abstractions;

namespace Grid.Cluster.Tests;

/// <summary>Silos in processes of their own come, go and die while the grid works.</summary>
public sealed class ClusterTests(RunningCluster running, ITestOutputHelper output) : IClassFixture<RunningCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_build_that_loses_a_silo_goes_on_within_thirty_seconds_and_ends_with_the_same_bytes()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var all = running.Slabs(running.Undisturbed, "undisturbed");
        var (execution, disturbed) = await running.Producer.LaunchAsync(running.Upload, "disturbed", RunningCluster.Parameters);
        await RunningCluster.UntilAsync(() => Task.FromResult(running.Slabs(disturbed, "disturbed").Count > all.Count / 4), Patience, "a quarter of the slabs");
        var silos = running.Cluster.File.Silos;
        var victim = silos[new Random(seed).Next(silos.Count)];
        await running.Cluster.KillAsync(NumberOf(victim.Name), default);
        var present = running.Slabs(disturbed, "disturbed").Count;
        output.WriteLine($"{victim.Name} killed with {present} of {all.Count} slabs");
        Assert.True(present < all.Count, "the build was over before the silo was killed");
        await RunningCluster.UntilAsync(() => Task.FromResult(running.Slabs(disturbed, "disturbed").Count > present), TimeSpan.FromSeconds(30), "a slab after the loss");
        Assert.Equal("SUCCESS", await running.Producer.EndOfAsync(execution));
        Assert.Equal(all, running.Slabs(disturbed, "disturbed"));
        await running.Cluster.AddAsync(default);
    }

    [Fact]
    public async Task A_silo_that_is_added_during_a_build_takes_its_share()
    {
        var (execution, storedData) = await running.Producer.LaunchAsync(running.Upload, "shared", RunningCluster.Parameters);
        await RunningCluster.UntilAsync(() => Task.FromResult(running.Slabs(storedData, "shared").Count > 0), Patience, "the first slab");
        var added = await running.Cluster.AddAsync(default);
        await RunningCluster.UntilAsync(async () => (int)(await RunningCluster.AskAsync(added))["regions"]! > 0, Patience, "a region on the silo that was added");
        Assert.Equal("SUCCESS", await running.Producer.EndOfAsync(execution));
        Assert.Equal(running.Slabs(running.Undisturbed, "undisturbed"), running.Slabs(storedData, "shared"));
        await running.Cluster.DrainAsync(NumberOf(added.Name), default);
    }

    [Fact]
    public async Task A_silo_that_is_drained_leaves_without_a_failed_tile_request()
    {
        await running.Producer.PublishAsync(running.Undisturbed, "tiles");
        using var http = new HttpClient { BaseAddress = running.Address };
        var tiles = await Tiles.OfLayerAsync(http, "tiles");
        using var enough = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(asker => AskAsync(http, tiles, asker, enough.Token)).ToList();
        var added = await running.Cluster.AddAsync(default);
        var leaving = running.Cluster.File.Silos[0];
        await running.Cluster.DrainAsync(NumberOf(leaving.Name), default);
        // The rest is asked for everything once more.
        await RunningCluster.UntilAsync(
            async () => (await RunningCluster.AskAsync(added))["silos"]!.AsArray().All(silo => (string?)silo!["name"] != leaving.Name || (string?)silo["status"] == "Dead"),
            Patience, $"{leaving.Name} known as gone");
        await enough.CancelAsync();
        var answers = (await Task.WhenAll(asking)).SelectMany(counts => counts).GroupBy(count => count.Key).ToDictionary(group => group.Key, group => group.Sum(count => count.Value));
        output.WriteLine(string.Join(", ", answers.Select(answer => $"{answer.Value} times {(int)answer.Key}")));
        Assert.Equal([HttpStatusCode.OK], answers.Keys);
    }

    [Fact]
    public async Task Refusals_of_grains_reach_the_producer_through_silos_and_frontend()
    {
        var (execution, _) = await running.Producer.LaunchAsync(running.Upload, "refused", new() { ["compression"] = "raw", ["bottom"] = "12" });
        Assert.Equal("SUCCESS", await running.Producer.EndOfAsync(execution));
        var api = running.Producer.Api;
        var conflict = await Assert.ThrowsAsync<EntrepotException>(() => api.PostAsync($"{running.Producer.Datastore}/processings/executions/{execution}/launch", null, default));
        Assert.Equal(HttpStatusCode.Conflict, conflict.Status);
        Assert.Contains("only a CREATED one can be launched", conflict.Message);
        var wrong = await Assert.ThrowsAsync<EntrepotException>(() => running.Producer.LaunchAsync(running.Upload, "wrong", new() { ["compression"] = "gif" }));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("gif", Assert.Single(wrong.Descriptions));
    }

    private static async Task<Dictionary<HttpStatusCode, int>> AskAsync(HttpClient http, IReadOnlyList<string> tiles, int first, CancellationToken enough)
    {
        var answers = new Dictionary<HttpStatusCode, int>();
        for (var i = first; !enough.IsCancellationRequested; i++)
        {
            using var answer = await http.GetAsync(tiles[i % tiles.Count], CancellationToken.None);
            var bytes = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
            var status = answer.StatusCode == HttpStatusCode.OK && bytes.Length == 0 ? HttpStatusCode.NoContent : answer.StatusCode;
            answers[status] = answers.GetValueOrDefault(status) + 1;
        }

        return answers;
    }

    private static int NumberOf(string silo) => int.Parse(silo["silo-".Length..]);
}
