using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A named state of a grain, injected into its constructor with <see cref="PersistentStateAttribute"/> and read before activation.</summary>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>Asks for a state in a grain's constructor.</summary>
/// <param name="stateName">Name of the state, unique in the grain class; part of the stored key.</param>
/// <param name="storageName">Name of the store, <c>grid</c> in Grid; there is one store here, whatever the name.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    public string StateName { get; } = stateName;

    public string? StorageName { get; } = storageName;
}
