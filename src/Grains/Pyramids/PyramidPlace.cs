using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>How pyramids are laid out in the store: in folders, or as objects of a bucket.</summary>
/// <param name="bucket">The bucket; null for folders.</param>
public sealed class PyramidPlace(string? bucket)
{
    /// <summary>Below this lies what regions hand over, until the build ends; beside the slabs, so that what removes an abandoned pyramid removes it too.</summary>
    public static string HandoverPrefixOf(PyramidBuildOrder order) => $"{order.StoragePrefix}/{order.PyramidName}.handover";

    /// <summary>Object key of a slab, or of what it hands over.</summary>
    public string KeyOf(PyramidBuildOrder order, SlabIndex slab, StoredPart part)
    {
        if (part is StoredPart.HandoverHalves or StoredPart.HandoverMask)
            return $"{HandoverPrefixOf(order)}/{slab.Level}/{slab.Col}_{slab.Row}.{(part == StoredPart.HandoverMask ? "mask" : "halves")}";
        var key = StorageOf(order, slab.Level).SlabKey(part == StoredPart.Mask ? SlabKind.Mask : SlabKind.Data, slab.Col, slab.Row);
        return bucket is null ? $"{order.StoragePrefix}/{key}" : key;
    }

    /// <summary>What the descriptor says of a level's slabs: folders are relative to it, objects stand alone.</summary>
    public PyramidStorage StorageOf(PyramidBuildOrder order, string level) => bucket is null
        ? FilePyramidStorage.Of(order.PyramidName, level, order.Mask)
        : ObjectPyramidStorage.Of("S3", bucket, $"{order.StoragePrefix}/{order.PyramidName}", level, order.Mask);
}
