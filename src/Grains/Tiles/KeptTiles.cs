namespace Grid.Grains.Tiles;

/// <summary>Bytes of the tiles of one slab that were asked for. Readers take references, so emptying never tears a tile in use.</summary>
public class KeptTiles(int count)
{
    private readonly byte[]?[] _tiles = new byte[]?[count];
    private long _lastUse = Environment.TickCount64;

    public int Count => _tiles.Length;

    /// <summary>Milliseconds of the machine's uptime at the last request.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    public byte[]? Find(int tile)
    {
        Volatile.Write(ref _lastUse, Environment.TickCount64);
        return Volatile.Read(ref _tiles[tile]);
    }

    /// <summary>Keeps a tile; returns the bytes that this added.</summary>
    public long Keep(int tile, byte[] bytes) => Interlocked.CompareExchange(ref _tiles[tile], bytes, null) is null ? bytes.Length : 0;

    /// <summary>Drops all tiles; returns the bytes that this freed.</summary>
    public long Empty()
    {
        long freed = 0;
        for (var tile = 0; tile < _tiles.Length; tile++)
            freed += Interlocked.Exchange(ref _tiles[tile], null)?.Length ?? 0;
        return freed;
    }
}
