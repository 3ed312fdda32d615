using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Tiling;
using NetTopologySuite.Densify;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Grid.Grains.Pyramids;

/// <summary>Areas as producers write them: POLYGON or MULTIPOLYGON in WKT, longitude and latitude in degrees.</summary>
public static class WktArea
{
    /// <summary>Most points of an area, as written and after long edges were divided.</summary>
    public const int MaxPoints = 100_000;

    /// <summary>Edges are straight in degrees; divided this often, they are so in any set's CRS to within a pixel of a regional pyramid.</summary>
    private const double EdgeDegrees = 0.01;

    /// <summary>Says what is wrong with an area's text; null when nothing is.</summary>
    public static string? Problem(string wkt)
    {
        try
        {
            Parse(wkt);
            return null;
        }
        catch (ArgumentException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>The area in a set's CRS.</summary>
    /// <exception cref="ArgumentException">The text is no such area, or has no place in the set's CRS.</exception>
    public static PixelArea Read(string wkt, TileMatrixSet set)
    {
        var area = Parse(wkt);
        var dense = Densifier.Densify(area, Math.Max(EdgeDegrees, area.Length / MaxPoints));
        using var transform = new GdalCoordinateTransform(CrsExtent.Wgs84, Crs.Parse(set.Crs).GdalName);
        return new PixelArea(Enumerable.Range(0, dense.NumGeometries).Select(i => (Polygon)dense.GetGeometryN(i))
            .SelectMany(polygon => polygon.InteriorRings.Prepend(polygon.ExteriorRing))
            .Select(ring => Project(ring.Coordinates, transform, set)));
    }

    private static Geometry Parse(string wkt)
    {
        Geometry area;
        try
        {
            area = new WKTReader().Read(wkt);
        }
        catch (Exception wrong) when (wrong is ParseException or ArgumentException or OverflowException)
        {
            throw new ArgumentException($"The area is no WKT: {wrong.Message}", wrong);
        }

        if (area is not (Polygon or MultiPolygon) || area.IsEmpty)
            throw new ArgumentException($"The area is a {area.GeometryType}: it must be a POLYGON or MULTIPOLYGON that is not empty.");
        if (area.NumPoints > MaxPoints)
            throw new ArgumentException($"The area has {area.NumPoints} points: at most {MaxPoints} are allowed.");
        var box = area.EnvelopeInternal;
        if (!(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
            throw new ArgumentException($"The area reaches from {box.MinX},{box.MinY} to {box.MaxX},{box.MaxY}: it must be in degrees, longitude (-180 to 180) before latitude (-90 to 90).");
        if (!area.IsValid)
            throw new ArgumentException("The area's rings cross or touch themselves or one another.");
        return area;
    }

    private static (double X, double Y)[] Project(Coordinate[] ring, GdalCoordinateTransform transform, TileMatrixSet set)
    {
        double[] x = [.. ring.Select(point => point.X)], y = [.. ring.Select(point => point.Y)];
        transform.Transform(x, y);
        return Array.Exists(x, double.IsNaN)
            ? throw new ArgumentException($"The area has points without a place in {set.Crs}, the system of {set.Id}.")
            : [.. x.Zip(y)];
    }
}
