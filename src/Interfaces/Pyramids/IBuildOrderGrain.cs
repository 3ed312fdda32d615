using Orleans;

namespace Grid.Interfaces.Pyramids;

/// <summary>
/// The order of a build, keyed as the build, kept on each silo that asks: the silo's regions share one copy, and only the first of them asks
/// the build.
/// </summary>
[Alias("grid.build-order")]
public interface IBuildOrderGrain : IGrainWithStringKey
{
    /// <summary>The order; it never changes. Throws <see cref="InvalidOperationException"/> for a build that was not started.</summary>
    [Alias("Get")]
    Task<PyramidBuildOrder> GetAsync();
}
