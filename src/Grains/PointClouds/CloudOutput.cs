using Grid.Interfaces.PointClouds;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Octree;
using Grid.PointCloud.Tiles3D;
using Grid.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>
/// One file of a build and the tiers of its units: tiles are split, octants built, the file put together. Points may lie anywhere, so cells begin when all
/// tiles are split; the octants that finer ones are joined to, when those are built. Tiles whose squares are octants of a block have their own files put
/// together with the block's, of the same chunks.
/// </summary>
/// <param name="position">Of the file in the build.</param>
/// <param name="sources">Indices of its tiles in the order of the build.</param>
/// <param name="hasTileset">Whether 3D Tiles are made of it, in two tiers more: ranges of octants, the documents.</param>
internal sealed class CloudOutput(
    PointCloudBuildOrder order, string buildId, int position, string name, IReadOnlyList<int> sources, bool isBlock, bool hasTileset, long points)
{
    private const int SplitTier = 0, CellTier = 1;
    private const double SplitShare = 0.4, CellShare = 0.55, TilingShare = 0.4;

    private const int ReadsAtOnce = 16;

    /// <summary>Points of a unit of tiles: some seconds of work.</summary>
    private const int PointsOfTiling = 4_000_000;

    private readonly Queue<PointCloudUnitOrder> _ready = [];
    private int _taken;
    private long _tierPoints;
    private IReadOnlyList<int> _levels = [];
    private IReadOnlyList<ListedCell> _cells = [];
    private Dictionary<OctantKey, Octants> _joins = [];
    private IReadOnlyList<int> _ranges = [];
    private IReadOnlyList<TileOfBlock> _candidates = [], _tiles = [];
    private int _tileLevel;

    public int Position => position;

    /// <summary>Indices of its tiles in the order of the build.</summary>
    public IReadOnlyList<int> Sources => sources;

    public long Points => points;

    public bool IsBlock => isBlock;

    /// <summary>Below this lies what units hand to each other, until the file is finished.</summary>
    public string Work => $"{HandedOver(order.StoragePrefix)}/{position}";

    /// <summary>Where all outputs of a build have what their units hand to each other.</summary>
    public static string HandedOver(string storagePrefix) => $"{storagePrefix}/handover";

    /// <summary>Objects that no unit reads once cells are built.</summary>
    public string SplitPrefix => $"{Work}/split";

    /// <summary>Where the finished file is.</summary>
    public string FileKey => $"{order.StoragePrefix}/files/{name}.copc.laz";

    /// <summary>Whether it is not known yet which tiles' files are put together with this one: their points tell, when all are split.</summary>
    public bool IsUndecided => Tier == SplitTier && _candidates.Count > 0;

    /// <summary>The tiles' files that have been put together with this one.</summary>
    public IEnumerable<CloudOutput> TilesMade => _tiles.Select(tile => tile.File).Where(file => file.Made is not null);

    public int Tier { get; private set; }

    public PointCloudFile? Made { get; private set; }

    public bool HasReady => _ready.Count > 0;

    public bool IsTierDone => _ready.Count == 0 && _taken == 0;

    public bool HasLastTier => Tier == FileTier + (hasTileset ? 2 : 0);

    /// <summary>True when what tiles were split into is not needed any more.</summary>
    public bool IsPastCells => Tier >= FileTier;

    /// <summary>Share of the file's work that is done, 0 to 1.</summary>
    public double Fraction
    {
        get
        {
            var share = points == 0 ? 1 : Math.Min(1.0, (double)_tierPoints / points);
            var ofFile = Tier switch { SplitTier => SplitShare * share, CellTier => SplitShare + (CellShare * share), _ => SplitShare + CellShare };
            var ofTiling = Tier <= FileTier ? 0 : Tier == FileTier + 1 ? share : 1;
            return hasTileset ? ((1 - TilingShare) * ofFile) + (TilingShare * ofTiling) : ofFile;
        }
    }

    private int FileTier => _levels.Count + 1;

    /// <summary>Whether a tile's file is put together with this one; of those that may be, it is taken for granted while it is not known.</summary>
    public bool HoldsFileOf(CloudOutput tile) => (IsUndecided ? _candidates : _tiles).Any(candidate => candidate.File == tile);

    /// <summary>Opens the file at a tier. A plan that was written before counts, even if another version of this program made it: what is done was done by it.</summary>
    /// <param name="candidatesOf">The tiles whose squares are octants of the plan.</param>
    public async Task OpenAsync(
        OctreePlan plan, int tier, Func<OctreePlan, IReadOnlyList<TileOfBlock>> candidatesOf, IObjectStore store, CancellationToken cancellation)
    {
        if (await PointCloudUnits.ReadAllAsync(store, WorkKeys.Plan(Work), cancellation) is { } written)
            plan = OctreePlan.Read(written);
        else
            await store.PutAsync(WorkKeys.Plan(Work), plan.Write(), cancellation);
        (_levels, _tileLevel, _candidates) = (plan.UnitLevels, plan.TileLevel, candidatesOf(plan));
        if (tier != SplitTier)
            await ReadCellsAsync(store, cancellation);
        if (tier > FileTier)
            await ReadRangesAsync(store, cancellation);
        Begin(tier);
    }

    /// <summary>The next unit that can begin.</summary>
    public PointCloudUnitOrder TakeReady()
    {
        _taken++;
        return _ready.Dequeue();
    }

    /// <summary>A unit is done; another may be ready then.</summary>
    public void End(PointCloudUnitOrder unit, long itsPoints, PointCloudFile? made)
    {
        _taken--;
        _tierPoints += itsPoints;
        var file = unit.Kind == PointCloudUnitKind.TileFile ? _tiles.First(tile => tile.Source == unit.SourceIndex).File : this;
        file.Made = made ?? file.Made;
        if (unit.Kind is PointCloudUnitKind.Cell or PointCloudUnitKind.Join && ParentOf(OctantKey.Parse(unit.Octant)) is { } parent && --_joins[parent].Missing == 0)
            _ready.Enqueue(Join(parent));
    }

    /// <summary>Goes on to the next tier, whose units are then ready.</summary>
    public async Task AdvanceAsync(IObjectStore store, CancellationToken cancellation)
    {
        if (Tier == SplitTier)
        {
            var runs = new IReadOnlyList<SplitRun>[sources.Count];
            await Parallel.ForEachAsync(Enumerable.Range(0, sources.Count), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellation }, async (i, stop) =>
            {
                var key = WorkKeys.Runs(Work, sources[i]);
                runs[i] = TileSplitter.Read(await PointCloudUnits.ReadAllAsync(store, key, stop) ?? throw new ObjectNotFoundException(key));
            });
            await store.PutAsync(WorkKeys.Cells(Work), CellList.Write(sources.Zip(runs)), cancellation);
            await ReadCellsAsync(store, cancellation);
        }

        if (Tier == FileTier)
            await ReadRangesAsync(store, cancellation);
        Begin(Tier is SplitTier || Tier >= FileTier ? Tier + 1 : FileTier);
    }

    private async Task ReadRangesAsync(IObjectStore store, CancellationToken cancellation)
    {
        await using var copc = await CopcReader.OpenAsync(await StoreByteSource.OpenAsync(store, FileKey, FileKey, cancellation), cancellation: cancellation);
        _ranges = CopcTiler.Divide(await CopcTiler.ReadOctantsAsync(copc, cancellation), PointsOfTiling);
    }

    private async Task ReadCellsAsync(IObjectStore store, CancellationToken cancellation)
    {
        var key = WorkKeys.Cells(Work);
        var list = await PointCloudUnits.ReadAllAsync(store, key, cancellation) ?? throw new ObjectNotFoundException(key);
        _cells = CellList.Cells(list);
        // A point beyond its tile's border, which a wrong header may hide, is in another's octant: neither has a file of the block's chunks then.
        var octants = CellList.SourcesAt(list, _tileLevel).ToDictionary(octant => octant.Key, octant => octant.Distinct().ToList());
        var spread = octants.Values.SelectMany(found => found).CountBy(source => source).ToDictionary();
        _tiles = [.. _candidates.Where(tile => spread.GetValueOrDefault(tile.Source) == 1 && octants.GetValueOrDefault(tile.Octant) is [var only] && only == tile.Source)];
    }

    private void Begin(int tier)
    {
        Tier = tier;
        _tierPoints = 0;
        foreach (var unit in Units(tier))
            _ready.Enqueue(unit);
    }

    private IEnumerable<PointCloudUnitOrder> Units(int tier)
    {
        if (tier == SplitTier)
            return sources.Select(source => New(PointCloudUnitKind.Split) with { Source = order.Sources[source], SourceIndex = source });
        if (tier < FileTier)
            return BeginOctants(tier - CellTier);

        // Coarse octants stand first in the file: who looks at an overview reads its beginning.
        var all = Enumerable.Range(0, _levels.Count).Reverse().SelectMany(OctantsAt);
        if (tier == FileTier)
            return [New(PointCloudUnitKind.File) with { Parts = [.. all.Select(octant => octant.ToString())], OutputKey = FileKey }, .. _tiles.Select(tile => FileOf(tile, all))];
        return tier == FileTier + 1
            ? Enumerable.Range(0, _ranges.Count - 1).Select(range => OfTileset(PointCloudUnitKind.Tiling) with { Range = range })
            : [OfTileset(PointCloudUnitKind.Tileset)];
    }

    // A checkpoint of a former version may tell that finer levels are done; this one begins with the cells, and those that are done say so at once.
    private List<PointCloudUnitOrder> BeginOctants(int finest)
    {
        _joins = [];
        for (var level = 1; level < _levels.Count; level++)
        {
            foreach (var group in OctantsAt(level - 1).GroupBy(octant => octant.AncestorAt(_levels[level])))
                _joins.Add(group.Key, new Octants([.. group]) { Missing = level <= finest ? 0 : group.Count() });
        }

        return finest == 0
            ? [.. _cells.Select(cell => New(PointCloudUnitKind.Cell) with { Octant = cell.Key.ToString(), ListOffset = cell.Offset, ListBytes = cell.LengthBytes })]
            : [.. OctantsAt(finest).Select(Join)];
    }

    private PointCloudUnitOrder Join(OctantKey octant) =>
        New(PointCloudUnitKind.Join) with { Octant = octant.ToString(), Parts = [.. _joins[octant].Parts.Select(part => part.ToString())] };

    private PointCloudUnitOrder FileOf(TileOfBlock tile, IEnumerable<OctantKey> all) => New(PointCloudUnitKind.TileFile) with
    {
        Source = order.Sources[tile.Source],
        SourceIndex = tile.Source,
        Octant = tile.Octant.ToString(),
        Parts = [.. all.Where(tile.Octant.Contains).Select(octant => octant.ToString())],
        OutputKey = tile.File.FileKey,
        Crs = order.Crs,
    };

    /// <summary>The octant that one is joined to; null for the coarsest.</summary>
    private OctantKey? ParentOf(OctantKey octant) => octant.Level == 0 ? null : octant.AncestorAt(_levels.First(level => level < octant.Level));

    /// <summary>The octants of the units at one of the levels.</summary>
    private IEnumerable<OctantKey> OctantsAt(int level) => _cells.Select(cell => cell.Key.AncestorAt(_levels[level])).Distinct().Order();

    private PointCloudUnitOrder OfTileset(PointCloudUnitKind kind) => New(kind) with
    {
        OutputKey = FileKey,
        TilesetPrefix = $"{order.StoragePrefix}/3dtiles/{name}",
        Crs = order.Crs,
        Ranges = _ranges,
    };

    private PointCloudUnitOrder New(PointCloudUnitKind kind) => new() { BuildId = buildId, WorkPrefix = Work, Kind = kind };

    /// <summary>A tile whose square is an octant of a block.</summary>
    /// <param name="Source">Index of the tile in the order of the build.</param>
    /// <param name="File">Its own file.</param>
    public sealed record TileOfBlock(int Source, OctantKey Octant, CloudOutput File);

    private sealed class Octants(IReadOnlyList<OctantKey> parts)
    {
        public IReadOnlyList<OctantKey> Parts => parts;

        /// <summary>Parts that are not built yet.</summary>
        public int Missing { get; set; }
    }
}
