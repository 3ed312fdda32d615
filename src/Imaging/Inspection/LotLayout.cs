using Grid.Tiling;

namespace Grid.Imaging.Inspection;

/// <summary>How the rectangles of a lot lie: the same one twice, overlaps, slits between neighbours, holes inside the block.</summary>
internal static class LotLayout
{
    /// <summary>Squares of the grid on which holes are looked for; coarser squares when a lot would need more.</summary>
    private const int MaxSquares = 4_000_000;

    internal static void Examine(IReadOnlyList<RasterInfo> rasters, LotFindings findings)
    {
        var distinct = WithoutTwins(rasters, findings);
        var extents = distinct.Select(raster => raster.Extent!.Value).ToArray();
        var tree = new RectangleTree(extents);
        FindOverlaps(distinct, extents, tree, findings);
        FindSlits(distinct, extents, tree, findings);
        FindHoles(distinct, extents, tree, findings);
    }

    /// <summary>The first raster of each rectangle; each of the others is a finding.</summary>
    private static List<RasterInfo> WithoutTwins(IReadOnlyList<RasterInfo> rasters, LotFindings findings)
    {
        var first = new Dictionary<(double, double, double, double), RasterInfo>();
        var distinct = new List<RasterInfo>();
        foreach (var raster in rasters)
        {
            var (extent, grid) = (raster.Extent!.Value, raster.Grid!.Value);
            var place = (Math.Round(extent.MinX / grid.CellX), Math.Round(extent.MinY / grid.CellY), Math.Round(extent.MaxX / grid.CellX), Math.Round(extent.MaxY / grid.CellY));
            if (first.TryGetValue(place, out var twin) && IsSame(extent, twin.Extent!.Value, grid))
            {
                Duplicate(twin, raster, findings);
                continue;
            }

            first.TryAdd(place, raster);
            distinct.Add(raster);
        }

        return distinct;
    }

    private static void Duplicate(RasterInfo one, RasterInfo other, LotFindings findings) => findings.Warn(FindingKind.Duplicate, [one.Name, other.Name], () =>
        $"{one.Name} and {other.Name} cover the same rectangle; the later one covers the other. Deliver one of them.");

    // Pairs while they are listed one by one, then each raster that overlaps any other: on one place, pairs are as many as the square of the rasters.
    private static void FindOverlaps(List<RasterInfo> rasters, Extent[] extents, RectangleTree tree, LotFindings findings)
    {
        var listed = 0;
        for (var i = 0; i < extents.Length; i++)
        {
            var met = tree.Find(extents[i]).Where(j => j != i && IsOverlap(extents[i], extents[j], rasters[i].Grid!.Value));
            met = listed < LotInspector.MaxOfAKind ? met.Where(j => j > i).Order() : met.Take(1);
            foreach (var j in met)
            {
                Tell(i, j);
                if (++listed > LotInspector.MaxOfAKind)
                    break;
            }
        }

        void Tell(int i, int j)
        {
            var (grid, common) = (rasters[i].Grid!.Value, extents[i].Intersection(extents[j]));
            if (IsSame(extents[i], extents[j], grid))
            {
                Duplicate(rasters[i], rasters[j], findings);
                return;
            }

            findings.Warn(FindingKind.Overlap, [rasters[i].Name, rasters[j].Name], () => LotInspector.Text(
                $"{rasters[i].Name} and {rasters[j].Name} overlap by {common.Width / grid.CellX:0.#} x {common.Height / grid.CellY:0.#} pixels ({common.Width:0.###} x {common.Height:0.###} units of the CRS); the later one covers the other wherever it has data."));
        }
    }

    private static bool IsOverlap(Extent a, Extent b, PixelGrid grid)
    {
        var common = a.Intersection(b);
        return common.Width / grid.CellX >= 0.5 && common.Height / grid.CellY >= 0.5;
    }

    private static bool IsSame(Extent a, Extent b, PixelGrid grid) =>
        Math.Abs(a.MinX - b.MinX) < 0.5 * grid.CellX && Math.Abs(a.MaxX - b.MaxX) < 0.5 * grid.CellX
        && Math.Abs(a.MinY - b.MinY) < 0.5 * grid.CellY && Math.Abs(a.MaxY - b.MaxY) < 0.5 * grid.CellY;

