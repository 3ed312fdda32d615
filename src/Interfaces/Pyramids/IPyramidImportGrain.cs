using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Pyramids;

/// <summary>
/// One import of a delivered ROK4 pyramid, keyed by the processing execution's id: its slabs are copied byte for byte, its descriptor is written anew
/// for the place they are copied to. Losing the process repeats at most a batch of copies.
/// </summary>
[Alias("grid.pyramid-import")]
public interface IPyramidImportGrain : IGrainWithStringKey
{
    /// <summary>Accepts the order and returns; the work goes on behind the call. A second call with the same order changes nothing.</summary>
    [Alias("Start")]
    Task StartAsync(PyramidImportOrder order);

    /// <summary>Stops after the copies in hand and leaves the import <see cref="PyramidBuildStatus.Aborted"/>; no effect on an ended one.</summary>
    [Alias("Abort"), AlwaysInterleave]
    Task AbortAsync();

    [Alias("GetProgress"), ReadOnly]
    Task<PyramidBuildProgress> GetProgressAsync();
}

/// <summary>What to import.</summary>
/// <param name="Upload">The upload that holds descriptor and slabs, of type ROK4-PYRAMID, closed.</param>
/// <param name="PyramidName">The pyramid's name: the file name of its descriptor and of its folder.</param>
/// <param name="StoragePrefix">Key prefix under which all is stored; no slash at the end.</param>
[GenerateSerializer, Alias("grid.pyramid-import-order"), Immutable]
public sealed record PyramidImportOrder(
    [property: Id(0)] Guid Upload, [property: Id(1)] string PyramidName, [property: Id(2)] string StoragePrefix);
