using System.Collections.Concurrent;
using Grid.Storage;

namespace Grid.Grains.Tests;

/// <summary>A real store that counts reads and lets a test step in before each read and put.</summary>
internal sealed class WatchedStore(IObjectStore inner) : IObjectStore
{
    public ConcurrentDictionary<(string Key, long Offset), int> Reads { get; } = new();

    public int ReadCount => Reads.Values.Sum();

    public Func<string, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public Func<string, Task> BeforePut { get; set; } = _ => Task.CompletedTask;

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) => inner.FindAsync(key, cancellation);

    public async Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        Reads.AddOrUpdate((key, offset), 1, (_, count) => count + 1);
        await BeforeRead(key);
        return await inner.ReadAsync(key, offset, buffer, cancellation);
    }

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) => inner.OpenReadAsync(key, cancellation);

    public async Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        await BeforePut(key);
        return await inner.PutAsync(key, content, cancellation);
    }

    public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default)
    {
        await BeforePut(key);
        return await inner.PutAsync(key, content, cancellation);
    }

    public async Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default)
    {
        foreach (var link in links)
            await BeforePut(link.To);
        await inner.LinkAsync(links, cancellation);
    }

    public Task DeleteAsync(string key, CancellationToken cancellation = default) => inner.DeleteAsync(key, cancellation);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellation = default) => inner.ListAsync(prefix, cancellation);

    public string GdalPath(string key) => inner.GdalPath(key);
}
