using Grid.Tiling;

namespace Grid.Imaging.Gdal;

/// <summary>Rectangles from one CRS to another.</summary>
public static class CrsExtent
{
    /// <summary>WGS84 in degrees, longitude first.</summary>
    public const string Wgs84 = "OGC:CRS84";

    private const int PointsPerSide = 101;

    /// <summary>Growth of the result on each side, of its longer side: an edge bows by less between two of the points (2e-6 over all of France in Lambert-93).</summary>
    private const double Bow = 5e-6;

    /// <summary>
    /// A rectangle of <paramref name="to"/>, barely larger than needed, that holds the images of a dense grid of points of the rectangle, its edges and its
    /// inside. Points without an image are left out.
    /// </summary>
    /// <exception cref="UnknownCrsException">One of the two CRS cannot be understood.</exception>
    /// <exception cref="GdalException">No point of the rectangle has an image.</exception>
    public static Extent Transform(Extent extent, string from, string to) => Image(extent, from, to, out _);

    /// <summary>As <see cref="Transform"/>, but for a rectangle across which the other system's coordinates jump, as they do at the 180th meridian.</summary>
    /// <param name="isTorn">True when they do: the result then holds most of the world, not the rectangle's place.</param>
    /// <inheritdoc cref="Transform"/>
    public static Extent Image(Extent extent, string from, string to, out bool isTorn)
    {
        isTorn = false;
        if (string.Equals(from, to, StringComparison.OrdinalIgnoreCase))
            return extent;
        using var transform = new GdalCoordinateTransform(from, to);
        double[] x = new double[PointsPerSide * PointsPerSide], y = new double[x.Length];
        for (var row = 0; row < PointsPerSide; row++)
        {
            for (var col = 0; col < PointsPerSide; col++)
            {
                x[(row * PointsPerSide) + col] = extent.MinX + (extent.Width * col / (PointsPerSide - 1));
                y[(row * PointsPerSide) + col] = extent.MinY + (extent.Height * row / (PointsPerSide - 1));
            }
        }

        transform.Transform(x, y);
        double minX = double.PositiveInfinity, minY = minX, maxX = double.NegativeInfinity, maxY = maxX;
        for (var i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i]))
                continue;
            minX = Math.Min(minX, x[i]);
            maxX = Math.Max(maxX, x[i]);
            minY = Math.Min(minY, y[i]);
            maxY = Math.Max(maxY, y[i]);
        }

        if (double.IsInfinity(minX))
            throw new GdalException("OCTTransformEx", $"{extent} from {from} to {to}", "no point of the rectangle has an image");
        isTorn = Jumps(x, maxX - minX) || Jumps(y, maxY - minY);
        return new Extent(minX, minY, maxX, maxY).Grow(Bow * Math.Max(maxX - minX, maxY - minY));
    }

    // A hundredth of the rectangle moves the image by a few hundredths of its size at most, unless the image is in two pieces.
    private static bool Jumps(double[] values, double range)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if ((i % PointsPerSide > 0 && Math.Abs(values[i] - values[i - 1]) > range / 2)
                || (i >= PointsPerSide && Math.Abs(values[i] - values[i - PointsPerSide]) > range / 2))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rectangle in degrees of WGS84, longitude as x, for bounding boxes.</summary>
    public static Extent ToWgs84(Extent extent, string from) => Transform(extent, from, Wgs84);
}
