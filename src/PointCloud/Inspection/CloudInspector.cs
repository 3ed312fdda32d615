using System.Globalization;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Inspection;

/// <summary>A file of a delivery as an inspection saw it.</summary>
/// <param name="Name">The producer's name of the file.</param>
/// <param name="Crs">WKT or <c>EPSG:CODE</c>; null when the file names none.</param>
/// <param name="Min">Least coordinates: of the points where they were read, else the header's.</param>
/// <param name="Fingerprint">The same for files with the same points; 0 when they were not read.</param>
public sealed record CloudInfo(string Name, LasHeader Header, string? Crs, Xyz Min, Xyz Max, ulong Fingerprint)
{
    /// <summary>What is wrong or doubtful with this file alone, errors first.</summary>
    public IReadOnlyList<CloudFinding> Findings { get; init; } = [];

    /// <summary>Points a class, by class code.</summary>
    public IReadOnlyDictionary<int, long> Classes { get; init; } = new Dictionary<int, long>();

    /// <summary>Points and pulses a square unit of the ground that the file covers; 0 when the points were not read.</summary>
    public (double Points, double Pulses) Density { get; init; }
}

/// <summary>Reads files of a delivery and tells what contradicts itself: header against content, returns, bounds, classes, times, density, CRS.</summary>
public static class CloudInspector
{
    private const double SquareSide = 10;

    /// <summary>Reads what a file says of itself: header and records.</summary>
    /// <exception cref="InvalidPointCloudException">It is no point cloud that can be read.</exception>
    public static async Task<CloudInfo> InspectAsync(IByteSource source, CancellationToken cancellation = default)
    {
        await using var reader = await PointCloudReader.OpenAsync(source, null, cancellation);
        var (header, crs) = (reader.Header, CloudCrs.Of(reader.Header, reader.Records));
        return new CloudInfo(reader.Name, header, crs, header.Min, header.Max, 0) { Findings = [.. OfHeader(reader, crs)] };
    }

    /// <summary>
    /// Reads and decodes a whole file, several chunks at once. A damaged chunk is a finding, and the others are still read. Memory is a few chunks a thread.
    /// </summary>
    /// <exception cref="InvalidPointCloudException">It is no point cloud that can be read.</exception>
    public static async Task<CloudInfo> VerifyAsync(IByteSource source, CloudExpectations? expectations = null, CancellationToken cancellation = default)
    {
        expectations ??= CloudExpectations.Default;
        await using var reader = await PointCloudReader.OpenAsync(source, null, cancellation);
        var (header, crs) = (reader.Header, CloudCrs.Of(reader.Header, reader.Records));
        var findings = new List<CloudFinding>(OfHeader(reader, crs));
        var occupancy = new Occupancy(header, SquareSide);
        var content = await ReadAsync(reader, occupancy, expectations, findings, cancellation);
        var whole = findings.All(finding => finding.Kind != CloudFindingKind.Unreadable);
        findings.AddRange(OfContent(reader, content, whole));
        var covered = Math.Max(1, occupancy.Covered) * occupancy.Side * occupancy.Side;
        var density = (Points: content.Count / covered, Pulses: content.Pulses / covered);
        if (whole && content.Count > 0)
            findings.AddRange(OfCover(reader.Name, occupancy, density.Pulses, expectations));
        var isEmpty = content.Count == 0;
        return new CloudInfo(
            reader.Name, header, crs, isEmpty ? header.Min : At(header, content.Min), isEmpty ? header.Max : At(header, content.Max), content.Fingerprint)
        {
            Findings = [.. findings.OrderByDescending(finding => finding.Severity)],
            Classes = Enumerable.Range(0, 256).Where(kind => content.ByClass[kind] > 0).ToDictionary(kind => kind, kind => content.ByClass[kind]),
            Density = density,
        };
    }

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static async Task<CloudContent> ReadAsync(
        PointCloudReader reader, Occupancy occupancy, CloudExpectations expectations, List<CloudFinding> findings, CancellationToken cancellation)
    {
        var header = reader.Header;
        var content = new CloudContent(header.PointFormat);
        var (least, most) = (Units(header, header.Min, -1), Units(header, header.Max, 1));
        var damaged = new List<InvalidPointCloudException>();
        // Files with one stream are read in order; nothing behind a damaged part of theirs can be.
        var threads = !reader.HasRandomAccess ? 1 : expectations.Threads > 0 ? expectations.Threads : Environment.ProcessorCount;
        await Parallel.ForEachAsync(reader.Chunks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, async (chunk, stop) =>
        {
            lock (damaged)
            {
                if (!reader.HasRandomAccess && damaged.Count > 0)
                    return;
            }

            try
            {
                using var batch = await reader.ReadChunkAsync(chunk, PointFields.All, stop);
                var part = new CloudContent(header.PointFormat);
                part.Examine(batch, least, most, occupancy);
                lock (content)
                    content.Add(part);
            }
            catch (InvalidPointCloudException failure)
            {
                lock (damaged)
                    damaged.Add(failure);
            }
        });
        foreach (var failure in damaged.OrderBy(failure => failure.Chunk).Take(expectations.MaxDamagedChunks))
        {
            findings.Add(new CloudFinding(CloudSeverity.Error, CloudFindingKind.Unreadable, [reader.Name], $"{failure.Message}; deliver the file again.")
            { Chunk = failure.Chunk, Point = failure.Chunk is { } index ? reader.Chunks[index].FirstPoint : null });
        }

        if (damaged.Count > expectations.MaxDamagedChunks)
        {
            findings.Add(new CloudFinding(CloudSeverity.Error, CloudFindingKind.Unreadable, [reader.Name],
                $"{reader.Name}: {damaged.Count - expectations.MaxDamagedChunks} more of its {reader.Chunks.Count} chunks are damaged."));
        }

        return content;
    }

