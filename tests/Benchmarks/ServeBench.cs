using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks;

/// <summary>
/// Warm tiles of a published layer, asked for by wrk (2 threads, 32 connections) on the cores that the server has too; and the same tiles
/// as files behind nginx. A lot is built first when the data folder holds none.
/// </summary>
internal static class ServeBench
{
    private const int Tiles = 2000;
    private const int Seconds = 10;

    public static async Task<int> RunAsync(BenchOptions options)
    {
        if (!MeasuredProcess.IsInstalled("wrk"))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { bench = "serve", missing = "wrk is not installed (Debian package wrk)" }));
            return 1;
        }

        var work = Path.Combine(options.Data, "serve");
        Directory.CreateDirectory(work);
        await using var server = await RunningServer.StartAsync(options, Path.Combine(work, "grid"));
        using var http = new HttpClient { BaseAddress = server.Address };
        var tiles = await TileList.SampleAsync(http, Tiles);
        var list = Path.Combine(work, "tiles.txt");
        await File.WriteAllLinesAsync(list, tiles.Select(tile => tile.Path));
        var script = Path.Combine(work, "list.lua");
        await File.WriteAllTextAsync(script, WrkScript);

        await LoadAsync(script, server.Address, list, 3);
        var ours = await LoadAsync(script, server.Address, list, Seconds);
        var nginx = await NginxAsync(work, script, tiles);
        Console.WriteLine(new JsonObject
        {
            ["bench"] = "serve",
            ["tiles"] = tiles.Count,
            ["mean_tile_bytes"] = tiles.Count > 0 ? (int)tiles.Average(tile => tile.Body.Length) : 0,
            ["ours"] = ours,
            ["peers"] = new JsonObject { ["nginx_static"] = nginx },
            ["ratios"] = new JsonObject
            {
                ["nginx_static"] = nginx["rps"] is { } theirs ? Math.Round((double)ours["rps"]! / (double)theirs, 3) : null,
            },
        }.ToJsonString());
        return 0;
    }

    private static async Task<JsonObject> NginxAsync(string work, string script, IReadOnlyList<SampledTile> tiles)
    {
        if (!MeasuredProcess.IsInstalled("nginx"))
            return new JsonObject { ["missing"] = "nginx is not installed (Debian package nginx-light)" };
        var root = Path.Combine(work, "nginx");
        Directory.CreateDirectory(Path.Combine(root, "tiles"));
        for (var i = 0; i < tiles.Count; i++)
            await File.WriteAllBytesAsync(Path.Combine(root, "tiles", $"{i}.jpg"), tiles[i].Body);
        var port = FreePort.Next();
        var configuration = Path.Combine(root, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; worker_processes 2; pid {{root}}/nginx.pid; error_log {{root}}/error.log;
            events { worker_connections 1024; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; default_type image/jpeg;
              open_file_cache max=10000 inactive=60s; open_file_cache_valid 60s;
              client_body_temp_path {{root}}/t1; proxy_temp_path {{root}}/t2; fastcgi_temp_path {{root}}/t3; uwsgi_temp_path {{root}}/t4; scgi_temp_path {{root}}/t5;
              server { listen 127.0.0.1:{{port}}; root {{root}}; }
            }
            """);
        // nginx drops to another user when it is started as root, who must be able to reach the files.
        using var nginx = Process.Start(new ProcessStartInfo("/usr/sbin/nginx")
        {
            ArgumentList = { "-p", root, "-c", configuration, "-g", $"user {Environment.UserName};" },
            RedirectStandardError = true,
        })!;
        try
        {
            var address = new Uri($"http://127.0.0.1:{port}");
            await RunningServer.WaitAsync(new Uri(address, "/tiles/0.jpg"), nginx, TimeSpan.FromSeconds(20));
            var list = Path.Combine(root, "tiles.txt");
            await File.WriteAllLinesAsync(list, tiles.Select((_, i) => $"/tiles/{i}.jpg"));
            await LoadAsync(script, address, list, 3);
            return await LoadAsync(script, address, list, Seconds);
        }
        finally
        {
            nginx.Kill(entireProcessTree: true);
        }
    }

    private static async Task<JsonObject> LoadAsync(string script, Uri address, string list, int seconds)
    {
        var run = await MeasuredProcess.RunAsync("wrk", ["-t2", "-c32", $"-d{seconds}s", "-s", script, address.ToString(), "--", list]);
        var line = run.Output.Trim().Split('\n').LastOrDefault(text => text.StartsWith('{'))
            ?? throw new InvalidOperationException($"wrk printed no result: {run.Output}{run.Errors}");
        return JsonNode.Parse(line)!.AsObject();
    }

    private const string WrkScript = """
        local paths, at, count = {}, 0, 0
        local number = 0
        function setup(thread) number = number + 1; thread:set("start", number) end
        function init(args)
          for line in io.lines(args[1]) do count = count + 1; paths[count] = wrk.format("GET", line) end
          at = math.floor(count / 2) * (start - 1)
        end
        function request() at = at % count + 1; return paths[at] end
        function done(summary, latency, requests)
          local e = summary.errors
          io.write(string.format('{"rps":%.0f,"p50_ms":%.3f,"p99_ms":%.3f,"errors":%d}\n', summary.requests / summary.duration * 1e6,
            latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.status + e.timeout + e.connect + e.read + e.write))
        end
        """;
}
