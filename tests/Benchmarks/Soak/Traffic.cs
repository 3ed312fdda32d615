using System.Collections.Concurrent;
using System.Diagnostics;

namespace Grid.Benchmarks.Soak;

/// <summary>Clients that ask for random addresses of one kind without pause, and compare each answer with what is expected.</summary>
internal sealed class Traffic(string name, ExpectedAnswers expected, int clients)
{
    private const int ProblemsKept = 20;
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentDictionary<long, long> _latencies = new();
    private long _requests;
    private long _wrong;
    private long _failed;

    public string Name => name;

    public ExpectedAnswers Expected => expected;

    public long Requests => _requests;

    /// <summary>Answers that are of no version.</summary>
    public long Wrong => _wrong;

    /// <summary>Requests without an answer, or with one of 500 or above.</summary>
    public long Failed => _failed;

    /// <summary>The first wrong and failed ones, in words.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Milliseconds within which 99 % of all requests were answered, to a tenth.</summary>
    public double P99
    {
        get
        {
            var (left, at) = (Math.Ceiling(_requests * 0.99), 0L);
            foreach (var (tenths, count) in _latencies.OrderBy(entry => entry.Key))
            {
                at = tenths;
                if ((left -= count) <= 0)
                    break;
            }

            return at / 10.0;
        }
    }

    public Task RunAsync(HttpClient http, int seed, CancellationToken end) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(http, new Random(seed + client), end), CancellationToken.None)));

    private async Task ClientAsync(HttpClient http, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var path = random.Next(expected.Paths.Count);
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await http.GetAsync(expected.Paths[path], CancellationToken.None);
                var got = await ExpectedAnswers.SumUpAsync(answer);
                if ((int)answer.StatusCode >= 500)
                    Note(ref _failed, $"{expected.Paths[path]}: {got}");
                else if (!expected.IsKnown(path, got))
                    Note(ref _wrong, $"{expected.Paths[path]}: {got}");
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException or IOException)
            {
                Note(ref _failed, $"{expected.Paths[path]}: {error.Message}");
            }

            Interlocked.Increment(ref _requests);
            _latencies.AddOrUpdate((long)(Stopwatch.GetElapsedTime(began).TotalMilliseconds * 10), 1, (_, count) => count + 1);
        }
    }

    private void Note(ref long counter, string problem)
    {
        Interlocked.Increment(ref counter);
        if (_problems.Count < ProblemsKept)
            _problems.Enqueue($"{DateTime.UtcNow:HH:mm:ss} {problem}");
    }
}
