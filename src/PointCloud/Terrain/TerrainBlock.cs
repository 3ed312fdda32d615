namespace Grid.PointCloud.Terrain;

/// <summary>The heights of one surface at one step: a raster of the whole tile that blocks write their parts of.</summary>
/// <param name="StepUnits">Side of a pixel in lattice units.</param>
internal sealed record SurfaceRaster(int StepUnits, int Size, float[] Heights);

/// <summary>
/// Computes the pixels of a block of the tile, from the triangulation of the points in the block and a little around it.
/// <para>
/// The result is that of one triangulation of all points of the tile and its margin, pixel by pixel: a triangle is used only when the tile has no point in its
/// circle. When there is one, it is inserted, and the pixel looked up again; so blocks need no more than a few points around them where the ground is covered, and
/// reach as far as it takes where it is not. Blocks are independent of each other, and their bounds change no pixel.
/// </para>
/// </summary>
internal sealed unsafe class TerrainBlock(TerrainPoints points, Surfaces surface, TerrainLattice lattice, double longestEdge)
{
    private const int IsSure = 1;
    private readonly bool _keepsHighest = surface == Surfaces.Surface;
    private readonly PointSearch _search = new(points, surface);
    private readonly Triangulation _triangulation = new();
    private readonly InsertionOrder _order = new();
    private Site[] _gathered = new Site[1 << 12];
    private Rectangle _known;

    /// <summary>Writes the pixels whose centres are in a rectangle, its east and south borders not included: lattice units, y from the tile's north border down.</summary>
    public void Compute(int left, int top, int right, int bottom, int margin, IReadOnlyList<SurfaceRaster> rasters, CancellationToken cancellation)
    {
        Triangulate(left - margin, -bottom - margin, right + margin, -top + margin);
        foreach (var raster in rasters)
        {
            var step = raster.StepUnits;
            int firstColumn = Pixels(left, step), lastColumn = Pixels(right, step) - 1, lastRow = Pixels(bottom, step) - 1;
            for (var row = Pixels(top, step); row <= lastRow; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                var heights = raster.Heights.AsSpan(row * raster.Size, raster.Size);
                // To and fro, so that each pixel is near the one before.
                if ((row & 1) == 0)
                {
                    for (var column = firstColumn; column <= lastColumn; column++)
                        heights[column] = HeightAt(column * step, -row * step);
                }
                else
                {
                    for (var column = lastColumn; column >= firstColumn; column--)
                        heights[column] = HeightAt(column * step, -row * step);
                }
            }
        }
    }

    private static int Pixels(int units, int step) => (units + step - 1) / step;

    private void Triangulate(int west, int south, int east, int north)
    {
        _known = new Rectangle(west, south, east, north);
        var count = Gather(west, south, east, north);
        _triangulation.Restart(count, _keepsHighest);
        var sites = _gathered.AsSpan(0, count);
        _triangulation.Insert(sites, _order.Sort(sites, west, south, Math.Max(east - west, north - south)));
        if (_triangulation.HasTriangles)
            return;
        // Too few: any three around, to which the pixels add what they need.
        _known = Rectangle.None;
        double x = (west + (double)east) / 2, y = (south + (double)north) / 2;
        if (!Find(default(AnySite), x, y, double.PositiveInfinity, out var a)
            || !Find(new OffLine(a, a), x, y, double.PositiveInfinity, out var b)
            || !Find(new OffLine(a, b), x, y, double.PositiveInfinity, out var c))
        {
            return;
        }

        _triangulation.Begin(a, b, c);
    }

    private int Gather(int west, int south, int east, int north)
    {
        var count = 0;
        int firstColumn = points.ColumnOf(west), lastColumn = points.ColumnOf(east), lastRow = points.RowOf(north);
        for (var row = points.RowOf(south); row <= lastRow; row++)
        {
            var run = points.Run(row, firstColumn, lastColumn);
            if (_gathered.Length < count + run.Length)
                Array.Resize(ref _gathered, Math.Max(2 * _gathered.Length, count + run.Length));
            foreach (ref readonly var site in run)
            {
                if ((site.Z & (int)surface) != 0 && site.X >= west && site.X <= east && site.Y >= south && site.Y <= north)
                    _gathered[count++] = new Site(site.X, site.Y, site.Z >> 2);
            }
        }

        return count;
    }

    private bool Find<TTest>(in TTest test, double x, double y, double radius, out Site found)
        where TTest : struct, ISiteTest =>
        _search.TryFind(in test, x, y, radius, _known, _keepsHighest, out found);

