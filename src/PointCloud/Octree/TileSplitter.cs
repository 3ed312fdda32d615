using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>Points of one cell in a row.</summary>
/// <param name="Offset">Of the first record in the split file.</param>
public readonly record struct SplitRun(OctantKey Cell, long Offset, int PointCount);

/// <summary>
/// Splits a file's points into the cells of a plan. The records, of the plan's format, go to one stream, batch by batch, and within a batch cell by cell; what
/// it holds is told as runs. Memory: a batch, and the chunks being decoded. The same file gives the same bytes.
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
        var runs = new List<SplitRun>();
        long offset = 0, points = 0;
        using var batch = new Batch(plan, plan.OctantOf(reader.Header), new RecordConverter(reader.Header, plan));
        await foreach (var chunk in reader.ReadAsync(threads: threads, cancellation: cancellation))
        {
            using (chunk)
            {
                points += chunk.Count;
                for (var done = 0; done < chunk.Count;)
                {
                    var records = chunk.Records[(done * chunk.Format.RecordLength)..];
                    var added = batch.Add(records.Span, chunk.Count - done, out var outside);
                    if (outside >= 0)
                        throw Outside(reader, chunk, done + outside);
                    done += added;
                    if (batch.IsFull)
                        await EmptyAsync();
                }
            }
        }

        await EmptyAsync();
        return points == (long)reader.Header.PointCount
            ? runs
            : throw new InvalidPointCloudException(reader.Name, $"it holds {points} points, its header announces {reader.Header.PointCount}");

        async Task EmptyAsync()
        {
            foreach (var records in batch.Empty(offset, runs))
            {
                await output.WriteAsync(records, cancellation);
                offset += records.Length;
            }
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

    /// <summary>Records, dealt out to their cells as they come. Each cell has blocks of one memory, which is full when no block is left.</summary>
    private sealed unsafe class Batch : IDisposable
    {
        /// <summary>Points so close to a tile's square lie on its border: headers round, and so do offsets.</summary>
        private const double BorderUnits = 1.5;

        private const int MostBlockPoints = 8192, FewestBlocks = 16, ConvertedAtOnce = 50_000;

        private readonly int _length;
        private readonly int _blockBytes;
        private readonly int _blockCount;
        private readonly int _shift;
        private readonly int _level;
        private readonly Placement _placement;
        private readonly RecordConverter _converter;
        private readonly IMemoryOwner<byte> _memory;
        private readonly byte* _blocks;
        private readonly Dictionary<(int X, int Y, int Z), Cell> _cells = [];
        private readonly byte[] _scratch;
        private int _used;

        /// <param name="tile">The octant that the file's points lie in, those on its borders included; null when there is none.</param>
        public Batch(OctreePlan plan, OctantKey? tile, RecordConverter converter)
        {
            _length = plan.Format.RecordLength;
            var points = (int)Math.Min((ulong)plan.Settings.BatchPoints, plan.PointCount);
            _blockBytes = _length * Math.Clamp(points / FewestBlocks, 1, MostBlockPoints);
            _blockCount = Math.Max(FewestBlocks, plan.Settings.BatchPoints * _length / _blockBytes);
            (_level, _shift) = (plan.CellLevel, OctreePlan.PlaceBits - plan.CellLevel);
            _converter = converter;
            _placement = tile is { } octant ? new Placement(plan, octant, BorderUnits * Math.Max(plan.Scale.X, Math.Max(plan.Scale.Y, plan.Scale.Z))) : new Placement(plan);
            var memory = new NativeBytes(checked(_blockCount * _blockBytes));
            _memory = memory;
            _blocks = memory.Pointer;
            _scratch = converter.IsCopy ? [] : ArrayPool<byte>.Shared.Rent(ConvertedAtOnce * _length);
        }

        /// <summary>True when no more can be added before it is emptied.</summary>
        public bool IsFull { get; private set; }

        /// <summary>Adds records of the file's format. Returns how many: the others are to be given again.</summary>
        /// <param name="outside">The first record that has no place in the cube; -1 when all have.</param>
        public int Add(ReadOnlySpan<byte> records, int count, out int outside)
        {
            outside = -1;
            if (!_converter.IsCopy)
            {
                count = Math.Min(count, ConvertedAtOnce);
                var converted = _scratch.AsSpan(0, count * _length);
                if (_converter.Convert(records, converted, count) is var done && done < count)
                {
                    outside = done;
                    return 0;
                }

                records = converted;
            }

            fixed (byte* first = records)
            {
                var (i, x, y, z) = (0, 0, 0, 0);
                if (!TryPlace(first, out x, out y, out z))
                    outside = 0;
                while (i < count && outside < 0)
                {
                    // Neighbours in a file are neighbours on the ground: they are copied together.
                    var (from, cellX, cellY, cellZ) = (i, x, y, z);
                    do
                    {
                        i++;
                        if (i < count && !TryPlace(first + ((nint)i * _length), out x, out y, out z))
                            outside = i;
                    }
                    while (i < count && outside < 0 && x == cellX && y == cellY && z == cellZ);
                    var rest = (i - from) * _length;
                    rest -= Append((cellX, cellY, cellZ), first + ((nint)from * _length), rest);
                    if (rest > 0)
                    {
                        (outside, IsFull) = (-1, true);
                        return i - (rest / _length);
                    }
                }

                return i;
            }
        }

        /// <summary>What the memory holds, cell by cell in the order of keys; adds the runs, and is empty when all is read.</summary>
        public IEnumerable<ReadOnlyMemory<byte>> Empty(long offset, List<SplitRun> runs)
        {
            foreach (var ((x, y, z), cell) in _cells.OrderBy(cell => (cell.Key.Z, cell.Key.Y, cell.Key.X)))
            {
                var bytes = ((cell.Blocks.Count - 1) * _blockBytes) + cell.Filled;
                runs.Add(new SplitRun(new OctantKey(_level, x, y, z), offset, bytes / _length));
                offset += bytes;
                foreach (var block in cell.Blocks)
                    yield return _memory.Memory.Slice(block * _blockBytes, block == cell.Blocks[^1] ? cell.Filled : _blockBytes);
            }

            _cells.Clear();
            (_used, IsFull) = (0, false);
        }

        public void Dispose()
        {
            _memory.Dispose();
            if (_scratch.Length > 0)
                ArrayPool<byte>.Shared.Return(_scratch);
        }

        /// <summary>The cell of a record; false when it has none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool TryPlace(byte* record, out int x, out int y, out int z)
        {
            _placement.Of(record, out x, out y, out z);
            var isInside = (x | y | z) >= 0;
            (x, y, z) = (x >> _shift, y >> _shift, z >> _shift);
            return isInside;
        }

        /// <summary>Copies records to a cell's blocks; returns the bytes for which there was room.</summary>
        private int Append((int X, int Y, int Z) key, byte* records, int bytes)
        {
            if (!_cells.TryGetValue(key, out var cell))
            {
                if (_used == _blockCount)
                    return 0;
                _cells[key] = cell = new Cell { Filled = _blockBytes };
            }

            var done = 0;
            while (done < bytes)
            {
                if (cell.Filled == _blockBytes)
                {
                    if (_used == _blockCount)
                        break;
                    cell.Blocks.Add(_used++);
                    cell.Filled = 0;
                }

                var part = Math.Min(bytes - done, _blockBytes - cell.Filled);
                Unsafe.CopyBlockUnaligned(_blocks + ((nint)cell.Blocks[^1] * _blockBytes) + cell.Filled, records + done, (uint)part);
                cell.Filled += part;
                done += part;
            }

            return done;
        }

        private sealed class Cell
        {
            public List<int> Blocks { get; } = [];

            /// <summary>Bytes in the last block.</summary>
            public int Filled { get; set; }
        }
    }
}
