using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Operations;

/// <summary>Services that are switched off and on, the addresses of health that ROK4 has, and the reload.</summary>
[Collection("grid")]
public sealed class SwitchTests(SharedGrid shared)
{
    [Theory]
    [InlineData("wmts", "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities", "ExceptionReport")]
    [InlineData("tms", "/tms/1.0.0", "TileMapServerError")]
    [InlineData("wms", "/wms-r/wms?SERVICE=WMS&REQUEST=GetCapabilities", "ServiceExceptionReport")]
    [InlineData("ogcapi", "/ogcapi/collections?f=json", "ServiceUnavailable")]
    [InlineData("download", "/chunk/telechargement/capabilities", "switched off")]
    [InlineData("3dtiles", "/3dtiles", "switched off")]
    [InlineData("ept", "/ept", "switched off")]
    public async Task Service_that_is_switched_off_says_so_in_its_own_words_until_it_is_on_again(string service, string address, string form)
    {
        var before = await shared.Http.GetAsync(address);
        Assert.True(before.IsSuccessStatusCode, $"{before.StatusCode}");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("demo", HttpMethod.Put, $"/api/operations/services/{service}", new { enabled = false })).StatusCode);
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("admin", HttpMethod.Put, $"/api/operations/services/{service}", new { enabled = false })).StatusCode);
            var off = await shared.Http.GetAsync(address);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, off.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(60), off.Headers.RetryAfter?.Delta);
            Assert.Equal("*", Assert.Single(off.Headers.GetValues("Access-Control-Allow-Origin")));
            var told = await off.Content.ReadAsStringAsync();
            Assert.Contains(form, told);
            Assert.Contains("switched off", told);
            Assert.Equal("OK", (string?)(await ReadAsync("/healthcheck"))["status"]);
        }
        finally
        {
            await SendAsync("admin", HttpMethod.Put, $"/api/operations/services/{service}", new { enabled = true });
        }

        Assert.True((await shared.Http.GetAsync(address)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Tiles_that_are_known_by_heart_are_not_served_while_their_service_is_off()
    {
        // Twice over one connection, so that the address is remembered.
        var tile = await shared.Http.GetByteArrayAsync(shared.Tile.Address());
        Assert.Equal(tile, await shared.Http.GetByteArrayAsync(shared.Tile.Address()));
        try
        {
            await SendAsync("admin", HttpMethod.Put, "/api/operations/services/wmts", new { enabled = false });
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await shared.Http.GetAsync(shared.Tile.Address())).StatusCode);
            using var anew = new HttpClient { BaseAddress = shared.Grid.Address };
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await anew.GetAsync(shared.Tile.Address())).StatusCode);
        }
        finally
        {
            await SendAsync("admin", HttpMethod.Put, "/api/operations/services/wmts", new { enabled = true });
        }

        Assert.Equal(tile, await shared.Http.GetByteArrayAsync(shared.Tile.Address()));
    }

    [Fact]
    public async Task Rok4s_switch_turns_all_services_off_and_on()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await shared.Http.PutAsync("/admin/off", null)).StatusCode);
        try
        {
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("admin", HttpMethod.Put, "/admin/off")).StatusCode);
            Assert.Equal("DISABLED", (string?)(await ReadAsync("/healthcheck"))["status"]);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await shared.Http.GetAsync(shared.Tile.Address())).StatusCode);
            // Producers go on, and those who watch the process see that it lives.
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("demo", HttpMethod.Get, "/api/users/me")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await shared.Http.GetAsync("/health/ready")).StatusCode);
        }
        finally
        {
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("admin", HttpMethod.Put, "/admin/on")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await shared.Http.GetAsync(shared.Tile.Address())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("admin", HttpMethod.Put, "/api/operations/services/wfs", new { enabled = true })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("admin", HttpMethod.Put, "/api/operations/services/wms", new { on = 1 })).StatusCode);
    }

    [Fact]
    public async Task Health_tells_what_ROK4s_does_and_shows_the_machine_to_administrators_only()
    {
        var health = await ReadAsync("/healthcheck");
        Assert.Equal("OK", (string?)health["status"]);
        Assert.InRange((long)health["time"]!, 1, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Null(health["pid"]);
        var info = await ReadAsync("/healthcheck/info");
        Assert.Contains(SharedGrid.Layer, info["layers"]!.AsArray().Select(layer => (string)layer!));
        Assert.Contains("2154_5cm", info["tms"]!.AsArray().Select(set => (string)set!));
        Assert.Contains("normal", info["styles"]!.AsArray().Select(style => (string)style!));
        foreach (var address in (string[])["/healthcheck/threads", "/healthcheck/depends"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await shared.Http.GetAsync(address)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("demo", HttpMethod.Get, address)).StatusCode);
        }

        var threads = await ReadAsync("/healthcheck/threads", "admin");
        Assert.Equal(shared.Grid.ProcessId, (int)threads["pid"]!);
        Assert.True((int)threads["number"]! > 0);
        Assert.Contains("tile reads", threads["threads"]!.AsArray().Select(queue => (string)queue!["name"]!));
        var depends = await ReadAsync("/healthcheck/depends", "admin");
        Assert.Equal((1, 0), ((int)depends["storage"]!["file"]!, (int)depends["storage"]!["s3"]!));
        Assert.True((bool)Assert.Single(depends["stores"]!.AsArray())!["answers"]!);
        Assert.True((bool)depends["checks"]!["database"]!);
    }

    [Fact]
    public async Task Settings_switch_services_off_logs_go_to_files_and_signals_reload_and_stop()
    {
        var logs = Directory.CreateTempSubdirectory("grid-logs-").FullName;
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Services:Tms"] = "false", ["Grid:Logs:Folder"] = logs, ["Grid:Logs:Period"] = "Never", ["Logging:LogLevel:Default"] = "Information",
        });
        using var http = new HttpClient { BaseAddress = grid.Address };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/tms/1.0.0")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities")).StatusCode);
        using var ask = new HttpRequestMessage(HttpMethod.Put, "/api/operations/services/tms") { Content = JsonContent.Create(new { enabled = true }) };
        ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await grid.TokenAsync("admin"));
        Assert.Equal(HttpStatusCode.Conflict, (await http.SendAsync(ask)).StatusCode);

        // Where the tests themselves run under nohup, so does the server, and hears no such signal.
        if (await IgnoresHangUpAsync(grid.ProcessId))
        {
            using var reload = new HttpRequestMessage(HttpMethod.Post, "/api/operations/reload");
            reload.Headers.Authorization = ask.Headers.Authorization;
            Assert.True((await http.SendAsync(reload)).IsSuccessStatusCode);
        }
        else
        {
            (await Programs.RunAsync("kill", ["-HUP", grid.ProcessId.ToString()])).Expect();
        }

        var file = Path.Combine(logs, "frontend.log");
        var limit = DateTime.UtcNow.AddMinutes(1);
        while (!(await ReadSharedAsync(file)).Contains("was read again", StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < limit, "The server was asked to read its settings again, and its log does not say that it did.");
            await Task.Delay(50);
        }

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
        var line = (await ReadSharedAsync(file)).Split('\n').First(text => text.Contains("was read again", StringComparison.Ordinal)).Split('\t');
        Assert.Equal([grid.ProcessId.ToString(), "Information", "Grid.Frontend.Operations.Reload"], [line[1], line[3], line[4]]);
        Assert.True(int.TryParse(line[2], out _), line[2]);

        (await Programs.RunAsync("kill", ["-USR1", grid.ProcessId.ToString()])).Expect();
        using var process = System.Diagnostics.Process.GetProcessById(grid.ProcessId);
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        await Task.Run(() => Directory.Delete(logs, recursive: true));
    }

    private static async Task<bool> IgnoresHangUpAsync(int process)
    {
        var ignored = (await File.ReadAllLinesAsync($"/proc/{process}/status")).First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (Convert.ToInt64(ignored["SigIgn:".Length..].Trim(), 16) & 1) != 0;
    }

    private static async Task<string> ReadSharedAsync(string file)
    {
        await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return await new StreamReader(open).ReadToEndAsync();
    }

    private async Task<JsonNode> ReadAsync(string address, string? login = null)
    {
        using var answer = login is null ? await shared.Http.GetAsync(address) : await SendAsync(login, HttpMethod.Get, address);
        Assert.True(answer.IsSuccessStatusCode, $"{address}: {answer.StatusCode}");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<HttpResponseMessage> SendAsync(string login, HttpMethod method, string address, object? body = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await shared.Grid.TokenAsync(login));
        return await shared.Http.SendAsync(request);
    }
}
