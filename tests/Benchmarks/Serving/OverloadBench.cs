using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Serving;

/// <summary>
/// What the server carries when more is offered than it can: warm tiles over ten and a hundred times the connections that it needs to be busy, with what visitors
/// beside them see (rate and ratio are medians of rounds, in turn with the best load), and beside ten thousand idle ones; and cold tiles when fewer may be read at once than are asked for, so that the rest is refused.
/// </summary>
internal static class OverloadBench
{
    private const int Tiles = 2000;
    private const int Idle = 10_000;
    private const int Seconds = 5;
    private const int Rounds = 3;

    // Connecting takes its part of the first second, and refusals begin after it.
    private const int OverloadSeconds = 10;
    private const int Visiting = 16;

    public static async Task<int> RunAsync(BenchOptions options)
    {
        if (!MeasuredProcess.IsInstalled("wrk"))
            return ServeBench.MissingWrk();
        var work = Path.Combine(options.Data, "serve");
        Directory.CreateDirectory(work);
        var (warm, refusing) = (new JsonObject(), new JsonObject());
        var (ratios, best, under, waits) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        Load load;
        await using (var server = await RunningServer.StartAsync(options, Path.Combine(work, "grid")))
        {
            List<string> paths;
            using (var http = new HttpClient { BaseAddress = server.Address })
                paths = [.. (await TileList.SampleAsync(http, Tiles)).Select(tile => tile.Path)];
            load = new Load(work, paths);
            await load.RunAsync(server.Address, server.ProcessId, 8);
            await AskAsync(320, Seconds);
            for (var round = 0; round < Rounds; round++)
            {
                best.Add((await AskAsync(32, Seconds)).Run.Rps);
                var (run, visitors) = await AskAsync(3200, OverloadSeconds);
                under.Add(run.Rps);
                waits.Add(visitors.P99Ms);
                ratios.Add(under[^1] / best[^1]);
            }

            async Task<(Carried Run, Visitors Visitors)> AskAsync(int connections, int seconds)
            {
                using var over = new CancellationTokenSource();
                var visiting = Visitors.AskAsync(server.Address, paths, Visiting, TimeSpan.FromMilliseconds(50), over.Token);
                var run = await load.RunAsync(server.Address, server.ProcessId, seconds, connections);
                await over.CancelAsync();
                var visitors = await visiting;
                var told = run.ToJson();
                told["visitors"] = visitors.ToJson();
                warm[$"{connections} connections"] = told;
                return (run, visitors);
            }

            var idle = new List<Socket>();
            try
            {
                for (var i = 0; i < Idle; i++)
                {
                    idle.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                    await idle[i].ConnectAsync(server.Address.Host, server.Address.Port);
                }

                warm[$"32 connections beside {Idle} idle ones"] = (await load.RunAsync(server.Address, server.ProcessId, Seconds)).ToJson();
            }
            finally
            {
                idle.ForEach(socket => socket.Dispose());
            }
        }

        string[] few = [.. ServeBench.KeepNothing, "Grid:Serving:TileReads=2", "Grid:Serving:TileWaitMilliseconds=100"];
        await using (var server = await RunningServer.StartAsync(options, Path.Combine(work, "grid"), few))
        {
            await load.RunAsync(server.Address, server.ProcessId, 8);
            foreach (var connections in new[] { 32, 320, 3200 })
            {
                var run = await load.RunAsync(server.Address, server.ProcessId, Seconds, connections);
                refusing[$"{connections} connections"] = new JsonObject
                {
                    ["offered_per_s"] = Math.Round(run.AnsweredRps),
                    ["carried_per_s"] = Math.Round(run.Rps),
                    ["refused_per_s"] = Math.Round(run.RefusedRps),
                    ["p99_ms"] = Math.Round(run.P99Ms, 3),
                };
            }
        }

        Console.WriteLine(new JsonObject
        {
            ["bench"] = "serve --overload",
            ["best_rate"] = Math.Round(Median(best)),
            ["rate_under_overload"] = Math.Round(Median(under)),
            ["ratio"] = Math.Round(Median(ratios), 3),
            ["p99_ms_of_the_served"] = Math.Round(Median(waits), 3),
            ["warm"] = warm,
            ["cold, two fetches at once, 100 ms of waiting"] = refusing,
        }.ToJsonString());
        return 0;

        static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);
    }
}