    private float HeightAt(int x, int y)
    {
        if (!_triangulation.HasTriangles)
            return TerrainOptions.Nodata;
        while (true)
        {
            var t = _triangulation.Locate(x, y);
            if (_triangulation.Mark(t) != IsSure && FindMissing(t, x, y, out var missing))
            {
                _triangulation.Insert(missing);
                continue;
            }

            _triangulation.Mark(t) = IsSure;
            return _triangulation.IsOuter(t) ? TerrainOptions.Nodata : Interpolate(t, x, y);
        }
    }

    /// <summary>A point of the tile that a triangle of all points could not have in its circle.</summary>
    private bool FindMissing(int t, int x, int y, out Site missing)
    {
        if (_triangulation.IsOuter(t))
        {
            var (from, to) = _triangulation.Ends(_triangulation.HullEdge(t));
            return Find(new OutsideOf(_triangulation, from, to), x, y, double.PositiveInfinity, out missing);
        }

        var (ia, ib, ic) = _triangulation.Corners(t);
        Site a = _triangulation.Sites[ia], b = _triangulation.Sites[ib], c = _triangulation.Sites[ic];
        double bx = (double)b.X - a.X, by = (double)b.Y - a.Y, cx = (double)c.X - a.X, cy = (double)c.Y - a.Y;
        double bLift = (bx * bx) + (by * by), cLift = (cx * cx) + (cy * cy), twice = 2 * ((bx * cy) - (by * cx));
        double ux = ((cy * bLift) - (by * cLift)) / twice, uy = ((bx * cLift) - (cx * bLift)) / twice;
        // What the centre may be off by rounding, and a unit or two.
        var slack = (1e-15 * ((Math.Abs(cy) + Math.Abs(cx)) * bLift + (Math.Abs(by) + Math.Abs(bx)) * cLift) / twice) + 2;
        double radius = (Math.Sqrt((ux * ux) + (uy * uy)) * (1 + 1e-12)) + slack, centreX = a.X + ux, centreY = a.Y + uy;
        missing = default;
        if (IsKnown(centreX, centreY, radius))
            return false;
        return Find(new InCircleOf(a, b, c), centreX, centreY, radius, out missing);
    }

    /// <summary>Whether all points of a circle are in the triangulation: beyond the region there are none.</summary>
    private bool IsKnown(double x, double y, double radius) =>
        (x - radius >= _known.West || _known.West <= points.West) && (x + radius <= _known.East || _known.East >= points.West + (double)points.Extent)
        && (y - radius >= _known.South || _known.South <= points.South) && (y + radius <= _known.North || _known.North >= points.South + (double)points.Extent)
        && _known.West <= _known.East;

    private float Interpolate(int t, int x, int y)
    {
        var (ia, ib, ic) = _triangulation.Corners(t);
        Site* a = _triangulation.Sites + ia, b = _triangulation.Sites + ib, c = _triangulation.Sites + ic;
        long ofA = Predicates.Turn(b, c, x, y), ofB = Predicates.Turn(c, a, x, y), ofC = Predicates.Turn(a, b, x, y), all = ofA + ofB + ofC;
        if (longestEdge > 0 && !IsAllowed(t, ofA, ofB, ofC))
            return TerrainOptions.Nodata;
        // Whole numbers as long as they fit, so that the triangles on both sides of an edge give its pixels one height.
        var height = all < int.MaxValue
            ? (double)((ofA * a->Z) + (ofB * b->Z) + (ofC * c->Z)) / all
            : (((double)ofA * a->Z) + ((double)ofB * b->Z) + ((double)ofC * c->Z)) / all;
        return (float)(height * lattice.HeightUnit);
    }

    // A place on an edge belongs to both triangles of it, one on a corner to the corner.
    private bool IsAllowed(int t, long ofA, long ofB, long ofC)
    {
        if (IsShort(t) || (ofA == 0 ? 1 : 0) + (ofB == 0 ? 1 : 0) + (ofC == 0 ? 1 : 0) == 2)
            return true;
        var edge = ofA == 0 ? t + 1 : ofB == 0 ? t + 2 : ofC == 0 ? t : -1;
        if (edge < 0)
            return false;
        var beyond = _triangulation.Beyond(edge);
        return !_triangulation.IsOuter(beyond) && IsShort(beyond);
    }

    private bool IsShort(int t)
    {
        var (ia, ib, ic) = _triangulation.Corners(t);
        Site* a = _triangulation.Sites + ia, b = _triangulation.Sites + ib, c = _triangulation.Sites + ic;
        var most = longestEdge / lattice.Unit;
        return Math.Max(Length(a, b), Math.Max(Length(b, c), Length(c, a))) <= most * most;

        static double Length(Site* p, Site* q)
        {
            double dx = (double)p->X - q->X, dy = (double)p->Y - q->Y;
            return (dx * dx) + (dy * dy);
        }
    }
}
