using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grid.Grains.Pyramids;

/// <summary>What pyramid builds tell of themselves: the meter and the source of traces of the same name.</summary>
public static class PyramidInstruments
{
    public const string Name = "Grid.Pyramids";

    private static readonly Meter s_meter = new(Name);
    private static readonly ConcurrentDictionary<string, long> s_left = new();
    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    /// <summary>Slabs that regions of this process have finished, by <c>result</c>: written, empty, linked (as in the former pyramid) or failed.</summary>
    private static readonly Counter<long> s_slabs = s_meter.CreateCounter<long>("grid.pyramids.slabs", "{slab}", "Slabs that builds have finished.");

    private static readonly Counter<long> s_tiles = s_meter.CreateCounter<long>("grid.pyramids.tiles", "{tile}", "Tiles that builds have written.");

    private static readonly Counter<long> s_written = s_meter.CreateCounter<long>("grid.pyramids.written", "By", "Bytes of slabs that builds have put into the store.");

    private static readonly Counter<long> s_pixels = s_meter.CreateCounter<long>(
        "grid.pyramids.pixels", "{pixel}", "Pixels of lots that builds led by this process have worked off, nodata included.");

    private static readonly Counter<long> s_builds = s_meter.CreateCounter<long>("grid.pyramids.builds", "{build}", "Builds led by this process that have ended.");

    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>(
        "grid.pyramids.region.failures", "{attempt}", "Attempts at regions that failed; most are tried again.");

    private static readonly Histogram<double> s_computing = s_meter.CreateHistogram("grid.pyramids.slab.duration", "s", "Time to compute a slab.", null, s_seconds);

    private static readonly Histogram<double> s_putting = s_meter.CreateHistogram("grid.pyramids.put.duration", "s", "Time to put a slab into the store.", null, s_seconds);

    static PyramidInstruments()
    {
        s_meter.CreateObservableGauge("grid.pyramids.builds.running", () => s_left.Count, "{build}", "Builds that this process leads now.");
        s_meter.CreateObservableGauge("grid.pyramids.slabs.left", () => s_left.Values.Sum(), "{slab}", "Slabs that those builds have still to make, on all silos.");
    }

    /// <summary>Traces of builds.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>A slab has been put, or found to need none.</summary>
    internal static void SlabFinished(string result, int tiles, long bytes, TimeSpan putting)
    {
        s_slabs.Add(1, new KeyValuePair<string, object?>("result", result));
        s_tiles.Add(tiles);
        s_written.Add(bytes);
        s_putting.Record(putting.TotalSeconds);
    }

    internal static void SlabComputed(TimeSpan computing) => s_computing.Record(computing.TotalSeconds);

    internal static void RegionFailed() => s_failures.Add(1);

    /// <summary>How a build that this process leads goes on.</summary>
    /// <param name="pixels">Input pixels worked off since the last call.</param>
    internal static void BuildGoesOn(string build, long slabsLeft, long pixels)
    {
        s_left[build] = slabsLeft;
        if (pixels > 0)
            s_pixels.Add(pixels);
    }

    /// <summary>This process leads the build no more.</summary>
    internal static void BuildLeft(string build) => s_left.TryRemove(build, out _);

    /// <summary>A build has ended; <paramref name="status"/> in lower case.</summary>
    internal static void BuildEnded(string build, string status)
    {
        BuildLeft(build);
        s_builds.Add(1, new KeyValuePair<string, object?>("status", status));
    }

    /// <summary>
    /// One trace a build, on whatever silo its parts run: its id is the build's own, so that nothing need travel with the calls. No part of a build
    /// is an ancestor of another in it.
    /// </summary>
    public static Activity? Trace(string name, string build, DateTimeOffset started = default)
    {
        if (!Traces.HasListeners() || !Guid.TryParse(build, out var id))
            return null;
        var bytes = id.ToByteArray(bigEndian: true);
        var parent = new ActivityContext(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes.AsSpan(0, 8)), ActivityTraceFlags.Recorded, isRemote: true);
        return Traces.StartActivity(name, ActivityKind.Internal, parent, startTime: started)?.SetTag("grid.build", build);
    }
}
