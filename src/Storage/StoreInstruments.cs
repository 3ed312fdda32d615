using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grid.Storage;

/// <summary>What a process tells of its object stores: one measurement a call, of GDAL's own reads none.</summary>
public static class StoreInstruments
{
    public const string Name = "Grid.Store";

    private static readonly Meter s_meter = new(Name);
    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] };
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "grid.store.duration", "s", "Time of calls of object stores, by store, operation and result: ok, none (no such object) or failed.", null, s_seconds);

    private static readonly Counter<long> s_bytes = s_meter.CreateCounter<long>("grid.store.moved", "By", "Bytes of objects read and put.");

    /// <summary>A call has ended.</summary>
    /// <param name="begun">Timestamp of its beginning.</param>
    /// <param name="bytes">Bytes of objects that it moved.</param>
    internal static void Called(string store, string operation, string result, long begun, long bytes)
    {
        s_duration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, new("store", store), new("operation", operation), new("result", result));
        if (bytes > 0)
            Moved(store, operation, bytes);
    }

    /// <summary>Bytes that moved after their call had ended.</summary>
    internal static void Moved(string store, string operation, long bytes) => s_bytes.Add(bytes, new("store", store), new("operation", operation));
}
