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

    /// <summary>
    /// Lets some puts pass and holds all that follow until it is disposed of: whoever waits for the first ones finds a build as they left it, however busy the
    /// machine is.
    /// </summary>
    public HeldPuts HoldAfter(int puts)
    {
        var held = new HeldPuts(puts);
        BeforePut = _ => held.PassAsync();
        return held;
    }

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

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default) => inner.DeleteAsync(keys, cancellation);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellation = default) => inner.ListAsync(prefix, cancellation);

    public string GdalPath(string key) => inner.GdalPath(key);
}

/// <summary>Puts of a <see cref="WatchedStore"/> that are counted, and held from some number on.</summary>
internal sealed class HeldPuts(int passing) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _puts;

    /// <summary>Puts that have begun.</summary>
    public int Puts => Volatile.Read(ref _puts);

    /// <summary>Ends when as many puts have begun as may pass; waits for them a minute.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public Task PassAsync()
    {
        var put = Interlocked.Increment(ref _puts);
        if (put == passing)
            _reached.TrySetResult();
        return put > passing ? _released.Task : Task.CompletedTask;
    }

    public void Dispose() => _released.TrySetResult();
}