    // Neighbours that should touch: a gap of at least half a pixel and at most a twentieth of the raster.
    private static void FindSlits(List<RasterInfo> rasters, Extent[] extents, RectangleTree tree, LotFindings findings)
    {
        for (var i = 0; i < extents.Length; i++)
        {
            var (own, grid) = (extents[i], rasters[i].Grid!.Value);
            double reachX = own.Width / 20, reachY = own.Height / 20;
            Extent east = new(own.MaxX, own.MinY + reachY, own.MaxX + reachX, own.MaxY - reachY);
            Extent south = new(own.MinX + reachX, own.MinY - reachY, own.MaxX - reachX, own.MinY);
            Look(east, j => (extents[j].MinX - own.MaxX) / grid.CellX, "column");
            Look(south, j => (own.MinY - extents[j].MaxY) / grid.CellY, "row");

            void Look(Extent strip, Func<int, double> widthOf, string unit)
            {
                (int Raster, double Width) nearest = (-1, double.PositiveInfinity);
                foreach (var j in tree.Find(strip).Where(j => j != i))
                {
                    var width = widthOf(j);
                    if (width < 0.5)
                        return;
                    if (width < nearest.Width || (width == nearest.Width && j < nearest.Raster))
                        nearest = (j, width);
                }

                if (nearest.Raster < 0)
                    return;
                findings.Warn(FindingKind.Gap, [rasters[i].Name, rasters[nearest.Raster].Name], () => LotInspector.Text(
                    $"{rasters[i].Name} and {rasters[nearest.Raster].Name}: {nearest.Width:0.#} {unit}(s) between them belong to neither, and will show as no data. Check their origins and sizes."));
            }
        }
    }

    // Squares as large as the smallest raster whose centre no raster holds, and that the outside cannot reach.
    private static void FindHoles(List<RasterInfo> rasters, Extent[] extents, RectangleTree tree, LotFindings findings)
    {
        if (rasters.Count < 4)
            return;
        var all = extents.Aggregate((a, b) => a.Union(b));
        double width = extents.Min(e => e.Width), height = extents.Min(e => e.Height);
        while ((all.Width / width) * (all.Height / height) > MaxSquares)
            (width, height) = (width * 2, height * 2);
        int cols = (int)Math.Ceiling((all.Width / width) - 1e-6) + 2, rows = (int)Math.Ceiling((all.Height / height) - 1e-6) + 2;

        // A border of empty squares lets the outside flow all around.
        // What each raster covers is noted at its corners and summed up once, however many lie on one another.
        var covers = new int[(cols + 1) * (rows + 1)];
        foreach (var extent in extents)
        {
            int left = Square(extent.MinX - all.MinX, width), right = Square(extent.MaxX - all.MinX, width);
            int bottom = Square(extent.MinY - all.MinY, height), top = Square(extent.MaxY - all.MinY, height);
            if (left >= right || bottom >= top)
                continue;
            covers[(bottom * (cols + 1)) + left]++;
            covers[(bottom * (cols + 1)) + right]--;
            covers[(top * (cols + 1)) + left]--;
            covers[(top * (cols + 1)) + right]++;
        }

        var isCovered = new bool[cols * rows];
        var inRow = new int[cols];
        for (var row = 0; row < rows; row++)
        {
            var sum = 0;
            for (var col = 0; col < cols; col++)
            {
                sum += covers[(row * (cols + 1)) + col];
                inRow[col] += sum;
                isCovered[(row * cols) + col] = inRow[col] > 0;
            }
        }

        var isReached = isCovered;
        Flood(isReached, cols, rows, 0, out _);
        for (var start = 0; start < isReached.Length; start++)
        {
            if (isReached[start])
                continue;
            var squares = Flood(isReached, cols, rows, start, out var box);
            Extent hole = new(
                all.MinX + ((box.Left - 1) * width), all.MinY + ((box.Bottom - 1) * height), all.MinX + (box.Right * width), all.MinY + (box.Top * height));
            List<int> met = [.. tree.Find(hole.Grow(Math.Min(width, height) / 2)).Take(64).Order()];
            findings.Warn(FindingKind.Gap, [.. met.Take(8).Select(j => rasters[j].Name)], () => LotInspector.Text(
                $"no raster covers {squares} place(s) of {width:0.###} x {height:0.###} inside the block, within {hole.MinX:0.###},{hole.MinY:0.###} to {hole.MaxX:0.###},{hole.MaxY:0.###}, beside {string.Join(", ", met.Take(3).Select(j => rasters[j].Name))}; deliver what is missing, if there is anything."));
        }
    }

    // The first square whose centre is not before the position, the border counted.
    private static int Square(double position, double size) => (int)Math.Ceiling((position / size) - 0.5 - 1e-6) + 1;

    private static int Flood(bool[] isTaken, int cols, int rows, int start, out (int Left, int Bottom, int Right, int Top) box)
    {
        box = (int.MaxValue, int.MaxValue, 0, 0);
        var count = 0;
        var waiting = new Stack<int>([start]);
        isTaken[start] = true;
        while (waiting.TryPop(out var square))
        {
            int col = square % cols, row = square / cols;
            box = (Math.Min(box.Left, col), Math.Min(box.Bottom, row), Math.Max(box.Right, col), Math.Max(box.Top, row));
            count++;
            foreach (var (c, r) in new[] { (col - 1, row), (col + 1, row), (col, row - 1), (col, row + 1) })
            {
                if (c < 0 || r < 0 || c >= cols || r >= rows || isTaken[(r * cols) + c])
                    continue;
                isTaken[(r * cols) + c] = true;
                waiting.Push((r * cols) + c);
            }
        }

        return count;
    }
}
