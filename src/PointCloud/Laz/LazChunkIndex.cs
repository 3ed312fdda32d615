using System.Buffers.Binary;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz.Layered;

namespace Grid.PointCloud.Laz;

/// <summary>Where a LAZ file's chunks are.</summary>
/// <param name="DataEnd">Where the last chunk ends, as far as the file says.</param>
/// <param name="IsSequential">No table tells where pointwise chunks begin: they can only be read one after another.</param>
/// <param name="Warning">What was wrong with a table that could be done without; null when nothing was.</param>
internal sealed record LazChunkIndex(PointChunk[] Chunks, long DataStart, long DataEnd, bool IsSequential, string? Warning)
{
    /// <summary>Points of a part of a file without chunks.</summary>
    public const int PointsPerPart = 50_000;

    /// <summary>
    /// Reads the chunk table (see LASzip's own files; the format has no other specification). A missing or broken table is made anew from the layered chunks
    /// themselves; pointwise chunks of a fixed size are then read in sequence; pointwise chunks of varying size cannot be read without it.
    /// </summary>
    /// <exception cref="CorruptDataException">The chunks cannot be found, or contradict the header's point count.</exception>
    public static async Task<LazChunkIndex> ReadAsync(
        IByteSource source, LasHeader header, LasLayout layout, LazParameters parameters, CancellationToken cancellation)
    {
        var points = (long)header.PointCount;
        var end = layout.ExtendedCount > 0 && layout.ExtendedOffset > layout.PointOffset ? Math.Min(layout.ExtendedOffset, source.LengthBytes) : source.LengthBytes;
        if (parameters.Compressor == LazCompressor.Pointwise)
            return new LazChunkIndex(Split(points, PointsPerPart, header, end - layout.PointOffset), layout.PointOffset, end, points > 0, null);

        var start = layout.PointOffset + 8;
        var pointer = await ReadPointerAsync(source, layout.PointOffset, cancellation);
        if (points == 0 && pointer is null)
            return new LazChunkIndex([], start, start, false, null);
        ChunkEntry[] entries;
        var dataEnd = pointer is { } at && at >= start && at <= source.LengthBytes ? at : end;
        try
        {
            entries = await ReadTableAsync(source, start, pointer, header.PointFormat.RecordLength, parameters.HasVariableChunks, cancellation);
        }
        catch (CorruptDataException broken)
        {
            return await WithoutTableAsync(source, header, parameters, start, dataEnd, broken.Message, cancellation);
        }

        return new LazChunkIndex(Place(entries, start, points, parameters), start, dataEnd, false, null);
    }

