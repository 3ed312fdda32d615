using System.Buffers;
using System.Buffers.Binary;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>Points of one cell in a row.</summary>
/// <param name="Offset">Of the first record in the split file.</param>
public readonly record struct SplitRun(OctantKey Cell, long Offset, int PointCount);

/// <summary>
/// Splits a file's points into the cells of a plan. The records, of the plan's format, go to one stream, batch by batch, and within a batch cell by cell; what
/// it holds is told as runs. Memory: two batches, and the chunks being decoded. The same file gives the same bytes.
/// </summary>
public static class TileSplitter
{
    private const int RunBytes = 28;

    /// <summary>Splits a file. Every point is in exactly one run.</summary>
    /// <param name="threads">Chunks decoded at once.</param>
    /// <exception cref="InvalidPointCloudException">The file is damaged, or has points outside the bounds that its header says.</exception>
    public static async Task<IReadOnlyList<SplitRun>> SplitAsync(
        PointCloudReader reader, OctreePlan plan, int threads, Stream output, CancellationToken cancellation = default)
    {
        var converter = new RecordConverter(reader.Header, plan);
        var batch = new Batch(plan);
        var runs = new List<SplitRun>();
        long offset = 0, points = 0;
        try
        {
            await foreach (var chunk in reader.ReadAsync(threads: threads, cancellation: cancellation))
            {
                using (chunk)
                {
                    points += chunk.Count;
                    for (var done = 0; done < chunk.Count;)
                    {
                        var count = Math.Min(chunk.Count - done, batch.Room);
                        var records = chunk.Records.Slice(done * chunk.Format.RecordLength, count * chunk.Format.RecordLength);
                        if (!batch.Add(converter, records.Span, count, out var outside))
                            throw Outside(reader, chunk, done + outside);
                        done += count;
                        if (batch.Room == 0)
                            await FlushAsync();
                    }
                }
            }

            await FlushAsync();
            return points == (long)reader.Header.PointCount
                ? runs
                : throw new InvalidPointCloudException(reader.Name, $"it holds {points} points, its header announces {reader.Header.PointCount}");
        }
        finally
        {
            batch.Dispose();
        }

        async Task FlushAsync()
        {
            var sorted = batch.Sort(offset, runs);
            await output.WriteAsync(sorted, cancellation);
            offset += sorted.Length;
        }
    }

