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
/// to <paramref name="BaseLevel"/>. A region begins when what it reads of the tiers before it is stored.
/// </summary>
/// <param name="Number">0 for the tier of the bottom level.</param>
/// <param name="RootLevel">Coarsest level of the tier.</param>
/// <param name="BaseLevel">Finest level of the tier.</param>
/// <param name="SourceLevel">The stored level, of any tier before, that base slabs come from; null when they come from the rasters.</param>
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
    private const int LevelsPerUpperTier = 2;
    private const long SlabsForOneRegion = 8;
    private const long RegionsWorthCutting = 16;

    private readonly SlabCover[] _covers;
    private readonly int _top;
    private readonly HashSet<int> _sourcePositions = [];

    /// <param name="tileMatrixSet">The set.</param>
    /// <param name="bottomLevel">Finest level.</param>
    /// <param name="topLevel">Coarsest level.</param>
    /// <param name="slabSize">Tiles of a slab.</param>
    /// <param name="sources">Extents of the sources in the set's CRS.</param>
    /// <param name="spread">
    /// Pixels by which a source reaches beyond its extent on levels that are no 2×2 mean of the one below: in an update, those of the
    /// former pyramid that a kernel mixes with new ones.
    /// </param>
    /// <param name="sourceLevels">Levels that are made from sources as the bottom level is, and not from the one below.</param>
    /// <exception cref="ArgumentException">A level is not in the set, bottom is above top, or no source touches the set.</exception>
    public PyramidPlan(
        TileMatrixSet tileMatrixSet, string bottomLevel, string topLevel, SlabSize slabSize, IReadOnlyList<Extent> sources, int spread = 0,
        IReadOnlyList<string>? sourceLevels = null)
        : this(tileMatrixSet, bottomLevel, topLevel, slabSize, _ => sources, spread, sourceLevels ?? [], null)
    {
    }

    private PyramidPlan(
        TileMatrixSet tileMatrixSet, string bottomLevel, string topLevel, SlabSize slabSize, Func<int, IReadOnlyList<Extent>> sourcesOf, int spread,
        IReadOnlyList<string> sourceLevels, (SlabCover Slabs, TileLimits Tiles)? stored)
    {
        TileMatrixSet = tileMatrixSet;
        SlabSize = slabSize;
        var bottom = PositionOf(bottomLevel);
        _top = PositionOf(topLevel);
        _sourcePositions = [.. sourceLevels.Select(PositionOf), bottom];
        if (bottom < _top)
            throw new ArgumentException($"bottom level {bottomLevel} is coarser than top level {topLevel} of {tileMatrixSet.Id}");

        _covers = new SlabCover[bottom - _top + 1];
        var levels = new List<PlannedLevel>();
        TileLimits? tiles = null;
        for (var position = bottom; position >= _top; position--)
        {
            var matrix = tileMatrixSet.Matrices[position];
            if (!_sourcePositions.Contains(position) && tileMatrixSet.IsHalfOfParent(position + 1))
            {
                _covers[position - _top] = _covers[position - _top + 1].Parents();
                tiles = Divide(tiles!.Value, 2, 2);
            }
            else if (position == bottom && stored is { } given)
            {
                (_covers[position - _top], tiles) = (given.Slabs, given.Tiles);
            }
            else
            {
                var reach = position < bottom ? spread * matrix.CellSize : 0;
                var sources = sourcesOf(position);
                var touched = sources.Select(extent => matrix.TilesOf(extent.Grow(reach))).OfType<TileLimits>().ToList();
                if (touched.Count == 0)
                    throw new ArgumentException($"none of {sources.Count} sources touches level {matrix.Id} of {tileMatrixSet.Id}");
                _covers[position - _top] = SlabCover.Of(touched.Select(block => Divide(block, slabSize.TilesPerWidth, slabSize.TilesPerHeight)));
                tiles = touched.Aggregate((a, b) => a.Union(b));
            }

            var cover = _covers[position - _top];
            if (position < bottom || stored is null)
                levels.Add(new PlannedLevel(matrix.Id, cover.Count, cover.Limits, tiles.Value));
        }

        FirstTier = stored is null ? 0 : 1;
        Levels = levels;
        Slabs = levels.Sum(level => level.Slabs);
        Tiers = [.. PlanTiers(bottom, stored is null ? 1 + LevelsOverBottomTier() : 1)];
    }

    private PyramidPlan(TileMatrixSet tileMatrixSet, SlabSize slabSize, IReadOnlyList<(string Level, SlabCover Slabs, TileLimits Tiles)> levels)
    {
        TileMatrixSet = tileMatrixSet;
        SlabSize = slabSize;
        var positions = levels.Select(level => PositionOf(level.Level)).ToList();
        _top = positions.Min();
        _covers = [.. Enumerable.Repeat(SlabCover.Of(Array.Empty<(long, long)>()), positions.Max() - _top + 1)];
        foreach (var (position, level) in positions.Zip(levels))
            _covers[position - _top] = level.Slabs;
        Levels = [.. levels.OrderByDescending(level => PositionOf(level.Level)).Select(level => new PlannedLevel(
            level.Level, level.Slabs.Count,
            level.Slabs.Count > 0 ? level.Slabs.Limits : Divide(level.Tiles, slabSize.TilesPerWidth, slabSize.TilesPerHeight), level.Tiles))];
        Slabs = Levels.Sum(level => level.Slabs);
        Tiers = [.. Levels.Select((level, number) => new PyramidTier(number, level.Level, level.Level, null, false, level.Slabs))];
    }

    /// <summary>The levels above one that is stored already: tier 0 is that level, and is not built.</summary>
    /// <param name="slabs">The slabs of the stored level.</param>
    /// <param name="tiles">The block of its tiles.</param>
    /// <exception cref="ArgumentException">A level is not in the set, or the top is no coarser than the stored one.</exception>
    public static PyramidPlan Above(TileMatrixSet tileMatrixSet, string storedLevel, string topLevel, SlabSize slabSize, SlabCover slabs, TileLimits tiles)
    {
        var position = tileMatrixSet.PositionOf(storedLevel);
        if (tileMatrixSet.PositionOf(topLevel) >= position)
            throw new ArgumentException($"top level {topLevel} is no coarser than level {storedLevel} of {tileMatrixSet.Id}");
        var extent = tileMatrixSet.Matrices[position].TileExtent(tiles.MinCol, tiles.MinRow, tiles.MaxCol - tiles.MinCol + 1, tiles.MaxRow - tiles.MinRow + 1);
        return new PyramidPlan(tileMatrixSet, storedLevel, topLevel, slabSize, _ => [extent], 0, [], (slabs, tiles));
    }

    /// <summary>Several groups of sources, each of which is for the levels from its own up to the next group's (ROK4's data sources by level).</summary>
    /// <param name="groups">Levels, in any order, with the extents of the sources in the set's CRS.</param>
    /// <exception cref="ArgumentException">A level is not in the set or is coarser than the top, or no source of a group touches the set.</exception>
    public static PyramidPlan OfGroups(
        TileMatrixSet tileMatrixSet, string topLevel, SlabSize slabSize, IReadOnlyList<(string Level, IReadOnlyList<Extent> Sources)> groups)
    {
        var ordered = groups.OrderBy(group => tileMatrixSet.PositionOf(group.Level)).ToList();
        return new PyramidPlan(
            tileMatrixSet, ordered[^1].Level, topLevel, slabSize, position => ordered.First(group => tileMatrixSet.PositionOf(group.Level) >= position).Sources, 0,
            [.. ordered.Select(group => group.Level)], null);
    }

    /// <summary>Given slabs, each a region of its own that depends on no other; a level is a tier.</summary>
    /// <param name="levels">Levels with the slabs to make, and the block of tiles that they and all others of the level have.</param>
    public static PyramidPlan OfSlabs(
        TileMatrixSet tileMatrixSet, SlabSize slabSize, IReadOnlyList<(string Level, SlabCover Slabs, TileLimits Tiles)> levels) =>
        new(tileMatrixSet, slabSize, levels);

    public TileMatrixSet TileMatrixSet { get; }

    public SlabSize SlabSize { get; }

    /// <summary>The levels that are built, finest first.</summary>
    public IReadOnlyList<PlannedLevel> Levels { get; }

    /// <summary>The tier of the bottom level first.</summary>
    public IReadOnlyList<PyramidTier> Tiers { get; }

    /// <summary>The first tier to build: 0, or 1 when the bottom level is stored already.</summary>
    public int FirstTier { get; }

    /// <summary>Slabs of all levels that are built.</summary>
    public long Slabs { get; }

    /// <summary>The regions of a tier, row by row; made while they are enumerated.</summary>
    public IEnumerable<PyramidRegion> Regions(PyramidTier tier) =>
        CoverOf(tier.RootLevel).Enumerate().Select(slab => new PyramidRegion(tier.Number, new SlabIndex(tier.RootLevel, slab.Col, slab.Row)));

    /// <summary>Slabs that a region builds, itself included.</summary>
    public long SlabsOf(PyramidRegion region)
    {
        var tier = Tiers[region.Tier];
        long count = 0;
        long side = 1;
        for (var position = PositionOf(tier.RootLevel); position <= PositionOf(tier.BaseLevel); position++, side *= 2)
        {
            var (col, row) = (region.Root.Col * side, region.Root.Row * side);
            count += _covers[position - _top].CountIn(new TileLimits(row, row + side - 1, col, col + side - 1));
        }

        return count;
    }

    /// <summary>Whether a slab is in the plan.</summary>
    public bool Contains(SlabIndex slab)
    {
        var position = TileMatrixSet.PositionOf(slab.Level) - _top;
        return position >= 0 && position < _covers.Length && _covers[position].Contains(slab.Col, slab.Row);
    }

    // A lot of some dozens of slabs is cut into more regions, so that silos and cores end together; a smaller one is not worth its handovers.
    private int LevelsOverBottomTier()
    {
        var covers = _covers.Reverse().Take(1 + LevelsOverBottom).Select(cover => cover.Count).ToList();
        return covers[0] > RegionsWorthCutting && covers[^1] < RegionsWorthCutting ? LevelsOverBottom - 1 : LevelsOverBottom;
    }

    private static TileLimits Divide(TileLimits limits, int across, int down) =>
        new(limits.MinRow / down, limits.MaxRow / down, limits.MinCol / across, limits.MaxCol / across);

    private IEnumerable<PyramidTier> PlanTiers(int bottom, int levelsOfBottomTier)
    {
        for (int number = 0, basePosition = bottom; basePosition >= _top; number++)
        {
            var levels = number == 0 || _sourcePositions.Contains(basePosition) ? levelsOfBottomTier
                : _covers[basePosition - _top].Count <= SlabsForOneRegion ? int.MaxValue
                : LevelsPerUpperTier;
            var root = basePosition;
            while (root > _top && basePosition - root + 1 < levels && TileMatrixSet.IsHalfOfParent(root) && !_sourcePositions.Contains(root - 1))
                root--;
            var isFromSources = _sourcePositions.Contains(basePosition);
            yield return new PyramidTier(
                number, TileMatrixSet.Matrices[root].Id, TileMatrixSet.Matrices[basePosition].Id,
                isFromSources ? null : TileMatrixSet.Matrices[SourceOf(basePosition, bottom)].Id,
                !isFromSources && TileMatrixSet.IsHalfOfParent(basePosition + 1), _covers[root - _top].Count);
            basePosition = root - 1;
        }
    }

    // A level whose pixels are some of a finer level's is made of those, though another level may be nearer: of steps of 25, 50 and 75 m the last is made of
    // the first. Else a pixel that lies between two would be shifted to one of them.
    private int SourceOf(int position, int bottom)
    {
        for (var below = position + 1; below <= bottom && !TileMatrixSet.IsHalfOfParent(below); below++)
        {
            if (TileMatrixSet.Matrices[position].HasPixelsOf(TileMatrixSet.Matrices[below]))
                return below;
            if (_sourcePositions.Contains(below))
                break;
        }

        return position + 1;
    }

    private SlabCover CoverOf(string level) => _covers[PositionOf(level) - _top];

    private int PositionOf(string level) => TileMatrixSet.PositionOf(level) is >= 0 and var position
        ? position
        : throw new ArgumentException(
            $"level {level} of {TileMatrixSet.Id}: levels are {TileMatrixSet.Matrices[0].Id} to {TileMatrixSet.Matrices[^1].Id}");
}
