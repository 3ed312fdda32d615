using System.Buffers.Binary;

namespace Grid.Imaging.Slabs;

/// <summary>
/// Where the tiles of a slab are: the two tables that follow the header, offsets then byte counts, row-major. One read of
/// <see cref="ReadLength"/> bytes at the slab's beginning gives it, then one read a tile.
/// </summary>
public sealed class SlabTileIndex
{
    /// <summary>More tiles than any slab in use packs (ROK4's default is 256); bounds what a damaged header can ask for.</summary>
    public const int MaxTiles = 1 << 16;

    private readonly uint[] _offsets;
    private readonly uint[] _counts;

    private SlabTileIndex(uint[] offsets, uint[] counts)
    {
        _offsets = offsets;
        _counts = counts;
    }

    public int Tiles => _counts.Length;

    /// <summary>Byte position and length of a tile; length 0 where the tile has no data.</summary>
    public (long Offset, int Length) this[int tile] => (_offsets[tile], (int)_counts[tile]);

    /// <summary>Number of tiles with data.</summary>
    public int NonEmptyTiles => _counts.Count(count => count != 0);

    /// <summary>Bytes to read from the slab's beginning: header and index. 4,096 for 16 × 16 tiles.</summary>
    public static int ReadLength(int tiles) => SlabHeader.LengthBytes + (8 * tiles);

    /// <summary>Reads the index of a slab of <paramref name="tiles"/> tiles from its first bytes, without looking at the directory.</summary>
    /// <exception cref="InvalidSlabException">Too few bytes, no TIFF signature, or a tile that begins inside header and index.</exception>
    public static SlabTileIndex Read(ReadOnlySpan<byte> headerAndIndex, int tiles)
    {
        if (tiles is < 1 or > MaxTiles)
            throw new ArgumentOutOfRangeException(nameof(tiles), tiles, $"1 to {MaxTiles} are allowed");
        var length = ReadLength(tiles);
        if (headerAndIndex.Length < length || headerAndIndex[0] != 'I' || headerAndIndex[1] != 'I')
            throw new InvalidSlabException($"{headerAndIndex.Length} bytes of TIFF: header and index of {tiles} tiles have {length}");
        var offsets = new uint[tiles];
        var counts = new uint[tiles];
        for (var i = 0; i < tiles; i++)
        {
            offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(headerAndIndex[(SlabHeader.LengthBytes + (4 * i))..]);
            counts[i] = BinaryPrimitives.ReadUInt32LittleEndian(headerAndIndex[(SlabHeader.LengthBytes + (4 * (tiles + i)))..]);
            if (counts[i] > int.MaxValue || (counts[i] > 0 && offsets[i] < length))
                throw new InvalidSlabException($"tile {i} has {counts[i]} bytes at {offsets[i]}, inside header and index");
        }

        return new SlabTileIndex(offsets, counts);
    }
}
