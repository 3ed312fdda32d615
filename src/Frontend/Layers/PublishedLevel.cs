using System.Collections.Concurrent;
using Grid.Grains.Tiles;
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
    private readonly ConcurrentDictionary<(string Style, long Col, long Row), IStyledTilesGrain> _styled = new();
    private readonly Crs _crs;
    private readonly PyramidLevel _level;
    private readonly PyramidDescriptor _pyramid;
    private readonly string _storagePrefix;

    /// <param name="set">The set of the level.</param>
    /// <param name="matrix">The level's matrix.</param>
    /// <param name="level">The level as the pyramid's descriptor has it.</param>
    /// <param name="pyramid">The descriptor.</param>
    /// <param name="storagePrefix">Key prefix of the descriptor's folder, without a slash at the end.</param>
    public PublishedLevel(TileMatrixSet set, TileMatrix matrix, PyramidLevel level, PyramidDescriptor pyramid, string storagePrefix)
        : base(matrix, level.Limits)
    {
        _crs = Crs.Parse(set.Crs);
        _level = level;
        _pyramid = pyramid;
        _storagePrefix = storagePrefix;
    }

    /// <summary>The stored bytes of a tile within the level's limits; missing where the pyramid has no data.</summary>
    public ValueTask<CachedTile> GetTileAsync(IGrainFactory grains, SlabReads slabs, long col, long row) =>
        slabs.GetAsync(CacheOf(grains, col, row), _level.Slabs.TileNumber(col, row), _level.Slabs.Tiles);

    /// <summary>A tile within the level's limits in a style, as PNG; missing where there is nothing to show.</summary>
    /// <param name="style">Digest of the style's file.</param>
    public async ValueTask<CachedTile> GetStyledTileAsync(IGrainFactory grains, string style, long col, long row)
    {
        var size = _level.Slabs;
        var place = (style, col / size.TilesPerWidth, row / size.TilesPerHeight);
        if (!_styled.TryGetValue(place, out var styled))
        {
            if (_styled.Count >= ReferencesKept)
                _styled.Clear();
            styled = _styled.GetOrAdd(place, grains.GetGrain<IStyledTilesGrain>(new StyledTilesKey(style, KeyOf(SlabKind.Data, place.Item2, place.Item3)).ToString()));
        }

        return await styled.FindAsync(size.TileNumber(col, row)) ?? await styled.MakeAsync(OrderOf(col, row));
    }

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
            cache = _slabs.GetOrAdd(slab, grains.GetGrain<ISlabCacheGrain>(KeyOf(SlabKind.Data, slab.Item1, slab.Item2)));
        }

        return cache;
    }

    private StyledTileOrder OrderOf(long col, long row)
    {
        var around = new TilePlace?[9];
        for (var i = 0; i < around.Length; i++)
        {
            long c = col + (i % 3) - 1, r = row + (i / 3) - 1;
            if (!_level.Limits.Contains(c, r))
                continue;
            long slabCol = c / _level.Slabs.TilesPerWidth, slabRow = r / _level.Slabs.TilesPerHeight;
            around[i] = new TilePlace(
                KeyOf(SlabKind.Data, slabCol, slabRow), _level.Storage.HasMasks ? KeyOf(SlabKind.Mask, slabCol, slabRow) : null, _level.Slabs.TileNumber(c, r));
        }

        var extent = Matrix.TileExtent(col, row);
        var (width, height) = GroundCell.Of(_crs, Matrix.CellSize, Matrix.CellSize, (extent.MinY + extent.MaxY) / 2);
        return new StyledTileOrder
        {
            Tile = _level.Slabs.TileNumber(col, row),
            Tiles = _level.Slabs.Tiles,
            Around = around,
            Format = _pyramid.Format.Name,
            Nodata = _pyramid.Raster!.NodataValues,
            TileWidth = Matrix.TileWidth,
            TileHeight = Matrix.TileHeight,
            CellWidthMetres = width,
            CellHeightMetres = height,
        };
    }

    private string KeyOf(SlabKind kind, long slabCol, long slabRow) => _level.Storage.SlabKeyUnder(_storagePrefix, kind, slabCol, slabRow);
}
