using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Grid.Engine.Tests.Grains;

[GenerateSerializer, Alias("grid.test.notes")]
public sealed record Notes
{
    [Id(0)] public IReadOnlyList<string> Lines { get; init; } = [];
}

[Alias("grid.test.state")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("Write")]
    Task WriteAsync(string line);

    [Alias("Read")]
    Task<IReadOnlyList<string>> ReadAsync();

    [Alias("Clear")]
    Task ClearAsync();

    [Alias("Exists")]
    Task<bool> ExistsAsync();

    [Alias("End")]
    Task EndAsync();
}

public sealed class StateGrain([PersistentState("notes", "grid")] IPersistentState<Notes> notes, Witness witness) : Grain, IStateGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Count($"activated {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public Task WriteAsync(string line)
    {
        notes.State = notes.State with { Lines = [.. notes.State.Lines, line] };
        return notes.WriteStateAsync();
    }

    public Task<IReadOnlyList<string>> ReadAsync() => Task.FromResult(notes.State.Lines);

    public Task ClearAsync() => notes.ClearStateAsync();

    public Task<bool> ExistsAsync() => Task.FromResult(notes.RecordExists);

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[Alias("grid.test.rival")]
public interface IRivalGrain : IGrainWithStringKey
{
    /// <summary>Waits at the gate, then writes what it knew before.</summary>
    [Alias("Write")]
    Task WriteAsync(string line, string gate);
}

/// <summary>Two activations of one key, hence two writers of one record.</summary>
[StatelessWorker(2)]
public sealed class RivalGrain([PersistentState("notes", "grid")] IPersistentState<Notes> notes, Witness witness) : Grain, IRivalGrain
{
    public async Task WriteAsync(string line, string gate)
    {
        witness.Tell($"waits {gate}");
        await witness.PassAsync(gate);
        notes.State = notes.State with { Lines = [.. notes.State.Lines, line] };
        await notes.WriteStateAsync();
    }
}
