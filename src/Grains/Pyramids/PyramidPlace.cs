using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>How pyramids are laid out in the store: in folders, or as objects of a bucket.</summary>
/// <param name="bucket">The bucket; null for folders.</param>
public sealed class PyramidPlace(string? bucket)
{
    /// <summary>Object key of a slab.</summary>
    public string KeyOf(PyramidBuildOrder order, SlabIndex slab, SlabKind kind)
    {
        var key = StorageOf(order, slab.Level).SlabKey(kind, slab.Col, slab.Row);
        return bucket is null ? $"{order.StoragePrefix}/{key}" : key;
    }

    /// <summary>What the descriptor says of a level's slabs: folders are relative to it, objects stand alone.</summary>
    public PyramidStorage StorageOf(PyramidBuildOrder order, string level) => bucket is null
        ? FilePyramidStorage.Of(order.PyramidName, level, order.Mask)
        : ObjectPyramidStorage.Of("S3", bucket, $"{order.StoragePrefix}/{order.PyramidName}", level, order.Mask);
}
