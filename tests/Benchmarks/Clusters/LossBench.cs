using System.Text.Json;
using Grid.Cli.Cluster;
using Grid.Fixtures.Clusters;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// Kills a silo at a random moment of each of some builds while the tiles of a published layer are asked for all the time. The last line is one JSON object;
/// the exit code is 0 when every build ended with the bytes of an undisturbed one, went on within half a minute, and no tile request failed.
/// </summary>
internal static class LossBench
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <param name="runs">How many builds.</param>
    /// <param name="seed">Seed of the first, the next ones follow; null for a random one.</param>
    /// <param name="silos">How many silos there are at the beginning of each.</param>
    public static async Task<int> RunAsync(int runs, int? seed, int silos)
    {
        var running = new RunningCluster { Silos = silos, Output = LocalCluster.Published };
        try
        {
            await running.InitializeAsync();
            await running.PublishOnceAsync();
            Console.WriteLine($"{silos} silos, {running.Slabs(running.Undisturbed, "undisturbed").Count} slabs in {running.BuildTime.TotalSeconds:0.0} s undisturbed");
            await using var traffic = await TileTraffic.BeginAsync(running.Address, RunningCluster.Layer);
            var first = seed ?? Random.Shared.Next(int.MaxValue - runs);
            List<LossRun> losses = [];
            for (var i = 0; i < runs; i++)
            {
                losses.Add(await LossRun.OfAsync(running, first + i));
                Console.WriteLine(losses[^1]);
            }

            var failures = await traffic.EndAsync();
            foreach (var failure in failures)
                Console.WriteLine(failure);
            var good = losses.Count(loss => loss is { Status: "SUCCESS", IsIdentical: true } && (loss.Pause ?? default) <= LongestPause);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                bench = "loss",
                runs,
                seed = first,
                silos,
                killed_within_builds = losses.Count(loss => loss.Present < loss.Slabs),
                identical = losses.Count(loss => loss.IsIdentical),
                good,
                longest_pause_seconds = Math.Round(losses.Max(loss => (loss.Pause ?? default).TotalSeconds), 1),
                undisturbed_seconds = Math.Round(running.BuildTime.TotalSeconds, 1),
                longest_build_seconds = Math.Round(losses.Max(loss => loss.Whole.TotalSeconds), 1),
                tiles = traffic.Answers,
                failed_tiles = failures.Count,
                p99_tile_milliseconds = traffic.Within(0.99).TotalMilliseconds,
                slowest_tile_seconds = Math.Round(traffic.Within(1).TotalSeconds, 1),
            }));
            return good == runs && failures.Count == 0 ? 0 : 1;
        }
        finally
        {
            await running.DisposeAsync();
        }
    }
}
