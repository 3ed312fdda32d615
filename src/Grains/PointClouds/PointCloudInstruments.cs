using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Grid.Grains.PointClouds;

/// <summary>What work on point clouds tells of itself: the meter and the source of traces of the same name.</summary>
public static class PointCloudInstruments
{
    public const string Name = "Grid.PointClouds";

    private static readonly Meter s_meter = new(Name);

    private static readonly Counter<long> s_points = s_meter.CreateCounter<long>("grid.pointclouds.points", "{point}", "Points that this process has worked off.");

    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>(
        "grid.pointclouds.failures", "{attempt}", "Attempts at parts of point clouds that failed; most are tried again.");

    /// <summary>Traces of builds.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>Points have been worked off.</summary>
    /// <param name="step">What was done with them, in lower case: one of a few words.</param>
    public static void PointsDone(long points, string step) => s_points.Add(points, new KeyValuePair<string, object?>("step", step));

    /// <summary>An attempt at a part has failed.</summary>
    public static void Failed() => s_failures.Add(1);
}
