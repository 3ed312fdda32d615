using System.Buffers;
using System.Collections.Concurrent;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Laz;
using Grid.PointCloud.Laz.Layered;

namespace Grid.PointCloud.Octree;

/// <summary>Records of one cell in a file that a tile was split into.</summary>
public readonly record struct CellPart(IByteSource Source, long Offset, int PointCount);

/// <summary>What a unit hands to the one above it.</summary>
/// <param name="Points">Records of the plan's format: a sample of the unit's octant or, when it is whole, all its points.</param>
/// <param name="IsWhole">True when the unit has closed nothing.</param>
public readonly record struct Handover(OctantKey Key, ReadOnlyMemory<byte> Points, bool IsWhole);

/// <summary>
/// Builds one unit of an octree: a cell from its points, or a coarser octant from what the units within it hand over. The octants that it closes are encoded
/// on several threads and go to one stream, in an order that does not depend on them. For one unit, and not for several threads.
/// </summary>
/// <param name="output">Gets the chunks, one after another, in the order of the result's.</param>
/// <param name="threads">Chunks encoded at once.</param>
public sealed class UnitBuilder(OctreePlan plan, Stream output, int threads)
{
    private const int ReadBytes = 4 << 20;

    private readonly int _recordLength = plan.Format.RecordLength;
    private readonly int _memoryPoints = Math.Min(plan.Settings.MemoryPoints, (1 << 30) / plan.Format.RecordLength);
    private readonly List<CopcChunk> _chunks = [];
    private readonly PointStatistics _statistics = new();
    private readonly ConcurrentBag<LayeredEncoder> _encoders = [];
    private readonly LazParameters _laz = LazParameters.Of(plan.Format, LazParameters.Variable, 4);

    /// <summary>Builds a cell. With the root as its octant, the tree is finished.</summary>
    /// <exception cref="UnfitCloudException">More points than memory is allowed for lie in one place.</exception>
    public async Task<(UnitIndex Index, Handover Handover)> BuildCellAsync(
        OctantKey cell, IReadOnlyList<CellPart> parts, CancellationToken cancellation = default)
    {
        var handover = await BuildAsync(cell, parts, parts.Sum(part => (long)part.PointCount), isAll: true, cancellation);
        return await EndAsync(cell, handover, cancellation);
    }

    /// <summary>Joins what units within an octant hand over.</summary>
    public async Task<(UnitIndex Index, Handover Handover)> JoinAsync(
        OctantKey octant, IReadOnlyList<Handover> handovers, CancellationToken cancellation = default)
    {
        var handover = await JoinInPartsAsync(octant, handovers, cancellation);
        return await EndAsync(octant, handover, cancellation);
    }

    private async Task<(UnitIndex, Handover)> EndAsync(OctantKey octant, Handover handover, CancellationToken cancellation)
    {
        if (octant.Level == 0)
        {
            await UseAsync([handover], async (arena, count) =>
            {
                var indices = new int[count];
                for (var i = 0; i < count; i++)
                    indices[i] = i;
                await EncodeAsync(arena, [new ClosedOctant(octant, indices)], cancellation);
            });
            handover = new Handover(octant, default, false);
        }

        return (new UnitIndex(octant, _chunks, _statistics, handover.IsWhole, handover.Points.Length / _recordLength), handover);
    }

    private async Task<Handover> BuildAsync(OctantKey octant, IReadOnlyList<CellPart> parts, long count, bool isAll, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (count <= _memoryPoints)
        {
            var arena = ArrayPool<byte>.Shared.Rent((int)count * _recordLength);
            try
            {
                await LoadAsync(arena, octant, parts, isAll, cancellation);
                var (held, closed) = Divide(arena, octant, (int)count);
                await EncodeAsync(arena, closed, cancellation);
                return Take(arena, held);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(arena);
            }
        }

        if (octant.Level >= SubtreeBuilder.DeepestDivided)
        {
            var edge = Math.ScaleB(plan.Cube.Edge, -octant.Level);
            var corner = plan.Cube.BoundsOf(octant).Min;
            throw new UnfitCloudException(FormattableString.Invariant(
                $"{count} points lie within {edge:0.###} of {corner.X:0.###} {corner.Y:0.###} {corner.Z:0.###}: {_memoryPoints} may"));
        }

        var counts = await CountAsync(octant, parts, cancellation);
        var handovers = new List<Handover>();
        for (var i = 0; i < 8; i++)
        {
            if (counts[i] > 0)
                handovers.Add(await BuildAsync(octant.Child(i), parts, counts[i], isAll: false, cancellation));
        }

        return await JoinInPartsAsync(octant, handovers, cancellation);
    }

