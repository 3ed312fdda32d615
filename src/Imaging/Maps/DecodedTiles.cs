namespace Grid.Imaging.Maps;

/// <summary>A tile's samples and mask, decoded. Whoever took it gives it back; its memory serves again when nobody holds it.</summary>
internal sealed class DecodedTile(byte[] pixels, byte[]? mask)
{
    private int _holders = 1;

    public byte[] Pixels { get; } = pixels;

    /// <summary>0 where the tile has no data, 255 where it has; null when every pixel has data.</summary>
    public byte[]? Mask { get; } = mask;

    public int Bytes => Pixels.Length + (Mask?.Length ?? 0);

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <returns>True when that was the last holder.</returns>
    public bool Release() => Interlocked.Decrement(ref _holders) == 0;
}

/// <summary>
/// Decoded tiles of all maps of a process, within a budget of bytes: maps of one place share most of their tiles, and decoding costs more than all else.
/// The tile not used for longest goes first. Safe for concurrent use.
/// </summary>
public sealed class DecodedTiles(long budget)
{
    private const int MaxIdleArrays = 64;
    private readonly Lock _gate = new();
    private readonly Dictionary<(MapLevel Level, TilePlace Place), LinkedListNode<Entry>> _tiles = [];
    private readonly LinkedList<Entry> _byUse = [];
    private readonly Dictionary<int, Stack<byte[]>> _idle = [];
    private long _bytes;

    /// <summary>Bytes of the tiles kept now.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>The tile, held for the caller, or null.</summary>
    internal DecodedTile? Take(MapLevel level, TilePlace place)
    {
        lock (_gate)
        {
            if (!_tiles.TryGetValue((level, place), out var node))
                return null;
            if (_byUse.Last != node)
            {
                _byUse.Remove(node);
                _byUse.AddLast(node);
            }

            node.Value.Tile.Hold();
            return node.Value.Tile;
        }
    }

    /// <summary>Keeps a tile that the caller holds, and goes on holding.</summary>
    internal void Keep(MapLevel level, TilePlace place, DecodedTile tile)
    {
        lock (_gate)
        {
            if (_tiles.ContainsKey((level, place)))
                return;
            tile.Hold();
            _tiles[(level, place)] = _byUse.AddLast(new Entry(level, place, tile));
            _bytes += tile.Bytes;
            while (_bytes > budget && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _tiles.Remove((oldest.Value.Level, oldest.Value.Place));
                _bytes -= oldest.Value.Tile.Bytes;
                if (oldest.Value.Tile.Release())
                    Idle(oldest.Value.Tile);
            }
        }
    }

    internal void Release(DecodedTile tile)
    {
        if (!tile.Release())
            return;
        lock (_gate)
            Idle(tile);
    }

    /// <summary>An array of exactly so many bytes, not initialised.</summary>
    internal byte[] RentArray(int length)
    {
        lock (_gate)
        {
            if (_idle.TryGetValue(length, out var arrays) && arrays.TryPop(out var array))
                return array;
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    internal void ReturnArray(byte[] array)
    {
        lock (_gate)
            Idle(array);
    }

    private void Idle(DecodedTile tile)
    {
        Idle(tile.Pixels);
        if (tile.Mask is { } mask)
            Idle(mask);
    }

    private void Idle(byte[] array)
    {
        if (!_idle.TryGetValue(array.Length, out var arrays))
            _idle[array.Length] = arrays = new Stack<byte[]>();
        if (arrays.Count < MaxIdleArrays)
            arrays.Push(array);
    }

    private readonly record struct Entry(MapLevel Level, TilePlace Place, DecodedTile Tile);
}
