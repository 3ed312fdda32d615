using Grid.Imaging.Gdal;

namespace Grid.Grains.PointClouds;

/// <summary>What GDAL knows of a delivery's CRS.</summary>
internal static class CrsText
{
    /// <summary>The CRS as WKT, for files that have none.</summary>
    /// <exception cref="UnknownCrsException">It cannot be understood.</exception>
    public static string WktOf(string crs) => CrsWkt.Of(crs);

    /// <summary>West, south, east, north in degrees of boxes (least x, y, z, then greatest) in a CRS.</summary>
    public static double[] DegreesOf(string crs, IEnumerable<IReadOnlyList<double>> boxes)
    {
        using var transform = new GdalCoordinateTransform(crs, CrsExtent.Wgs84);
        double[] degrees = [180, 90, -180, -90];
        foreach (var box in boxes)
        {
            double[] x = [box[0], box[3], box[0], box[3]], y = [box[1], box[1], box[4], box[4]];
            transform.Transform(x, y);
            for (var i = 0; i < x.Length; i++)
            {
                degrees = double.IsNaN(x[i]) || double.IsNaN(y[i])
                    ? degrees
                    : [Math.Min(degrees[0], x[i]), Math.Min(degrees[1], y[i]), Math.Max(degrees[2], x[i]), Math.Max(degrees[3], y[i])];
            }
        }

        return degrees[0] <= degrees[2] ? degrees : [-180, -90, 180, 90];
    }
}