    /// <summary>Runs as bytes.</summary>
    public static byte[] Write(IReadOnlyList<SplitRun> runs)
    {
        var bytes = new byte[runs.Count * RunBytes];
        for (var i = 0; i < runs.Count; i++)
        {
            var to = bytes.AsSpan(i * RunBytes);
            var run = runs[i];
            BinaryPrimitives.WriteInt32LittleEndian(to, run.Cell.Level);
            BinaryPrimitives.WriteInt32LittleEndian(to[4..], run.Cell.X);
            BinaryPrimitives.WriteInt32LittleEndian(to[8..], run.Cell.Y);
            BinaryPrimitives.WriteInt32LittleEndian(to[12..], run.Cell.Z);
            BinaryPrimitives.WriteInt64LittleEndian(to[16..], run.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(to[24..], run.PointCount);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static IReadOnlyList<SplitRun> Read(ReadOnlySpan<byte> bytes)
    {
        var runs = new SplitRun[bytes.Length / RunBytes];
        for (var i = 0; i < runs.Length; i++)
        {
            var from = bytes[(i * RunBytes)..];
            var cell = new OctantKey(
                BinaryPrimitives.ReadInt32LittleEndian(from), BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
                BinaryPrimitives.ReadInt32LittleEndian(from[8..]), BinaryPrimitives.ReadInt32LittleEndian(from[12..]));
            runs[i] = new SplitRun(cell, BinaryPrimitives.ReadInt64LittleEndian(from[16..]), BinaryPrimitives.ReadInt32LittleEndian(from[24..]));
        }

        return runs;
    }

    private static InvalidPointCloudException Outside(PointCloudReader reader, PointBatch chunk, int point)
    {
        var header = reader.Header;
        var record = chunk[point];
        var (x, y, z) = ((record.X * header.Scale.X) + header.Offset.X, (record.Y * header.Scale.Y) + header.Offset.Y, (record.Z * header.Scale.Z) + header.Offset.Z);
        return new InvalidPointCloudException(
            reader.Name,
            FormattableString.Invariant($"point {chunk.FirstPoint + point} lies at {x:0.###} {y:0.###} {z:0.###}, far outside the bounds that its header says: {header.Min.X:0.###} {header.Min.Y:0.###} {header.Min.Z:0.###} to {header.Max.X:0.###} {header.Max.Y:0.###} {header.Max.Z:0.###}"));
    }

    /// <summary>Records in the order in which they come, and then in that of their cells.</summary>
    private sealed unsafe class Batch(OctreePlan plan) : IDisposable
    {
        private readonly int _length = plan.Format.RecordLength;
        private readonly int _capacity = (int)Math.Min((ulong)plan.Settings.BatchPoints, plan.PointCount);
        private readonly Placement _placement = new(plan);
        private readonly Dictionary<OctantKey, int> _cells = [];
        private readonly List<int> _counts = [];
        private byte[] _records = [];
        private byte[] _sorted = [];
        private int[] _cellOf = [];
        private int _count;
        private OctantKey _lastCell = new(-1, 0, 0, 0);
        private int _last;

        public int Room => _capacity - _count;

        public bool Add(RecordConverter converter, ReadOnlySpan<byte> records, int count, out int outside)
        {
            if (_records.Length == 0)
            {
                _records = ArrayPool<byte>.Shared.Rent(_capacity * _length);
                _sorted = ArrayPool<byte>.Shared.Rent(_capacity * _length);
                _cellOf = ArrayPool<int>.Shared.Rent(_capacity);
            }

            outside = 0;
            var target = _records.AsSpan(_count * _length, count * _length);
            if (!converter.Convert(records, target))
                return false;
            var shift = OctreePlan.PlaceBits - plan.CellLevel;
            fixed (byte* first = target)
            {
                for (var i = 0; i < count; i++)
                {
                    _placement.Of(first + ((nint)i * _length), out var x, out var y, out var z);
                    if ((x | y | z) < 0)
                    {
                        outside = i;
                        return false;
                    }

                    _cellOf[_count + i] = IndexOf(new OctantKey(plan.CellLevel, x >> shift, y >> shift, z >> shift));
                }
            }

            _count += count;
            return true;
        }

        /// <summary>Sorts all records by cell, in the order of keys, adds the runs, and begins anew.</summary>
        public ReadOnlyMemory<byte> Sort(long offset, List<SplitRun> runs)
        {
            var starts = new long[_counts.Count];
            long at = 0;
            foreach (var (cell, index) in _cells.OrderBy(cell => cell.Key))
            {
                runs.Add(new SplitRun(cell, offset + at, _counts[index]));
                starts[index] = at;
                at += (long)_counts[index] * _length;
            }

            fixed (byte* from = _records, to = _sorted)
            {
                for (var i = 0; i < _count; i++)
                {
                    ref var start = ref starts[_cellOf[i]];
                    System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(to + start, from + ((nint)i * _length), (uint)_length);
                    start += _length;
                }
            }

            var sorted = _sorted.AsMemory(0, _count * _length);
            _count = 0;
            _cells.Clear();
            _counts.Clear();
            _lastCell = new OctantKey(-1, 0, 0, 0);
            return sorted;
        }

        public void Dispose()
        {
            if (_records.Length == 0)
                return;
            ArrayPool<byte>.Shared.Return(_records);
            ArrayPool<byte>.Shared.Return(_sorted);
            ArrayPool<int>.Shared.Return(_cellOf);
        }

        private int IndexOf(OctantKey cell)
        {
            if (cell != _lastCell)
            {
                _lastCell = cell;
                if (!_cells.TryGetValue(cell, out _last))
                {
                    _cells[cell] = _last = _counts.Count;
                    _counts.Add(0);
                }
            }

            _counts[_last]++;
            return _last;
        }
    }
}
