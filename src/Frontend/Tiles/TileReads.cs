namespace Grid.Frontend.Tiles;

/// <summary>More tiles are asked for than can be fetched: the client may try again later.</summary>
public sealed class TooManyTileReadsException()
    : Exception("More tiles are asked for than Grid:Serving allows to be fetched at once and to be waited for.");

/// <summary>
/// Bounds the tiles that are fetched at once and the requests that wait for that, so that a load beyond what the store bears is refused at
/// once while the rest is served at the store's best rate. Safe for concurrent use.
/// </summary>
public sealed class TileReads(ServingOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.TileReads, options.TileReads);
    private int _waiting;

    /// <summary>Tiles that are fetched now.</summary>
    public int Active => options.TileReads - _free.CurrentCount;

    /// <summary>Requests that wait for their turn now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes a place if one is free; each needs an <see cref="Exit"/>.</summary>
    public bool TryEnter() => _free.Wait(0);

    /// <summary>Waits for a place; each needs an <see cref="Exit"/>. False: as many wait as may, or this one has as long as it may.</summary>
    public async ValueTask<bool> EnterAsync()
    {
        if (TryEnter())
            return true;
        try
        {
            return Interlocked.Increment(ref _waiting) <= options.TileReadsWaiting && await _free.WaitAsync(options.TileWaitMilliseconds);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Exit() => _free.Release();

    public void Dispose() => _free.Dispose();
}
