using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>A level of a planned pyramid.</summary>
/// <param name="Level">The level's id.</param>
/// <param name="Slabs">Slabs that the sources touch, which is how many a build reports.</param>
/// <param name="SlabLimits">The block of slabs they lie in (slab indices, inclusive).</param>
/// <param name="TileLimits">The block of tiles that the sources touch: the descriptor's <c>tile_limits</c>.</param>
public sealed record PlannedLevel(string Level, long Slabs, TileLimits SlabLimits, TileLimits TileLimits);

/// <summary>
/// Consecutive levels built together: each slab of <paramref name="RootLevel"/> is the root of one region, which computes all below it down
/// to <paramref name="BaseLevel"/>. A tier begins when the one before it is stored.
/// </summary>
/// <param name="Number">0 for the tier of the bottom level.</param>
/// <param name="RootLevel">Coarsest level of the tier.</param>
/// <param name="BaseLevel">Finest level of the tier.</param>
/// <param name="SourceLevel">The stored level that base slabs come from; null when they come from the rasters.</param>
/// <param name="IsHalfOfSource">Whether base slabs are the 2×2 mean of the source level; otherwise they are resampled from it.</param>
/// <param name="Regions">Number of regions.</param>
public sealed record PyramidTier(int Number, string RootLevel, string BaseLevel, string? SourceLevel, bool IsHalfOfSource, long Regions);

/// <summary>One subtree of the slab tree.</summary>
public readonly record struct PyramidRegion(int Tier, SlabIndex Root);

/// <summary>
/// Which slabs a pyramid has and in which regions they are built. Pure arithmetic on the extents of the sources: the same arguments give the same plan on
/// every machine. A level of a million slabs is held as runs of columns. In a quad tree a slab belongs to the plan when a child does; across a
/// transition that is none, when the sources touch it.
/// </summary>
public sealed class PyramidPlan
{
    private const int LevelsOverBottom = 2;
    private const int LevelsPerUpperTier = 4;
    private const long SlabsForOneRegion = 64;

    private readonly SlabCover[] _covers;
    private readonly int _top;

    /// <param name="tileMatrixSet">The set.</param>
    /// <param name="bottomLevel">Finest level.</param>
    /// <param name="topLevel">Coarsest level.</param>
    /// <param name="slabSize">Tiles of a slab.</param>
    /// <param name="sources">Extents of the sources in the set's CRS.</param>
    /// <param name="spread">
    /// Pixels by which a source reaches beyond its extent on levels that are no 2×2 mean of the one below: in an update, those of the
    /// former pyramid that a kernel mixes with new ones.
    /// </param>
    /// <exception cref="ArgumentException">A level is not in the set, bottom is above top, or no source touches the set.</exception>
    public PyramidPlan(TileMatrixSet tileMatrixSet, string bottomLevel, string topLevel, SlabSize slabSize, IReadOnlyList<Extent> sources, int spread = 0)
    {
        TileMatrixSet = tileMatrixSet;
        SlabSize = slabSize;
        var bottom = PositionOf(bottomLevel);
        _top = PositionOf(topLevel);
        if (bottom < _top)
            throw new ArgumentException($"bottom level {bottomLevel} is coarser than top level {topLevel} of {tileMatrixSet.Id}");

        _covers = new SlabCover[bottom - _top + 1];
        var levels = new List<PlannedLevel>();
        TileLimits? tiles = null;
        for (var position = bottom; position >= _top; position--)
        {
            var matrix = tileMatrixSet.Matrices[position];
            if (position < bottom && tileMatrixSet.IsHalfOfParent(position + 1))
            {
                _covers[position - _top] = _covers[position - _top + 1].Parents();
                tiles = Divide(tiles!.Value, 2, 2);
            }
            else
            {
                var reach = position < bottom ? spread * matrix.CellSize : 0;
                var touched = sources.Select(extent => matrix.TilesOf(extent.Grow(reach))).OfType<TileLimits>().ToList();
                if (touched.Count == 0)
                    throw new ArgumentException($"none of {sources.Count} sources touches level {matrix.Id} of {tileMatrixSet.Id}");
                _covers[position - _top] = SlabCover.Of(touched.Select(block => Divide(block, slabSize.TilesPerWidth, slabSize.TilesPerHeight)));
                tiles = touched.Aggregate((a, b) => a.Union(b));
            }

            var cover = _covers[position - _top];
            levels.Add(new PlannedLevel(matrix.Id, cover.Count, cover.Limits, tiles.Value));
        }

        Levels = levels;
        Slabs = levels.Sum(level => level.Slabs);
        Tiers = [.. PlanTiers(bottom)];
    }

