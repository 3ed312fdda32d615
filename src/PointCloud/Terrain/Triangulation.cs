using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Terrain;

/// <summary>
/// A Delaunay triangulation that points are inserted into: found by a walk over the triangles, the triangle split in three, edges flipped until all circles
/// are empty (Lawson). Predicates are exact, and the outside is made of triangles with a corner at infinity, so there is no special case but points that
/// coincide. Where four points lie on a circle one of the two ways is Delaunay's: the same points make the same triangles, inserted in any order.
/// <para>
/// A triangle is a handle, a multiple of 8, and its edges are the handles + 0, 1 and 2; edge e goes from corner e to the corner of the edge that follows. Points
/// are counted from 1; <see cref="Infinite"/> is the corner at infinity. Not thread safe.
/// </para>
/// </summary>
internal sealed unsafe class Triangulation
{
    /// <summary>The corner of the triangles outside the convex hull.</summary>
    public const int Infinite = 0;

    // Of a triangle: three corners, a mark, three edges of neighbours, nothing.
    private const int Size = 8, MarkAt = 3, TwinAt = 4;

    private Site[] _siteArray = [];
    private int[] _triangleArray = [];
    private Site* _sites;
    private int* _triangles;
    private int _siteCount = 1;
    private int _triangleEnd;
    private int _near;
    private int[] _waiting = new int[64];
    private bool _keepsHighest;

    /// <summary>Points inserted, those that coincide counted once.</summary>
    public int Count => _siteCount - 1;

    /// <summary>True once three points that are not on a line are there; before that there are no triangles.</summary>
    public bool HasTriangles => _triangleEnd > 0;

    public Site* Sites => _sites;

    /// <summary>Forgets all points.</summary>
    /// <param name="capacity">Points expected; more find room too.</param>
    /// <param name="keepsHighest">Which of several points at one place is kept: the highest, or the lowest.</param>
    public void Restart(int capacity, bool keepsHighest)
    {
        _keepsHighest = keepsHighest;
        (_siteCount, _triangleEnd, _near) = (1, 0, 0);
        Reserve(capacity + 1);
    }

    /// <summary>Inserts points in the given order; none when they are all on a line and there are no triangles.</summary>
    public void Insert(ReadOnlySpan<Site> sites, ReadOnlySpan<uint> order)
    {
        Reserve(_siteCount + sites.Length);
        if (!HasTriangles && !TryBegin(sites, order))
            return;
        // The first triangle's corners come again, and coincide with themselves.
        foreach (var index in order)
            Insert(sites[(int)index]);
    }

    /// <summary>Makes the first triangle, of three points that are not on a line. Returns false, and holds nothing, when they are on one.</summary>
    public bool Begin(Site a, Site b, Site c)
    {
        Reserve(4);
        var turn = Predicates.Turn(&a, &b, &c);
        if (turn == 0)
            return false;
        if (turn < 0)
            (b, c) = (c, b);
        (_sites[1], _sites[2], _sites[3], _siteCount) = (a, b, c, 4);
        _triangleEnd = 4 * Size;
        Set(0, 1, 2, 3);
        Set(Size, 2, 1, Infinite);
        Set(2 * Size, 3, 2, Infinite);
        Set(3 * Size, 1, 3, Infinite);
        Join(0, Size);
        Join(1, 2 * Size);
        Join(2, 3 * Size);
        // Outer triangles (b, a, ∞) meet along the edges to infinity.
        Join(Size + 1, (3 * Size) + 2);
        Join((2 * Size) + 1, Size + 2);
        Join((3 * Size) + 1, (2 * Size) + 2);
        _near = 0;
        return true;
    }

    /// <summary>Inserts a point; there must be triangles. One at the place of another only changes the other's height.</summary>
    public void Insert(Site point)
    {
        var t = Locate(point.X, point.Y);
        for (var corner = 0; corner < 3; corner++)
        {
            var there = _triangles[t + corner];
            if (there != Infinite && _sites[there].X == point.X && _sites[there].Y == point.Y)
            {
                if (_keepsHighest ? point.Z > _sites[there].Z : point.Z < _sites[there].Z)
                    _sites[there].Z = point.Z;
                return;
            }
        }

        if (_siteCount == _siteArray.Length)
            Reserve(_siteCount * 2);
        var v = _siteCount++;
        _sites[v] = point;
        Split(t, v);
    }

    /// <summary>
    /// The triangle that holds a place, its border included; outside the hull one at infinity whose edge on the hull has the place strictly on its outer side.
    /// </summary>
    public int Locate(int x, int y)
    {
        var t = _near;
        if (IsOuter(t))
            t = _triangles[HullEdge(t) + TwinAt] & ~7;
        var entered = -1;
        while (true)
        {
            var crossed = -1;
            for (var e = t; e < t + 3; e++)
            {
                if (e != entered && Predicates.Turn(_sites + _triangles[e], _sites + _triangles[Next(e)], x, y) < 0)
                {
                    crossed = e;
                    break;
                }
            }

            if (crossed < 0)
                break;
            entered = _triangles[crossed + TwinAt];
            t = entered & ~7;
            if (_triangles[Next(Next(entered))] == Infinite)
                break;
        }

        return _near = t;
    }

    /// <summary>The three corners of a triangle, turning left.</summary>
    public (int A, int B, int C) Corners(int t) => (_triangles[t], _triangles[t + 1], _triangles[t + 2]);

    /// <summary>The triangle beyond an edge of one.</summary>
    public int Beyond(int edge) => _triangles[edge + TwinAt] & ~7;

