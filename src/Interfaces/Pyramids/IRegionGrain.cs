using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Pyramids;

/// <summary>
/// One subtree of a build's slab tree, keyed <c>build|level|col|row</c> by its root slab. It computes its base slabs from the sources and
/// every parent while the children are still in memory, so a region that is lost is redone whole, to the same bytes.
/// </summary>
[Alias("grid.region")]
public interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>Accepts the work and returns; repeated calls change nothing, and wake a region whose silo was lost.</summary>
    [Alias("Start")]
    Task StartAsync(RegionOrder order);

    /// <summary>Stops after the slab in hand.</summary>
    [Alias("Stop"), AlwaysInterleave]
    Task StopAsync();
}

/// <summary>What a region is told: its build and its place in the tree. The build's order, which names every raster, it reads once a silo.</summary>
/// <param name="BuildId">Key of the build, which has the order, and to which the region reports.</param>
/// <param name="Digest">Digest of the plan, which a region compares with its checkpoint.</param>
/// <param name="Tier">Number of the plan's tier, 0 for the one computed from the rasters.</param>
/// <param name="RootLevel">Level of the region's root slab.</param>
/// <param name="ReportSeconds">Seconds from one report of finished slabs to the next: longer where many regions report.</param>
[GenerateSerializer, Alias("grid.region-order"), Immutable]
public sealed record RegionOrder(
    [property: Id(0)] string BuildId,
    [property: Id(1)] string Digest,
    [property: Id(2)] int Tier,
    [property: Id(3)] string RootLevel,
    [property: Id(4)] long Col,
    [property: Id(5)] long Row,
    [property: Id(6)] double ReportSeconds = 0.5);

/// <summary>News from a region.</summary>
/// <param name="Region">The region's grain key.</param>
/// <param name="Slabs">Slabs finished since the last report; with the last report, all slabs of the region.</param>
/// <param name="Ended">True with the last report, which is repeated to whoever starts the region again.</param>
/// <param name="Failures">Why slabs could not be made; the region's other slabs are made all the same.</param>
/// <param name="Leaves">True when the region's silo is being stopped: the region is to be started again, which another silo does.</param>
[GenerateSerializer, Alias("grid.region-report"), Immutable]
public sealed record RegionReport(
    [property: Id(0)] string Region,
    [property: Id(1)] IReadOnlyList<FinishedSlab> Slabs,
    [property: Id(2)] bool Ended,
    [property: Id(3)] IReadOnlyList<string> Failures,
    [property: Id(4)] bool Leaves = false);
