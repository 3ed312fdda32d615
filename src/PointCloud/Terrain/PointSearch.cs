using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Terrain;

/// <summary>Which points a search is for.</summary>
internal interface ISiteTest
{
    bool Accepts(Site site);

    /// <summary>The eastings between which a row of cells, from one northing to another, may have such points; the first is the greater when it has none.</summary>
    (double West, double East) Within(double south, double north);
}

/// <summary>Any point.</summary>
internal readonly struct AnySite : ISiteTest
{
    public bool Accepts(Site site) => true;

    public (double West, double East) Within(double south, double north) => (double.NegativeInfinity, double.PositiveInfinity);
}

/// <summary>Points that are not on the line through two.</summary>
internal readonly unsafe struct OffLine(Site a, Site b) : ISiteTest
{
    private readonly Site _a = a, _b = b;

    public bool Accepts(Site site)
    {
        Site a = _a, b = _b;
        return a.X == b.X && a.Y == b.Y ? site.X != a.X || site.Y != a.Y : Predicates.Turn(&a, &b, &site) != 0;
    }

    public (double West, double East) Within(double south, double north) => (double.NegativeInfinity, double.PositiveInfinity);
}

/// <summary>Points in the circle of a triangle.</summary>
internal readonly unsafe struct InCircleOf(Site a, Site b, Site c) : ISiteTest
{
    private readonly Site _a = a, _b = b, _c = c;

    public bool Accepts(Site site)
    {
        Site a = _a, b = _b, c = _c;
        return Predicates.InCircle(&a, &b, &c, &site);
    }

    public (double West, double East) Within(double south, double north) => (double.NegativeInfinity, double.PositiveInfinity);
}

/// <summary>Points on the outer, left side of an edge of the hull, or on it.</summary>
internal readonly unsafe struct OutsideOf(Triangulation triangulation, int from, int to) : ISiteTest
{
    private readonly Site _a = triangulation.Sites[from], _b = triangulation.Sites[to];

    public bool Accepts(Site site) => triangulation.IsOutside(from, to, &site);

    public (double West, double East) Within(double south, double north)
    {
        double dx = (double)_b.X - _a.X, dy = (double)_b.Y - _a.Y;
        if (dy == 0)
            return dx > 0 == north >= _a.Y || dx < 0 == south <= _a.Y ? (double.NegativeInfinity, double.PositiveInfinity) : (1, 0);
        double first = _a.X + (dx * (south - _a.Y) / dy), second = _a.X + (dx * (north - _a.Y) / dy);
        return dy > 0 ? (double.NegativeInfinity, Math.Max(first, second) + 1) : (Math.Min(first, second) - 1, double.PositiveInfinity);
    }
}

/// <summary>Nearest points of one surface.</summary>
internal readonly struct PointSearch(TerrainPoints points, Surfaces surface)
{
    /// <summary>
    /// The accepted point nearest to a place and within a radius, with the greater or lesser height of those that coincide with it; false when there is none.
    /// </summary>
    /// <param name="known">A rectangle whose points need not be looked at.</param>
    public bool TryFind<TTest>(ref readonly TTest test, double x, double y, double radius, Rectangle known, bool highest, out Site found)
        where TTest : struct, ISiteTest
    {
        found = default;
        var best = radius * radius;
        var isFound = false;
        int up = points.RowOf(y), down = up - 1;
        for (bool goesUp = true, goesDown = true; goesUp | goesDown;)
        {
            goesUp = goesUp && up < points.Rows && Square(points.SouthOf(up) - 1 - y) <= best;
            if (goesUp)
                isFound |= Scan(in test, up++, x, y, known, ref best, ref found);
            goesDown = goesDown && down >= 0 && Square(y - points.NorthOf(down) - 1) <= best;
            if (goesDown)
                isFound |= Scan(in test, down--, x, y, known, ref best, ref found);
        }

        if (!isFound)
            return false;
        int column = points.ColumnOf(found.X), row = points.RowOf(found.Y);
        foreach (var other in points.Run(row, column, column))
        {
            if (other.X == found.X && other.Y == found.Y && (other.Z & (int)surface) != 0 && (highest ? other.Z > found.Z : other.Z < found.Z))
                found = other;
        }

        found.Z >>= 2;
        return true;
    }

    private static double Square(double distance) => distance > 0 ? distance * distance : 0;

    private bool Scan<TTest>(ref readonly TTest test, int row, double x, double y, Rectangle known, ref double best, ref Site found)
        where TTest : struct, ISiteTest
    {
        double south = points.SouthOf(row), north = points.NorthOf(row);
        var reach = Math.Sqrt(best - Math.Min(best, Math.Max(Square(south - 1 - y), Square(y - north - 1)))) + 1;
        var (west, east) = test.Within(south, north);
        (west, east) = (Math.Max(west, x - reach), Math.Min(east, x + reach));
        if (west > east || east < points.West - 1 || west > points.West + (double)points.Extent + 1)
            return false;
        int first = points.ColumnOf(west), last = points.ColumnOf(east);
        if (south < known.South || north > known.North)
            return ScanRun(in test, row, first, last, x, y, ref best, ref found);
        // The cells wholly within the known rectangle.
        int knownFirst = points.ColumnOf(known.West) + 1, knownLast = points.ColumnOf(known.East) - 1;
        if (knownFirst > knownLast)
            return ScanRun(in test, row, first, last, x, y, ref best, ref found);
        var isFound = first < knownFirst && ScanRun(in test, row, first, Math.Min(last, knownFirst - 1), x, y, ref best, ref found);
        return isFound | (last > knownLast && ScanRun(in test, row, Math.Max(first, knownLast + 1), last, x, y, ref best, ref found));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ScanRun<TTest>(ref readonly TTest test, int row, int first, int last, double x, double y, ref double best, ref Site found)
        where TTest : struct, ISiteTest
    {
        var isFound = false;
        foreach (ref readonly var site in points.Run(row, first, last))
        {
            double dx = site.X - x, dy = site.Y - y, distance = (dx * dx) + (dy * dy);
            if (distance > best || (distance == best && isFound) || (site.Z & (int)surface) == 0 || !test.Accepts(site))
                continue;
            (best, found, isFound) = (distance, site, true);
        }

        return isFound;
    }
}

/// <summary>Lattice units, borders included.</summary>
internal readonly record struct Rectangle(double West, double South, double East, double North)
{
    public static Rectangle None => new(1, 1, 0, 0);
}
