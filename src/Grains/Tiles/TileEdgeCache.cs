using System.Collections.Concurrent;
using Grid.Imaging.Styles;

namespace Grid.Grains.Tiles;

/// <summary>
/// The edges of tiles that a silo decoded last, so that a tile that borders eight others is decoded for them once. At most twice
/// <see cref="Generation"/> of them, some five kilobytes each. Safe for concurrent use.
/// </summary>
public sealed class TileEdgeCache
{
    /// <summary>When this many were kept, those that were not asked for meanwhile leave.</summary>
    public const int Generation = 4096;

    private ConcurrentDictionary<(string Slab, int Tile), TileEdges> _young = new();
    private ConcurrentDictionary<(string Slab, int Tile), TileEdges> _old = new();

    public TileEdges? Find(string slab, int tile)
    {
        if (_young.TryGetValue((slab, tile), out var found))
            return found;
        if (!_old.TryGetValue((slab, tile), out found))
            return null;
        Keep(slab, tile, found);
        return found;
    }

    public void Keep(string slab, int tile, TileEdges edges)
    {
        var young = _young;
        young[(slab, tile)] = edges;
        if (young.Count > Generation && Interlocked.CompareExchange(ref _young, new(), young) == young)
            _old = young;
    }
}
