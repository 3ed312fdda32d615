using Grid.Interfaces.Pyramids;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Grid.Grains.Pyramids;

/// <summary>One a silo and build. Regions that begin at once wait in its queue for the one answer of the build.</summary>
[StatelessWorker(1), CollectionAgeLimit(Minutes = 2)]
public sealed class BuildOrderGrain : Grain, IBuildOrderGrain
{
    private PyramidBuildOrder? _order;

    public async Task<PyramidBuildOrder> GetAsync() =>
        _order ??= await GrainFactory.GetGrain<IPyramidBuildGrain>(this.GetPrimaryKeyString()).GetOrderAsync();
}
