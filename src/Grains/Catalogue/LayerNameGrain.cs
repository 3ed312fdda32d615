using Grid.Interfaces.Catalogue;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The authority on one layer name. Being one activation, it decides between configurations that ask at once; its state is written before it
/// answers, and the unique index of the configurations' table stands behind it.
/// </summary>
public sealed class LayerNameGrain(
    [PersistentState("layerName", "grid")] IPersistentState<LayerNameState> state, CatalogueStore store, TimeProvider clock)
    : Grain, ILayerNameGrain
{
    /// <summary>How long a claim holds without the configuration's row: far longer than its creation takes.</summary>
    private static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(1);

    public async Task ClaimAsync(Guid configuration)
    {
        var holder = state.State.Holder;
        if (holder is { } other && other != configuration && await IsHeldAsync(other))
            throw new ConflictException($"The layer name \"{LayerName()}\" is taken: another configuration of the same type has it.");
        state.State = new LayerNameState { Holder = configuration, Since = clock.GetUtcNow() };
        await state.WriteStateAsync();
    }

    public async Task ReleaseAsync(Guid configuration)
    {
        if (state.State.Holder != configuration)
            return;
        state.State = new LayerNameState();
        await state.WriteStateAsync();
    }

    /// <summary>A holder without a row is one whose creation failed or was cut by a crash, unless it is still under way.</summary>
    private async Task<bool> IsHeldAsync(Guid holder) =>
        clock.GetUtcNow() - state.State.Since < ClaimTime || await store.FindAsync(EntityTable.Configuration, holder) is not null;

    private string LayerName() => this.GetPrimaryKeyString().Split('/', 2)[^1];
}

/// <summary>Who has the name.</summary>
[GenerateSerializer, Alias("grid.layer-name-state")]
public sealed record LayerNameState
{
    /// <summary>The configuration; null when the name is free.</summary>
    [Id(0)] public Guid? Holder { get; init; }

    /// <summary>When it was claimed.</summary>
    [Id(1)] public DateTimeOffset Since { get; init; }
}
