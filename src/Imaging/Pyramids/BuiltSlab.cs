using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>A finished slab, handed to the caller who disposes of it.</summary>
public sealed class BuiltSlab : IDisposable
{
    public required SlabIndex Slab { get; init; }

    /// <summary>Tiles with data. With 0 the slab is empty, has no bytes, and is not stored.</summary>
    public required int Tiles { get; init; }

    public required PooledBytes Data { get; init; }

    /// <summary>The mask slab; null when the pyramid stores none, or the slab is empty.</summary>
    public PooledBytes? Mask { get; init; }

    /// <summary>What the tier above needs of this slab, when it is the root of a region and not empty; null when that tier needs the slab alone.</summary>
    public SlabHandover? Handover { get; init; }

    /// <summary>True when an update has changed nothing of the slab: it has no bytes here, and is what the former pyramid stores, if anything.</summary>
    public bool IsAsBefore { get; init; }

    /// <summary>Why a source could not be read for this slab, which then has no tiles; its parents are made without it.</summary>
    public UnreadableRasterException? Failure { get; init; }

    public void Dispose()
    {
        Data.Dispose();
        Mask?.Dispose();
        Handover?.Dispose();
    }
}
