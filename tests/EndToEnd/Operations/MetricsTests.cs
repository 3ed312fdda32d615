using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Operations;

/// <summary>What a running grid tells its operators of a build and of tiles that were served.</summary>
[Collection("grid")]
public sealed partial class MetricsTests(SharedGrid shared)
{
    [Fact]
    public async Task Metrics_are_for_administrators()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await shared.Http.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("demo")).StatusCode);
        var answer = await AskAsync("admin");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains("grid_build_info{engine=\"embedded\"", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Work_that_was_done_is_counted()
    {
        var tile = shared.Tile.Address();
        await shared.Http.GetByteArrayAsync(tile);
        var before = Values(await (await AskAsync("admin")).Content.ReadAsStringAsync());
        // The lot of 2 × 2 dalles of 600 pixels, built at least once.
        Assert.True(before["grid_pyramids_pixels_total"] >= 1_440_000, $"{before["grid_pyramids_pixels_total"]} pixels");
        Assert.True(before["grid_pyramids_slabs_total{result=\"written\"}"] > 0);
        Assert.True(before["grid_pyramids_builds_total{status=\"finished\"}"] > 0);
        Assert.True(before["grid_grains_active{type=\"offering\"}"] > 0);
        Assert.True(before["grid_cache_size_bytes{cache=\"hot tiles\"}"] > 0);

        for (var i = 0; i < 5; i++)
            await shared.Http.GetByteArrayAsync(tile);
        var after = Values(await (await AskAsync("admin")).Content.ReadAsStringAsync());
        const string Hits = "grid_tiles_duration_seconds_count{result=\"hit\"}";
        Assert.True(after[Hits] - before.GetValueOrDefault(Hits) >= 5, $"{before.GetValueOrDefault(Hits)} hits before five more, {after[Hits]} after");
    }

    [Fact]
    public async Task Dashboard_alerts_and_manual_name_metrics_that_exist_and_the_manual_all_of_them()
    {
        var text = await (await AskAsync("admin")).Content.ReadAsStringAsync();
        // Only a silo of a cluster tells of its fellows.
        var told = Told().Matches(text).Select(match => match.Groups[1].Value).Append("grid_cluster_silos").ToHashSet();
        foreach (var file in new[] { "deploy/grafana/grid.json", "deploy/prometheus/alerts.yml", "deploy/kubernetes/silo.yaml", "docs/operations.md" })
        {
            var named = Named().Matches(await File.ReadAllTextAsync(Sources.Folder(file))).Select(match => match.Value).Distinct().ToList();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.True(told.Contains(name) || told.Contains(Suffix().Replace(name, "")), $"{file} names {name}, which no process tells"));
        }

        var manual = await File.ReadAllTextAsync(Sources.Folder("docs/operations.md"));
        Assert.All(told.Where(name => name.StartsWith("grid_", StringComparison.Ordinal)), name => Assert.Contains($"`{name}`", manual));
    }

    [Fact]
    public async Task Operations_show_the_process_and_the_page_is_for_administrators()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await shared.Http.GetAsync("/api/operations")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("demo", "/api/operations")).StatusCode);
        JsonNode told;
        do
            told = JsonNode.Parse(await (await AskAsync("admin", "/api/operations")).EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        while (told["processes"]!.AsArray().Count == 0);
        Assert.Equal("Active", (string?)Assert.Single(told["silos"]!.AsArray())!["status"]);
        var process = Assert.Single(told["processes"]!.AsArray())!;
        Assert.Equal((string?)told["silos"]![0]!["name"], (string?)process["name"]);
        Assert.Equal("silo and frontend", (string?)process["role"]);
        Assert.Equal(["checks", "maps", "regions", "tile reads"], process["queues"]!.AsArray().Select(queue => (string?)queue!["name"]).Order());
        Assert.True((long?)process["memory_bytes"] > 0);
    }

    [Fact]
    public async Task Embedded_engine_has_no_dashboard_and_says_where_to_look() =>
        Assert.Contains("href=\"operations\"", await shared.Http.GetStringAsync("/dashboard"));

    [Fact]
    public async Task Readiness_names_what_it_depends_on()
    {
        var ready = JsonNode.Parse(await shared.Http.GetStringAsync("/health/ready"))!;
        Assert.Equal("ready", (string?)ready["status"]);
        Assert.Equal(["database", "layers", "silos", "store"], ready["checks"]!.AsObject().Select(check => check.Key).Order());
    }

    private static Dictionary<string, double> Values(string metrics) => metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("^# TYPE ([a-z0-9_]+) ", RegexOptions.Multiline)]
    private static partial Regex Told();

    [GeneratedRegex(@"\b(grid|dotnet|http_server|kestrel|db_client)_[a-z0-9_]*[a-z0-9]\b(?!…)")]
    private static partial Regex Named();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();

    private async Task<HttpResponseMessage> AskAsync(string login, string address = "/metrics")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await shared.Grid.TokenAsync(login));
        return await shared.Http.SendAsync(request);
    }
}