    private static IEnumerable<CloudFinding> OfHeader(PointCloudReader reader, string? crs)
    {
        var (name, header) = (reader.Name, reader.Header);
        foreach (var warning in reader.Warnings)
            yield return Warning(name, CloudFindingKind.Contradiction, $"{warning}.");
        if (crs is null)
        {
            yield return Error(name, CloudFindingKind.CrsMissing,
                "it says not in which CRS its coordinates are, neither as WKT (LASF_Projection 2112) nor as GeoTIFF keys (34735); write it into the file and deliver it again.");
        }
        else if (header.PointFormat.IsExtended && CloudCrs.WktOf(reader.Records) is null)
        {
            yield return Warning(name, CloudFindingKind.Contradiction, Text($"point format {header.PointFormat.Number} requires the CRS as WKT, the file has GeoTIFF keys alone: {crs}."));
        }

        if (!(header.Scale.X > 0) || !(header.Scale.Y > 0) || !(header.Scale.Z > 0))
            yield return Error(name, CloudFindingKind.Contradiction, Text($"its scales are {header.Scale.X} x {header.Scale.Y} x {header.Scale.Z}: each must be above 0."));
        if (header.PointCount == 0)
            yield return Warning(name, CloudFindingKind.Count, "it has no points.");
    }

    private static IEnumerable<CloudFinding> OfContent(PointCloudReader reader, CloudContent content, bool isWhole)
    {
        var (name, header) = (reader.Name, reader.Header);
        if (isWhole && content.Count != (long)header.PointCount)
            yield return Error(name, CloudFindingKind.Count, Text($"its header announces {header.PointCount} points, it holds {content.Count}."));
        if (content.Count == 0)
            yield break;
        if (content.Outside is { Count: > 0 } outside)
        {
            yield return AtPoint(CloudSeverity.Error, CloudFindingKind.Bounds, reader, outside.First, Text(
                $"{outside.Count} point(s) lie outside the header's bounds, {Corner(header.Min)} to {Corner(header.Max)}; the points span {Corner(At(header, content.Min))} to {Corner(At(header, content.Max))}. Correct the header"));
        }
        else if (isWhole && IsWider(header, content))
        {
            yield return Warning(name, CloudFindingKind.Bounds, Text(
                $"its header's bounds, {Corner(header.Min)} to {Corner(header.Max)}, are wider than its points, {Corner(At(header, content.Min))} to {Corner(At(header, content.Max))}."));
        }

        // Formats up to 5 in LAS 1.4 and older files announce five returns only.
        var announced = header.PointsByReturn.Take(header.MinorVersion >= 4 ? 15 : 5).ToArray();
        for (var number = 1; isWhole && number <= announced.Length; number++)
        {
            if ((long)announced[number - 1] != content.ByReturn[number])
            {
                yield return Warning(name, CloudFindingKind.Returns, Text(
                    $"its header announces {announced[number - 1]} points of return {number}, it holds {content.ByReturn[number]}."));
            }
        }

        if (content.OddReturns is { Count: > 0 } odd)
            yield return AtPoint(CloudSeverity.Warning, CloudFindingKind.Returns, reader, odd.First, Text($"{odd.Count} point(s) have a return number of 0, or beyond their number of returns"));
        if (content.OddTimes is { Count: > 0 } times)
            yield return AtPoint(CloudSeverity.Warning, CloudFindingKind.Times, reader, times.First, Text($"{times.Count} point(s) have a GPS time that is no number"));
        if (header.PointFormat.GpsTimeOffset >= 0 && content.ZeroTimes == content.Count)
            yield return Warning(name, CloudFindingKind.Times, "all its GPS times are 0; points of one pulse cannot be told together.");
        foreach (var finding in OfClasses(reader, content))
            yield return finding;
    }

