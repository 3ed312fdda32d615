using System.Diagnostics.CodeAnalysis;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// Builds one region of a pyramid, slab after slab: depth first, each parent right after its children, from pixels that never left memory. The
/// bytes depend on plan, format and sources alone, not on the number of threads. One caller at a time.
/// Memory: one source window a sheet (<see cref="SlabWarp.MaxWindowBytes"/> of samples and their mask), and for each level of the region one slab of
/// encoded tiles and the tiles that wait for children (256 uncompressed tiles at the very most, a dozen as a rule);
/// for the region's root its <see cref="SlabHandover"/> too, a quarter of its uncompressed pixels; in an update, four slabs of the former pyramid as stored.
/// </summary>
public sealed class RegionBuild : IRegionWork
{
    private readonly PyramidPlan _plan;
    private readonly PyramidBuildFormat _format;
    private readonly IReadOnlyList<IRasterSource> _sheets;
    private readonly StoredLevel? _children;
    private readonly ICoordinateTransform? _transform;
    private readonly TileEncoders _encoders;
    private readonly HandoverWriter? _handover;
    private readonly FormerTiles? _former;
    private readonly bool _baseIsWhole;
    private readonly IEnumerator<BuiltSlab> _slabs;
    private readonly int _basePosition;
    private CancellationToken _cancellation;

    private RegionBuild(
        PyramidPlan plan, PyramidRegion region, PyramidBuildFormat format, IReadOnlyList<IRasterSource> sheets, StoredLevel? children,
        ICoordinateTransform? transform, int degreeOfParallelism, FormerPyramid? former)
    {
        var tier = plan.Tiers[region.Tier];
        if (plan.SlabSize != format.Slab.Size || region.Root.Level != tier.RootLevel)
            throw new ArgumentException($"region {region.Root} with slabs of {format.Slab.Size} is not of this plan");
        if (sheets.FirstOrDefault(sheet => sheet.Format != format.Slab.Pixels) is { } other)
            throw new ArgumentException($"a source of {other.Format} for slabs of {format.Slab.Pixels}");
        ArgumentOutOfRangeException.ThrowIfLessThan(degreeOfParallelism, 1);
        _plan = plan;
        _format = format;
        _sheets = sheets;
        _children = children;
        _transform = transform;
        DegreeOfParallelism = degreeOfParallelism;
        _basePosition = plan.TileMatrixSet.PositionOf(tier.BaseLevel);
        _encoders = new TileEncoders(format);
        _handover = HandoverWriter.For(plan, tier, format, former is not null);
        _former = former is null ? null : new FormerTiles(plan.TileMatrixSet, format, former);
        _baseIsWhole = tier is { SourceLevel: not null, IsHalfOfSource: false };
        _slabs = Visit(plan.TileMatrixSet.PositionOf(tier.RootLevel), region.Root, null).GetEnumerator();
    }

    /// <summary>A region of the bottom tier.</summary>
    /// <param name="plan">The pyramid's plan.</param>
    /// <param name="region">One of its regions, of tier 0.</param>
    /// <param name="format">What the pyramid stores.</param>
    /// <param name="sheets">The sources, of the pyramid's pixel format; later ones cover earlier ones wherever they have data.</param>
    /// <param name="transform">Makes a transform from the set's CRS to the sources'; null when they are the same.</param>
    /// <param name="degreeOfParallelism">Threads that make the tiles of one slab.</param>
    /// <param name="former">The pyramid that an update begins from; null in a build from nothing.</param>
    public static RegionBuild FromRasters(
        PyramidPlan plan, PyramidRegion region, PyramidBuildFormat format, IReadOnlyList<IRasterSource> sheets,
        Func<ICoordinateTransform>? transform, int degreeOfParallelism = 1, FormerPyramid? former = null) =>
        new(plan, region, format, sheets, null, transform?.Invoke(), degreeOfParallelism, former);

    /// <summary>A region of an upper tier, whose base slabs come from the stored slabs of the level below.</summary>
    /// <param name="plan">The pyramid's plan.</param>
    /// <param name="region">One of its regions, of tier 1 or above.</param>
    /// <param name="format">What the pyramid stores.</param>
    /// <param name="read">
    /// Reads slabs of the tier's source level and what they handed over; called only for slabs of the plan, in an update for any. A slab without a
    /// handover is read as it is stored.
    /// </param>
    /// <param name="degreeOfParallelism">Threads that make the tiles of one slab.</param>
    /// <param name="former">The pyramid that an update begins from; null in a build from nothing.</param>
    public static RegionBuild FromStoredLevel(
        PyramidPlan plan, PyramidRegion region, PyramidBuildFormat format, StoredSlabRead read, int degreeOfParallelism = 1, FormerPyramid? former = null)
    {
        var tier = plan.Tiers[region.Tier];
        if (tier.SourceLevel is null)
            throw new ArgumentException($"tier {tier.Number} is built from rasters");
        var stored = new StoredSlabs(
            format.Slab, Planned, StoredPart.Data, format.Mask || !HandoverWriter.IsNeededBy(tier, format) ? StoredPart.Mask : StoredPart.HandoverMask);
        if (!tier.IsHalfOfSource)
        {
            return new RegionBuild(
                plan, region, format, [new StoredLevelSource(plan.TileMatrixSet.Find(tier.SourceLevel)!, stored)], null, null, degreeOfParallelism,
                former);
        }

        var halves = new StoredSlabs(format.Slab.ForHalves(), Planned, StoredPart.HandoverHalves, StoredPart.HandoverMask);
        return new RegionBuild(plan, region, format, [], new StoredLevel(halves, stored), null, degreeOfParallelism, former);

        ReadOnlyMemory<byte>? Planned(SlabIndex slab, StoredPart part) =>
            (former is not null || plan.Contains(slab)) && (part != StoredPart.Mask || format.Mask) ? read(slab, part) : null;
    }