    /// <summary>True of the triangles with a corner at infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOuter(int t) => _triangles[t] == Infinite || _triangles[t + 1] == Infinite || _triangles[t + 2] == Infinite;

    /// <summary>The edge of an outer triangle that lies on the hull; its left side is outside.</summary>
    public int HullEdge(int outer) => _triangles[outer] == Infinite ? outer + 1 : _triangles[outer + 1] == Infinite ? outer + 2 : outer;

    /// <summary>The two points of an edge.</summary>
    public (int From, int To) Ends(int edge) => (_triangles[edge], _triangles[Next(edge)]);

    /// <summary>A mark that stays with a triangle until it changes.</summary>
    public ref int Mark(int t) => ref _triangles[t + MarkAt];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Next(int edge) => (edge & 7) == 2 ? edge - 2 : edge + 1;

    private bool TryBegin(ReadOnlySpan<Site> sites, ReadOnlySpan<uint> order)
    {
        if (order.Length < 3)
            return false;
        Site a = sites[(int)order[0]], b = default;
        var hasSecond = false;
        for (var i = 1; i < order.Length; i++)
        {
            var site = sites[(int)order[i]];
            if (!hasSecond)
                (hasSecond, b) = (site.X != a.X || site.Y != a.Y, site);
            else if (Begin(a, b, site))
                return true;
        }

        return false;
    }

    private void Split(int t, int v)
    {
        if (_triangleEnd + (2 * Size) > _triangleArray.Length)
            Reserve(_siteArray.Length * 2);
        int* of = _triangles;
        int a = of[t], b = of[t + 1], c = of[t + 2], bcTwin = of[t + 1 + TwinAt], caTwin = of[t + 2 + TwinAt];
        int u = _triangleEnd, w = u + Size;
        _triangleEnd = w + Size;
        Set(t, a, b, v);
        Set(u, b, c, v);
        Set(w, c, a, v);
        Join(u, bcTwin);
        Join(w, caTwin);
        Join(t + 1, u + 2);
        Join(u + 1, w + 2);
        Join(w + 1, t + 2);
        var waiting = 0;
        _waiting[waiting++] = t;
        _waiting[waiting++] = u;
        _waiting[waiting++] = w;
        while (waiting > 0)
        {
            // An edge a→b across from v, which is the third corner of its triangle.
            var e = _waiting[--waiting];
            var f = of[e + TwinAt];
            if (!IsInCircle(f, v))
                continue;
            int other = f & ~7, g = Next(f), h = Next(g), d = of[h];
            int adTwin = of[g + TwinAt], dbTwin = of[h + TwinAt], bvTwin = of[e + 1 + TwinAt];
            var to = of[e + 1];
            of[e + 1] = d;
            of[e + MarkAt] = 0;
            Join(e, adTwin);
            Set(other, d, to, v);
            Join(other, dbTwin);
            Join(other + 1, bvTwin);
            Join(other + 2, e + 1);
            if (waiting + 2 > _waiting.Length)
                Array.Resize(ref _waiting, _waiting.Length * 2);
            _waiting[waiting++] = e;
            _waiting[waiting++] = other;
        }

        _near = t;
    }

    /// <summary>Whether a point lies in the circle of the triangle of edge <paramref name="f"/>; an outer triangle's circle is the half-plane outside the hull.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsInCircle(int f, int v)
    {
        var g = Next(f);
        int a = _triangles[f], b = _triangles[g], c = _triangles[Next(g)];
        if (a != Infinite & b != Infinite & c != Infinite)
            return Predicates.InCircle(_sites + a, _sites + b, _sites + c, _sites + v);
        return a == Infinite ? IsOutside(b, c, _sites + v) : b == Infinite ? IsOutside(c, a, _sites + v) : IsOutside(a, b, _sites + v);
    }

    /// <summary>Whether a place is on the outer side of a hull edge, or on the edge between its ends.</summary>
    public bool IsOutside(int from, int to, Site* place)
    {
        Site* a = _sites + from, b = _sites + to;
        var turn = Predicates.Turn(a, b, place);
        if (turn != 0)
            return turn > 0;
        long along = ((long)(place->X - a->X) * (b->X - a->X)) + ((long)(place->Y - a->Y) * (b->Y - a->Y));
        long length = ((long)(b->X - a->X) * (b->X - a->X)) + ((long)(b->Y - a->Y) * (b->Y - a->Y));
        return along > 0 && along < length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(int t, int a, int b, int c)
    {
        (_triangles[t], _triangles[t + 1], _triangles[t + 2], _triangles[t + MarkAt]) = (a, b, c, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Join(int e, int f)
    {
        _triangles[e + TwinAt] = f;
        _triangles[f + TwinAt] = e;
    }

    // Of n points, the infinite one counted, there are 2 (n - 1) - 2 triangles, the outer ones counted.
    private void Reserve(int sites)
    {
        if (sites > _siteArray.Length)
        {
            var larger = GC.AllocateUninitializedArray<Site>(sites + (sites / 8) + 16, pinned: true);
            _siteArray.AsSpan(0, _siteCount < _siteArray.Length ? _siteCount : _siteArray.Length).CopyTo(larger);
            _siteArray = larger;
            _sites = (Site*)Unsafe.AsPointer(ref larger[0]);
        }

        var triangles = checked(2 * Size * _siteArray.Length);
        if (triangles > _triangleArray.Length)
        {
            var larger = GC.AllocateUninitializedArray<int>(triangles, pinned: true);
            _triangleArray.AsSpan(0, _triangleEnd).CopyTo(larger);
            _triangleArray = larger;
            _triangles = (int*)Unsafe.AsPointer(ref larger[0]);
        }
    }
}
