using System.Text.RegularExpressions;
using Grid.PointCloud.Terrain;

namespace Grid.PointCloud.Inspection;

/// <summary>Compares the files of a delivery with each other: CRS, formats, the same points twice, overlaps, holes in the block. Pure; 10,000 files take a second.</summary>
public static partial class BlockInspector
{
    /// <summary>Findings listed of each kind; the rest is counted in one more.</summary>
    public const int MaxOfAKind = 50;

    /// <summary>Most squares that holes of a block are looked for in, and the farthest from the origin, which a wrong header passes.</summary>
    private const int MaxSquares = 1 << 22, FarthestSquare = 1 << 30;

    /// <summary>What is wrong or doubtful: errors first, then by kind, then in the order of the files. What most files have is what is expected of the others.</summary>
    /// <param name="declaredCrs">The CRS that the delivery declares, <c>AUTHORITY:CODE</c> or WKT; null when it declares none.</param>
    /// <param name="isSameCrs">Whether two CRS, each a WKT or a code, mean the same place by the same x and y; heights apart.</param>
    public static IReadOnlyList<CloudFinding> Compare(IReadOnlyList<CloudInfo> files, string? declaredCrs, Func<string, string, bool> isSameCrs)
    {
        var findings = new BlockFindings();
        CompareCrs(files, declaredCrs, isSameCrs, findings);
        CompareFormats(files, findings);
        var twins = CompareFingerprints(files, findings);
        CompareBounds(files, twins, findings);
        CompareTiles(files, findings);
        return findings.ToList();
    }

    private static void CompareCrs(IReadOnlyList<CloudInfo> files, string? declared, Func<string, string, bool> isSame, BlockFindings findings)
    {
        var usual = files.Where(file => file.Crs is not null).GroupBy(file => file.Crs!).MaxBy(group => group.Count());
        if ((declared ?? usual?.Key) is not { } expected)
            return;
        foreach (var group in files.Where(file => file.Crs is not null).GroupBy(file => file.Crs!))
        {
            if (isSame(group.Key, expected))
                continue;
            var whose = declared is null ? $"{usual!.Count()} of the {files.Count} files (such as {usual!.First().Name}) have" : "the delivery declares";
            foreach (var file in group)
            {
                findings.Add(CloudSeverity.Error, CloudFindingKind.CrsDifferent, [file.Name],
                    () => $"{file.Name}: its CRS is {Short(group.Key)}, {whose} {Short(expected)}; deliver it in that CRS, or in a delivery of its own.");
            }
        }
    }

    private static void CompareFormats(IReadOnlyList<CloudInfo> files, BlockFindings findings)
    {
        Differing(file => file.Header.PointFormat.Number, file => $"point format {file.Header.PointFormat.Number}", "its missing attributes are 0 in the block");
        Differing(file => file.Header.PointFormat.ExtraBytes, file => $"{file.Header.PointFormat.ExtraBytes} extra bytes a point", "attributes that not all have cannot be kept");
        Differing(file => file.Header.Scale, file => CloudInspector.Text($"scales of {file.Header.Scale.X} x {file.Header.Scale.Y} x {file.Header.Scale.Z}"), "coordinates are rounded to one scale");

        void Differing<T>(Func<CloudInfo, T> valueOf, Func<CloudInfo, string> say, string consequence)
            where T : notnull
        {
            var groups = files.GroupBy(valueOf).ToList();
            if (groups.Count < 2)
                return;
            var usual = groups.MaxBy(group => group.Count())!;
            foreach (var file in files.Where(file => !valueOf(file).Equals(usual.Key)))
            {
                findings.Warn(CloudFindingKind.Format, [file.Name],
                    () => $"{file.Name}: it has {say(file)}, {usual.Count()} of the {files.Count} files (such as {usual.First().Name}) have {say(usual.First())}; {consequence}.");
            }
        }
    }

    private static HashSet<(string, string)> CompareFingerprints(IReadOnlyList<CloudInfo> files, BlockFindings findings)
    {
        var twins = new HashSet<(string, string)>();
        foreach (var group in files.Where(file => file.Fingerprint != 0).GroupBy(file => (file.Fingerprint, file.Header.PointCount)).Where(group => group.Count() > 1))
        {
            var first = group.First();
            foreach (var other in group.Skip(1))
            {
                twins.Add((first.Name, other.Name));
                findings.Add(CloudSeverity.Error, CloudFindingKind.Duplicate, [first.Name, other.Name],
                    () => $"{first.Name} and {other.Name} have the same {first.Header.PointCount} points; each would be there twice. Take one of them out.");
            }
        }

        return twins;
    }

    private static void CompareBounds(IReadOnlyList<CloudInfo> files, HashSet<(string, string)> twins, BlockFindings findings)
    {
        // By west border: those that begin before one ends are met by it.
        var sorted = files.Where(file => file.Header.PointCount > 0).OrderBy(file => file.Min.X).ToList();
        for (var i = 0; i < sorted.Count; i++)
        {
            var own = sorted[i];
            for (var j = i + 1; j < sorted.Count && sorted[j].Min.X < own.Max.X; j++)
            {
                var other = sorted[j];
                double width = Math.Min(own.Max.X, other.Max.X) - other.Min.X, height = Math.Min(own.Max.Y, other.Max.Y) - Math.Max(own.Min.Y, other.Min.Y);
                if (width < 1 || height < 1 || twins.Contains((own.Name, other.Name)) || twins.Contains((other.Name, own.Name)))
                    continue;
                TellOfBoth(own, other, width, height, findings);
            }
        }
    }