    private async Task<Handover> JoinInPartsAsync(OctantKey octant, IReadOnlyList<Handover> handovers, CancellationToken cancellation)
    {
        var points = handovers.Sum(handover => (long)handover.Points.Length) / _recordLength;
        if (points > _memoryPoints && handovers.Any(handover => handover.Key.Level > octant.Level + 1))
        {
            var parts = new List<Handover>();
            for (var i = 0; i < 8; i++)
            {
                var child = octant.Child(i);
                var within = handovers.Where(handover => child.Contains(handover.Key)).ToList();
                if (within.Count > 0)
                    parts.Add(within[0].Key == child ? within[0] : await JoinInPartsAsync(child, within, cancellation));
            }

            handovers = parts;
        }

        return await UseAsync(handovers, async (arena, count) =>
        {
            var (held, closed) = Join(arena, octant, count, handovers.ToDictionary(handover => handover.Key, handover => handover.IsWhole));
            await EncodeAsync(arena, closed, cancellation);
            return Take(arena, held);
        });
    }

    private async Task<T> UseAsync<T>(IReadOnlyList<Handover> handovers, Func<byte[], int, Task<T>> use)
    {
        var bytes = handovers.Sum(handover => (long)handover.Points.Length);
        var arena = ArrayPool<byte>.Shared.Rent(checked((int)bytes));
        try
        {
            var at = 0;
            foreach (var handover in handovers)
            {
                handover.Points.CopyTo(arena.AsMemory(at));
                at += handover.Points.Length;
            }

            return await use(arena, at / _recordLength);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(arena);
        }
    }

    private Task UseAsync(IReadOnlyList<Handover> handovers, Func<byte[], int, Task> use) => UseAsync(handovers, async (arena, count) =>
    {
        await use(arena, count);
        return true;
    });

    private unsafe (Held Held, List<ClosedOctant> Closed) Divide(byte[] arena, OctantKey octant, int count)
    {
        fixed (byte* records = arena)
        {
            var builder = new SubtreeBuilder(plan, records);
            return (builder.Build(octant, count), builder.Closed);
        }
    }

    private unsafe (Held Held, List<ClosedOctant> Closed) Join(byte[] arena, OctantKey octant, int count, IReadOnlyDictionary<OctantKey, bool> handed)
    {
        fixed (byte* records = arena)
        {
            var builder = new SubtreeBuilder(plan, records);
            return (builder.Join(octant, count, handed), builder.Closed);
        }
    }

    private Handover Take(byte[] arena, Held held)
    {
        var points = new byte[held.Points.Length * _recordLength];
        for (var i = 0; i < held.Points.Length; i++)
            arena.AsSpan(held.Points[i] * _recordLength, _recordLength).CopyTo(points.AsSpan(i * _recordLength));
        return new Handover(held.Key, points, held.IsWhole);
    }

    private async Task LoadAsync(byte[] arena, OctantKey octant, IReadOnlyList<CellPart> parts, bool isAll, CancellationToken cancellation)
    {
        var at = 0;
        if (isAll)
        {
            foreach (var part in parts)
            {
                var bytes = arena.AsMemory(at, part.PointCount * _recordLength);
                await ReadAsync(part, part.Offset, bytes, cancellation);
                at += bytes.Length;
            }

            return;
        }

        await ForEachBlockAsync(parts, block => at += CopyThoseIn(octant, block.Span, arena.AsSpan(at)), cancellation);
    }

