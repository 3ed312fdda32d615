using System.Collections.Concurrent;
using Grid.Imaging.Maps;
using Grid.Interfaces.Tiles;
using Grid.Tiling;
using Orleans;
using TilePlace = Grid.Imaging.Maps.TilePlace;

namespace Grid.Grains.Maps;

/// <summary>A level whose tiles come from the slab caches.</summary>
internal sealed class SlabLevel(TileMatrix matrix, PyramidLevel level, string crs, string storagePrefix, bool hasMask) : MapLevel(matrix, level.Limits, crs)
{
    // As many as a frontend keeps: beyond, references are made anew.
    private const int ReferencesKept = 20_000;

    private readonly ConcurrentDictionary<(SlabKind Kind, long Col, long Row), ISlabCacheGrain> _slabs = new();

    /// <summary>A tile with its mask; both empty where there is none.</summary>
    public async ValueTask<StoredTile> ReadAsync(IGrainFactory grains, TilePlace place)
    {
        var data = CacheOf(grains, SlabKind.Data, place).GetTileAsync(level.Slabs.TileNumber(place.Col, place.Row), level.Slabs.Tiles);
        if (!hasMask)
            return new StoredTile((await data).Bytes, null);
        var mask = CacheOf(grains, SlabKind.Mask, place).GetTileAsync(level.Slabs.TileNumber(place.Col, place.Row), level.Slabs.Tiles);
        return new StoredTile((await data).Bytes, (await mask).Bytes);
    }

    private ISlabCacheGrain CacheOf(IGrainFactory grains, SlabKind kind, TilePlace place)
    {
        var slab = (kind, place.Col / level.Slabs.TilesPerWidth, place.Row / level.Slabs.TilesPerHeight);
        if (_slabs.TryGetValue(slab, out var cache))
            return cache;
        if (_slabs.Count >= ReferencesKept)
            _slabs.Clear();
        return _slabs.GetOrAdd(slab, grains.GetGrain<ISlabCacheGrain>(level.Storage.SlabKeyUnder(storagePrefix, kind, slab.Item2, slab.Item3)));
    }
}
