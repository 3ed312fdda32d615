using System.Globalization;
using Orleans.Storage;

namespace Grid.Embedded.State;

/// <summary>States that last as long as the object; for tests and throw-away grids.</summary>
public sealed class InMemoryGrainStateStore : IGrainStateStore
{
    private readonly Dictionary<(string Type, string Key), StoredState> _records = [];
    private long _version;

    public Task<StoredState?> ReadAsync(string type, string key, CancellationToken cancellationToken)
    {
        lock (_records) return Task.FromResult(_records.GetValueOrDefault((type, key)));
    }

    public Task<string> WriteAsync(string type, string key, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken)
    {
        lock (_records)
        {
            if (Conflict(type, key, etag) is { } conflict) return Task.FromException<string>(conflict);
            var version = (++_version).ToString(CultureInfo.InvariantCulture);
            _records[(type, key)] = new(json.ToArray(), version);
            return Task.FromResult(version);
        }
    }

    public Task ClearAsync(string type, string key, string? etag, CancellationToken cancellationToken)
    {
        lock (_records)
        {
            if (Conflict(type, key, etag) is { } conflict) return Task.FromException(conflict);
            _records.Remove((type, key));
            return Task.CompletedTask;
        }
    }

    private InconsistentStateException? Conflict(string type, string key, string? etag)
    {
        var stored = _records.GetValueOrDefault((type, key))?.Etag;
        return stored == etag ? null : new($"State {type} of {key} has version {stored ?? "none"}, not {etag ?? "none"}.", stored, etag);
    }
}
