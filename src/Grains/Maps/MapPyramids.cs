using System.Collections.Concurrent;
using System.Text;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Maps;
using Grid.Interfaces.Maps;
using Grid.Tiling;

namespace Grid.Grains.Maps;

/// <summary>The pyramids that a silo has drawn from, read from their descriptors once. Safe for concurrent use.</summary>
public sealed class MapPyramids
{
    private const int Kept = 4096;
    private readonly ConcurrentDictionary<string, MapPyramid> _pyramids = new(StringComparer.Ordinal);

    /// <summary>The pyramid of a layer.</summary>
    /// <exception cref="MapRefusedException">It has no level, or is no raster that maps are drawn from.</exception>
    public MapPyramid Find(MapOrderLayer layer)
    {
        var key = layer.Pyramids.Count == 1 ? KeyOf(layer.Pyramids[0]) : string.Join('\n', layer.Pyramids.Select(KeyOf));
        if (_pyramids.TryGetValue(key, out var known))
            return known;
        if (_pyramids.Count >= Kept)
            _pyramids.Clear();
        return _pyramids.GetOrAdd(key, Read(layer));
    }

    private static string KeyOf(MapOrderPyramid pyramid) => $"{pyramid.StoragePrefix}|{pyramid.TopLevel}|{pyramid.BottomLevel}";

    private static MapPyramid Read(MapOrderLayer layer)
    {
        var levels = new Dictionary<string, SlabLevel>();
        (PyramidDescriptor Descriptor, TileMatrixSet Set)? first = null;
        foreach (var pyramid in layer.Pyramids)
        {
            var descriptor = PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(pyramid.Descriptor));
            var set = TileMatrixSets.Find(descriptor.TileMatrixSet) ?? throw new MapRefusedException($"Tile matrix set {descriptor.TileMatrixSet} is not known.");
            first ??= (descriptor, set);
            var top = pyramid.TopLevel is null ? 0 : set.PositionOf(pyramid.TopLevel);
            var bottom = pyramid.BottomLevel is null ? set.Matrices.Count - 1 : set.PositionOf(pyramid.BottomLevel);
            var crs = Crs.Parse(set.Crs).GdalName;
            foreach (var level in descriptor.Levels)
            {
                if (set.PositionOf(level.Id) is var position && position >= top && position <= bottom)
                    levels.TryAdd(level.Id, new SlabLevel(set.Find(level.Id)!, level, crs, pyramid.StoragePrefix, descriptor.HasMask));
            }
        }

        if (first is not { Descriptor.Raster: { } raster } || levels.Count == 0)
            throw new MapRefusedException("The layer has no raster to draw.");
        var format = first.Value.Descriptor.Format;
        var pixels = new PixelFormat(format.SampleFormat == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8, raster.Channels);
        return new MapPyramid(
            Crs.Parse(first.Value.Set.Crs).GdalName,
            TileCompressions.Find(format.Compression) ?? throw new MapRefusedException($"Tiles of compression {format.Compression} cannot be drawn."),
            pixels, raster.NodataValues, levels.Values);
    }
}
