using Grid.Imaging.Slabs;

namespace Grid.Grains.Tiles;

/// <summary>The tiles of one slab that were asked for, as stored. Readers take references, so emptying never tears a tile in use.</summary>
/// <param name="header">What the slab's pixels are; null when the slab does not exist.</param>
/// <param name="index">Where each tile lies; null when the slab does not exist.</param>
public sealed class SlabTiles(SlabHeader? header, SlabTileIndex? index)
{
    private readonly byte[]?[] _tiles = new byte[]?[index?.Tiles ?? 0];
    private long _lastUse = Environment.TickCount64;

    /// <summary>Milliseconds of the machine's uptime at the last request.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    public SlabHeader? Header => header;

    /// <summary>Where a tile lies in the slab; (0, 0) for a tile that the slab does not have.</summary>
    public (long Offset, int Length) PlaceOf(int tile) => (uint)tile < (uint)_tiles.Length ? index![tile] : default;

    public byte[]? Find(int tile)
    {
        Volatile.Write(ref _lastUse, Environment.TickCount64);
        return Volatile.Read(ref _tiles[tile]);
    }

    /// <summary>Keeps a tile; returns the bytes that this added.</summary>
    public long Keep(int tile, byte[] bytes) => Interlocked.CompareExchange(ref _tiles[tile], bytes, null) is null ? bytes.Length : 0;

    /// <summary>Drops all tiles, keeping the index; returns the bytes that this freed.</summary>
    public long Empty()
    {
        long freed = 0;
        for (var tile = 0; tile < _tiles.Length; tile++)
            freed += Interlocked.Exchange(ref _tiles[tile], null)?.Length ?? 0;
        return freed;
    }
}
