using System.Diagnostics;
using System.Reflection;
using Grid.Grains.Operations;
using Grid.Interfaces.Operations;
using Grid.Silo.Engine;
using Grid.Silo.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Grid.Silo.Operations;

/// <summary>What a process is called in reports, and what it is.</summary>
/// <param name="ServesTiles">Whether it is a frontend.</param>
public sealed record ProcessIdentity(string Name, bool ServesTiles);

/// <summary>
/// Tells the operators' grain of this process, as often as it asks for that. What cannot be told is told the next time: nobody's work depends on it.
/// </summary>
internal sealed partial class ProcessReporter(
    ProcessIdentity identity, MetricCollector metrics, RecentErrors errors, IEnumerable<WorkQueue> queues, IEnumerable<ByteCache> caches, IGrainFactory grains,
    TimeProvider time, ILogger<ProcessReporter> log, IActivationCounts? activations = null) : BackgroundService
{
    private const int ErrorsTold = 20;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);
    private static readonly DateTimeOffset s_started = Process.GetCurrentProcess().StartTime.ToUniversalTime();

    private readonly WorkQueue[] _queues = [.. queues];
    private readonly ByteCache[] _caches = [.. caches];
    private Reading? _last;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Rates need a reading before the first report.
        _last = Read();
        var pause = First;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return;
            try
            {
                pause = await grains.GetGrain<IOperationsGrain>(IOperationsGrain.Key).ReportAsync(Report());
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                LogUntold(log, failure.Message);
                pause = AfterFailure;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The operators' grain could not be told of this process: {Reason}")]
    private static partial void LogUntold(ILogger logger, string reason);

    private ProcessReport Report()
    {
        var (now, before) = (Read(), _last!);
        _last = now;
        var seconds = Math.Max(0.001, time.GetElapsedTime(before.At, now.At).TotalSeconds);
        return new ProcessReport
        {
            Name = identity.Name,
            Role = activations is null ? "frontend" : identity.ServesTiles ? "silo and frontend" : "silo",
            Machine = Environment.MachineName,
            ProcessId = Environment.ProcessId,
            Version = typeof(ProcessReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "",
            Started = s_started,
            Time = time.GetUtcNow(),
            Cores = Environment.ProcessorCount,
            ProcessorShare = Math.Clamp((now.Processor - before.Processor).TotalSeconds / seconds / Environment.ProcessorCount, 0, 1),
            MemoryBytes = Environment.WorkingSet,
            MemoryLimitBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Grains = activations is null ? [] : [.. activations.ByType().OrderBy(type => type.Key, StringComparer.Ordinal).Select(type => new GrainCount(type.Key, type.Value))],
            Queues = [.. _queues.Select(queue => new QueueReport(queue.Name, queue.Places, queue.Active(), queue.Waiting()))],
            Caches = [.. _caches.Select(cache => new CacheReport(cache.Name, cache.Bytes(), cache.LimitBytes))],
            Tiles = identity.ServesTiles ? Tiles(now, before, seconds) : null,
            SlabsPerSecond = (now.Slabs - before.Slabs) / seconds,
            PixelsPerSecond = (now.Pixels - before.Pixels) / seconds,
            PointsPerSecond = (now.Points - before.Points) / seconds,
            Errors = [.. errors.Latest.Take(ErrorsTold).Select(error => new ErrorReport(error.Time, error.Level.ToString().ToLowerInvariant(), error.Source, error.Message, error.Count))],
        };
    }

    private static TileReport Tiles(Reading now, Reading before, double seconds)
    {
        var all = now.Tiles?.Since(before.Tiles);
        var (hits, reads) = (now.Hits - before.Hits, now.Reads - before.Reads);
        return new TileReport((all?.Count ?? 0) / seconds, hits + reads > 0 ? (double)hits / (hits + reads) : null, all?.Quantile(0.5), all?.Quantile(0.99));
    }

    private Reading Read() => new(
        time.GetTimestamp(), Environment.CpuUsage.TotalTime, metrics.Sum("grid.pyramids.slabs"), metrics.Sum("grid.pyramids.pixels"),
        metrics.Sum("grid.pointclouds.points"), metrics.Histogram("grid.tiles.duration"),
        metrics.Histogram("grid.tiles.duration", new("result", "hit"))?.Count ?? 0, metrics.Histogram("grid.tiles.duration", new("result", "read"))?.Count ?? 0);

    private sealed record Reading(long At, TimeSpan Processor, double Slabs, double Pixels, double Points, HistogramCounts? Tiles, long Hits, long Reads);
}
