using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Pyramids;

/// <summary>
/// One build of one raster pyramid, keyed by the processing execution's id. It plans the slab tree, offers regions to silos a bounded
/// window at a time, and keeps which regions are done; losing the process loses at most the regions in flight.
/// </summary>
[Alias("grid.pyramid-build")]
public interface IPyramidBuildGrain : IGrainWithStringKey
{
    /// <summary>Accepts the order and returns; the work goes on behind the call. A second call with the same order changes nothing.</summary>
    [Alias("Start")]
    Task StartAsync(PyramidBuildOrder order);

    /// <summary>Stops after the slabs in hand and leaves the build <see cref="PyramidBuildStatus.Aborted"/>; no effect on an ended build.</summary>
    [Alias("Abort"), AlwaysInterleave]
    Task AbortAsync();

    /// <summary>The order, megabytes for a large lot: ask <see cref="IBuildOrderGrain"/> for it. Throws <see cref="InvalidOperationException"/> before the start.</summary>
    [Alias("GetOrder"), AlwaysInterleave, ReadOnly]
    Task<PyramidBuildOrder> GetOrderAsync();

    [Alias("GetProgress"), ReadOnly]
    Task<PyramidBuildProgress> GetProgressAsync();

    /// <summary>The slabs finished since this activation began, from position <paramref name="from"/> on, at most 4,096 of them.</summary>
    [Alias("GetFinishedSlabs"), ReadOnly]
    Task<FinishedSlabs> GetFinishedSlabsAsync(int from);

    /// <summary>Called by regions: slabs finished since the region's last report, and its end when it has ended.</summary>
    [Alias("Report"), AlwaysInterleave]
    Task ReportAsync(RegionReport report);
}