    private static IEnumerable<CloudFinding> OfClasses(PointCloudReader reader, CloudContent content)
    {
        for (var kind = 0; kind < 256; kind++)
        {
            // ASPRS' 0 to 18, and LiDAR HD's 64 to 67 of those that are left to users.
            if (content.ByClass[kind] > 0 && kind is (> 18 and < 64) or > 67)
            {
                yield return AtPoint(CloudSeverity.Warning, CloudFindingKind.Classes, reader, content.FirstOfClass[kind], Text(
                    $"{content.ByClass[kind]} point(s) are of class {kind}, which neither ASPRS (0 to 18) nor LiDAR HD (64 to 67) defines"));
            }
        }

        if (content.ByClass[0] + content.ByClass[1] == content.Count)
            yield return Warning(reader.Name, CloudFindingKind.Classes, "none of its points is classified: no terrain model can be made of it.");
        else if (content.ByClass[2] + content.ByClass[9] + content.ByClass[66] == 0)
            yield return Warning(reader.Name, CloudFindingKind.Classes, "it has no ground (class 2) and no water (9, 66): no terrain model can be made of it.");
    }

    private static IEnumerable<CloudFinding> OfCover(string name, Occupancy occupancy, double pulses, CloudExpectations expectations)
    {
        if (pulses < expectations.PulsesPerSquareMeter)
        {
            yield return Warning(name, CloudFindingKind.Density, Text(
                $"it has {pulses:0.00} pulses a square metre of the ground that it covers ({pulses:0.00} million a km²): {expectations.PulsesPerSquareMeter:0.##} are expected."));
        }

        foreach (var (area, min, max) in occupancy.Holes().TakeWhile(hole => hole.Area >= expectations.HoleArea).Take(5))
        {
            yield return Warning(name, CloudFindingKind.Gap, Text(
                $"there are no points on {area:0} m² within {min.X:0.##},{min.Y:0.##} to {max.X:0.##},{max.Y:0.##}; if that is not water, a strip is missing."));
        }
    }

    private static bool IsWider(LasHeader header, CloudContent content)
    {
        Xyz min = At(header, content.Min), max = At(header, content.Max);
        return Math.Max(min.X - header.Min.X, header.Max.X - max.X) > 1 || Math.Max(min.Y - header.Min.Y, header.Max.Y - max.Y) > 1
            || Math.Max(min.Z - header.Min.Z, header.Max.Z - max.Z) > 1;
    }

    private static (int X, int Y, int Z) Units(LasHeader header, Xyz place, int slack)
    {
        return (One(place.X, header.Offset.X, header.Scale.X), One(place.Y, header.Offset.Y, header.Scale.Y), One(place.Z, header.Offset.Z, header.Scale.Z));

        int One(double value, double offset, double scale)
        {
            var units = Math.Round((value - offset) / scale) + slack;
            return double.IsNaN(units) ? slack < 0 ? int.MaxValue : int.MinValue : (int)Math.Clamp(units, int.MinValue, int.MaxValue);
        }
    }

    private static Xyz At(LasHeader header, (int X, int Y, int Z) units) => new(
        (units.X * header.Scale.X) + header.Offset.X, (units.Y * header.Scale.Y) + header.Offset.Y, (units.Z * header.Scale.Z) + header.Offset.Z);

    private static string Corner(Xyz place) => Text($"({place.X:0.###}, {place.Y:0.###}, {place.Z:0.###})");

    private static CloudFinding AtPoint(CloudSeverity severity, CloudFindingKind kind, PointCloudReader reader, long point, string reason)
    {
        var chunk = reader.Chunks.Last(chunk => chunk.FirstPoint <= point);
        return new CloudFinding(severity, kind, [reader.Name], $"{reader.Name}: {reason}; the first is point {point}, in chunk {chunk.Index}.") { Chunk = chunk.Index, Point = point };
    }

    private static CloudFinding Error(string name, CloudFindingKind kind, string reason) => new(CloudSeverity.Error, kind, [name], $"{name}: {reason}");

    private static CloudFinding Warning(string name, CloudFindingKind kind, string reason) => new(CloudSeverity.Warning, kind, [name], $"{name}: {reason}");
}
