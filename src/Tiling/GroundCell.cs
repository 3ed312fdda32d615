namespace Grid.Tiling;

/// <summary>The ground size of pixels, for what is computed from slopes.</summary>
public static class GroundCell
{
    // WGS 84.
    private const double SemiMajorAxis = 6378137;
    private const double SquaredEccentricity = 0.00669437999014;

    /// <summary>
    /// Metres on the ground of a cell whose centre has the ordinate <paramref name="y"/>. Degrees narrow towards the poles and web mercator widens
    /// towards them, both after the ellipsoid's radii; other projected systems are taken as true to scale, which national ones are to a few thousandths.
    /// </summary>
    /// <param name="crs">The system of the cell.</param>
    /// <param name="width">CRS units along x.</param>
    /// <param name="height">CRS units along y.</param>
    /// <param name="y">Latitude or northing of the cell.</param>
    public static (double Width, double Height) Of(Crs crs, double width, double height, double y)
    {
        var isMercator = crs.Equals(s_webMercator);
        if (!crs.IsGeographic && !isMercator)
            return (width, height);
        // At the very poles a cell has no width left to divide by.
        var latitude = Math.Clamp(isMercator ? Math.Atan(Math.Sinh(y / SemiMajorAxis)) : double.DegreesToRadians(y), -1.5707, 1.5707);
        var curvature = 1 - (SquaredEccentricity * Math.Sin(latitude) * Math.Sin(latitude));
        var acrossRadius = SemiMajorAxis / Math.Sqrt(curvature);
        var alongRadius = acrossRadius * (1 - SquaredEccentricity) / curvature;
        var cosine = Math.Cos(latitude);
        return isMercator
            ? (width * cosine * acrossRadius / SemiMajorAxis, height * cosine * alongRadius / SemiMajorAxis)
            : (double.DegreesToRadians(width) * cosine * acrossRadius, double.DegreesToRadians(height) * alongRadius);
    }

    private static readonly Crs s_webMercator = Crs.Parse("EPSG:3857");
}
