using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grid.Interfaces.Pyramids;

namespace Grid.Grains.PointClouds;

/// <summary>What work on point clouds tells of itself: the meter and the source of traces of the same name.</summary>
public static class PointCloudInstruments
{
    public const string Name = "Grid.PointClouds";

    private static readonly Meter s_meter = new(Name);

    private static readonly Counter<long> s_points = s_meter.CreateCounter<long>("grid.pointclouds.points", "{point}", "Points that this process has worked off.");

    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>(
        "grid.pointclouds.failures", "{attempt}", "Attempts at parts of point clouds that failed; most are tried again.");

    private static readonly Counter<long> s_builds = s_meter.CreateCounter<long>("grid.pointclouds.builds", "{build}", "Builds led by this process that have ended.");

    private static readonly ConcurrentDictionary<(string Kind, string Build), long> s_left = new();

    static PointCloudInstruments()
    {
        s_meter.CreateObservableGauge(
            "grid.pointclouds.builds.running", () => Kinds.Select(kind => Of(kind, s_left.Keys.LongCount(build => build.Kind == kind))), "{build}", "Builds that this process leads now.");
        s_meter.CreateObservableGauge(
            "grid.pointclouds.left", () => Kinds.Select(kind => Of(kind, s_left.Where(build => build.Key.Kind == kind).Sum(build => build.Value))), "{part}",
            "Parts that those builds have still to make, on all silos: points of COPC files, tiles of terrain models.");
    }

    /// <summary>Values of the label <c>kind</c>: COPC files with their 3D Tiles, terrain models.</summary>
    internal const string Copc = "copc", Terrain = "terrain";

    private static string[] Kinds => [Copc, Terrain];

    /// <summary>How much a build that this process leads has still to make.</summary>
    internal static void BuildGoesOn(string kind, string build, long left) => s_left[(kind, build)] = left;

    /// <summary>This process leads the build no more.</summary>
    internal static void BuildLeft(string kind, string build) => s_left.TryRemove((kind, build), out _);

    /// <summary>A build has ended.</summary>
    internal static void BuildEnded(string kind, PyramidBuildStatus status) =>
        s_builds.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("status", status.ToString().ToLowerInvariant()));

    private static Measurement<long> Of(string kind, long value) => new(value, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Traces of builds.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>Points have been worked off.</summary>
    /// <param name="step">What was done with them, in lower case: one of a few words.</param>
    public static void PointsDone(long points, string step) => s_points.Add(points, new KeyValuePair<string, object?>("step", step));

    /// <summary>An attempt at a part has failed.</summary>
    public static void Failed() => s_failures.Add(1);
}
