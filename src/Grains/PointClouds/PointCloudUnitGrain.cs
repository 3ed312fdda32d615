using Grid.Grains.Builds;
using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud;
using Grid.PointCloud.Octree;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Grid.Grains.PointClouds;

/// <summary>One unit of a point cloud build.</summary>
[RegionPlacement]
public sealed class PointCloudUnitGrain(
    PointCloudUnits units, RegionSlots slots, PyramidBuildOptions options, IRegionSilos silos, TimeProvider time, ILogger<PointCloudUnitGrain> log)
    : UnitGrain<PointCloudUnitOrder, PointCloudUnitReport>(slots, options, silos, time, log), IPointCloudUnitGrain
{
    protected override async Task<PointCloudUnitReport> ComputeAsync(PointCloudUnitOrder order, int threads, CancellationToken cancellation)
    {
        var (points, file) = await units.RunAsync(order, threads, cancellation);
        PointCloudInstruments.PointsDone(points, order.Kind.ToString().ToLowerInvariant());
        return new PointCloudUnitReport(this.GetPrimaryKeyString(), points, null, file);
    }

    protected override bool IsFinal(Exception error) => error is InvalidPointCloudException or UnfitCloudException;

    protected override void OnFailedAttempt() => PointCloudInstruments.Failed();

    protected override PointCloudUnitReport FailureReport(PointCloudUnitOrder order, string reason) => new(this.GetPrimaryKeyString(), 0, reason, null);

    protected override PointCloudUnitReport LeaveReport(PointCloudUnitOrder order) => new(this.GetPrimaryKeyString(), 0, null, null, Leaves: true);

    protected override Task ReportAsync(PointCloudUnitOrder order, PointCloudUnitReport report) =>
        GrainFactory.GetGrain<IPointCloudBuildGrain>(order.BuildId).ReportAsync(report);
}
