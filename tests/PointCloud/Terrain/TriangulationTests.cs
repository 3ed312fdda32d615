using Grid.PointCloud.Terrain;

namespace Grid.PointCloud.Tests.Terrain;

public unsafe class TriangulationTests
{
    public static TheoryData<string, int> PointSets => new()
    {
        { "scattered", 60 },
        { "on a grid", 64 },
        { "on few lines", 60 },
        { "on a circle", 24 },
        { "far apart", 40 },
        { "coinciding", 80 },
    };

    [Theory]
    [MemberData(nameof(PointSets))]
    public void Circles_are_empty_triangles_fill_the_hull_and_no_order_changes_them(string kind, int count)
    {
        var sites = Make(kind, count);
        var places = sites.Select(site => (site.X, site.Y)).Distinct().ToList();
        HashSet<string>? first = null;
        for (var seed = 0; seed < 5; seed++)
        {
            var shuffled = sites.ToArray();
            new Random(seed).Shuffle(shuffled);
            var triangulation = new Triangulation();
            triangulation.Restart(4, keepsHighest: true);
            triangulation.Insert(shuffled, seed == 0 ? new InsertionOrder().Sort(shuffled, -4_000_000, -4_000_000, 8_000_000) : [.. Enumerable.Range(0, count).Select(i => (uint)i)]);
            Assert.Equal(places.Count, triangulation.Count);
            var triangles = Triangles(triangulation, places);
            first ??= triangles;
            Assert.True(first.SetEquals(triangles), $"{kind}, seed {seed}");
        }
    }

    [Theory]
    [InlineData(true, 9)]
    [InlineData(false, -3)]
    public void Of_points_at_one_place_the_highest_or_the_lowest_is_kept(bool keepsHighest, int expected)
    {
        var triangulation = new Triangulation();
        triangulation.Restart(8, keepsHighest);
        Site[] sites = [new(0, 0, 1), new(10, 0, 1), new(0, 10, 1), new(2, 2, 4), new(2, 2, -3), new(2, 2, 9)];
        triangulation.Insert(sites, [0, 1, 2, 3, 4, 5]);
        var (a, b, c) = triangulation.Corners(triangulation.Locate(2, 2));
        Assert.Contains(new[] { a, b, c }, corner => triangulation.Sites[corner] is { X: 2, Y: 2 } there && there.Z == expected);
    }

    [Fact]
    public void Points_on_one_line_make_no_triangle()
    {
        var triangulation = new Triangulation();
        triangulation.Restart(4, keepsHighest: false);
        triangulation.Insert([new(0, 0, 0), new(5, 5, 0), new(9, 9, 0), new(5, 5, 2)], [0, 1, 2, 3]);
        Assert.False(triangulation.HasTriangles);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 1)]
    [InlineData(100_000_000, 1)]
    [InlineData(100_000_000, -1)]
    public void Circle_is_exact_to_the_unit(int size, int inward)
    {
        // Three corners of a square, and the fourth moved by a unit along its side.
        Site a = new(0, 0, 0), b = new(size, 0, 0), c = new(size, size, 0), d = new(inward, size, 0);
        var expected = inward != 0 ? inward > 0 && inward < size : Predicates.InCircle(&a, &b, &c, &d);
        Assert.Equal(expected, Predicates.InCircle(&a, &b, &c, &d));
        Assert.Equal(expected, Predicates.InCircle(&b, &c, &a, &d));
        Assert.Equal(expected, Predicates.InCircle(&c, &a, &b, &d));
        Assert.False(Predicates.InCircle(&a, &b, &c, &b));
    }

    private static Site[] Make(string kind, int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(i => kind switch
        {
            "on a grid" => new Site(i % 8 * 100, i / 8 * 100, i),
            "on few lines" => new Site(random.Next(3) * 50, random.Next(40), i),
            "on a circle" => OnCircle(i),
            "far apart" => new Site(random.Next(-3_000_000, 3_000_000), random.Next(-3_000_000, 3_000_000), i),
            "coinciding" => new Site(random.Next(7), random.Next(7), i),
            _ => new Site(random.Next(1000), random.Next(1000), i),
        })];
    }

    // Whole points on the circle of radius 325, twelve in each half: 325² = 36² + 323² = 91² + 312² = …
    private static Site OnCircle(int i)
    {
        (int X, int Y)[] eighth = [(36, 323), (91, 312), (125, 300)];
        var (x, y) = eighth[i % 3];
        return (i / 3) switch
        {
            0 => new Site(x, y, i),
            1 => new Site(y, x, i),
            2 => new Site(-x, y, i),
            3 => new Site(-y, x, i),
            4 => new Site(x, -y, i),
            5 => new Site(y, -x, i),
            6 => new Site(-x, -y, i),
            _ => new Site(-y, -x, i),
        };
    }

    /// <summary>The triangles by their corners' places, found by asking for places all over; each with an empty circle.</summary>
    private static HashSet<string> Triangles(Triangulation triangulation, List<(int X, int Y)> places)
    {
        var found = new HashSet<string>();
        long area = 0;
        var seen = new HashSet<int>();
        var waiting = new Stack<int>([triangulation.Locate(places[0].X, places[0].Y)]);
        while (waiting.TryPop(out var t))
        {
            if (!seen.Add(t))
                continue;
            for (var edge = t; edge < t + 3; edge++)
                waiting.Push(triangulation.Beyond(edge));
            if (triangulation.IsOuter(t))
                continue;
            var (ia, ib, ic) = triangulation.Corners(t);
            Site a = triangulation.Sites[ia], b = triangulation.Sites[ib], c = triangulation.Sites[ic];
            var turn = Predicates.Turn(&a, &b, &c);
            Assert.True(turn > 0);
            area += turn;
            foreach (var (x, y) in places)
            {
                var site = new Site(x, y, 0);
                Assert.False(Predicates.InCircle(&a, &b, &c, &site));
            }

            found.Add(string.Join(' ', new[] { (a.X, a.Y), (b.X, b.Y), (c.X, c.Y) }.Order()));
        }

        Assert.Equal(HullArea(places), area);
        return found;
    }

    private static long HullArea(List<(int X, int Y)> places)
    {
        var sorted = places.Order().ToList();
        var hull = Half(sorted).Concat(Half(Enumerable.Reverse(sorted))).ToList();
        return hull.Select((p, i) => (p, q: hull[(i + 1) % hull.Count])).Sum(e => ((long)e.p.X * e.q.Y) - ((long)e.q.X * e.p.Y));

        static List<(int X, int Y)> Half(IEnumerable<(int X, int Y)> points)
        {
            var chain = new List<(int X, int Y)>();
            foreach (var p in points)
            {
                while (chain.Count > 1 && ((long)(chain[^1].X - chain[^2].X) * (p.Y - chain[^2].Y)) - ((long)(chain[^1].Y - chain[^2].Y) * (p.X - chain[^2].X)) <= 0)
                    chain.RemoveAt(chain.Count - 1);
                chain.Add(p);
            }

            chain.RemoveAt(chain.Count - 1);
            return chain;
        }
    }
}
