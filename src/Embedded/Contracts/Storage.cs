namespace Orleans.Core;

/// <summary>A stored state of one grain.</summary>
public interface IStorage
{
    /// <summary>The stored version that this activation last read or wrote; null when there is none.</summary>
    string? Etag { get; }

    bool RecordExists { get; }

    /// <summary>Removes the record and resets the state.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The record has changed since it was last read or written here.</exception>
    Task ClearStateAsync();

    /// <summary>Stores the state.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The record has changed since it was last read or written here.</exception>
    Task WriteStateAsync();

    /// <summary>Replaces the state by what is stored.</summary>
    Task ReadStateAsync();

    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}

/// <inheritdoc cref="IStorage"/>
public interface IStorage<TState> : IStorage
{
    TState State { get; set; }
}
