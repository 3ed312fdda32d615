using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>How pyramids are laid out in the store: in folders, or as objects of a bucket.</summary>
/// <param name="bucket">The main store's bucket; null for folders.</param>
/// <param name="others">Likewise of the other stores, by name.</param>
/// <param name="foreign">Names of those that are only read.</param>
public sealed class PyramidPlace(string? bucket, IReadOnlyDictionary<string, string?>? others = null, IReadOnlyCollection<string>? foreign = null)
{
    /// <summary>Names of the other stores that pyramids can be put into.</summary>
    public IEnumerable<string> Others => others?.Keys.Where(name => !IsForeign(name)) ?? [];

    /// <summary>Whether objects of a store have keys that others gave them.</summary>
    public bool IsForeign(string? name) => name is not null && foreign?.Contains(name) == true;

    /// <summary>The bucket of the store that a key or a prefix is in; null for folders.</summary>
    public string? BucketOf(string key) => StoreGroup.NameIn(key) is { } name ? others?.GetValueOrDefault(name) : bucket;

    /// <summary>Below this lies what regions hand over, until the build ends; beside the slabs, so that what removes an abandoned pyramid removes it too.</summary>
    public static string HandoverPrefixOf(PyramidBuildOrder order) => $"{order.StoragePrefix}/{order.PyramidName}.handover";

    /// <summary>Object key of a slab, or of what it hands over.</summary>
    public string KeyOf(PyramidBuildOrder order, SlabIndex slab, StoredPart part)
    {
        if (part is StoredPart.HandoverHalves or StoredPart.HandoverMask)
            return $"{HandoverPrefixOf(order)}/{slab.Level}/{slab.Col}_{slab.Row}.{(part == StoredPart.HandoverMask ? "mask" : "halves")}";
        return KeyOf(order.StoragePrefix, StorageOf(order, slab.Level), part == StoredPart.Mask ? SlabKind.Mask : SlabKind.Data, slab.Col, slab.Row);
    }

    /// <summary>What the descriptor says of a level's slabs: folders are relative to it, objects stand alone.</summary>
    public PyramidStorage StorageOf(PyramidBuildOrder order, string level) => StorageOf(order.StoragePrefix, order.PyramidName, level, order.Mask);

    /// <inheritdoc cref="StorageOf(PyramidBuildOrder, string)"/>
    public PyramidStorage StorageOf(string storagePrefix, string pyramidName, string level, bool mask) => BucketOf(storagePrefix) is not { } container
        ? FilePyramidStorage.Of(pyramidName, level, mask)
        : ObjectPyramidStorage.Of("S3", container, $"{storagePrefix}/{pyramidName}", level, mask);

    /// <summary>Object key of a slab of a level.</summary>
    public static string KeyOf(string storagePrefix, PyramidStorage level, SlabKind kind, long col, long row) =>
        level is FilePyramidStorage ? $"{storagePrefix}/{level.SlabKey(kind, col, row)}" : level.SlabKey(kind, col, row);
}
