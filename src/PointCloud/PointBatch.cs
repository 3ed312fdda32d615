using System.Buffers;
using Grid.PointCloud.Las;

namespace Grid.PointCloud;

/// <summary>
/// Points that follow each other in a file, as the records of an uncompressed LAS file: <c>[point, byte]</c>, <see cref="PointFormat.RecordLength"/> bytes a
/// point. Owned by one holder; its memory goes back to a pool on disposal.
/// <para>
/// Records, not columns: they lose nothing of any format, LAS needs no conversion, sorting points into octants moves each once, and the layers of LAZ are
/// decoded into blocks that stay in the nearest cache, so columns would be no faster.
/// </para>
/// </summary>
public sealed class PointBatch : IDisposable
{
    private byte[]? _records;

    internal PointBatch(PointFormat format, long firstPoint, int count)
    {
        (Format, FirstPoint, Count) = (format, firstPoint, count);
        _records = count == 0 ? [] : ArrayPool<byte>.Shared.Rent(checked(count * format.RecordLength));
    }

    public PointFormat Format { get; }

    /// <summary>Index of the first point in the file.</summary>
    public long FirstPoint { get; }

    public int Count { get; }

    /// <summary>All records, one after another.</summary>
    public ReadOnlyMemory<byte> Records => Writable;

    public PointRecord this[int point] => new(Writable.Span.Slice(point * Format.RecordLength, Format.RecordLength), Format);

    internal Memory<byte> Writable => (_records ?? throw new ObjectDisposedException(nameof(PointBatch))).AsMemory(0, Count * Format.RecordLength);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _records, null) is { Length: > 0 } records)
            ArrayPool<byte>.Shared.Return(records);
    }
}
