using Grid.Imaging.Codecs;

namespace Grid.Imaging.Slabs;

/// <summary>A slab held whole in memory: ours or any ROK4 version's. Safe from any thread.</summary>
public sealed class SlabReader
{
    private readonly ReadOnlyMemory<byte> _slab;

    /// <exception cref="InvalidSlabException">The bytes are no slab.</exception>
    public SlabReader(ReadOnlyMemory<byte> slab)
    {
        _slab = slab;
        Header = SlabHeader.Read(slab.Span);
        Index = SlabTileIndex.Read(slab.Span, Header.Tiles);
    }

    public SlabHeader Header { get; }

    public SlabTileIndex Index { get; }

    /// <summary>A tile's bytes as stored; empty where it has no data.</summary>
    /// <exception cref="InvalidSlabException">The index points beyond the slab's end: it was cut.</exception>
    public ReadOnlyMemory<byte> TileBytes(int tile)
    {
        var (offset, length) = Index[tile];
        return length == 0
            ? default
            : offset + length <= _slab.Length
                ? _slab.Slice((int)offset, length)
                : throw new InvalidSlabException($"tile {tile} has {length} bytes at {offset}, but the slab ends at {_slab.Length}");
    }

    /// <summary>Decodes a tile into samples <c>[row, col, channel]</c> of <see cref="SlabHeader.Pixels"/>; false where it has no data.</summary>
    /// <exception cref="InvalidSlabException">As <see cref="TileBytes"/>, or the slab holds no pixels that Grid knows.</exception>
    /// <exception cref="TileCodecException">The tile's bytes are damaged.</exception>
    public bool TryDecode(int tile, Span<byte> samples) => TryDecode(tile, samples, default, out _);

    /// <summary>Decodes a tile as above, and its mask where the tile itself holds one (<see cref="TileDecoder.TryDecodeMask"/>).</summary>
    public bool TryDecode(int tile, Span<byte> samples, Span<byte> mask, out bool hasMask)
    {
        hasMask = false;
        var bytes = TileBytes(tile);
        if (bytes.IsEmpty)
            return false;
        var pixels = Header.Pixels ?? throw new InvalidSlabException("the slab holds no samples of UInt8 or Float32");
        hasMask = TileDecoder.TryDecodeMask(Header.TileCompression, bytes.Span, pixels, Header.TileWidth, Header.TileHeight, samples, mask);
        return true;
    }
}
