using System.Buffers;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Geodesy;

/// <summary>
/// The way from a cloud's CRS to a <see cref="LocalFrame"/> over a rectangle, known exactly at the nodes of a lattice and interpolated between them: places
/// bilinearly, heights exactly, since a vertical is a straight line. Over 64 metres the earth bends by 0.1 mm, so that is the error.
/// </summary>
internal readonly struct FrameLattice : IDisposable
{
    /// <summary>Longest side of a cell, but for rectangles that <see cref="MaxCells"/> cells of it do not span.</summary>
    private const double CellMetres = 64;

    private const int MaxCells = 64;

    /// <summary>A node: where its height 0 is, and what one unit of height adds.</summary>
    private const int Values = 6;

    private const double VerticalStep = 1000;

    private readonly double[] _nodes;
    private readonly int _columns;
    private readonly int _rows;
    private readonly double _minX;
    private readonly double _minY;
    private readonly double _cellsPerX;
    private readonly double _cellsPerY;

    /// <param name="frame">Where to.</param>
    /// <param name="transform">From where.</param>
    /// <param name="min">Least x and y of the points; any z of theirs.</param>
    /// <param name="max">Greatest x and y.</param>
    /// <exception cref="UnplacedPointException">A corner of a cell has no image.</exception>
    public FrameLattice(LocalFrame frame, GeodeticTransform transform, Xyz min, Xyz max)
    {
        (_minX, _minY) = (min.X, min.Y);
        (_columns, _rows) = (Cells(max.X - min.X), Cells(max.Y - min.Y));
        // A row of points still has cells of some width.
        var (width, height) = (Math.Max(max.X - min.X, 1) / _columns, Math.Max(max.Y - min.Y, 1) / _rows);
        (_cellsPerX, _cellsPerY) = (1 / width, 1 / height);
        var count = (_columns + 1) * (_rows + 1);
        _nodes = ArrayPool<double>.Shared.Rent(count * Values);
        var places = ArrayPool<double>.Shared.Rent(2 * count * 3);
        try
        {
            Span<double> x = places.AsSpan(0, 2 * count), y = places.AsSpan(2 * count, 2 * count), z = places.AsSpan(4 * count, 2 * count);
            for (var i = 0; i < 2 * count; i++)
                (x[i], y[i], z[i]) = (min.X + (i % count % (_columns + 1) * width), min.Y + (i % count / (_columns + 1) * height), i < count ? 0 : VerticalStep);
            transform(x, y, z);
            for (var i = 0; i < count; i++)
            {
                if (!double.IsFinite(x[i] + y[i] + z[i] + x[i + count] + y[i + count] + z[i + count]))
                    throw new UnplacedPointException(new Xyz(min.X + (i % (_columns + 1) * width), min.Y + (i / (_columns + 1) * height), 0));
                var at = frame.FromGeocentric(Geocentric.Of(x[i], y[i], z[i]));
                var above = frame.FromGeocentric(Geocentric.Of(x[i + count], y[i + count], z[i + count]));
                var node = _nodes.AsSpan(i * Values, Values);
                (node[0], node[1], node[2]) = (at.X, at.Y, at.Z);
                (node[3], node[4], node[5]) = ((above.X - at.X) / VerticalStep, (above.Y - at.Y) / VerticalStep, (above.Z - at.Z) / VerticalStep);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(places);
        }
    }

    /// <summary>The place of a point in the frame.</summary>
    public Xyz Place(double x, double y, double z)
    {
        var (across, along) = ((x - _minX) * _cellsPerX, (y - _minY) * _cellsPerY);
        var (column, row) = (Math.Clamp((int)across, 0, _columns - 1), Math.Clamp((int)along, 0, _rows - 1));
        var (u, v) = (across - column, along - row);
        var south = _nodes.AsSpan(((row * (_columns + 1)) + column) * Values, 2 * Values);
        var north = _nodes.AsSpan((((row + 1) * (_columns + 1)) + column) * Values, 2 * Values);
        var (sw, se, nw, ne) = ((1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v);
        return new Xyz(
            (sw * (south[0] + (z * south[3]))) + (se * (south[6] + (z * south[9]))) + (nw * (north[0] + (z * north[3]))) + (ne * (north[6] + (z * north[9]))),
            (sw * (south[1] + (z * south[4]))) + (se * (south[7] + (z * south[10]))) + (nw * (north[1] + (z * north[4]))) + (ne * (north[7] + (z * north[10]))),
            (sw * (south[2] + (z * south[5]))) + (se * (south[8] + (z * south[11]))) + (nw * (north[2] + (z * north[5]))) + (ne * (north[8] + (z * north[11]))));
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(_nodes);

    private static int Cells(double side) => (int)Math.Clamp(Math.Ceiling(side / CellMetres), 1, MaxCells);
}
