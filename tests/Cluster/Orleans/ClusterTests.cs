using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Fixtures.Clusters;
using Xunit.Abstractions;

namespace Grid.Cluster.Tests;

/// <summary>Silos in processes of their own come, go and die while the grid works.</summary>
public sealed class ClusterTests(RunningCluster running, ITestOutputHelper output) : IClassFixture<RunningCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Builds_that_lose_a_silo_go_on_within_thirty_seconds_and_end_with_the_same_bytes_while_no_tile_request_fails()
    {
        await running.PublishOnceAsync();
        await using var traffic = await TileTraffic.BeginAsync(running.Address, RunningCluster.Layer);
        List<LossRun> losses = [];
        for (var i = 0; i < 2; i++)
        {
            losses.Add(await LossRun.OfAsync(running, Random.Shared.Next()));
            output.WriteLine(losses[^1].ToString());
        }

        var failures = await traffic.EndAsync();
        output.WriteLine($"{traffic.Answers} tiles, the slowest after {traffic.Within(1).TotalSeconds:0.0} s");
        Assert.Empty(failures);
        Assert.All(losses, loss =>
        {
            Assert.Equal("SUCCESS", loss.Status);
            Assert.True(loss.IsIdentical);
            Assert.InRange(loss.Pause ?? default, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        });
    }

    [Fact]
    public async Task A_silo_that_is_added_during_a_build_takes_its_share()
    {
        List<(string Name, string Execution, string StoredData)> builds = [];
        await LaunchAsync();
        await LaunchAsync();
        await running.UntilAsync(() => Task.FromResult(running.CountSlabs(builds[0].StoredData, builds[0].Name) > 0), Patience, "the first slab");
        var added = await running.Cluster.AddAsync(default);
        await running.UntilAsync(
            async () =>
            {
                if ((int)(await RunningCluster.AskAsync(added))["regions"]! > 0)
                    return true;
                // A fast machine has built all before the silo has joined.
                if (await running.Producer.StatusOfAsync(builds[^1].Execution) == "SUCCESS")
                    await LaunchAsync();
                return false;
            },
            Patience, "a region on the silo that was added");
        foreach (var (name, execution, storedData) in builds)
        {
            Assert.Equal("SUCCESS", await running.EndOfAsync(execution));
            Assert.Equal(running.Slabs(running.Undisturbed, "undisturbed"), running.Slabs(storedData, name));
        }

        await running.Cluster.DrainAsync(RunningCluster.NumberOf(added.Name), default);

        async Task LaunchAsync()
        {
            var name = $"shared-{builds.Count}";
            var (execution, storedData) = await running.LaunchAsync(name);
            builds.Add((name, execution, storedData));
        }
    }

    [Fact]
    public async Task A_silo_that_is_drained_during_a_build_leaves_without_a_failed_tile_request()
    {
        await running.PublishOnceAsync();
        await using var traffic = await TileTraffic.BeginAsync(running.Address, RunningCluster.Layer);
        var added = await running.Cluster.AddAsync(default);
        var (execution, storedData) = await running.LaunchAsync("drained");
        await running.UntilAsync(() => Task.FromResult(running.CountSlabs(storedData, "drained") > 0), Patience, "the first slab");
        var leaving = running.Cluster.File.Silos[0];
        var since = Stopwatch.GetTimestamp();
        await running.Cluster.DrainAsync(RunningCluster.NumberOf(leaving.Name), default);
        output.WriteLine($"{leaving.Name} left after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
        Assert.Equal("SUCCESS", await running.EndOfAsync(execution));
        Assert.Equal(running.Slabs(running.Undisturbed, "undisturbed"), running.Slabs(storedData, "drained"));
        // The rest is asked for everything once more.
        await running.UntilAsync(
            async () => (await RunningCluster.AskAsync(added))["silos"]!.AsArray().All(silo => (string?)silo!["name"] != leaving.Name || (string?)silo["status"] == "Dead"),
            Patience, $"{leaving.Name} known as gone");
        var failures = await traffic.EndAsync();
        output.WriteLine($"{traffic.Answers} tiles, the slowest after {traffic.Within(1).TotalSeconds:0.0} s");
        Assert.Empty(failures);
    }

    [Fact]
    public async Task PostgreSQL_is_restarted_during_a_build_and_everything_goes_on()
    {
        await running.PublishOnceAsync();
        await using var traffic = await TileTraffic.BeginAsync(running.Address, RunningCluster.Layer);
        var (execution, storedData) = await running.LaunchAsync("restarted");
        await running.UntilAsync(() => Task.FromResult(running.CountSlabs(storedData, "restarted") > 0), Patience, "the first slab");
        await running.RestartDatabaseAsync();
        Assert.Equal("SUCCESS", await running.EndOfAsync(execution));
        Assert.Equal(running.Slabs(running.Undisturbed, "undisturbed"), running.Slabs(storedData, "restarted"));
        Assert.Empty(await traffic.EndAsync());
        Assert.All(running.Cluster.File.Silos, silo => Assert.True(silo.IsAlive, silo.Name));
    }

    [Fact]
    public async Task Refusals_of_grains_reach_the_producer_through_silos_and_frontend()
    {
        var (execution, _) = await running.Producer.LaunchAsync(running.Upload, "refused", new() { ["compression"] = "raw", ["bottom"] = "12" });
        Assert.Equal("SUCCESS", await running.EndOfAsync(execution));
        var api = running.Producer.Api;
        var conflict = await Assert.ThrowsAsync<EntrepotException>(() => api.PostAsync($"{running.Producer.Datastore}/processings/executions/{execution}/launch", null, default));
        Assert.Equal(HttpStatusCode.Conflict, conflict.Status);
        Assert.Contains("only a CREATED one can be launched", conflict.Message);
        var wrong = await Assert.ThrowsAsync<EntrepotException>(() => running.Producer.LaunchAsync(running.Upload, "wrong", new() { ["compression"] = "gif" }));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Contains("gif", Assert.Single(wrong.Descriptions));
    }

    [Fact]
    public async Task Operations_show_every_silo_and_the_dashboard_opens_to_administrators()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = running.Address };
        using (var stranger = await http.GetAsync("/dashboard/DashboardCounters"))
            Assert.Equal((HttpStatusCode.Redirect, "/operations"), (stranger.StatusCode, stranger.Headers.Location?.ToString()));

        var silos = running.Cluster.File.Silos.Where(silo => silo.IsAlive).Select(silo => silo.Name).Order().ToList();
        var token = await running.TokenAsync("admin");
        JsonNode told = new JsonObject();
        await running.UntilAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/operations") { Headers = { Authorization = new("Bearer", token) } };
                using var answer = await http.SendAsync(request);
                told = JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
                return silos.All(silo => told["processes"]!.AsArray().Any(process => (string?)process!["name"] == silo));
            },
            Patience, "a report of every silo");
        Assert.All(silos, silo => Assert.Contains(told["silos"]!.AsArray(), member => (string?)member!["name"] == silo && (string?)member["status"] == "Active"));
        Assert.Contains(told["processes"]!.AsArray(), process => (string?)process!["role"] == "frontend");
        Assert.Contains(told["processes"]!.AsArray(), process => process!["grains"]!.AsArray().Any(grain => (string?)grain!["type"] == "operations"));

        using var enter = new HttpRequestMessage(HttpMethod.Post, "/api/operations/session") { Headers = { Authorization = new("Bearer", token) } };
        using var entered = await http.SendAsync(enter);
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        using var look = new HttpRequestMessage(HttpMethod.Get, "/dashboard/DashboardCounters") { Headers = { { "Cookie", cookie.Split(';')[0] } } };
        using var counters = await http.SendAsync(look);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
        Assert.NotNull(JsonNode.Parse(await counters.Content.ReadAsStringAsync())!["hosts"]);
    }
}
