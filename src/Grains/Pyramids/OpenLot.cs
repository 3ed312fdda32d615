using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grid.Grains.Pyramids.Harvest;
using Grid.Grains.Uploads;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Imaging.Sources;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>
/// A build's order with its rasters open: the plan that follows from them, and the beginning of each region. Opened once a silo and shared by
/// the regions there, since all are made from the same headers. Safe for concurrent use.
/// </summary>
public sealed class OpenLot : IDisposable
{
    /// <summary>Pixels around what changes that a kernel mixes it into, the coarser level's: three, and as many again that the finer ones hand up.</summary>
    private const int KernelReach = 8;

    /// <summary>Headers read at the same time over the network, where each is waited for; GDAL's paths there begin with <c>/vsi</c>.</summary>
    private const int HeadersAtOnce = 128;

    // By the finest level that each is for; one alone, for the bottom level, as a rule.
    private readonly IReadOnlyDictionary<string, LotSources> _sources;
    private readonly TileMatrixSet _set;
    private readonly PyramidPlace _place;
    private readonly PyramidDescriptor? _former;
    private readonly PixelArea? _area;
    private readonly MergedSlabs? _merged;
    private IReadOnlyDictionary<string, IRasterSource> _maps = new Dictionary<string, IRasterSource>();
    private Extent? _harvestExtent;

