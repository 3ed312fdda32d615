using System.Text;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Which slabs a merge makes, and which it takes over from one of its pyramids: those that only one has, in the formats that are wanted. Known from
/// the pyramids' lists, some fifty bytes a slab.
/// </summary>
internal sealed class MergedSlabs
{
    private const int Made = -1;

    private readonly PyramidBuildOrder _order;
    private readonly TileMatrixSet _set;
    private readonly PixelArea? _area;
    private readonly PyramidDescriptor[] _descriptors;
    private readonly Dictionary<string, Dictionary<(long Col, long Row), int>> _origins = [];

    private MergedSlabs(PyramidBuildOrder order, TileMatrixSet set, IObjectStore pyramids)
    {
        _order = order;
        _set = set;
        _area = order.Area is { } polygon ? WktArea.Read(polygon, set) : null;
        _descriptors = [.. order.Merged.Select(pyramid => PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(pyramid.Descriptor)))];
        var size = new SlabSize(order.TilesPerWidth, order.TilesPerHeight);
        var box = order.Bbox is [var west, var south, var east, var north]
            ? CrsExtent.Transform(new Extent(west, south, east, north), CrsExtent.Wgs84, Crs.Parse(set.Crs).GdalName)
            : _area?.RingExtents.Aggregate((one, other) => one.Union(other));
        int top = PositionOf(order.TopLevel, 0), bottom = PositionOf(order.BottomLevel, set.Matrices.Count - 1);
        var limits = new Dictionary<string, TileLimits>();
        foreach (var level in _descriptors.SelectMany(pyramid => pyramid.Levels).Where(level => set.PositionOf(level.Id) is var at && at >= top && at <= bottom))
        {
            var tiles = limits.TryGetValue(level.Id, out var known) ? known.Union(level.Limits) : level.Limits;
            if (box is not { } part)
                limits[level.Id] = tiles;
            else if (size.SlabsOf(set.Find(level.Id)!, part) is { } slabs && Common(tiles, slabs, size) is { } common)
                limits[level.Id] = common;
        }

        if (limits.Count == 0)
            throw new ArgumentException("None of the pyramids has a tile in the levels and the area that are asked for.");
        foreach (var level in limits.Keys)
            _origins[level] = [];
        for (var i = 0; i < _descriptors.Length; i++)
            ReadList(i, pyramids, limits, size);
        Plan = PyramidPlan.OfSlabs(set, size, [.. limits.Select(level => (
            level.Key, SlabCover.Of(_origins[level.Key].Where(slab => slab.Value == Made).Select(slab => slab.Key)), level.Value))]);

        int PositionOf(string? level, int otherwise) => level is null ? otherwise
            : set.PositionOf(level) is >= 0 and var position ? position
            : throw new ArgumentException($"level {level} of {set.Id}: levels are {set.Matrices[0].Id} to {set.Matrices[^1].Id}");
    }

    /// <summary>The slabs to make.</summary>
    public PyramidPlan Plan { get; }

    /// <summary>Reads the lists: slow, so off a grain's scheduler.</summary>
    public static MergedSlabs Read(PyramidBuildOrder order, TileMatrixSet set, IObjectStore pyramids) => new(order, set, pyramids);

    /// <summary>Whether a slab is taken over from a pyramid, by its number in the order.</summary>
    public bool TakesOver(int pyramid, SlabIndex slab) =>
        _origins.TryGetValue(slab.Level, out var slabs) && slabs.TryGetValue((slab.Col, slab.Row), out var origin) && origin == pyramid;

    /// <summary>The pyramids as sources of slabs to make.</summary>
    public IReadOnlyList<MergedPyramid> Sources(SlabFormat made, Func<PyramidBuildOrder, StoredSlabRead> read) =>
        [.. _descriptors.Zip(_order.Merged, (descriptor, pyramid) => new MergedPyramid(
            new SlabFormat(CompressionOf(descriptor), made.Pixels, made.Size, descriptor.Raster!.NodataValues, made.TileWidth, made.TileHeight),
            descriptor.HasMask, read(_order with { StoragePrefix = pyramid.StoragePrefix, PyramidName = pyramid.PyramidName, Mask = descriptor.HasMask })))];

    private static TileCompression CompressionOf(PyramidDescriptor descriptor) => TileCompressions.Find(descriptor.Format.Compression)!.Value;

    private static TileLimits? Common(TileLimits tiles, SlabLimits slabs, SlabSize size)
    {
        var common = new TileLimits(
            Math.Max(tiles.MinRow, slabs.MinRow * size.TilesPerHeight), Math.Min(tiles.MaxRow, ((slabs.MaxRow + 1) * size.TilesPerHeight) - 1),
            Math.Max(tiles.MinCol, slabs.MinCol * size.TilesPerWidth), Math.Min(tiles.MaxCol, ((slabs.MaxCol + 1) * size.TilesPerWidth) - 1));
        return common.MinRow <= common.MaxRow && common.MinCol <= common.MaxCol ? common : null;
    }

    private Extent ExtentOf(SlabIndex slab, SlabSize size) =>
        _set.Find(slab.Level)!.TileExtent(slab.Col * size.TilesPerWidth, slab.Row * size.TilesPerHeight, size.TilesPerWidth, size.TilesPerHeight);

    private void ReadList(int number, IObjectStore pyramids, Dictionary<string, TileLimits> limits, SlabSize size)
    {
        var isCompatible = CompressionOf(_descriptors[number]) == TileCompressions.Find(_order.Compression)
            && (!_order.Mask || _descriptors[number].HasMask);
        var method = Enum.Parse<MergeMethod>(_order.MergeMethod, ignoreCase: true);
        var pyramid = _order.Merged[number];
        // Called on a worker thread, so waiting for the store blocks no grain.
        using var text = new StreamReader(pyramids.OpenReadAsync($"{pyramid.StoragePrefix}/{pyramid.PyramidName}.list").GetAwaiter().GetResult());
        foreach (var entry in PyramidList.Read(text).Slabs)
        {
            if (!TakenOverSlabs.TryParse(entry.Path, out var kind, out var slab) || kind != SlabKind.Data
                || !limits.TryGetValue(slab.Level, out var tiles) || !size.SlabsOf(tiles).Contains(slab.Col, slab.Row)
                || _area?.Touches(ExtentOf(slab, size)) == false)
            {
                continue;
            }

            var slabs = _origins[slab.Level];
            if (!slabs.TryAdd((slab.Col, slab.Row), isCompatible ? number : Made) && method != MergeMethod.Replace)
                slabs[(slab.Col, slab.Row)] = Made;
        }
    }
}
