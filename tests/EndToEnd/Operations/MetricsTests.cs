using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Operations;

/// <summary>What a running grid tells its operators of a build and of tiles that were served.</summary>
[Collection("grid")]
public sealed class MetricsTests(SharedGrid shared)
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
    public async Task Readiness_names_what_it_depends_on()
    {
        var ready = JsonNode.Parse(await shared.Http.GetStringAsync("/health/ready"))!;
        Assert.Equal("ready", (string?)ready["status"]);
        Assert.Equal(["database", "layers", "silos", "store"], ready["checks"]!.AsObject().Select(check => check.Key).Order());
    }

    private static Dictionary<string, double> Values(string metrics) => metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#')
        .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    private async Task<HttpResponseMessage> AskAsync(string login)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await shared.Grid.TokenAsync(login));
        return await shared.Http.SendAsync(request);
    }
}
