using System.Globalization;
using Grid.Imaging.Gdal;
using Grid.Imaging.Sources;

namespace Grid.Imaging.Inspection;

/// <summary>Compares the headers of a lot's rasters. Pure but for the comparison of CRS; 100,000 rasters take seconds.</summary>
public static partial class LotInspector
{
    /// <summary>Findings listed of each kind; the rest is counted in one more.</summary>
    public const int MaxOfAKind = 50;

    /// <summary>
    /// What is wrong or doubtful in a lot: errors first, then by kind, then in the order of the lot. What most rasters have (bands, samples, colours,
    /// cell size) is what is expected of the others.
    /// </summary>
    /// <param name="declaredCrs">The CRS that the delivery declares: <c>AUTHORITY:CODE</c> or WKT.</param>
    /// <exception cref="UnknownCrsException">The declared CRS cannot be understood.</exception>
    public static IReadOnlyList<LotFinding> Compare(IReadOnlyList<RasterInfo> rasters, string declaredCrs)
    {
        if (rasters.Count == 0)
            return [];
        SpatialReference.Parse(declaredCrs).Dispose();
        var findings = new LotFindings();
        var placed = new List<RasterInfo>();
        foreach (var raster in rasters)
        {
            if (Unplaced(raster) is { } reason)
                AddError(findings, FindingKind.NotPlaced, raster, reason);
            else
                placed.Add(raster);
            CompareCrs(raster, declaredCrs, findings);
        }

        CompareValues(rasters, findings);
        if (placed.Count > 0)
        {
            CompareCells(placed, findings);
            LotLayout.Examine(placed, findings);
        }

        return findings.ToList();
    }

    /// <summary>Null when the raster has a north-up grid, else the sentence that says why it cannot be placed and what to do.</summary>
    internal static string? Unplaced(RasterInfo info) => info.Orientation switch
    {
        Orientation.Unplaced => "it is not georeferenced; write its origin and cell size into it, or deliver a world file (.tfw, .jgw, .pgw) beside it.",
        Orientation.Rotated => "it is rotated, sheared or mirrored; resample it to a north-up grid first, for example with gdalwarp.",
        _ => null,
    };

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void AddError(LotFindings findings, FindingKind kind, RasterInfo raster, string reason) =>
        findings.Add(FindingSeverity.Error, kind, [raster.Name], () => $"{raster.Name}: {reason}");

    private static void CompareCrs(RasterInfo raster, string declared, LotFindings findings)
    {
        if (raster.Crs is null && raster.CouldHoldCrs)
        {
            AddError(findings, FindingKind.CrsMissing, raster,
                $"it is georeferenced but says not in which CRS; write it into the file (gdal_edit.py -a_srs {declared} FILE, if {declared} is what its coordinates are in) and deliver it again.");
        }
        else if (raster.Crs is not { } own)
        {
            findings.Warn(FindingKind.CrsMissing, [raster.Name], () =>
                $"{raster.Name}: a world file places it, which cannot say in which CRS; it is taken to be in {declared}, which the delivery declares.");
        }
        else if (!IsSame(own, declared))
        {
            AddError(findings, FindingKind.CrsDifferent, raster,
                $"its CRS is {raster.CrsAuthority ?? raster.CrsName}, the delivery declares {declared}; deliver it in {declared}, or declare the CRS it is in.");
        }
    }

    private static bool IsSame(string own, string declared)
    {
        try
        {
            return CrsComparison.SameCrs(own, declared);
        }
        catch (UnknownCrsException)
        {
            return false;
        }
    }

    private static void CompareValues(IReadOnlyList<RasterInfo> rasters, LotFindings findings)
    {
        // A grey or a palette dalle among colours can still be shown: doubtful. Bands and sample types that differ cannot: wrong.
        Differing(FindingKind.Bands, FindingSeverity.Error, r => r.ColourChannels, r => $"{r.ColourChannels} colour band(s)");
        Differing(FindingKind.Sample, FindingSeverity.Error, r => (r.Sample, Math.Max(8, r.BitsPerSample)), r => $"{r.Sample} samples of {r.BitsPerSample} bits");
        Differing(FindingKind.Colour, FindingSeverity.Warning, r => (r.Colour, r.AlphaBand > 0),
            r => $"the colour model {r.Colour}{(r.AlphaBand > 0 ? " with alpha" : "")}");

        void Differing<T>(FindingKind kind, FindingSeverity severity, Func<RasterInfo, T> valueOf, Func<RasterInfo, string> say)
            where T : notnull
        {
            var groups = rasters.GroupBy(valueOf).ToList();
            if (groups.Count == 1)
                return;
            var usual = groups.MaxBy(group => group.Count())!;
            foreach (var raster in rasters.Where(raster => !valueOf(raster).Equals(usual.Key)))
            {
                findings.Add(severity, kind, [raster.Name], () =>
                    $"{raster.Name}: it has {say(raster)}, {usual.Count()} of the lot's {rasters.Count} rasters (such as {usual.First().Name}) have "
                    + $"{say(usual.First())}; convert it, or deliver it in a lot of its own.");
            }
        }
    }

    private static void CompareCells(List<RasterInfo> rasters, LotFindings findings)
    {
        // Cell sizes that differ by less than a fiftieth of a pixel over a raster are one: writers round.
        var usual = rasters.GroupBy(r => (Math.Round(r.Grid!.Value.CellX, 7), Math.Round(r.Grid!.Value.CellY, 7))).MaxBy(group => group.Count())!.First();
        var expected = usual.Grid!.Value;
        foreach (var raster in rasters)
        {
            var grid = raster.Grid!.Value;
            if (Math.Abs(grid.CellX - expected.CellX) * grid.Width > 0.02 * expected.CellX || Math.Abs(grid.CellY - expected.CellY) * grid.Height > 0.02 * expected.CellY)
            {
                findings.Warn(FindingKind.Resolution, [raster.Name], () => Text(
                    $"{raster.Name}: its cells are {grid.CellX:0.#########} x {grid.CellY:0.#########}, those of {usual.Name} and most others {expected.CellX:0.#########} x {expected.CellY:0.#########}; it will be resampled. Deliver one resolution a lot."));
                continue;
            }

            double x = LotSources.PhaseOf(expected.OriginX, grid.OriginX, expected.CellX), y = LotSources.PhaseOf(expected.OriginY, grid.OriginY, expected.CellY);
            if (Math.Max(x, y) > 0.02)
            {
                findings.Warn(FindingKind.Misaligned, [raster.Name], () => Text(
                    $"{raster.Name}: its pixels are off those of {usual.Name} by {x:0.00} column and {y:0.00} row; it will be resampled apart, and a seam may show. Deliver rasters whose origins are whole numbers of cells apart."));
            }
        }
    }
}
