using System.Buffers;

namespace Grid.Imaging.Sources;

/// <summary>
/// The decoded blocks of all open lots, so that neighbouring windows do not decode a block twice. Bounded in bytes: the least recently used chunks
/// go first, those in use never. Concurrent readers of one chunk wait for one decoding. Safe for concurrent use.
/// </summary>
internal sealed class ChunkCache(long capacityBytes)
{
    /// <summary>128 MiB hold a row of 256-pixel tiles, red, green and blue, across 170,000 pixels.</summary>
    internal static ChunkCache Shared { get; } = new(128L << 20);

    private readonly Lock _gate = new();
    private readonly Dictionary<ChunkKey, Chunk> _chunks = [];
    private readonly LinkedList<Chunk> _recent = [];
    private long _bytes;

    /// <summary>The chunk, decoded by <paramref name="decode"/> when it is not held. Give it back with <see cref="Return"/>.</summary>
    internal Chunk Take<TState>(ChunkKey key, int pixelCount, int pixelBytes, TState state, Action<Chunk, TState> decode)
    {
        Chunk? chunk;
        lock (_gate)
        {
            if (_chunks.TryGetValue(key, out chunk))
            {
                _recent.Remove(chunk.Place);
            }
            else
            {
                chunk = new Chunk(key, pixelCount, pixelBytes);
                _chunks.Add(key, chunk);
                _bytes += chunk.Bytes;
            }

            chunk.Users++;
            _recent.AddFirst(chunk.Place);
        }

        try
        {
            lock (chunk.Decoding)
            {
                if (!chunk.IsDecoded)
                {
                    decode(chunk, state);
                    chunk.IsDecoded = true;
                }
            }

            return chunk;
        }
        catch
        {
            lock (_gate)
                Forget(chunk);
            Return(chunk);
            throw;
        }
    }

    internal void Return(Chunk chunk)
    {
        lock (_gate)
        {
            chunk.Users--;
            if (chunk.IsForgotten && chunk.Users == 0)
                chunk.Free();
            for (var place = _recent.Last; place is not null && _bytes > capacityBytes;)
            {
                var oldest = place.Value;
                place = place.Previous;
                if (oldest.Users == 0)
                {
                    Forget(oldest);
                    oldest.Free();
                }
            }
        }
    }

    /// <summary>Drops what is held of a lot.</summary>
    internal void Forget(long lot)
    {
        lock (_gate)
        {
            foreach (var chunk in _chunks.Values.Where(chunk => chunk.Key.Lot == lot).ToList())
            {
                Forget(chunk);
                if (chunk.Users == 0)
                    chunk.Free();
            }
        }
    }

    private void Forget(Chunk chunk)
    {
        if (chunk.IsForgotten)
            return;
        chunk.IsForgotten = true;
        _chunks.Remove(chunk.Key);
        _recent.Remove(chunk.Place);
        _bytes -= chunk.Bytes;
    }
}

/// <param name="Lot">The open lot's number in this process.</param>
/// <param name="Raster">The raster's ordinal in its lot.</param>
/// <param name="Index">The chunk's number in the raster, row by row.</param>
internal readonly record struct ChunkKey(long Lot, int Raster, int Index);

/// <summary>Some whole blocks of a raster, in the lot's format, in pooled memory: samples <c>[row, col, channel]</c> and mask <c>[row, col]</c>.</summary>
internal sealed class Chunk
{
    internal Chunk(ChunkKey key, int pixelCount, int pixelBytes)
    {
        Key = key;
        Place = new LinkedListNode<Chunk>(this);
        Pixels = ArrayPool<byte>.Shared.Rent(checked(pixelCount * pixelBytes));
        Mask = ArrayPool<byte>.Shared.Rent(pixelCount);
    }

    internal ChunkKey Key { get; }

    internal LinkedListNode<Chunk> Place { get; }

    internal Lock Decoding { get; } = new();

    internal byte[] Pixels { get; private set; }

    internal byte[] Mask { get; private set; }

    internal long Bytes => Pixels.Length + Mask.Length;

    internal bool IsFull { get; set; }

    internal bool IsDecoded { get; set; }

    internal bool IsForgotten { get; set; }

    internal int Users { get; set; }

    internal void Free()
    {
        ArrayPool<byte>.Shared.Return(Pixels);
        ArrayPool<byte>.Shared.Return(Mask);
        Pixels = Mask = [];
    }
}
