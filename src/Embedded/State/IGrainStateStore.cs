namespace Grid.Embedded.State;

/// <summary>
/// Keeps the states of grains as JSON, with a version that guards against lost updates. <c>type</c> is the grain type and the state's name,
/// <c>grain/state</c>; <c>key</c> the grain's key.
/// </summary>
public interface IGrainStateStore
{
    /// <summary>The record, or null when there is none.</summary>
    Task<StoredState?> ReadAsync(string type, string key, CancellationToken cancellationToken);

    /// <summary>Writes the record if its version is still <paramref name="etag"/> (null: if there is none), and gives its new version.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another.</exception>
    Task<string> WriteAsync(string type, string key, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken);

    /// <summary>Removes the record if its version is still <paramref name="etag"/>; no record and a null version is fine.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another.</exception>
    Task ClearAsync(string type, string key, string? etag, CancellationToken cancellationToken);
}

/// <summary>A stored state.</summary>
/// <param name="Json">UTF-8.</param>
public sealed record StoredState(ReadOnlyMemory<byte> Json, string Etag);
