using Grid.Cli.Demo;

namespace Grid.Benchmarks.Soak;

/// <summary>The server's memory and that of its private PostgreSQL over time.</summary>
internal sealed class MemorySamples(int server, string dataFolder)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private readonly List<double> _mebibytes = [];

    public async Task RunAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(_interval);
        try
        {
            do
                _mebibytes.Add(ProcessTree.ResidentBytes(Roots()) / 1048576.0);
            while (await timer.WaitForNextTickAsync(end));
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
    }

    /// <summary>The median of each of <paramref name="parts"/> equal spans of time, in MiB: flat memory shows the same figure again and again.</summary>
    public IReadOnlyList<double> Medians(int parts) =>
        [.. Enumerable.Range(0, Math.Min(parts, _mebibytes.Count)).Select(part => Part(part, parts).Order().ElementAt(Part(part, parts).Count() / 2)).Select(value => Math.Round(value))];

    public double Peak => _mebibytes.Count == 0 ? 0 : Math.Round(_mebibytes.Max());

    private IEnumerable<double> Part(int part, int parts)
    {
        int from = _mebibytes.Count * part / parts, to = Math.Max(from + 1, _mebibytes.Count * (part + 1) / parts);
        return _mebibytes.Skip(from).Take(to - from);
    }

    // A private PostgreSQL that was started as a daemon is no child of the server.
    private int[] Roots()
    {
        var file = Path.Combine(dataFolder, "postgres", "postmaster.pid");
        try
        {
            return int.TryParse(File.ReadLines(file).FirstOrDefault(), out var postmaster) ? [server, postmaster] : [server];
        }
        catch (IOException)
        {
            return [server];
        }
    }
}