    /// <inheritdoc/>
    public int DegreeOfParallelism { get; set; }

    /// <summary>
    /// Makes the next slab; the caller disposes of it. Slabs come children before parents, the region's root last; empty ones too, with 0 tiles.
    /// A source that cannot be read spoils its slab alone (<see cref="BuiltSlab.Failure"/>). After a cancellation the region is built anew.
    /// </summary>
    /// <returns>False when the region is done.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool TryBuildNext(CancellationToken cancellation, [NotNullWhen(true)] out BuiltSlab? slab)
    {
        cancellation.ThrowIfCancellationRequested();
        _cancellation = cancellation;
        slab = _slabs.MoveNext() ? _slabs.Current : null;
        return slab is not null;
    }

    public void Dispose()
    {
        _slabs.Dispose();
        _encoders.Dispose();
        _handover?.Dispose();
        _transform?.Dispose();
    }

    private IEnumerable<BuiltSlab> Visit(int position, SlabIndex slab, SlabInHand? parent)
    {
        if (!_plan.Contains(slab))
            yield break;
        var below = position + 1 < _plan.TileMatrixSet.Matrices.Count ? _plan.TileMatrixSet.Matrices[position + 1].Id : null;
        using var hand = new SlabInHand(
            _format, _encoders, slab, below, parent, parent is null ? _handover : null, position == _basePosition && _baseIsWhole ? null : _former);
        UnreadableRasterException? failure = null;
        if (position == _basePosition)
        {
            failure = BuildBase(hand);
        }
        else
        {
            foreach (var child in Children(slab, below!))
            {
                foreach (var built in Visit(position + 1, child, hand))
                    yield return built;
            }
        }

        yield return hand.Finish(failure);
    }

    private static IEnumerable<SlabIndex> Children(SlabIndex slab, string level)
    {
        for (var i = 0; i < 4; i++)
            yield return new SlabIndex(level, (2 * slab.Col) + (i % 2), (2 * slab.Row) + (i / 2));
    }

    private UnreadableRasterException? BuildBase(SlabInHand hand)
    {
        try
        {
            if (_children is null)
                new SlabWarp(_plan.TileMatrixSet.Matrices[_basePosition], _format, hand, _sheets, _transform, DegreeOfParallelism).Run(_cancellation);
            else
                HalveStored(hand, _children);
            return null;
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UnreadableRasterException>().FirstOrDefault() is { } inner)
        {
            return inner;
        }
        catch (UnreadableRasterException e)
        {
            return e;
        }
    }

    private void HalveStored(SlabInHand hand, StoredLevel level)
    {
        var size = _format.Slab.Size;
        foreach (var child in Children(hand.Slab, _plan.TileMatrixSet.Matrices[_basePosition + 1].Id))
        {
            _cancellation.ThrowIfCancellationRequested();
            var children = level.Halves;
            // What an update has not handed over it has not changed.
            if ((children.Find(child) ?? (_former is null ? (children = level.Tiles).Find(child) : null)) is not { } stored)
                continue;
            var first = size.TilesOf(child);
            var options = new ParallelOptions { MaxDegreeOfParallelism = DegreeOfParallelism, CancellationToken = _cancellation, TaskScheduler = ComputeThreads.OfThisThread };
            Parallel.For(0, size.Tiles, options, number =>
            {
                if (_former is not null && stored.Data.Index[number].Length == 0)
                    return;
                long col = first.MinCol + (number % size.TilesPerWidth), row = first.MinRow + (number / size.TilesPerWidth);
                using var tile = Raster.Rent(children.Format.TileWidth, children.Format.TileHeight, _format.Slab.Pixels);
                hand.Deliver(col, row, children.TryDecode(child, stored, number, tile) ? tile : null);
            });
        }
    }

    /// <summary>The level that a tier halves: what its slabs handed over and, for those that handed nothing over, their stored tiles.</summary>
    private sealed record StoredLevel(StoredSlabs Halves, StoredSlabs Tiles);
}
