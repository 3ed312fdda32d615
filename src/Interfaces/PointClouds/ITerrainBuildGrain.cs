using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.PointClouds;

/// <summary>
/// One build of a terrain model from a delivery of classified point clouds, keyed by the processing execution's id: tiles of one kilometre or of the delivery's
/// own size, offered to silos a bounded window at a time. It keeps which tiles are done; losing the process loses at most those in flight.
/// </summary>
[Alias("grid.terrain-build")]
public interface ITerrainBuildGrain : IGrainWithStringKey
{
    /// <summary>Accepts the order and returns; the work goes on behind the call. A second call with the same order changes nothing.</summary>
    [Alias("Start")]
    Task StartAsync(TerrainBuildOrder order);

    /// <summary>Stops after the tiles in hand; no effect on an ended build.</summary>
    [Alias("Abort"), AlwaysInterleave]
    Task AbortAsync();

    [Alias("GetProgress"), ReadOnly]
    Task<TerrainBuildProgress> GetProgressAsync();

    /// <summary>Takes away the tiles' copies in the store of uploads, once a pyramid is made of them or will not be; no effect while tiles are made.</summary>
    [Alias("DeleteCopies")]
    Task DeleteCopiesAsync();

    /// <summary>Called by tiles: their end.</summary>
    [Alias("Report"), AlwaysInterleave]
    Task ReportAsync(TerrainTileReport report);
}

/// <summary>One tile of a terrain model, keyed <c>build|tile</c>. A pure function of the points around it: a tile that was lost is made again, to the same bytes.</summary>
[Alias("grid.terrain-tile")]
public interface ITerrainTileGrain : IGrainWithStringKey
{
    /// <summary>Accepts the work and returns; repeated calls change nothing, and wake a tile whose silo was lost.</summary>
    [Alias("Start")]
    Task StartAsync(TerrainTileOrder order);

    /// <summary>Stops; nothing is written any more when this returns.</summary>
    [Alias("Stop"), AlwaysInterleave]
    Task StopAsync();
}
