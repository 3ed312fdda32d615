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
    private readonly int _memoryPoints = Math.Min(Math.Min(plan.Settings.MemoryPoints, SubtreeBuilder.MostPoints), (1 << 30) / plan.Format.RecordLength);
    private readonly List<CopcChunk> _chunks = [];
    private readonly PointStatistics _statistics = new();
    private readonly ConcurrentBag<LayeredEncoder> _encoders = [];
    private readonly LazParameters _laz = LazParameters.Of(plan.Format, LazParameters.Variable, 4);
    private OctantKey _cell;

    /// <summary>Builds a cell. With the root as its octant, the tree is finished.</summary>
    /// <exception cref="UnfitCloudException">More points than memory is allowed for lie in one place.</exception>
    public async Task<(UnitIndex Index, Handover Handover)> BuildCellAsync(
        OctantKey cell, IReadOnlyList<CellPart> parts, CancellationToken cancellation = default)
    {
        _cell = cell;
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

    /// <summary>Closes an octant that was handed over, with all that it holds: as the root of a file of its own.</summary>
    public async Task<UnitIndex> CloseAsync(Handover handover, CancellationToken cancellation = default)
    {
        var count = handover.Points.Length / _recordLength;
        var all = new int[count];
        for (var i = 0; i < count; i++)
            all[i] = i;
        using var points = handover.Points.Pin();
        var at = Address(points);
        await EncodeAsync([handover.Key], _ => Encode(at, all), cancellation);
        return new UnitIndex(handover.Key, _chunks, _statistics, isWhole: false, held: 0);
    }

    private async Task<(UnitIndex, Handover)> EndAsync(OctantKey octant, Handover handover, CancellationToken cancellation)
    {
        if (octant.Level == 0)
        {
            await CloseAsync(handover with { Key = octant }, cancellation);
            handover = new Handover(octant, default, false);
        }

        return (new UnitIndex(octant, _chunks, _statistics, handover.IsWhole, handover.Points.Length / _recordLength), handover);
    }

    private async Task<Handover> BuildAsync(OctantKey octant, IReadOnlyList<CellPart> parts, long count, bool isAll, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (count <= _memoryPoints)
        {
            using IMemoryOwner<byte> records = new NativeBytes((int)count * _recordLength);
            await LoadAsync(records.Memory, octant, parts, isAll, cancellation);
            return await CloseAsync(records.Memory, (int)count, builder => builder.Build(octant), cancellation);
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

        // Along the Morton curve, as the builder wants them.
        handovers = [.. handovers.OrderBy(handover => handover.Key, MortonOrder.Comparer)];
        using IMemoryOwner<byte> records = new NativeBytes(checked((int)handovers.Sum(handover => (long)handover.Points.Length)));
        var at = 0;
        foreach (var handover in handovers)
        {
            handover.Points.CopyTo(records.Memory[at..]);
            at += handover.Points.Length;
        }

        return await CloseAsync(records.Memory, at / _recordLength, builder => builder.Join(
            octant, [.. handovers.Select(handover => (handover.Key, handover.Points.Length / _recordLength, handover.IsWhole))]), cancellation);
    }

    /// <summary>Builds octants of records in memory, encodes those that it closes, and hands over what it holds.</summary>
    private async Task<Handover> CloseAsync(ReadOnlyMemory<byte> records, int count, Func<SubtreeBuilder, Held> build, CancellationToken cancellation)
    {
        using var pinned = records.Pin();
        var at = Address(pinned);
        using var builder = Builder(at, count);
        var held = build(builder);
        // Coarse octants first: who looks at an overview reads them together.
        var octants = builder.Closed.OrderBy(octant => octant.Key.Level).ToList();
        await EncodeAsync([.. octants.Select(octant => octant.Key)], i => Encode(at, builder.PointsOf(octants[i])), cancellation);
        return Take(at, builder.PointsOf(held), held);
    }

    private unsafe SubtreeBuilder Builder(nint records, int count) => new(plan, (byte*)records, count);

    private static unsafe nint Address(System.Buffers.MemoryHandle pinned) => (nint)pinned.Pointer;

    private unsafe Handover Take(nint records, ReadOnlySpan<int> points, Held held)
    {
        var taken = GC.AllocateUninitializedArray<byte>(points.Length * _recordLength);
        for (var i = 0; i < points.Length; i++)
            new ReadOnlySpan<byte>((byte*)records + ((nint)points[i] * _recordLength), _recordLength).CopyTo(taken.AsSpan(i * _recordLength));
        return new Handover(held.Key, taken, held.IsWhole);
    }

    private async Task LoadAsync(Memory<byte> records, OctantKey octant, IReadOnlyList<CellPart> parts, bool isAll, CancellationToken cancellation)
    {
        var at = 0;
        if (isAll)
        {
            foreach (var part in parts)
            {
                var bytes = records.Slice(at, part.PointCount * _recordLength);
                await ReadAsync(part, part.Offset, bytes, cancellation);
                at += bytes.Length;
            }

            return;
        }

        await ForEachBlockAsync(parts, block => at += CopyThoseIn(octant, block.Span, records.Span[at..]), cancellation);
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
        var placement = new Placement(plan, _cell);
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
        var placement = new Placement(plan, _cell);
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

    /// <summary>Encodes octants, several at once, and writes them in the order given.</summary>
    private async Task EncodeAsync(IReadOnlyList<OctantKey> octants, Func<int, EncodedChunk> encode, CancellationToken cancellation)
    {
        var encoding = new Queue<(OctantKey Key, Task<EncodedChunk> Chunk)>();
        try
        {
            for (var next = 0; next < octants.Count || encoding.Count > 0;)
            {
                for (; next < octants.Count && encoding.Count < threads; next++)
                {
                    var octant = next;
                    encoding.Enqueue((octants[octant], threads == 1 ? Task.FromResult(encode(octant)) : Task.Run(() => encode(octant), CancellationToken.None)));
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
            // The records are theirs until all of them have ended.
            while (encoding.TryDequeue(out var rest))
            {
                try
                {
                    (await rest.Chunk).Dispose();
                }
                catch (Exception)
                {
                    // The first failure has been thrown already.
                }
            }
        }
    }

    private unsafe EncodedChunk Encode(nint from, ReadOnlySpan<int> points)
    {
        var records = ArrayPool<byte>.Shared.Rent(points.Length * _recordLength);
        var encoder = _encoders.TryTake(out var free) ? free : new LayeredEncoder(_laz, plan.Format);
        try
        {
            fixed (byte* to = records)
            {
                TimeOrder.Copy((byte*)from, _recordLength, points, to);
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
