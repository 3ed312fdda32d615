using Grid.Imaging.Gdal;
using Grid.Ogc;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Frontend.Maps;

/// <summary>The CRS that maps are drawn in: all that PROJ knows, or those of a list and their twins of other authorities.</summary>
/// <param name="only">The list; null for all.</param>
public sealed class MapCrsRegister(IReadOnlyList<string>? only) : IMapCrsRegister
{
    /// <summary>Enough for boxes of capabilities, which say where a layer is and not its outline.</summary>
    private const int PointsPerSide = 21;

    private readonly HashSet<Crs>? _only = only is null ? null : [.. only.Select(Crs.Parse)];

    public MapCrs? Find(string name)
    {
        if (!Crs.TryParse(name, out var crs) || (_only is not null && !_only.Contains(crs)) || CrsDefinition.Find(crs.GdalName) is not { } definition)
            return null;

        // Only EPSG's names carry EPSG's order of axes; IGNF's and CRS's are longitude or easting first.
        return new MapCrs(crs, crs.GdalName, crs.Authority == "EPSG" && definition.IsNorthingFirst, definition.MetresPerUnit);
    }

    /// <summary>The CRS of a tile matrix set, whether maps are drawn in it or not.</summary>
    public static MapCrs Of(TileMatrixSet set)
    {
        var crs = Crs.Parse(set.Crs);
        return new MapCrs(crs, crs.GdalName, crs.IsLatitudeFirst, crs.MetersPerUnit);
    }

    /// <summary>A rectangle of degrees in a CRS; null where it is not within reach of the CRS's area of use, or is torn apart by it.</summary>
    public static Extent? BoxOf(GeographicBounds bounds, MapCrs crs)
    {
        try
        {
            var box = CrsExtent.Image(new Extent(bounds.West, bounds.South, bounds.East, bounds.North), CrsExtent.Wgs84, crs.GdalName, PointsPerSide, out var isTorn);
            return isTorn || (CrsDefinition.Find(crs.GdalName)?.AreaOfUse is { } used && !used.Intersects(box)) ? null : box;
        }
        catch (GdalException)
        {
            return null;
        }
    }
}