    private static async Task<long?> ReadPointerAsync(IByteSource source, long at, CancellationToken cancellation)
    {
        var bytes = new byte[8];
        if (await source.ReadAsync(at, bytes, cancellation) < 8)
            return null;
        var pointer = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (pointer != -1)
            return pointer;
        // A writer that could not go back put it at the file's end.
        await source.ReadAsync(Math.Max(0, source.LengthBytes - 8), bytes, cancellation);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private static async Task<ChunkEntry[]> ReadTableAsync(
        IByteSource source, long start, long? pointer, int recordLength, bool hasPoints, CancellationToken cancellation)
    {
        if (pointer is not { } at || at < start || at > source.LengthBytes - ChunkTable.HeaderBytes)
            throw new CorruptDataException("the file has no chunk table: it was cut, or its writer interrupted");
        var head = new byte[ChunkTable.HeaderBytes];
        await source.ReadAsync(at, head, cancellation);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(head), count = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
        if (version != 0)
            throw new CorruptDataException($"the chunk table has version {version} instead of 0");
        if (count > (at - start) / recordLength)
            throw new CorruptDataException($"the chunk table announces {count} chunks in {at - start} bytes");
        var coded = new byte[Math.Min(source.LengthBytes - at - ChunkTable.HeaderBytes, ChunkTable.MaxCodedBytes(count))];
        await source.ReadAsync(at + ChunkTable.HeaderBytes, coded, cancellation);
        var entries = ChunkTable.Read(coded, (int)count, hasPoints);
        var total = entries.Sum(entry => (long)entry.Bytes);
        if (total != at - start)
            throw new CorruptDataException($"the chunk table announces chunks of {total} bytes together, where there are {at - start}");
        return entries;
    }

    private static PointChunk[] Place(ChunkEntry[] entries, long start, long points, LazParameters parameters)
    {
        if (!parameters.HasVariableChunks && entries.Length != (points + parameters.ChunkSize - 1) / parameters.ChunkSize)
        {
            throw new CorruptDataException(
                $"the header announces {points} points in chunks of {parameters.ChunkSize}, the chunk table has {entries.Length} chunks");
        }

        var chunks = new PointChunk[entries.Length];
        long first = 0, offset = start;
        for (var i = 0; i < entries.Length; i++)
        {
            var count = parameters.HasVariableChunks ? entries[i].Points : Math.Min(parameters.ChunkSize, points - first);
            if (count > points - first)
                throw new CorruptDataException($"the header announces {points} points, the chunk table {first + count} and more");
            chunks[i] = new PointChunk(i, first, checked((int)Math.Min(count, int.MaxValue)), offset, entries[i].Bytes);
            first += count;
            offset += entries[i].Bytes;
        }

        return first == points ? chunks : throw new CorruptDataException($"the header announces {points} points, the chunk table {first}");
    }

    private static async Task<LazChunkIndex> WithoutTableAsync(
        IByteSource source, LasHeader header, LazParameters parameters, long start, long end, string reason, CancellationToken cancellation)
    {
        var points = (long)header.PointCount;
        if (points == 0)
            throw new CorruptDataException($"{reason}; the header announces no points, though there are {end - start} bytes of them");
        if (parameters.Compressor == LazCompressor.Layered)
            return new LazChunkIndex(await WalkAsync(source, header, parameters, start, end, reason, cancellation), start, end, false, reason);
        if (parameters.HasVariableChunks)
            throw new CorruptDataException($"{reason}; its chunks vary in size and cannot be found without it");
        return new LazChunkIndex(Split(points, parameters.ChunkSize, header, end - start), start, end, true, reason);
    }

    /// <summary>Finds layered chunks by their headers.</summary>
    private static async Task<PointChunk[]> WalkAsync(
        IByteSource source, LasHeader header, LazParameters parameters, long offset, long end, string reason, CancellationToken cancellation)
    {
        var chunks = new List<PointChunk>();
        var head = new byte[LayeredDecoder.HeaderBytes(parameters, header.PointFormat)];
        for (long first = 0, points = (long)header.PointCount; first < points;)
        {
            var isThere = await source.ReadAsync(offset, head, cancellation) == head.Length;
            var (count, bytes) = LayeredDecoder.ReadHeader(head, header.PointFormat);
            var expected = parameters.HasVariableChunks ? count : Math.Min(parameters.ChunkSize, points - first);
            if (!isThere || count == 0 || count != expected || count > points - first || bytes > end - offset)
                throw new CorruptDataException($"{reason}; nor is there a whole chunk {chunks.Count} at byte {offset}");
            chunks.Add(new PointChunk(chunks.Count, first, (int)Math.Min(count, int.MaxValue), offset, bytes));
            first += count;
            offset += bytes;
        }

        return [.. chunks];
    }

    private static PointChunk[] Split(long points, uint size, LasHeader header, long bytes)
    {
        // A chunk holds at least its first point as it is; a stream without chunks takes longer to say as much.
        var count = (points + size - 1) / size;
        if (count > bytes / header.PointFormat.RecordLength)
            throw new CorruptDataException($"the header announces {points} points, for which {bytes} bytes are too few");
        var chunks = new PointChunk[count];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = new PointChunk(i, i * (long)size, (int)Math.Min(Math.Min(size, points - (i * (long)size)), int.MaxValue), -1, 0);
        return chunks;
    }
}