    // By itself, so that only pairs that meet cost an allocation.
    private static void TellOfBoth(CloudInfo own, CloudInfo other, double width, double height, BlockFindings findings)
    {
        var isSame = Math.Max(Math.Abs(own.Min.X - other.Min.X), Math.Abs(own.Max.X - other.Max.X)) < 1
            && Math.Max(Math.Abs(own.Min.Y - other.Min.Y), Math.Abs(own.Max.Y - other.Max.Y)) < 1;
        findings.Warn(isSame ? CloudFindingKind.Duplicate : CloudFindingKind.Overlap, [own.Name, other.Name], () => isSame
            ? $"{own.Name} and {other.Name} cover the same rectangle with different points; all of both will be used. Deliver one of them, if one replaces the other."
            : CloudInspector.Text($"{own.Name} and {other.Name} overlap by {width:0.##} x {height:0.##} units of the CRS; the points of both will be used."));
    }

    private static void CompareTiles(IReadOnlyList<CloudInfo> files, BlockFindings findings)
    {
        foreach (var file in files)
        {
            if (file.Header.PointCount > 0 && CornerIn().Match(Path.GetFileName(file.Name)) is { Success: true } corner)
            {
                double west = int.Parse(corner.Groups[1].ValueSpan) * 1000.0, north = int.Parse(corner.Groups[2].ValueSpan) * 1000.0;
                if (file.Max.X < west || file.Min.X > west + 10_000 || file.Min.Y > north || file.Max.Y < north - 10_000)
                {
                    findings.Warn(CloudFindingKind.Name, [file.Name], () => CloudInspector.Text(
                        $"{file.Name}: it is named after the north-west corner {west:0},{north:0}, its points lie within {file.Min.X:0.##},{file.Min.Y:0.##} to {file.Max.X:0.##},{file.Max.Y:0.##}."));
                }
            }
        }

        var placed = files.Where(file => file.Header.PointCount > 0 && double.IsFinite(file.Min.X + file.Max.X + file.Min.Y + file.Max.Y)).ToList();
        if (placed.Count < 4)
            return;
        if (TerrainTile.UsualSide(placed.Select(file => Math.Max(file.Max.X - file.Min.X, file.Max.Y - file.Min.Y))) is { } side)
            FindHoles(placed, side, findings);
    }

    /// <summary>Tiles that no file has any point in, and that others enclose.</summary>
    private static void FindHoles(List<CloudInfo> files, double side, BlockFindings findings)
    {
        if (files.Exists(file => Math.Max(Math.Max(-file.Min.X, file.Max.X), Math.Max(-file.Min.Y, file.Max.Y)) > FarthestSquare * side))
            return;
        int west = (int)Math.Floor(files.Min(file => file.Min.X) / side) - 1, east = (int)Math.Floor(files.Max(file => file.Max.X) / side) + 1;
        int south = (int)Math.Floor(files.Min(file => file.Min.Y) / side) - 1, north = (int)Math.Floor(files.Max(file => file.Max.Y) / side) + 1;
        long columns = east - (long)west + 1, rows = north - (long)south + 1;
        if (columns * rows > MaxSquares)
            return;
        var isKnown = new bool[columns * rows];
        foreach (var file in files)
        {
            // The least that a tile needs is a point beyond its border.
            for (var row = (int)Math.Floor((file.Min.Y + 0.01) / side); row <= (int)Math.Floor((file.Max.Y - 0.01) / side); row++)
            {
                for (var column = (int)Math.Floor((file.Min.X + 0.01) / side); column <= (int)Math.Floor((file.Max.X - 0.01) / side); column++)
                    isKnown[((row - south) * columns) + column - west] = true;
            }
        }

        Flood(0);
        for (var square = 0; square < isKnown.Length; square++)
        {
            if (isKnown[square])
                continue;
            var count = Flood(square);
            double x = (west + (square % columns)) * side, y = (south + (square / columns)) * side;
            findings.Warn(CloudFindingKind.Gap, [], () => CloudInspector.Text(
                $"{count} tile(s) of {side:0} x {side:0} are missing inside the block, at {x:0},{y:0}; deliver them, if there is anything."));
        }

        int Flood(int start)
        {
            var count = 0;
            var waiting = new Stack<int>([start]);
            isKnown[start] = true;
            while (waiting.TryPop(out var square))
            {
                count++;
                long column = square % columns, row = square / columns;
                Visit(column > 0, square - 1);
                Visit(column < columns - 1, square + 1);
                Visit(row > 0, square - (int)columns);
                Visit(row < rows - 1, square + (int)columns);
            }

            return count;

            void Visit(bool isThere, int square)
            {
                if (!isThere || isKnown[square])
                    return;
                isKnown[square] = true;
                waiting.Push(square);
            }
        }
    }

    private static string Short(string crs) =>
        crs.IndexOf('"') is var open and > 0 && crs.IndexOf('"', open + 1) is var close and > 0 ? crs[(open + 1)..close] : crs;

    [GeneratedRegex(@"_(\d{4})_(\d{4})_")]
    private static partial Regex CornerIn();
}
