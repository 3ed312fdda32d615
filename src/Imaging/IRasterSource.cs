namespace Grid.Imaging;

/// <summary>
/// A north-up grid of square or rectangular pixels in a CRS. (<paramref name="OriginX"/>, <paramref name="OriginY"/>) is the outer corner
/// of the top-left pixel; cell sizes are positive CRS units; rows go down. The centre of pixel (c, r) is
/// (OriginX + (c + ½)·CellX, OriginY − (r + ½)·CellY).
/// </summary>
public readonly record struct PixelGrid(double OriginX, double OriginY, double CellX, double CellY, long Width, long Height);

/// <summary>Pixels that can be read by window: a sheet of aligned rasters of a lot, or a level of a pyramid. Safe for concurrent reads.</summary>
public interface IRasterSource
{
    PixelGrid Grid { get; }

    PixelFormat Format { get; }

    /// <summary>
    /// Fills <paramref name="window"/> with the pixels from column <paramref name="col"/> and row <paramref name="row"/> on, which may be
    /// negative or beyond the grid. Pixels outside every raster, and pixels that hold nodata, get mask 0; their samples are unspecified.
    /// Errors: <see cref="UnreadableRasterException"/> naming the raster.
    /// </summary>
    /// <returns>False when no pixel of the window has data (the window's content is then unspecified).</returns>
    bool Read(long col, long row, Raster window, CancellationToken cancellation);
}

/// <summary>Takes points of one CRS to another; x is easting or longitude in both. Not safe for concurrent use.</summary>
public interface ICoordinateTransform : IDisposable
{
    /// <summary>Transforms in place; a point that has no image becomes (NaN, NaN).</summary>
    void Transform(Span<double> x, Span<double> y);
}

/// <summary>A raster that cannot be opened, decoded or placed; the message names it and says why.</summary>
public sealed class UnreadableRasterException(string raster, string reason, Exception? inner = null)
    : Exception($"{raster}: {reason}", inner)
{
    public string Raster { get; } = raster;

    public string Reason { get; } = reason;
}