    private async Task<long[]> CountAsync(OctantKey octant, IReadOnlyList<CellPart> parts, CancellationToken cancellation)
    {
        var counts = new long[8];
        await ForEachBlockAsync(parts, block => Count(octant, block.Span, counts), cancellation);
        return counts;
    }

    private async Task ForEachBlockAsync(IReadOnlyList<CellPart> parts, Action<ReadOnlyMemory<byte>> use, CancellationToken cancellation)
    {
        var block = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var most = ReadBytes / _recordLength;
            foreach (var part in parts)
            {
                for (var done = 0; done < part.PointCount; done += most)
                {
                    var bytes = block.AsMemory(0, Math.Min(most, part.PointCount - done) * _recordLength);
                    await ReadAsync(part, part.Offset + ((long)done * _recordLength), bytes, cancellation);
                    use(bytes);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async Task ReadAsync(CellPart part, long offset, Memory<byte> bytes, CancellationToken cancellation)
    {
        if (await part.Source.ReadAsync(offset, bytes, cancellation) < bytes.Length)
            throw new EndOfStreamException($"{part.Source.Name} ends before byte {offset + bytes.Length}");
    }

    private unsafe int CopyThoseIn(OctantKey octant, ReadOnlySpan<byte> block, Span<byte> to)
    {
        var placement = new Placement(plan);
        var at = 0;
        fixed (byte* records = block)
        {
            for (var i = 0; i < block.Length; i += _recordLength)
            {
                if (placement.OctantOf(records + i, octant.Level) != octant)
                    continue;
                block.Slice(i, _recordLength).CopyTo(to[at..]);
                at += _recordLength;
            }
        }

        return at;
    }

    private unsafe void Count(OctantKey octant, ReadOnlySpan<byte> block, long[] counts)
    {
        var placement = new Placement(plan);
        fixed (byte* records = block)
        {
            for (var i = 0; i < block.Length; i += _recordLength)
            {
                var child = placement.OctantOf(records + i, octant.Level + 1);
                if (child.Parent == octant)
                    counts[(child.X & 1) | ((child.Y & 1) << 1) | ((child.Z & 1) << 2)]++;
            }
        }
    }

    private async Task EncodeAsync(byte[] arena, List<ClosedOctant> closed, CancellationToken cancellation)
    {
        // Coarse octants first: who looks at an overview reads them together.
        var octants = closed.OrderBy(octant => octant.Key.Level).ToList();
        var encoding = new Queue<(OctantKey Key, Task<EncodedChunk> Chunk)>();
        try
        {
            for (var next = 0; next < octants.Count || encoding.Count > 0;)
            {
                for (; next < octants.Count && encoding.Count < threads; next++)
                {
                    var octant = octants[next];
                    encoding.Enqueue((octant.Key, threads == 1 ? Task.FromResult(Encode(arena, octant.Points)) : Task.Run(() => Encode(arena, octant.Points), CancellationToken.None)));
                }

                var (key, task) = encoding.Dequeue();
                using var chunk = await task;
                await output.WriteAsync(chunk.Bytes, cancellation);
                _chunks.Add(new CopcChunk(key, chunk.Bytes.Length, (int)chunk.Statistics.Count));
                _statistics.Add(chunk.Statistics);
            }
        }
        finally
        {
            // The arena is theirs until they end.
            while (encoding.TryDequeue(out var rest))
                (await rest.Chunk).Dispose();
        }
    }

    private unsafe EncodedChunk Encode(byte[] arena, int[] points)
    {
        var records = ArrayPool<byte>.Shared.Rent(points.Length * _recordLength);
        var encoder = _encoders.TryTake(out var free) ? free : new LayeredEncoder(_laz, plan.Format);
        try
        {
            fixed (byte* from = arena, to = records)
            {
                TimeOrder.Copy(from, _recordLength, points, to);
                var statistics = PointStatistics.Of(records.AsSpan(0, points.Length * _recordLength), plan.Format);
                var (rented, length) = encoder.Encode(to, points.Length);
                return new EncodedChunk(rented, length, statistics);
            }
        }
        finally
        {
            _encoders.Add(encoder);
            ArrayPool<byte>.Shared.Return(records);
        }
    }
}
