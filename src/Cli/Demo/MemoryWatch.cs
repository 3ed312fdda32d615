using System.Globalization;

namespace Grid.Cli.Demo;

/// <summary>Samples the memory of a server with its private PostgreSQL, and keeps the peak.</summary>
public sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly int _server;
    private readonly string _postmasterFile;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;
    private long _peak;

    /// <param name="server">The server's process id.</param>
    /// <param name="dataFolder">Its data folder: a PostgreSQL that was started as a daemon is no child of it, but leaves its id there.</param>
    public MemoryWatch(int server, string dataFolder)
    {
        _server = server;
        _postmasterFile = Path.Combine(dataFolder, "postgres", "postmaster.pid");
        _sampling = Task.Run(SampleAsync);
    }

    /// <summary>The highest sum seen, in MiB.</summary>
    public double PeakMebibytes => Interlocked.Read(ref _peak) / 1048576.0;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                int[] roots = Postmaster() is { } postmaster ? [_server, postmaster] : [_server];
                var now = ProcessTree.ResidentBytes(roots);
                if (now > Interlocked.Read(ref _peak))
                    Interlocked.Exchange(ref _peak, now);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The watch is over.
        }
    }

    private int? Postmaster()
    {
        try
        {
            return int.TryParse(File.ReadLines(_postmasterFile).FirstOrDefault(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
