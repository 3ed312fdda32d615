using System.Collections.Concurrent;
using Grid.Frontend.Layers;
using Grid.Grains.Tiles;
using Grid.Interfaces.Tiles;
using Grid.Ogc;
using Orleans;

namespace Grid.Frontend.Tiles;

/// <summary>
/// Where answers take their tiles from: what this frontend keeps, else the slab's grain. Requests of one tile that come together share one
/// fetch and one place among those that <see cref="TileReads"/> allows. Failures are not remembered. Safe for concurrent use.
/// </summary>
public sealed class TileSource(IGrainFactory grains, SlabReads slabs, HotTiles hot, TileReads reads)
{
    private readonly ConcurrentDictionary<TileKey, Task<HotTile>> _fetching = new();

    /// <summary>The tile, whether it exists or not, or <see cref="HotTile.Refused"/>; throws what the store throws.</summary>
    /// <param name="isHot">Whether it was in this frontend's memory.</param>
    public ValueTask<HotTile> GetAsync(in TileAddress tile, LayerStyle style, out bool isHot)
    {
        var key = new TileKey(tile, style);
        return (isHot = hot.TryFind(key, out var known)) ? new ValueTask<HotTile>(known!) : FetchAsync(tile, style, key);
    }

    private ValueTask<HotTile> FetchAsync(in TileAddress tile, LayerStyle style, in TileKey key)
    {
        if (_fetching.TryGetValue(key, out var running))
            return new ValueTask<HotTile>(running);
        if (!reads.TryEnter())
            return new ValueTask<HotTile>(ShareAsync(tile, style, key, null));
        ValueTask<CachedTile> fetch;
        try
        {
            fetch = PublishedLayer.GetTileAsync(grains, slabs, tile, style);
            if (!fetch.IsCompletedSuccessfully)
                return new ValueTask<HotTile>(ShareAsync(tile, style, key, fetch));
        }
        catch (Exception failure)
        {
            reads.Exit();
            return ValueTask.FromException<HotTile>(failure);
        }

        // What the grain has in memory, or its store in the page cache, is there already.
        reads.Exit();
        return new ValueTask<HotTile>(Keep(tile, style, fetch.Result));
    }

    private async Task<HotTile> ShareAsync(TileAddress tile, LayerStyle style, TileKey key, ValueTask<CachedTile>? begun)
    {
        var promise = new TaskCompletionSource<HotTile>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = _fetching.TryAdd(key, promise.Task);
        try
        {
            var fetched = HotTile.Refused;
            if (begun is not null || await reads.EnterAsync())
            {
                try
                {
                    fetched = Keep(tile, style, await (begun ?? PublishedLayer.GetTileAsync(grains, slabs, tile, style)));
                }
                finally
                {
                    reads.Exit();
                }
            }

            promise.SetResult(fetched);
            return fetched;
        }
        catch (Exception failure)
        {
            promise.SetException(failure);
            // Nobody need share it.
            _ = promise.Task.Exception;
            throw;
        }
        finally
        {
            if (mine)
                _fetching.TryRemove(key, out _);
        }
    }

    private HotTile Keep(in TileAddress address, LayerStyle style, CachedTile stored)
    {
        var tile = new HotTile(address, style, stored.Bytes);
        hot.Keep(tile);
        return tile;
    }
}
