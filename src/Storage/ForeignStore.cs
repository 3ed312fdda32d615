namespace Grid.Storage;

/// <summary>
/// A store that others write, under keys of their own: below its prefix in a <see cref="StoreGroup"/> lie its objects under the keys that they have there. It is only read.
/// </summary>
/// <param name="store">It is disposed of with this one.</param>
/// <param name="prefix">What the group's keys begin with, a slash at the end.</param>
internal sealed class ForeignStore(IObjectStore store, string prefix) : IObjectStore, IDisposable
{
    public IReadOnlyDictionary<string, string> GdalOptions => store.GdalOptions;

    public async Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) =>
        await store.FindAsync(Own(key), cancellation) is { } found ? found with { Key = key } : null;

    public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default) => store.ReadAsync(Own(key), offset, buffer, cancellation);

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) => store.OpenReadAsync(Own(key), cancellation);

    public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => throw Refusal(key);

    public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default) => throw Refusal(key);

    public Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default) => links.Count == 0 ? Task.CompletedTask : throw Refusal(links[0].To);

    public Task DeleteAsync(string key, CancellationToken cancellation = default) => throw Refusal(key);

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default) => keys.Count == 0 ? Task.CompletedTask : throw Refusal(keys[0]);

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string keys, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var found in store.ListAsync(Own(keys), cancellation))
            yield return found with { Key = prefix + found.Key };
    }

    public string GdalPath(string key) => store.GdalPath(Own(key));

    public void Dispose() => (store as IDisposable)?.Dispose();

    private static StorageException Refusal(string key) => new($"\"{key}\" is in a store that others write (Foreign of Grid:Storage:Others): it is only read.");

    private string Own(string key) => key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : throw new InvalidObjectKeyException(key);
}