    public TileMatrixSet TileMatrixSet { get; }

    public SlabSize SlabSize { get; }

    /// <summary>Finest first.</summary>
    public IReadOnlyList<PlannedLevel> Levels { get; }

    /// <summary>The tier of the bottom level first.</summary>
    public IReadOnlyList<PyramidTier> Tiers { get; }

    /// <summary>Slabs of all levels.</summary>
    public long Slabs { get; }

    /// <summary>The regions of a tier, row by row; made while they are enumerated.</summary>
    public IEnumerable<PyramidRegion> Regions(PyramidTier tier) =>
        CoverOf(tier.RootLevel).Enumerate().Select(slab => new PyramidRegion(tier.Number, new SlabIndex(tier.RootLevel, slab.Col, slab.Row)));

    /// <summary>Slabs that a region builds, itself included.</summary>
    public long SlabsOf(PyramidRegion region)
    {
        var tier = Tiers[region.Tier];
        long count = 0;
        for (int position = PositionOf(tier.RootLevel), side = 1; position <= PositionOf(tier.BaseLevel); position++, side *= 2)
        {
            var level = TileMatrixSet.Matrices[position].Id;
            for (var row = region.Root.Row * side; row < (region.Root.Row + 1) * side; row++)
            {
                for (var col = region.Root.Col * side; col < (region.Root.Col + 1) * side; col++)
                    count += Contains(new SlabIndex(level, col, row)) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Whether a slab is in the plan.</summary>
    public bool Contains(SlabIndex slab)
    {
        var position = TileMatrixSet.PositionOf(slab.Level) - _top;
        return position >= 0 && position < _covers.Length && _covers[position].Contains(slab.Col, slab.Row);
    }

    private static TileLimits Divide(TileLimits limits, int across, int down) =>
        new(limits.MinRow / down, limits.MaxRow / down, limits.MinCol / across, limits.MaxCol / across);

    private IEnumerable<PyramidTier> PlanTiers(int bottom)
    {
        for (int number = 0, basePosition = bottom; basePosition >= _top; number++)
        {
            var levels = number == 0 ? 1 + LevelsOverBottom
                : _covers[basePosition - _top].Count <= SlabsForOneRegion ? int.MaxValue
                : LevelsPerUpperTier;
            var root = basePosition;
            while (root > _top && basePosition - root + 1 < levels && TileMatrixSet.IsHalfOfParent(root))
                root--;
            yield return new PyramidTier(
                number, TileMatrixSet.Matrices[root].Id, TileMatrixSet.Matrices[basePosition].Id,
                number == 0 ? null : TileMatrixSet.Matrices[basePosition + 1].Id,
                number > 0 && TileMatrixSet.IsHalfOfParent(basePosition + 1), _covers[root - _top].Count);
            basePosition = root - 1;
        }
    }

    private SlabCover CoverOf(string level) => _covers[PositionOf(level) - _top];

    private int PositionOf(string level) => TileMatrixSet.PositionOf(level) is >= 0 and var position
        ? position
        : throw new ArgumentException(
            $"level {level} of {TileMatrixSet.Id}: levels are {TileMatrixSet.Matrices[0].Id} to {TileMatrixSet.Matrices[^1].Id}");
}
