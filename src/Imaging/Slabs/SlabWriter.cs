using System.Buffers;
using System.Buffers.Binary;

namespace Grid.Imaging.Slabs;

/// <summary>
/// Puts encoded tiles together to a slab: 2,048 bytes of header, the index, then the tiles in the order of their numbers, all but the first
/// at a multiple of 16 bytes (zeros between; the first follows the index, as in Rok4Image). Tiles come in any order and from any thread; the bytes depend only on their content. Memory: the encoded tiles, in pooled
/// blocks, and once more in <see cref="Finish"/>.
/// </summary>
public sealed class SlabWriter(SlabFormat format) : IDisposable
{
    private const int BlockBytes = 1 << 20;
    private readonly Lock _gate = new();
    private readonly List<byte[]> _blocks = [];
    private readonly (byte[]? Block, int Offset, int Length)[] _tiles = new (byte[]?, int, int)[format.Size.Tiles];
    private int _free;
    private int _count;

    /// <summary>Tiles added so far.</summary>
    public int Count => _count;

    /// <summary>Adds a tile, which is copied. An empty one is the same as none: its byte count is 0.</summary>
    /// <exception cref="ArgumentException">The tile was added before.</exception>
    public void Add(int tile, ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            return;
        Span<byte> place;
        lock (_gate)
        {
            if (_tiles[tile].Block is not null)
                throw new ArgumentException($"tile {tile} is in the slab already");
            if (_blocks.Count == 0 || _blocks[^1].Length - _free < encoded.Length)
            {
                _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, encoded.Length)));
                _free = 0;
            }

            _tiles[tile] = (_blocks[^1], _free, encoded.Length);
            place = _blocks[^1].AsSpan(_free, encoded.Length);
            _free += encoded.Length;
            _count++;
        }

        encoded.CopyTo(place);
    }

    /// <summary>The slab's bytes; empty when no tile was added, for such a slab is not stored. Ends the writer.</summary>
    /// <exception cref="InvalidOperationException">The slab passes 2 GiB.</exception>
    public PooledBytes Finish()
    {
        if (_count == 0)
        {
            Dispose();
            return PooledBytes.Empty();
        }

        var tiles = _tiles.Length;
        long length = SlabTileIndex.ReadLength(tiles);
        foreach (var tile in _tiles)
            length = tile.Length == 0 ? length : Start(length, tiles) + tile.Length;
        if (length > Array.MaxLength)
            throw new InvalidOperationException($"a slab of {length} bytes: {Array.MaxLength} are allowed; pack fewer tiles in a slab");

        var bytes = ArrayPool<byte>.Shared.Rent((int)length);
        SlabHeader.Write(bytes, format, (uint)_tiles[0].Length);
        var at = SlabTileIndex.ReadLength(tiles);
        for (var i = 0; i < tiles; i++)
        {
            var (block, offset, size) = _tiles[i];
            var start = size == 0 ? 0 : (int)Start(at, tiles);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(SlabHeader.LengthBytes + (4 * i)), start);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(SlabHeader.LengthBytes + (4 * (tiles + i))), size);
            if (size == 0)
                continue;
            bytes.AsSpan(at, start - at).Clear();
            block.AsSpan(offset, size).CopyTo(bytes.AsSpan(start));
            at = start + size;
        }

        Dispose();
        return new PooledBytes(bytes, at);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
    }

    private static long Start(long position, int tiles) => position == SlabTileIndex.ReadLength(tiles) ? position : (position + 15) & ~15L;
}
