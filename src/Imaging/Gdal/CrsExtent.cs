using Grid.Tiling;

namespace Grid.Imaging.Gdal;

/// <summary>Rectangles from one CRS to another.</summary>
public static class CrsExtent
{
    /// <summary>WGS84 in degrees, longitude first.</summary>
    public const string Wgs84 = "OGC:CRS84";

    private const int ManyPoints = 101;

    /// <summary>Enough for a small rectangle, such as one raster of a lot.</summary>
    private const int FewPoints = 9;

    /// <summary>
    /// Growth of the result on each side, of its longer side, at 101 points a side: an edge bows by less between two of them (2e-6 over all of France
    /// in Lambert-93). Bows grow with the square of the distance.
    /// </summary>
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
    public static Extent Image(Extent extent, string from, string to, out bool isTorn) => Image(extent, from, to, ManyPoints, out isTorn);

    /// <summary>As above, by fewer points: the result is larger than needed by more.</summary>
    /// <param name="pointsPerSide">Points on each side of the rectangle, from 3 to 101.</param>
    /// <inheritdoc cref="Image(Extent, string, string, out bool)"/>
    public static Extent Image(Extent extent, string from, string to, int pointsPerSide, out bool isTorn)
    {
        isTorn = false;
        if (string.Equals(from, to, StringComparison.OrdinalIgnoreCase))
            return extent;
        using var transform = CoordinateTransforms.Between(from, to);
        double[] x = new double[pointsPerSide * pointsPerSide], y = new double[x.Length];
        for (var row = 0; row < pointsPerSide; row++)
        {
            for (var col = 0; col < pointsPerSide; col++)
            {
                x[(row * pointsPerSide) + col] = extent.MinX + (extent.Width * col / (pointsPerSide - 1));
                y[(row * pointsPerSide) + col] = extent.MinY + (extent.Height * row / (pointsPerSide - 1));
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
        isTorn = Jumps(x, pointsPerSide, maxX - minX) || Jumps(y, pointsPerSide, maxY - minY);
        var coarseness = (ManyPoints - 1.0) / (pointsPerSide - 1);
        return new Extent(minX, minY, maxX, maxY).Grow(Bow * coarseness * coarseness * Math.Max(maxX - minX, maxY - minY));
    }

    /// <summary>
    /// The image of each of many rectangles, as <see cref="Image(Extent, string, string, out bool)"/> gives it: from few points where they suffice, which they
    /// do for rasters of some kilometres, else from many.
    /// </summary>
    /// <param name="threads">Threads that share the work.</param>
    /// <returns>The image, whether the rectangle is torn, and why there is none.</returns>
    /// <exception cref="UnknownCrsException">One of the two CRS cannot be understood.</exception>
    public static (Extent Image, bool IsTorn, GdalException? Failure)[] Images(IReadOnlyList<Extent> extents, string from, string to, int threads)
    {
        var images = new (Extent, bool, GdalException?)[extents.Count];
        if (string.Equals(from, to, StringComparison.OrdinalIgnoreCase))
            return [.. extents.Select(extent => (extent, false, (GdalException?)null))];
        // Found here if one of the systems is unknown, not in the loop.
        CoordinateTransforms.Between(from, to).Dispose();
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, TaskScheduler = ComputeThreads.OfThisThread };
        Parallel.For(
            0, extents.Count, options, () => CoordinateTransforms.Between(from, to),
            (i, _, transform) =>
            {
                try
                {
                    if (!TryImageByFew(extents[i], transform, out var image))
                        images[i] = (Image(extents[i], from, to, out var isTorn), isTorn, null);
                    else
                        images[i] = (image, false, null);
                }
                catch (GdalException failure)
                {
                    images[i] = (default, false, failure);
                }

                return transform;
            },
            transform => transform.Dispose());
        return images;
    }

    // Between two points an edge bows by an eighth of its second difference.
    private static bool TryImageByFew(Extent extent, ICoordinateTransform transform, out Extent image)
    {
        Span<double> x = stackalloc double[FewPoints * FewPoints], y = stackalloc double[FewPoints * FewPoints];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = extent.MinX + (extent.Width * (i % FewPoints) / (FewPoints - 1));
            y[i] = extent.MinY + (extent.Height * (i / FewPoints) / (FewPoints - 1));
        }

        transform.Transform(x, y);
        double minX = double.PositiveInfinity, minY = minX, maxX = double.NegativeInfinity, maxY = maxX;
        for (var i = 0; i < x.Length; i++)
        {
            // A point without an image makes them all not a number, which is below no limit.
            (minX, maxX) = (Math.Min(minX, x[i]), Math.Max(maxX, x[i]));
            (minY, maxY) = (Math.Min(minY, y[i]), Math.Max(maxY, y[i]));
        }

        var growth = Bow * Math.Max(maxX - minX, maxY - minY);
        image = default;
        if (!(Math.Max(LargestBow(x), LargestBow(y)) <= growth) || Jumps(x, FewPoints, maxX - minX) || Jumps(y, FewPoints, maxY - minY))
            return false;
        image = new Extent(minX, minY, maxX, maxY).Grow(growth);
        return true;
    }

    private static double LargestBow(ReadOnlySpan<double> values)
    {
        var largest = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            if (i % FewPoints is > 0 and < FewPoints - 1)
                largest = Math.Max(largest, Math.Abs(values[i - 1] - (2 * values[i]) + values[i + 1]));
            if (i / FewPoints is > 0 and < FewPoints - 1)
                largest = Math.Max(largest, Math.Abs(values[i - FewPoints] - (2 * values[i]) + values[i + FewPoints]));
        }

        return largest / 8;
    }

    // A step from point to point moves the image by a small part of its size, unless the image is in two pieces.
    private static bool Jumps(ReadOnlySpan<double> values, int pointsPerSide, double range)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if ((i % pointsPerSide > 0 && Math.Abs(values[i] - values[i - 1]) > range / 2)
                || (i >= pointsPerSide && Math.Abs(values[i] - values[i - pointsPerSide]) > range / 2))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rectangle in degrees of WGS84, longitude as x, for bounding boxes.</summary>
    public static Extent ToWgs84(Extent extent, string from) => Transform(extent, from, Wgs84);
}
