using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Serving;

/// <summary>What clients saw that ask for a tile now and then, and come back when they are told to: times of the answers with tiles, and how many others came.</summary>
internal sealed record Visitors(int Served, int Refused, int Failed, double P50Ms, double P99Ms, double MostMs)
{
    public JsonObject ToJson() => new()
    {
        ["served"] = Served, ["refused"] = Refused, ["failed"] = Failed,
        ["p50_ms"] = Math.Round(P50Ms, 3), ["p99_ms"] = Math.Round(P99Ms, 3), ["most_ms"] = Math.Round(MostMs, 3),
    };

    /// <summary>Lets clients ask, each on a connection of its own, until they are stopped.</summary>
    /// <param name="pause">What each waits between an answer and its next request.</param>
    public static async Task<Visitors> AskAsync(Uri address, IReadOnlyList<string> paths, int clients, TimeSpan pause, CancellationToken stop)
    {
        var times = new ConcurrentBag<double>();
        int refused = 0, failed = 0;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(() => AskAsync(number), CancellationToken.None)));
        var sorted = times.Order().ToList();
        double At(double share) => sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
        return new Visitors(sorted.Count, refused, failed, At(0.5), At(0.99), At(1));

        async Task AskAsync(int number)
        {
            using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = address };
            var random = new Random(number);
            while (!stop.IsCancellationRequested)
            {
                var rest = pause;
                var begun = Stopwatch.GetTimestamp();
                try
                {
                    using var answer = await http.GetAsync(paths[random.Next(paths.Count)], CancellationToken.None);
                    if (answer.StatusCode == HttpStatusCode.OK)
                        times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                    else if (answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter.Delta: { } later } && Interlocked.Increment(ref refused) > 0)
                        rest = later;
                    else
                        Interlocked.Increment(ref failed);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(rest, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }
}
