using Grid.Imaging.Slabs;

namespace Grid.Grains.Tiles;

/// <summary>The tiles of one slab that were asked for, as stored; emptying keeps the index.</summary>
/// <param name="header">What the slab's pixels are; null when the slab does not exist.</param>
/// <param name="index">Where each tile lies; null when the slab does not exist.</param>
public sealed class SlabTiles(SlabHeader? header, SlabTileIndex? index) : KeptTiles(index?.Tiles ?? 0)
{
    public SlabHeader? Header => header;

    /// <summary>Where a tile lies in the slab; (0, 0) for a tile that the slab does not have.</summary>
    public (long Offset, int Length) PlaceOf(int tile) => (uint)tile < (uint)Count ? index![tile] : default;
}
