using Grid.Grains.Pyramids;
using Grid.Imaging.Slabs;
using Grid.Storage;

namespace Grid.Grains.Tiles;

/// <summary>A slab in the store whose header and index have been read. One that does not exist has no tiles.</summary>
/// <param name="Key">The slab's key.</param>
/// <param name="Object">Where the bytes are: another object, where the slab's own is a link to it.</param>
internal sealed record SlabFile(string Key, string Object, SlabTiles Tiles)
{
    /// <summary>Reads header and index, in one range read unless the object is a link.</summary>
    /// <param name="tiles">Number of tiles that the slab packs.</param>
    /// <exception cref="InvalidSlabException">What is stored is no slab, or a link that is not followed.</exception>
    public static async Task<SlabFile> OpenAsync(IObjectStore pyramids, PyramidPlace place, string key, int tiles)
    {
        var head = new byte[SlabTileIndex.ReadLength(tiles)];
        var got = await pyramids.ReadAsync(key, 0, head);
        var bytes = key;
        if (SlabLink.TargetOf(head.AsSpan(0, Math.Max(0, got))) is { } target)
        {
            bytes = SlabLink.Checked(key, target, place);
            got = await pyramids.ReadAsync(bytes, 0, head);
            if (SlabLink.TargetOf(head.AsSpan(0, Math.Max(0, got))) is not null)
                throw new InvalidSlabException($"slab \"{key}\" links to {target}, which is a link itself: links lead to slabs");
        }

        return new SlabFile(key, bytes, got < 0
            ? new SlabTiles(null, null)
            : new SlabTiles(SlabHeader.Read(head.AsSpan(0, got)), SlabTileIndex.Read(head.AsSpan(0, got), tiles)));
    }

    /// <summary>The bytes of a tile; none where the slab has none.</summary>
    /// <exception cref="StorageException">The object ends before the tile does, or cannot be read.</exception>
    public async ValueTask<byte[]> ReadAsync(IObjectStore pyramids, int tile)
    {
        var (offset, length) = Tiles.PlaceOf(tile);
        if (length == 0)
            return [];
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        var got = await pyramids.ReadAsync(Object, offset, bytes);
        return got == bytes.Length
            ? bytes
            : throw new StorageException($"Slab \"{Key}\": tile {tile} should have {length} bytes at {offset}, {got} could be read.");
    }
}
