using System.Collections.Concurrent;

namespace Grid.Imaging.Gdal;

/// <summary>
/// Transforms between CRS kept for the next who needs them: PROJ takes milliseconds to find its way between two systems. Each is used by one at a time.
/// Safe for concurrent use.
/// </summary>
public static class CoordinateTransforms
{
    private const int MaxPairs = 256;
    private const int MaxIdle = 16;
    private static readonly ConcurrentDictionary<(string From, string To), ConcurrentBag<GdalCoordinateTransform>> Idle = new();

    /// <summary>A transform that disposing gives back; null when the two names are of one CRS.</summary>
    /// <exception cref="UnknownCrsException">One of the two cannot be understood.</exception>
    /// <exception cref="GdalException">PROJ knows no way between them.</exception>
    public static ICoordinateTransform? Rent(string from, string to) => CrsComparison.SameCrs(from, to) ? null : Between(from, to);

    /// <summary>As <see cref="Rent"/>, also between two names of one CRS.</summary>
    /// <inheritdoc cref="Rent"/>
    public static ICoordinateTransform Between(string from, string to)
    {
        var idle = Idle.Count < MaxPairs ? Idle.GetOrAdd((from, to), _ => []) : Idle.GetValueOrDefault((from, to));
        return new Rented(idle is not null && idle.TryTake(out var kept) ? kept : new GdalCoordinateTransform(from, to), idle);
    }

    private sealed class Rented(GdalCoordinateTransform transform, ConcurrentBag<GdalCoordinateTransform>? idle) : ICoordinateTransform
    {
        private GdalCoordinateTransform? _transform = transform;

        public void Transform(Span<double> x, Span<double> y) =>
            (_transform ?? throw new ObjectDisposedException(nameof(CoordinateTransforms))).Transform(x, y);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _transform, null) is not { } used)
                return;
            if (idle is { Count: < MaxIdle })
                idle.Add(used);
            else
                used.Dispose();
        }
    }
}
