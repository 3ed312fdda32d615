namespace Grid.Imaging.Gdal;

/// <summary>Coordinate reference systems as text.</summary>
public static class CrsWkt
{
    /// <summary>The OGC WKT 1 of a CRS.</summary>
    /// <param name="crs"><c>AUTHORITY:CODE</c> or WKT.</param>
    /// <exception cref="UnknownCrsException">It cannot be understood.</exception>
    public static string Of(string crs)
    {
        using var reference = SpatialReference.Parse(crs);
        return SpatialReference.ToWkt(reference);
    }
}
