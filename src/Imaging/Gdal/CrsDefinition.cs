using System.Collections.Concurrent;
using Grid.Tiling;

namespace Grid.Imaging.Gdal;

/// <summary>What PROJ knows of a CRS that maps can be drawn in.</summary>
/// <param name="Name">The name by which GDAL knows it: <c>EPSG:2154</c>.</param>
/// <param name="Title">For people: <c>RGF93 v1 / Lambert-93</c>.</param>
/// <param name="IsGeographic">Coordinates are degrees.</param>
/// <param name="IsNorthingFirst">Whether the authority puts latitude or northing first.</param>
/// <param name="MetresPerUnit">Metres in a unit of the axes; on the equator for degrees.</param>
/// <param name="AreaOfUse">
/// The rectangle of the CRS that holds its area of use, x easting or longitude; null when PROJ states none, or when the rectangle would be in two pieces.
/// </param>
public sealed record CrsDefinition(string Name, string Title, bool IsGeographic, bool IsNorthingFirst, double MetresPerUnit, Extent? AreaOfUse)
{
    private const int MaxRemembered = 2048;
    private const int PointsPerSide = 41;
    private static readonly ConcurrentDictionary<string, CrsDefinition?> Remembered = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The definition of <c>AUTHORITY:CODE</c> as GDAL knows it; null when PROJ does not know it, or knows it as something that maps are not drawn in, such
    /// as a vertical or a geocentric system.
    /// </summary>
    public static CrsDefinition? Find(string name)
    {
        if (Remembered.TryGetValue(name, out var known))
            return known;
        var found = Read(name);
        if (Remembered.Count >= MaxRemembered)
            Remembered.Clear();
        return Remembered[name] = found;
    }

    private static CrsDefinition? Read(string name)
    {
        try
        {
            using var crs = SpatialReference.Parse(name);
            var isGeographic = GdalNative.OSRIsGeographic(crs) != 0;
            if (!isGeographic && GdalNative.OSRIsProjected(crs) == 0)
                return null;
            return new CrsDefinition(
                name, SpatialReference.Name(crs) ?? name, isGeographic,
                GdalNative.OSREPSGTreatsAsLatLong(crs) != 0 || GdalNative.OSREPSGTreatsAsNorthingEasting(crs) != 0,
                isGeographic ? Crs.MetersPerDegree : GdalNative.OSRGetLinearUnits(crs, out _), AreaOf(crs, name, isGeographic));
        }
        catch (UnknownCrsException)
        {
            return null;
        }
    }

    private static Extent? AreaOf(SpatialReferenceHandle crs, string name, bool isGeographic)
    {
        if (GdalNative.OSRGetAreaOfUse(crs, out var west, out var south, out var east, out var north, out _) == 0
            || !(south < north) || west < -180 || east > 180 || south < -90 || north > 90)
        {
            return null;
        }

        if (isGeographic)
            return west < east ? new Extent(west, south, east, north) : null;
        try
        {
            // An area across the 180th meridian goes on eastwards beyond it.
            var image = CrsExtent.Image(new Extent(west, south, west < east ? east : east + 360, north), CrsExtent.Wgs84, name, PointsPerSide, out var isTorn);
            return isTorn || image.IsEmpty ? null : image;
        }
        catch (GdalException)
        {
            return null;
        }
    }
}
