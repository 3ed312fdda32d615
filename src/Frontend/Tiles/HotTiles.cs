using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Grid.Frontend.Tiles;

/// <summary>
/// The tiles that this frontend was asked for, up to a number of bytes, so that a popular tile costs no call of a grain. Keys name the version:
/// what a publication replaces is asked for no more and leaves like all that is not. Those that leave are the oldest that were not asked for
/// again since they came up last (second chance). Where the frontend hosts the silo, the bytes are those of the slab cache, held once. Safe for concurrent use; finding takes no lock.
/// </summary>
public sealed class HotTiles(ServingOptions options)
{
    private readonly ConcurrentDictionary<TileKey, HotTile> _tiles = new();
    private readonly Queue<HotTile> _byAge = new();
    private readonly Lock _changing = new();
    private long _bytes;

    /// <summary>Bytes held now, what each entry costs by itself included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public bool TryFind(in TileKey key, [NotNullWhen(true)] out HotTile? tile)
    {
        if (!_tiles.TryGetValue(key, out tile))
            return false;
        tile.Touch();
        return true;
    }

    /// <summary>Keeps a tile that was fetched, or the knowledge that there is none.</summary>
    public void Keep(HotTile tile)
    {
        if (CostOf(tile) > options.HotTileBytes)
            return;
        lock (_changing)
        {
            if (!_tiles.TryAdd(tile.Key, tile))
                return;
            _byAge.Enqueue(tile);
            _bytes += CostOf(tile);
            while (_bytes > options.HotTileBytes)
            {
                var oldest = _byAge.Dequeue();
                // The one that has just come has had no time to be asked for again.
                if (oldest.TakeUse() || oldest == tile)
                {
                    _byAge.Enqueue(oldest);
                    continue;
                }

                _tiles.TryRemove(oldest.Key, out _);
                _bytes -= CostOf(oldest);
            }
        }
    }

    private static long CostOf(HotTile tile) => HotTile.OverheadBytes + tile.LengthBytes;
}
