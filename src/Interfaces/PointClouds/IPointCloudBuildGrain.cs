using Grid.Interfaces.Pyramids;
using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.PointClouds;

/// <summary>
/// One build of COPC files from a delivery of LAS and LAZ, keyed by the processing execution's id. It goes file by file and tier by tier, offers units to
/// silos a bounded window at a time, and keeps how far it is; losing the process loses at most the units in flight.
/// </summary>
[Alias("grid.point-cloud-build")]
public interface IPointCloudBuildGrain : IGrainWithStringKey
{
    /// <summary>Accepts the order and returns; the work goes on behind the call. A second call with the same order changes nothing.</summary>
    [Alias("Start")]
    Task StartAsync(PointCloudBuildOrder order);

    /// <summary>Stops after the units in hand and leaves the build <see cref="PyramidBuildStatus.Aborted"/>; no effect on an ended build.</summary>
    [Alias("Abort"), AlwaysInterleave]
    Task AbortAsync();

    [Alias("GetProgress"), ReadOnly]
    Task<PointCloudBuildProgress> GetProgressAsync();

    /// <summary>Called by units: their end.</summary>
    [Alias("Report"), AlwaysInterleave]
    Task ReportAsync(PointCloudUnitReport report);
}

/// <summary>
/// One unit of a point cloud build, keyed <c>build|file|unit</c>: a tile that is split into cells, a cell that is built, octants that are joined, a file that is
/// put together. What it makes lies in the store, its index last; a unit that was lost is done again, to the same bytes.
/// </summary>
[Alias("grid.point-cloud-unit")]
public interface IPointCloudUnitGrain : IGrainWithStringKey
{
    /// <summary>Accepts the work and returns; repeated calls change nothing, and wake a unit whose silo was lost.</summary>
    [Alias("Start")]
    Task StartAsync(PointCloudUnitOrder order);

    /// <summary>Stops; nothing is written any more when this returns.</summary>
    [Alias("Stop"), AlwaysInterleave]
    Task StopAsync();
}
