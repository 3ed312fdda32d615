using System.Collections.Concurrent;
using Grid.Interfaces.Tiles;
using Grid.Ogc;
using Grid.Tiling;
using Orleans;

namespace Grid.Frontend.Layers;

/// <summary>One level of a published layer, and which slab cache holds each of its tiles.</summary>
public sealed record PublishedLevel : ServedLevel
{
    // Past this many, references are made anew: they cost less than a read, and a level of a large pyramid has a million slabs.
    private const int ReferencesKept = 20_000;

    private readonly ConcurrentDictionary<(long Col, long Row), ISlabCacheGrain> _slabs = new();
    private readonly PyramidLevel _level;
    private readonly string _storagePrefix;

    /// <param name="matrix">The level's matrix.</param>
    /// <param name="level">The level as the pyramid's descriptor has it.</param>
    /// <param name="storagePrefix">Key prefix of the descriptor's folder, without a slash at the end.</param>
    public PublishedLevel(TileMatrix matrix, PyramidLevel level, string storagePrefix)
        : base(matrix, level.Limits)
    {
        _level = level;
        _storagePrefix = storagePrefix;
    }

    /// <summary>The stored bytes of a tile within the level's limits; missing where the pyramid has no data.</summary>
    public ValueTask<CachedTile> GetTileAsync(IGrainFactory grains, long col, long row) =>
        CacheOf(grains, col, row).GetTileAsync(_level.Slabs.TileNumber(col, row), _level.Slabs.Tiles);

    /// <summary>The samples of one pixel of a tile; empty where the pyramid has no data.</summary>
    public Task<IReadOnlyList<double>> GetPixelAsync(IGrainFactory grains, long col, long row, int i, int j) =>
        CacheOf(grains, col, row).GetPixelAsync(_level.Slabs.TileNumber(col, row), _level.Slabs.Tiles, i, j);

    private ISlabCacheGrain CacheOf(IGrainFactory grains, long col, long row)
    {
        var size = _level.Slabs;
        var slab = (col / size.TilesPerWidth, row / size.TilesPerHeight);
        if (!_slabs.TryGetValue(slab, out var cache))
        {
            if (_slabs.Count >= ReferencesKept)
                _slabs.Clear();
            cache = _slabs.GetOrAdd(slab, grains.GetGrain<ISlabCacheGrain>(KeyOf(slab)));
        }

        return cache;
    }

    // A folder's slabs are named relative to the descriptor; an object's name stands alone, since it has its pyramid's prefix in it.
    private string KeyOf((long Col, long Row) slab)
    {
        var key = _level.Storage.SlabKey(SlabKind.Data, slab.Col, slab.Row);
        return _level.Storage is FilePyramidStorage ? $"{_storagePrefix}/{key}" : key;
    }
}
