using System.Collections.Concurrent;

namespace Grid.Grains.Tiles;

/// <summary>Bounds of the tile bytes that one silo keeps in memory.</summary>
public sealed class TileCacheOptions
{
    /// <summary>
    /// Bytes of tiles at which the least recently used slabs are emptied, 0 to keep none. More costs memory, less costs reads. Default 512 MiB.
    /// </summary>
    public long HighMarkBytes { get; set; } = 512L << 20;

    /// <summary>Bytes down to which emptying goes. Close to the high mark it runs often, far from it much is read again. Default 384 MiB.</summary>
    public long LowMarkBytes { get; set; } = 384L << 20;

    /// <summary>
    /// Milliseconds that a frontend of a cluster waits for the cache of a slab before it reads the tile from the store itself, 0 for as long as it takes.
    /// Default 500, at most 60,000.
    /// </summary>
    public int PatienceMilliseconds { get; set; } = 500;

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (LowMarkBytes < 0 || HighMarkBytes < LowMarkBytes)
            throw new ArgumentException($"Grid:TileCache:LowMarkBytes is {LowMarkBytes} and Grid:TileCache:HighMarkBytes {HighMarkBytes}: 0 ≤ low ≤ high must hold.");
        if (PatienceMilliseconds is < 0 or > 60_000)
            throw new ArgumentException($"Grid:TileCache:PatienceMilliseconds is {PatienceMilliseconds}: it goes from 0 to 60000.");
    }
}

/// <summary>
/// Keeps the tile bytes of all slab caches of a silo between two marks. Slab caches add what they load; past the high mark the slabs
/// that were not asked for longest are emptied until the low mark is reached. Safe for concurrent use.
/// </summary>
public sealed class TileCacheBudget
{
    private readonly ConcurrentDictionary<KeptTiles, byte> _slabs = new();
    private readonly TileCacheOptions _options;
    private long _bytes;
    private int _trimming;

    public TileCacheBudget(TileCacheOptions options)
    {
        options.Validate();
        _options = options;
    }

    /// <summary>Tile bytes held now by all slabs.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Register(KeptTiles slab) => _slabs[slab] = 0;

    public void Unregister(KeptTiles slab)
    {
        if (_slabs.TryRemove(slab, out _))
            Interlocked.Add(ref _bytes, -slab.Empty());
    }

    /// <summary>
    /// Keeps a tile that a slab has just loaded, and empties old slabs when that passes the high mark. A slab that was unregistered
    /// meanwhile keeps nothing.
    /// </summary>
    public void Keep(KeptTiles slab, int tile, byte[] bytes)
    {
        if (_options.HighMarkBytes == 0)
            return;
        var held = Interlocked.Add(ref _bytes, slab.Keep(tile, bytes));
        // Whoever takes bytes out of a slab counts them off, so it does not matter which of the two sees them.
        if (!_slabs.ContainsKey(slab))
            Interlocked.Add(ref _bytes, -slab.Empty());
        else if (held > _options.HighMarkBytes && Interlocked.Exchange(ref _trimming, 1) == 0)
        {
            try
            {
                Trim();
            }
            finally
            {
                Volatile.Write(ref _trimming, 0);
            }
        }
    }

    private void Trim()
    {
        foreach (var (slab, _) in _slabs.Keys.Select(slab => (slab, slab.LastUse)).OrderBy(entry => entry.LastUse).ToList())
        {
            if (Interlocked.Read(ref _bytes) <= _options.LowMarkBytes)
                break;
            Interlocked.Add(ref _bytes, -slab.Empty());
        }
    }
}
