using Grid.Grains.Builds;
using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Grid.Grains.PointClouds;

/// <summary>One tile of a terrain model.</summary>
[RegionPlacement]
public sealed class TerrainTileGrain(
    TerrainTiles tiles, RegionSlots slots, PyramidBuildOptions options, IRegionSilos silos, TimeProvider time, ILogger<TerrainTileGrain> log)
    : UnitGrain<TerrainTileOrder, TerrainTileReport>(slots, options, silos, time, log), ITerrainTileGrain
{
    protected override async Task<TerrainTileReport> ComputeAsync(TerrainTileOrder order, int threads, CancellationToken cancellation)
    {
        var (name, size, points) = await tiles.MakeAsync(order, threads, cancellation);
        PointCloudInstruments.PointsDone(points, "terrain");
        return Report(order, null) with { Name = name, SizeBytes = size, Points = points };
    }

    protected override bool IsFinal(Exception error) => error is InvalidPointCloudException or ArgumentException;

    protected override void OnFailedAttempt() => PointCloudInstruments.Failed();

    protected override TerrainTileReport FailureReport(TerrainTileOrder order, string reason) => Report(order, reason);

    protected override TerrainTileReport LeaveReport(TerrainTileOrder order) => Report(order, null) with { Leaves = true };

    protected override Task ReportAsync(TerrainTileOrder order, TerrainTileReport report) =>
        GrainFactory.GetGrain<ITerrainBuildGrain>(order.BuildId).ReportAsync(report);

    private TerrainTileReport Report(TerrainTileOrder order, string? failure) => new(this.GetPrimaryKeyString(), order.Index, "", 0, 0, failure);
}
