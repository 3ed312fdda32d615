using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Octree;

/// <summary>A finished octree's file: what surrounds the units' outputs, which follow each other in the order given.</summary>
/// <param name="Header">As in the file, with counts and bounds.</param>
public sealed record OctreeFile(CopcLayout Layout, LasHeader Header)
{
    /// <summary>Arranges the file of all units, coarse ones first.</summary>
    /// <exception cref="InvalidOperationException">The units do not have the plan's points: one is missing or was built of other files.</exception>
    public static OctreeFile Of(OctreePlan plan, IReadOnlyList<UnitIndex> units)
    {
        var statistics = new PointStatistics();
        foreach (var unit in units)
            statistics.Add(unit.Statistics);
        if (statistics.Count != (long)plan.PointCount)
            throw new InvalidOperationException($"the octree's units have {statistics.Count} points, its files {plan.PointCount}");
        var header = statistics.Complete(plan.Header());
        var layout = CopcLayout.Of(header, plan.Cube, plan.Spacing, statistics.GpsTimes, plan.Records, [.. units.SelectMany(unit => unit.Chunks)]);
        return new OctreeFile(layout, header);
    }
}