    private OpenLot(
        PyramidBuildOrder order, IReadOnlyDictionary<string, LotSources>? sources, TileMatrixSet set, PixelArea? area, PyramidPlan plan, PyramidBuildFormat format,
        PyramidPlace place, MergedSlabs? merged = null)
    {
        Order = order;
        Plan = plan;
        Format = format;
        _sources = sources ?? new Dictionary<string, LotSources>();
        _set = set;
        _place = place;
        _area = area;
        _merged = merged;
        Formers = order.Former is { } one ? [one] : order.Merged;
        _former = order.Former is { } former ? PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(former.Descriptor)) : null;
        Digest = Convert.ToHexStringLower(SHA256.HashData(
            [.. JsonSerializer.SerializeToUtf8Bytes(order), .. Encoding.UTF8.GetBytes(string.Join(' ', plan.Tiers.Select(tier => $"{tier.BaseLevel}-{tier.RootLevel}")))]));
    }

    public PyramidBuildOrder Order { get; }

    public PyramidPlan Plan { get; }

    public PyramidBuildFormat Format { get; }

    /// <summary>The headers of a large lot, when they are not kept in the store yet.</summary>
    internal IReadOnlyList<RasterInfo>? HeadersToKeep { get; set; }

    /// <summary>Names the order and how its plan is cut, so that a region's checkpoint is not taken for another's.</summary>
    public string Digest { get; }

    public long InputPixels => _sources.Values.Sum(sources => sources.Pixels) + _maps.Keys.Sum(level =>
        Plan.Levels.First(one => one.Level == level).Slabs * Format.Slab.Size.Tiles * Format.Slab.TileWidth * Format.Slab.TileHeight);

    /// <summary>The pyramids that slabs are taken over from: the one that is updated, or those that are merged.</summary>
    public IReadOnlyList<FormerPyramidOrder> Formers { get; }

    /// <summary>West, south, east, north in degrees: of the rasters and of the pyramids that this one begins from.</summary>
    public IReadOnlyList<double> Bounds
    {
        get
        {
            var all = Formers.Select(former => new Extent(former.Bounds[0], former.Bounds[1], former.Bounds[2], former.Bounds[3])).ToList();
            if (_harvestExtent is { } harvested)
                all.Add(CrsExtent.ToWgs84(harvested, Crs.Parse(_set.Crs).GdalName));
            all.AddRange(_sources.Values.Select(sources => CrsExtent.ToWgs84(sources.Extent, sources.Crs)));
            var degrees = all.Aggregate((one, other) => one.Union(other));
            if (Order.Bbox is [var west, var south, var east, var north] && degrees.Intersects(new Extent(west, south, east, north)))
                degrees = degrees.Intersection(new Extent(west, south, east, north));
            return [degrees.MinX, degrees.MinY, degrees.MaxX, degrees.MaxY];
        }
    }

    /// <summary>
    /// Reads the headers of the lot and plans the pyramid. Throws <see cref="UnreadableRasterException"/> naming a raster, or
    /// <see cref="ArgumentException"/> naming what the order asks for in vain.
    /// </summary>
    internal static OpenLot Open(PyramidBuildOrder order, IObjectStore uploads, IObjectStore pyramids, PyramidPlace place, WmsClient maps)
    {
        var set = TileMatrixSets.Find(order.TileMatrixSet)
            ?? throw new ArgumentException($"Tile matrix set {order.TileMatrixSet} is not known.");
        if (order.Merged.Count > 0)
            return Merged(order, set, pyramids, place);
        if (order.KeptLevel is not null)
            return Headed(order, set, pyramids, place);
        if (order.Harvest is not null)
            return Harvested(order, set, place, maps);
        var area = order.Area is { } polygon ? WktArea.Read(polygon, set) : null;
        if (order.Sources.Count == 0)
        {
            if (order.Former is null || area is null)
                throw new ArgumentException("The lot has no raster.");
            return Planned(order, null, set, area, [], place);
        }

        if (order.SourceGroups.Count > 0)
            return Grouped(order, uploads, set, place);
        List<(string GdalPath, string Name)> rasters = [.. order.Sources.Select(raster => (uploads.GdalPath(raster.Key), raster.Name))];
        // Off the grain's scheduler, so the store may be waited for.
        var known = Known(order.Sources, uploads);
        var kept = known.Contains(null) && rasters.Count >= LotHeaders.LeastRasters ? Task.Run(() => LotHeaders.ReadAsync(pyramids, order)).GetAwaiter().GetResult() : null;
        var headers = kept ?? Inspect(rasters, order.SourceCrs, known);
        var sources = LotSources.Open(rasters, headers, order.SourceCrs, TargetOf(order), order.Nodata, order.NodataTolerance, order.NodataAtEdges);
        try
        {
            var lot = Planned(order, sources, set, area, ImagesOf(sources, order.Sources, order.SourceCrs, set), place);
            lot.HeadersToKeep = kept is null && known.Contains(null) && rasters.Count >= LotHeaders.LeastRasters ? headers : null;
            return lot;
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    private static OpenLot Grouped(PyramidBuildOrder order, IObjectStore uploads, TileMatrixSet set, PyramidPlace place)
    {
        var opened = new Dictionary<string, LotSources>();
        try
        {
            var groups = new List<(string, IReadOnlyList<Extent>)>();
            var target = TargetOf(order);
            var first = 0;
            foreach (var group in order.SourceGroups)
            {
                var rasters = order.Sources.Skip(first).Take(group.Rasters).ToList();
                first += group.Rasters;
                List<(string GdalPath, string Name)> paths = [.. rasters.Select(raster => (uploads.GdalPath(raster.Key), raster.Name))];
                var sources = LotSources.Open(paths, Inspect(paths, group.Crs, Known(rasters, uploads)), group.Crs, target, order.Nodata, order.NodataTolerance, order.NodataAtEdges);
                opened.Add(group.Level, sources);
                // What the finest ones hold decides for all.
                target ??= sources.Format;
                groups.Add((group.Level, ImagesOf(sources, rasters, group.Crs, set)));
            }

            var finest = opened[order.SourceGroups[0].Level];
            var size = new SlabSize(order.TilesPerWidth, order.TilesPerHeight);
            var plan = PyramidPlan.OfGroups(set, order.TopLevel ?? set.Matrices[0].Id, size, groups);
            return new OpenLot(order, opened, set, null, plan, FormatOf(order, finest, set.Find(order.SourceGroups[0].Level)!, size), place);
        }
        catch
        {
            foreach (var sources in opened.Values)
                sources.Dispose();
            throw;
        }
    }

    // Off the grain's scheduler, so the store may be waited for.
    private static RasterInfo?[] Known(IReadOnlyList<SourceRaster> rasters, IObjectStore uploads) =>
        Task.Run(() => UploadHeaders.ReadAsync(uploads, rasters)).GetAwaiter().GetResult();

    private static RasterInfo[] Inspect(IReadOnlyList<(string GdalPath, string Name)> rasters, string crs, IReadOnlyList<RasterInfo?> known) => LotSources.Inspect(
        rasters, crs, rasters[0].GdalPath.StartsWith("/vsi", StringComparison.Ordinal) ? HeadersAtOnce : Environment.ProcessorCount, known: known);

    private static OpenLot Planned(
        PyramidBuildOrder order, LotSources? sources, TileMatrixSet set, PixelArea? area, IReadOnlyList<Extent> extents, PyramidPlace place)
    {
        var bottom = order.BottomLevel ?? set.ForResolution(Resolution(sources!, order.SourceCrs, Crs.Parse(set.Crs).GdalName)).Id;
        var top = order.TopLevel ?? set.Matrices[0].Id;
        var size = new SlabSize(order.TilesPerWidth, order.TilesPerHeight);
        if (extents.Count > 0 && set.Find(bottom) is { } finest && extents.All(extent => finest.TilesOf(extent) is null))
        {
            throw new UnreadableRasterException(order.Sources[0].Name,
                $"it lies, as the whole lot does, outside the tile matrix set {set.Id}: at {Text(extents[0])} of {set.Crs}, while the set holds {Text(finest.TileExtent(0, 0, finest.MatrixWidth, finest.MatrixHeight))}; check the upload's srs, {order.SourceCrs}, or choose another set.");
        }

        // Outside the area nothing changes, whatever the rasters cover.
        var changed = area is null ? extents : area.RingExtents;
        var plan = new PyramidPlan(set, bottom, top, size, changed, order.Former is null ? 0 : KernelReach);
        var byLevel = sources is null ? null : new Dictionary<string, LotSources> { [bottom] = sources };
        return new OpenLot(order, byLevel, set, area, plan, FormatOf(order, sources, set.Find(bottom)!, size), place);
    }

    private static OpenLot Harvested(PyramidBuildOrder order, TileMatrixSet set, PyramidPlace place, WmsClient maps)
    {
        var area = WktArea.Read(order.Area ?? throw new ArgumentException("An order that harvests names its area."), set);
        var size = new SlabSize(order.TilesPerWidth, order.TilesPerHeight);
        var bottom = set.Find(order.BottomLevel ?? order.Harvest!.Levels[0]) ?? throw new ArgumentException($"level {order.BottomLevel} is not in {set.Id}");
        var format = FormatOf(order, null, bottom, size);
        var plan = new PyramidPlan(set, bottom.Id, order.TopLevel ?? set.Matrices[0].Id, size, area.RingExtents, order.Former is null ? 0 : KernelReach, order.Harvest!.Levels);
        var nodata = order.Nodata is null || order.Harvest.KeepsNodata || format.Slab.Pixels.Sample != SampleType.UInt8 ? null : format.Slab.NodataPixel();
        return new OpenLot(order, null, set, null, plan, format, place)
        {
            _maps = order.Harvest.Levels.ToDictionary(
                level => level, level => (IRasterSource)new WmsLevel(maps, order.Harvest, set, set.Find(level)!, format.Slab.Pixels, area, nodata)),
            _harvestExtent = area.RingExtents.Aggregate((one, other) => one.Union(other)),
        };
    }

    private static OpenLot Merged(PyramidBuildOrder order, TileMatrixSet set, IObjectStore pyramids, PyramidPlace place)
    {
        var merged = MergedSlabs.Read(order, set, pyramids);
        var size = new SlabSize(order.TilesPerWidth, order.TilesPerHeight);
        return new OpenLot(order, null, set, null, merged.Plan, FormatOf(order, null, set.Matrices[^1], size), place, merged);
    }

    private static OpenLot Headed(PyramidBuildOrder order, TileMatrixSet set, IObjectStore pyramids, PyramidPlace place)
    {
        var former = order.Former ?? throw new ArgumentException("An order that keeps a level names its pyramid.");
        var kept = PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(former.Descriptor)).FindLevel(order.KeptLevel!)
            ?? throw new ArgumentException($"The pyramid has no level {order.KeptLevel}.");
        // Called on a worker thread, as above.
        using var text = new StreamReader(pyramids.OpenReadAsync($"{former.StoragePrefix}/{former.PyramidName}.list").GetAwaiter().GetResult());
        var slabs = new List<(long, long)>();
        foreach (var entry in PyramidList.Read(text).Slabs)
        {
            if (TakenOverSlabs.TryParse(entry.Path, out var kind, out var slab) && kind == SlabKind.Data && slab.Level == kept.Id)
                slabs.Add((slab.Col, slab.Row));
        }

        if (slabs.Count == 0)
            throw new ArgumentException($"The pyramid has no slab on level {kept.Id}.");
        var plan = PyramidPlan.Above(set, kept.Id, order.TopLevel ?? set.Matrices[0].Id, kept.Slabs, SlabCover.Of(slabs), kept.Limits);
        return new OpenLot(order, null, set, null, plan, FormatOf(order, null, set.Find(kept.Id)!, kept.Slabs), place);
    }

    /// <summary>Whether a slab of one of <see cref="Formers"/> is taken over as it is.</summary>
    public bool TakesOver(int pyramid, SlabKind kind, SlabIndex slab)
    {
        if (kind == SlabKind.Mask && !Format.Mask)
            return false;
        if (_merged is not null)
            return _merged.TakesOver(pyramid, slab);
        return Order.KeptLevel is { } kept ? _set.PositionOf(slab.Level) >= _set.PositionOf(kept) : !Plan.Contains(slab);
    }

    /// <summary>The key of a data slab of one of <see cref="Formers"/>.</summary>
    public string KeyOfFormer(int pyramid, SlabIndex slab) =>
        _place.KeyOf(Order with { StoragePrefix = Formers[pyramid].StoragePrefix, PyramidName = Formers[pyramid].PyramidName }, slab, StoredPart.Data);

    /// <summary>Begins a region; slabs of the tier below, where it needs them, are read from the store.</summary>
    /// <param name="missing">Called, on any thread, when a slab of the plan has handed over nothing: it is empty, or what it handed over is deleted.</param>
    public IRegionWork BeginRegion(RegionOrder order, IObjectStore pyramids, int threads, Action missing)
    {
        var region = new PyramidRegion(order.Tier, new SlabIndex(order.RootLevel, order.Col, order.Row));
        if (_merged is not null)
        {
            return new SlabMerge(
                Format, region.Root, _merged.Sources(Format.Slab, from => (slab, part) => Read(pyramids, _place.KeyOf(from, slab, part))),
                Enum.Parse<MergeMethod>(Order.MergeMethod, ignoreCase: true), threads);
        }

        var former = Order.Former is null || Order.KeptLevel is not null ? null : new FormerPyramid((slab, part) => Read(pyramids, FormerKeyOf(slab, part)), _area);
        var tier = Plan.Tiers[order.Tier];
        _sources.TryGetValue(tier.BaseLevel, out var lot);
        IReadOnlyList<IRasterSource> rasters = lot ?? (_maps.TryGetValue(tier.BaseLevel, out var maps) ? [maps] : (IReadOnlyList<IRasterSource>)[]);
        var crs = Crs.Parse(_set.Crs).GdalName;
        return tier.SourceLevel is null
            ? RegionBuild.FromRasters(
                Plan, region, Format, rasters, lot is null || CrsComparison.SameCrs(lot.Crs, crs) ? null : () => CoordinateTransforms.Between(crs, lot.Crs), threads, former)
            : RegionBuild.FromStoredLevel(Plan, region, Format, ReadPart, threads, former);

        ReadOnlyMemory<byte>? ReadPart(SlabIndex slab, StoredPart part)
        {
            var found = Read(pyramids, KeyOf(slab, part));
            if (found is null && part is StoredPart.HandoverHalves or StoredPart.HandoverMask && Plan.Contains(slab))
                missing();
            return found;
        }
    }

    /// <summary>Keys of all that a slab may hand over.</summary>
    public IEnumerable<string> HandoverKeysOf(SlabIndex slab) => [KeyOf(slab, StoredPart.HandoverHalves), KeyOf(slab, StoredPart.HandoverMask)];

    /// <summary>What gives the pyramid a slab, with its mask, that an update leaves as it was; nothing when it has no tiles.</summary>
    public IReadOnlyList<ObjectLink> LinksOf(SlabIndex slab, int tiles) => tiles == 0
        ? []
        : [.. (Format.Mask ? (StoredPart[])[StoredPart.Data, StoredPart.Mask] : [StoredPart.Data])
            .Select(part => new ObjectLink(FormerKeyOf(slab, part), KeyOf(slab, part)))];

    public string KeyOf(SlabIndex slab, StoredPart part) => _place.KeyOf(Order, slab, part);

    /// <summary>What the finished pyramid's descriptor says.</summary>
    public PyramidDescriptor Describe()
    {
        var slab = Format.Slab;
        var sample = slab.Pixels.Sample == SampleType.UInt8 ? "UINT8" : "FLOAT32";
        return new PyramidDescriptor
        {
            TileMatrixSet = _set.Id,
            Format = PyramidFormat.Of(TileCompressions.NameOf(slab.Compression), sample),
            HasMask = Format.Mask,
            Raster = new RasterSpecifications(
                slab.Pixels.Channels, RasterSpecifications.WriteNodata(slab.Nodata), slab.Pixels.Channels < 3 ? "gray" : "rgb", Order.Interpolation),
            Levels = [.. Plan.Levels.Reverse().Select(level => (level.Level, Limits:
                    Order.KeptLevel is null && _former?.FindLevel(level.Level) is { } former ? former.Limits.Union(level.TileLimits) : level.TileLimits))
                .Concat(Kept().Select(level => (Level: level.Id, level.Limits)))
                .Select(level => new PyramidLevel(level.Level, slab.Size, level.Limits, _place.StorageOf(Order, level.Level)))],
        };
    }

    public void Dispose()
    {
        foreach (var sources in _sources.Values)
            sources.Dispose();
    }

    // Coarsest first.
    private IEnumerable<PyramidLevel> Kept() => Order.KeptLevel is { } kept
        ? _former!.Levels.Where(level => _set.PositionOf(level.Id) >= _set.PositionOf(kept)).OrderBy(level => _set.PositionOf(level.Id))
        : [];

    private string FormerKeyOf(SlabIndex slab, StoredPart part) =>
        _place.KeyOf(Order with { StoragePrefix = Order.Former!.StoragePrefix, PyramidName = Order.Former.PyramidName }, slab, part);

    private static PixelFormat? TargetOf(PyramidBuildOrder order)
    {
        if (order.SampleFormat is null && order.Channels is null)
            return null;
        var sample = order.SampleFormat == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8;
        return new PixelFormat(sample, order.Channels ?? (sample == SampleType.Float32 ? 1 : 3));
    }

    private static PyramidBuildFormat FormatOf(PyramidBuildOrder order, LotSources? sources, TileMatrix bottom, SlabSize size)
    {
        var compression = TileCompressions.Find(order.Compression)
            ?? throw new ArgumentException($"Compression {order.Compression} is not known: {string.Join(", ", TileCompressions.Written)} are.");
        var interpolation = Interpolations.Find(order.Interpolation)
            ?? throw new ArgumentException($"Interpolation {order.Interpolation} is not known: nn, linear, bicubic and lanczos are.");
        var pixels = sources?.Format ?? TargetOf(order) ?? throw new ArgumentException("An order without rasters names the pixels' format.");
        var nodata = order.Nodata ?? sources?.Nodata
            ?? [.. Enumerable.Repeat(pixels.Sample == SampleType.UInt8 ? 255.0 : -99999.0, pixels.Channels)];
        if (nodata.Count == 1 && pixels.Channels > 1)
            nodata = [.. Enumerable.Repeat(nodata[0], pixels.Channels)];
        return new PyramidBuildFormat(
            new SlabFormat(compression, pixels, size, nodata, bottom.TileWidth, bottom.TileHeight), order.Mask, interpolation)
        {
            Gamma = GammaTable.Of(order.Gamma),
        };
    }

    private static string Text(Extent extent) =>
        string.Create(CultureInfo.InvariantCulture, $"{extent.MinX:0.###},{extent.MinY:0.###} to {extent.MaxX:0.###},{extent.MaxY:0.###}");

    private static List<Extent> ImagesOf(LotSources sources, IReadOnlyList<SourceRaster> rasters, string crs, TileMatrixSet set)
    {
        var images = CrsExtent.Images([.. sources.RasterExtents], crs, Crs.Parse(set.Crs).GdalName, Environment.ProcessorCount);
        foreach (var (image, raster) in images.Zip(rasters))
        {
            if (image.Failure is { } failure)
            {
                throw new UnreadableRasterException(
                    raster.Name, $"it has no place in {set.Crs}, the system of {set.Id} ({failure.Explanation}); check the upload's srs, {crs}.", failure);
            }

            if (image.IsTorn)
            {
                throw new UnreadableRasterException(raster.Name,
                    $"it crosses a line where the coordinates of {set.Crs} jump, such as the 180th meridian; cut it along that line, or choose a tile matrix set made for the region.");
            }
        }

        return [.. images.Select(image => image.Image)];
    }

    // The finest cell of the lot in units of the set's CRS, taken at the lot's centre over a thousand cells.
    private static double Resolution(LotSources sources, string from, string to)
    {
        var (x, y) = ((sources.Extent.MinX + sources.Extent.MaxX) / 2, (sources.Extent.MinY + sources.Extent.MaxY) / 2);
        var square = new Extent(x, y, x, y).Grow(500 * sources.CellSize);
        var there = CrsExtent.Transform(square, from, to);
        return Math.Sqrt(there.Width * there.Height) / 1000;
    }

    // Called on a build's thread, so waiting for the store blocks no grain. The store's own work is the thread pool's, for this thread waits.
    private static ReadOnlyMemory<byte>? Read(IObjectStore store, string key) => Task.Run(() => ReadAsync(store, key)).GetAwaiter().GetResult();

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(IObjectStore store, string key)
    {
        if (await store.FindAsync(key) is not { } found)
            return null;
        var bytes = new byte[found.LengthBytes];
        var got = await store.ReadAsync(key, 0, bytes);
        return got == bytes.Length ? bytes : throw new StorageException($"Slab \"{key}\" has {bytes.Length} bytes, {got} could be read.");
    }
}
