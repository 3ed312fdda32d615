using System.Text;
using Grid.Grains.Pyramids;
using Grid.Imaging.Slabs;
using Grid.Storage;

namespace Grid.Grains.Tiles;

/// <summary>Objects that stand for others: ROK4 writes <c>SYMLINK#container/object</c> in place of a slab that another pyramid holds.</summary>
public static class SlabLink
{
    /// <summary>What a linking object begins with.</summary>
    public const string Signature = "SYMLINK#";

    /// <summary>What an object's first bytes link to, <c>container/object</c>; null when they do not.</summary>
    public static string? TargetOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("SYMLINK#"u8) ? Encoding.UTF8.GetString(head[Signature.Length..]).TrimEnd('\0', '\n', '\r', ' ') : null;

    /// <summary>The key of a link's target in the store of pyramids.</summary>
    /// <exception cref="InvalidSlabException">Another container, no key, or what is no pyramid's.</exception>
    public static string Checked(string slab, string target, PyramidPlace place)
    {
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var (container, key) = slash < 0 ? ("", target) : (target[..slash], target[(slash + 1)..]);
        // A bucket may be written with its cluster: bucket@host.
        if (place.BucketOf(slab) is { } bucket && container.Split('@')[0] != bucket)
            throw new InvalidSlabException($"slab \"{slab}\" links to {target}: links within {bucket} are followed");
        if (StoreGroup.NameIn(slab) is { } store && place.IsForeign(store))
            key = StoreGroup.PrefixOf(store) + key;
        if (!ObjectKey.IsValid(key) || StoreGroup.NameIn(key) != StoreGroup.NameIn(slab) || key.StartsWith("uploads/", StringComparison.Ordinal))
            throw new InvalidSlabException($"slab \"{slab}\" links to {target}, which is no slab's name");
        return key;
    }
}
