namespace Grid.Imaging.Gdal;

/// <summary>
/// PROJ's transformation between two CRS, by OSR. x is easting or longitude on both sides. Grids of the network are never fetched. Transforming
/// allocates nothing. One thread at a time may use an instance.
/// </summary>
public sealed class GdalCoordinateTransform : ICoordinateTransform
{
    private const int Batch = 1024;
    private readonly TransformHandle _transform;

    /// <param name="from">CRS of the points given: <c>AUTHORITY:CODE</c> or WKT.</param>
    /// <param name="to">CRS of the points wanted, likewise.</param>
    /// <exception cref="UnknownCrsException">One of the two cannot be understood.</exception>
    /// <exception cref="GdalException">PROJ knows no way between them.</exception>
    /// <exception cref="GdalUnavailableException">GDAL is not installed.</exception>
    public GdalCoordinateTransform(string from, string to)
    {
        using var source = SpatialReference.Parse(from);
        using var target = SpatialReference.Parse(to);
        GdalErrors.Reset();
        _transform = GdalNative.OCTNewCoordinateTransformation(source, target);
        if (_transform.IsInvalid)
            throw GdalErrors.Failure("OCTNewCoordinateTransformation", $"{from} to {to}");
    }

    /// <inheritdoc/>
    public unsafe void Transform(Span<double> x, Span<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"{x.Length} eastings but {y.Length} northings.", nameof(y));
        ObjectDisposedException.ThrowIf(_transform.IsClosed, this);
        var succeeded = stackalloc int[Batch];
        fixed (double* xs = x, ys = y)
        {
            for (var start = 0; start < x.Length; start += Batch)
            {
                var count = Math.Min(Batch, x.Length - start);

                // The result says whether all points succeeded; each point's own flag says more.
                _ = GdalNative.OCTTransformEx(_transform, count, xs + start, ys + start, null, succeeded);
                for (var i = 0; i < count; i++)
                {
                    if (succeeded[i] == 0 || !double.IsFinite(xs[start + i]) || !double.IsFinite(ys[start + i]))
                        xs[start + i] = ys[start + i] = double.NaN;
                }
            }
        }
    }

    public void Dispose() => _transform.Dispose();
}
