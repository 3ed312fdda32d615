using System.Collections.Concurrent;
using System.Diagnostics;
using Grid.Grains.Pyramids;
using Grid.Interfaces.Tiles;
using Grid.Storage;
using Orleans;

namespace Grid.Grains.Tiles;

/// <summary>
/// Tiles of slabs, asked of their caches. In a cluster a cache may not answer: its silo is lost, and the others need seconds to be sure of it. Then the tile is
/// read from the store here, and so are other tiles of the slab for a while, before its cache is asked again. Safe for concurrent use.
/// </summary>
/// <param name="isOneOfMany">False where the caches are in this process: nothing is gained by going past them.</param>
public sealed class SlabReads(IObjectStore pyramids, PyramidPlace place, TileCacheOptions options, bool isOneOfMany)
{
    private const int MostAway = 1_000;
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _patience = TimeSpan.FromMilliseconds(options.PatienceMilliseconds);
    private readonly ConcurrentDictionary<ISlabCacheGrain, Away> _away = new();

    /// <summary>A tile's bytes as they are stored.</summary>
    /// <param name="cache">The cache of the tile's slab.</param>
    /// <param name="tile">Row-major position in the slab.</param>
    /// <param name="tiles">Number of tiles that the slab packs.</param>
    public ValueTask<CachedTile> GetAsync(ISlabCacheGrain cache, int tile, int tiles)
    {
        if (!isOneOfMany || options.PatienceMilliseconds == 0)
            return cache.GetTileAsync(tile, tiles);
        if (!_away.IsEmpty && _away.TryGetValue(cache, out var away))
        {
            if (Stopwatch.GetElapsedTime(away.Since) < AskAgain)
                return new ValueTask<CachedTile>(ReadAsync(away, tile));
            _away.TryRemove(new KeyValuePair<ISlabCacheGrain, Away>(cache, away));
        }

        var asked = cache.GetTileAsync(tile, tiles);
        return asked.IsCompletedSuccessfully ? asked : new ValueTask<CachedTile>(WaitAsync(cache, asked.AsTask(), tile, tiles));
    }

    private async Task<CachedTile> WaitAsync(ISlabCacheGrain cache, Task<CachedTile> asked, int tile, int tiles)
    {
        try
        {
            return await asked.WaitAsync(_patience);
        }
        catch (Exception failure) when (Outage.Is(failure))
        {
            // Nobody waits for it any more, whatever becomes of it.
            _ = asked.ContinueWith(static ended => ended.Exception, TaskContinuationOptions.OnlyOnFaulted);
        }

        if (_away.Count >= MostAway)
            _away.Clear();
        var key = cache.GetPrimaryKeyString();
        return await ReadAsync(_away.GetOrAdd(cache, _ => new Away(() => SlabFile.OpenAsync(pyramids, place, key, tiles))), tile);
    }

    private async Task<CachedTile> ReadAsync(Away away, int tile)
    {
        SlabCacheInstruments.Direct();
        return new CachedTile(await (await away.File.Value).ReadAsync(pyramids, tile));
    }

    /// <summary>A slab whose cache did not answer.</summary>
    private sealed class Away(Func<Task<SlabFile>> open)
    {
        public long Since { get; } = Stopwatch.GetTimestamp();

        public Lazy<Task<SlabFile>> File { get; } = new(open);
    }
}
