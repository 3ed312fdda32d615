namespace Grid.Imaging.Tests;

/// <summary>A raster held in memory as a source; counts its reads.</summary>
internal sealed class MemorySource(double originX, double originY, double cell, Raster raster) : IRasterSource
{
    private int _reads;

    public PixelGrid Grid { get; } = new(originX, originY, cell, cell, raster.Width, raster.Height);

    public PixelFormat Format => raster.Format;

    public int Reads => _reads;

    public bool Read(long col, long row, Raster window, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        window.Mask.Clear();
        int firstX = (int)Math.Max(0, -col), lastX = (int)Math.Min(window.Width, raster.Width - col);
        int firstY = (int)Math.Max(0, -row), lastY = (int)Math.Min(window.Height, raster.Height - row);
        if (firstX >= lastX || firstY >= lastY)
            return false;
        var size = raster.Format.BytesPerPixel;
        for (var y = firstY; y < lastY; y++)
        {
            var from = (int)(((row + y) * raster.Width) + col + firstX);
            var to = (y * window.Width) + firstX;
            raster.Mask.Slice(from, lastX - firstX).CopyTo(window.Mask[to..]);
            raster.Pixels.Slice(from * size, (lastX - firstX) * size).CopyTo(window.Pixels[(to * size)..]);
        }

        window.IsFull = !window.Mask.ContainsAnyExcept((byte)255);
        return true;
    }
}

/// <summary>EPSG:3857 to EPSG:2154, by the formulas of IGN's note NT/G 71 (Lambert conformal conic on GRS 80, Lambert-93 constants).</summary>
internal sealed class MercatorToLambert93 : ICoordinateTransform
{
    private const double N = 0.7256077650532670;
    private const double C = 11754255.4260960;
    private const double PoleX = 700000;
    private const double PoleY = 12655612.0498760;
    private const double Excentricity = 0.0818191910428158;
    private const double EarthRadius = 6378137;

    public void Transform(Span<double> x, Span<double> y)
    {
        for (var i = 0; i < x.Length; i++)
        {
            var longitude = x[i] / EarthRadius;
            var sine = Math.Tanh(y[i] / EarthRadius);
            var isometric = Math.Atanh(sine) - (Excentricity * Math.Atanh(Excentricity * sine));
            var radius = C * Math.Exp(-N * isometric);
            var angle = N * (longitude - (3 * Math.PI / 180));
            x[i] = PoleX + (radius * Math.Sin(angle));
            y[i] = PoleY - (radius * Math.Cos(angle));
        }
    }

    public void Dispose()
    {
    }
}
