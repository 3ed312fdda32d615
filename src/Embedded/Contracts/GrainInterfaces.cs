using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain interfaces. Methods return <see cref="Task"/>, <see cref="ValueTask"/> or their generic forms.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain whose key is a non-empty string; the only kind of key that Grid uses.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>Gives references to grains. A reference is cheap, immutable, safe between threads, and activates nothing by itself.</summary>
public interface IGrainFactory
{
    /// <summary>The grain of an interface with a key.</summary>
    /// <param name="grainClassNamePrefix">Picks among several classes of one interface by the beginning of their full name.</param>
    /// <exception cref="ArgumentException">No class, or no single class, implements the interface; or the key is blank.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <inheritdoc cref="GetGrain{TGrainInterface}(string, string?)"/>
    IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);
}
