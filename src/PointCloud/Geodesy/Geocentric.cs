using Grid.PointCloud.Las;

namespace Grid.PointCloud.Geodesy;

/// <summary>
/// Transforms points in place from their own CRS (easting, northing, height) to geographic ones of WGS 84: longitude and latitude in degrees, height above the
/// ellipsoid in metres. A point that has no image becomes NaN. Called by one thread at a time.
/// </summary>
public delegate void GeodeticTransform(Span<double> x, Span<double> y, Span<double> z);

/// <summary>Earth-centred, earth-fixed coordinates on WGS 84 (EPSG:4978), in metres: what 3D Tiles place things in.</summary>
public static class Geocentric
{
    private const double SemiMajor = 6378137;
    private const double Flattening = 1 / 298.257223563;
    private const double Eccentricity2 = Flattening * (2 - Flattening);

    /// <summary>EPSG:4979 (degrees, metres) to EPSG:4978 (EPSG guidance note 7-2, method 9602).</summary>
    public static Xyz Of(double longitude, double latitude, double height)
    {
        var (sinLatitude, cosLatitude) = Math.SinCos(double.DegreesToRadians(latitude));
        var (sinLongitude, cosLongitude) = Math.SinCos(double.DegreesToRadians(longitude));
        var curvature = SemiMajor / Math.Sqrt(1 - (Eccentricity2 * sinLatitude * sinLatitude));
        return new Xyz(
            (curvature + height) * cosLatitude * cosLongitude,
            (curvature + height) * cosLatitude * sinLongitude,
            ((curvature * (1 - Eccentricity2)) + height) * sinLatitude);
    }

    /// <summary>The ellipsoid's normal at a place, upwards.</summary>
    public static Xyz Up(double longitude, double latitude)
    {
        var (sinLatitude, cosLatitude) = Math.SinCos(double.DegreesToRadians(latitude));
        var (sinLongitude, cosLongitude) = Math.SinCos(double.DegreesToRadians(longitude));
        return new Xyz(cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude);
    }
}
