using Grid.Imaging.Gdal;
using Grid.Tiling;

namespace Grid.Imaging.Maps;

/// <summary>How large a map's pixels are in a pyramid's CRS.</summary>
public static class MapResolution
{
    private const int PointsPerSide = 5;

    /// <summary>Pixels over which sizes are measured: over one, the iterations of PROJ's inverse projections would show.</summary>
    private const double Reach = 8;

    /// <summary>
    /// The shorter side of the smallest pixel, of those tried over an area of the map's CRS, in units of the pyramid's CRS; NaN when none has an image.
    /// </summary>
    internal static double Finest(Extent area, double cellX, double cellY, ICoordinateTransform? transform)
    {
        if (transform is null)
            return Math.Min(cellX, cellY);
        Span<double> x = stackalloc double[PointsPerSide * PointsPerSide * 3], y = stackalloc double[PointsPerSide * PointsPerSide * 3];
        for (var i = 0; i < PointsPerSide * PointsPerSide; i++)
        {
            var atX = area.MinX + (area.Width * ((i % PointsPerSide) + 0.5) / PointsPerSide);
            var atY = area.MinY + (area.Height * ((i / PointsPerSide) + 0.5) / PointsPerSide);
            (x[3 * i], y[3 * i]) = (atX, atY);
            (x[(3 * i) + 1], y[(3 * i) + 1]) = (atX + (Reach * cellX), atY);
            (x[(3 * i) + 2], y[(3 * i) + 2]) = (atX, atY + (Reach * cellY));
        }

        transform.Transform(x, y);
        var finest = double.NaN;
        for (var i = 0; i < x.Length; i += 3)
        {
            var acrossX = Hypot(x[i + 1] - x[i], x[i + 2] - x[i]);
            var acrossY = Hypot(y[i + 1] - y[i], y[i + 2] - y[i]);
            var size = Math.Min(acrossX, acrossY) / Reach;
            if (size > 0 && !(size >= finest))
                finest = size;
        }

        return finest;
    }

    /// <summary>Width and height on the ground, in metres on WGS 84, of the pixel in the middle of a frame; (NaN, NaN) when it has no place on it.</summary>
    public static (double Width, double Height) OnGround(MapFrame frame)
    {
        double middleX = (frame.Extent.MinX + frame.Extent.MaxX) / 2, middleY = (frame.Extent.MinY + frame.Extent.MaxY) / 2;
        Span<double> longitude = [middleX, middleX + (Reach * frame.CellX), middleX], latitude = [middleY, middleY, middleY + (Reach * frame.CellY)];
        using (var transform = CoordinateTransforms.Rent(frame.Crs, CrsExtent.Wgs84))
            transform?.Transform(longitude, latitude);

        // Radii of curvature of the ellipsoid at the middle.
        const double Axis = 6378137, Eccentricity2 = 0.00669437999014;
        var sine = Math.Sin(latitude[0] * Math.PI / 180);
        var root = Math.Sqrt(1 - (Eccentricity2 * sine * sine));
        var eastward = Axis / root * Math.Cos(latitude[0] * Math.PI / 180) * Math.PI / 180;
        var northward = Axis * (1 - Eccentricity2) / (root * root * root) * Math.PI / 180;
        return (Distance(longitude, latitude, 1), Distance(longitude, latitude, 2));

        double Distance(ReadOnlySpan<double> longitude, ReadOnlySpan<double> latitude, int to) =>
            Hypot((longitude[to] - longitude[0]) * eastward, (latitude[to] - latitude[0]) * northward) / Reach;
    }

    private static double Hypot(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
