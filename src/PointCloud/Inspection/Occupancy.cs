using Grid.PointCloud.Las;

namespace Grid.PointCloud.Inspection;

/// <summary>Pulses on a grid of squares over a file's bounds: which ground is covered, and where there is a hole. Pulses may come from several threads.</summary>
internal sealed class Occupancy
{
    private const int MaxSquares = 1 << 20;
    private readonly LasHeader _header;
    private readonly double _perSquareX, _perSquareY, _fromX, _fromY;
    private readonly int _columns, _rows;
    private readonly int[] _pulses;

    /// <param name="header">Its bounds are covered; points beyond count to the nearest square.</param>
    /// <param name="side">Side of a square in units of the CRS; greater ones are used where there would be too many.</param>
    public Occupancy(LasHeader header, double side)
    {
        double width = Math.Max(header.Max.X - header.Min.X, side), height = Math.Max(header.Max.Y - header.Min.Y, side);
        if (!double.IsFinite(width) || !double.IsFinite(height))
            (width, height) = (side, side);
        while (Math.Ceiling(width / side) * Math.Ceiling(height / side) > MaxSquares)
            side *= 2;
        Side = side;
        _header = header;
        (_columns, _rows) = ((int)Math.Ceiling(width / side), (int)Math.Ceiling(height / side));
        (_perSquareX, _perSquareY) = (header.Scale.X / side, header.Scale.Y / side);
        (_fromX, _fromY) = ((header.Offset.X - header.Min.X) / side, (header.Offset.Y - header.Min.Y) / side);
        _pulses = new int[_columns * _rows];
    }

    public double Side { get; }

    /// <summary>Squares that hold a pulse.</summary>
    public int Covered => _pulses.Count(count => count > 0);

    public void Add(int x, int y)
    {
        int column = (int)Math.Clamp((x * _perSquareX) + _fromX, 0, _columns - 1), row = (int)Math.Clamp((y * _perSquareY) + _fromY, 0, _rows - 1);
        Interlocked.Increment(ref _pulses[(row * _columns) + column]);
    }

    /// <summary>Connected empty squares, largest first: their area and the rectangle around them.</summary>
    public IEnumerable<(double Area, Xyz Min, Xyz Max)> Holes()
    {
        var seen = new bool[_pulses.Length];
        var holes = new List<(double Area, Xyz Min, Xyz Max)>();
        var waiting = new Stack<int>();
        for (var start = 0; start < seen.Length; start++)
        {
            if (seen[start] || _pulses[start] > 0)
                continue;
            int count = 0, left = int.MaxValue, right = 0, bottom = int.MaxValue, top = 0;
            seen[start] = true;
            waiting.Push(start);
            while (waiting.TryPop(out var square))
            {
                int column = square % _columns, row = square / _columns;
                count++;
                (left, right, bottom, top) = (Math.Min(left, column), Math.Max(right, column), Math.Min(bottom, row), Math.Max(top, row));
                Visit(column > 0, square - 1);
                Visit(column < _columns - 1, square + 1);
                Visit(row > 0, square - _columns);
                Visit(row < _rows - 1, square + _columns);
            }

            holes.Add((
                count * Side * Side,
                new Xyz(_header.Min.X + (left * Side), _header.Min.Y + (bottom * Side), 0),
                new Xyz(_header.Min.X + ((right + 1) * Side), _header.Min.Y + ((top + 1) * Side), 0)));
        }

        return holes.OrderByDescending(hole => hole.Area);

        void Visit(bool isThere, int square)
        {
            if (!isThere || seen[square] || _pulses[square] > 0)
                return;
            seen[square] = true;
            waiting.Push(square);
        }
    }
}
