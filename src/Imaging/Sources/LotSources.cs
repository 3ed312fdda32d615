using System.Collections;
using System.Globalization;
using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;
using Grid.Tiling;

namespace Grid.Imaging.Sources;

/// <summary>
/// An open lot: its sheets, in order, each a source of pixels. Files are opened when a window first needs them, through a pool that all lots
/// share. About 300 bytes a raster stay in memory. Safe for concurrent use; dispose it to close its files.
/// </summary>
public sealed class LotSources : IReadOnlyList<IRasterSource>, IDisposable
{
    /// <summary>Fractions of a pixel by which a raster may be off its sheet's grid, over its whole width, and still belong to it.</summary>
    private const double PhaseTolerance = 0.02;

    private static long _opened;
    private readonly List<Sheet> _sheets;
    private readonly long _lot;

    private LotSources(long lot, string crs, PixelFormat format, List<Sheet> sheets, int rasters)
    {
        _lot = lot;
        Crs = crs;
        Format = format;
        _sheets = sheets;
        Rasters = rasters;
        Extent = sheets.Select(sheet => RasterInfo.ExtentOf(sheet.Grid)).Aggregate((a, b) => a.Union(b));
        CellSize = sheets.Min(sheet => Math.Min(sheet.Grid.CellX, sheet.Grid.CellY));
        Pixels = sheets.Sum(sheet => sheet.Pixels);
    }

    /// <summary>CRS of every sheet's grid, as it was declared.</summary>
    public string Crs { get; }

    public PixelFormat Format { get; }

    /// <summary>How many rasters the lot has.</summary>
    public int Rasters { get; }

    /// <summary>The union of the rasters' rectangles, in CRS units.</summary>
    public Extent Extent { get; }

    /// <summary>The finest cell size of the lot, in CRS units: what decides a pyramid's bottom level.</summary>
    public double CellSize { get; }

    /// <summary>Pixels of all rasters, those without data included.</summary>
    public long Pixels { get; }

    /// <summary>The value(s) without data that the first raster declares, one a channel; null when it declares none.</summary>
    public IReadOnlyList<double>? Nodata { get; private init; }

    /// <summary>The rectangle of each raster, in CRS units, sheet by sheet.</summary>
    public IEnumerable<Extent> RasterExtents => _sheets.SelectMany(sheet => sheet.RasterExtents);

    public int Count => _sheets.Count;

    public IRasterSource this[int index] => _sheets[index];

    /// <summary>
    /// Reads the headers of a lot (on all processors) and arranges its rasters: consecutive ones that share cell size and phase become one sheet.
    /// </summary>
    /// <param name="rasters">Paths that GDAL can open and the names that producers know them by, in the order of overlap: later over earlier.</param>
    /// <param name="crs">The lot's CRS: <c>AUTHORITY:CODE</c> or WKT. A raster that declares none is taken to be in it.</param>
    /// <param name="target">What every window will hold; null takes the first raster's: its bands, palettes as red, green, blue, and
    /// <see cref="SampleType.Float32"/> for anything but bytes.</param>
    /// <param name="nodata">Value(s) without data of rasters that declare none and have no mask: one, or one a band; null for none.</param>
    /// <param name="tolerance">How far from its nodata, declared or not, each sample of a pixel without data may be.</param>
    /// <exception cref="UnreadableRasterException">A raster cannot be read, is not placed, is rotated, is in another CRS, or cannot be brought to the format.</exception>
    /// <exception cref="UnknownCrsException">The CRS cannot be understood.</exception>
    /// <exception cref="ArgumentException">The lot is empty.</exception>
    public static LotSources Open(
        IReadOnlyList<(string GdalPath, string Name)> rasters, string crs, PixelFormat? target = null, IReadOnlyList<double>? nodata = null,
        RasterLimits? limits = null, double tolerance = 0, CancellationToken cancellation = default) =>
        Open(rasters, Inspect(rasters, crs, Environment.ProcessorCount, limits, null, cancellation), crs, target, nodata, tolerance);

    /// <summary>As above, of rasters whose headers have been read.</summary>
    /// <param name="infos">What <see cref="Inspect"/> gave for them.</param>
    /// <param name="atEdges">Whether pixels with the value of nodata lack data only where the raster's border can be reached from them through their like.</param>
    /// <inheritdoc cref="Open(IReadOnlyList{ValueTuple{string, string}}, string, PixelFormat?, IReadOnlyList{double}?, RasterLimits?, double, CancellationToken)"/>
    public static LotSources Open(
        IReadOnlyList<(string GdalPath, string Name)> rasters, IReadOnlyList<RasterInfo> infos, string crs, PixelFormat? target = null,
        IReadOnlyList<double>? nodata = null, double tolerance = 0, bool atEdges = false)
    {
        if (rasters.Count == 0)
            throw new ArgumentException("The lot has no raster.", nameof(rasters));
        var lot = Interlocked.Increment(ref _opened);
        var format = target ?? FormatOf(infos[0]);

        var sheets = new List<Sheet>();
        var run = new List<LotRaster>();
        PixelDescription? last = null;
        for (var i = 0; i < infos.Count; i++)
        {
            var info = infos[i];
            var pixels = new PixelDescription(info, nodata, tolerance, atEdges);
            pixels = pixels.Equals(last) ? last! : pixels;
            last = pixels;
            RequireConvertible(info, pixels, format);
            var grid = info.Grid!.Value;
            if (run.Count > 0 && !Fits(infos[run[0].Ordinal].Grid!.Value, grid))
                Close();
            var origin = run.Count > 0 ? infos[run[0].Ordinal].Grid!.Value : grid;
            run.Add(new LotRaster(
                i, rasters[i].GdalPath, rasters[i].Name, info.Width, info.Height,
                (long)Math.Round((grid.OriginX - origin.OriginX) / origin.CellX), (long)Math.Round((origin.OriginY - grid.OriginY) / origin.CellY),
                info.Orientation == Orientation.SouthUp, LotRaster.IsPlain(info, pixels, format), LotRaster.IsJpeg(info, pixels, format), info.BlockWidth, info.BlockHeight, pixels));
        }

        Close();
        return new LotSources(lot, crs, format, sheets, rasters.Count) { Nodata = DeclaredNodata(infos[0], format) };

        void Close()
        {
            var first = infos[run[0].Ordinal].Grid!.Value;
            long left = run.Min(r => r.Col), top = run.Min(r => r.Row);
            var grid = new PixelGrid(
                first.OriginX + (left * first.CellX), first.OriginY - (top * first.CellY), first.CellX, first.CellY,
                run.Max(r => r.Col + r.Width) - left, run.Max(r => r.Row + r.Height) - top);
            sheets.Add(new Sheet(lot, grid, format, [.. run.Select(r => r with { Col = r.Col - left, Row = r.Row - top })]));
            run.Clear();
        }
    }

    public IEnumerator<IRasterSource> GetEnumerator() => _sheets.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Closes the files and drops the decoded blocks that no read is using. Reads that come after open them again.</summary>
    public void Dispose()
    {
        ReaderPool.Shared.Forget(_lot);
        ChunkCache.Shared.Forget(_lot);
    }

    /// <summary>True when the second grid's pixels fall on those of the first.</summary>
    internal static bool Fits(PixelGrid first, PixelGrid second)
    {
        if (Math.Abs(second.CellX - first.CellX) * second.Width > PhaseTolerance * first.CellX
            || Math.Abs(second.CellY - first.CellY) * second.Height > PhaseTolerance * first.CellY)
        {
            return false;
        }

        return PhaseOf(first.OriginX, second.OriginX, first.CellX) <= PhaseTolerance && PhaseOf(first.OriginY, second.OriginY, first.CellY) <= PhaseTolerance;
    }

    /// <summary>Distance of two origins from a whole number of cells, in cells, 0 to ½.</summary>
    internal static double PhaseOf(double first, double second, double cell)
    {
        var cells = (second - first) / cell;
        return Math.Abs(cells - Math.Round(cells));
    }

    /// <summary>Reads the headers of a lot, and refuses it as <see cref="Open(IReadOnlyList{ValueTuple{string, string}}, string, PixelFormat?, IReadOnlyList{double}?, RasterLimits?, CancellationToken)"/> does.</summary>
    /// <param name="atOnce">Files read at the same time: a processor each, or more where each is waited for.</param>
    /// <param name="known">What is known of the rasters, one each: only the files of those that are null are read.</param>
    public static RasterInfo[] Inspect(
        IReadOnlyList<(string GdalPath, string Name)> rasters, string crs, int atOnce, RasterLimits? limits = null, IReadOnlyList<RasterInfo?>? known = null,
        CancellationToken cancellation = default)
    {
        SpatialReference.Parse(crs).Dispose();
        var infos = new RasterInfo[rasters.Count];
        var failures = new UnreadableRasterException?[rasters.Count];
        var options = new ParallelOptions
        {
            CancellationToken = cancellation, MaxDegreeOfParallelism = atOnce, TaskScheduler = atOnce > Environment.ProcessorCount ? new ComputeThreads(atOnce) : ComputeThreads.OfThisThread,
        };
        Parallel.For(0, rasters.Count, options, (i, loop) =>
        {
            try
            {
                infos[i] = known?[i] ?? RasterInspector.Inspect(rasters[i].GdalPath, rasters[i].Name, limits);
                if (PlacementProblem(infos[i], crs) is { } problem)
                    throw new UnreadableRasterException(rasters[i].Name, problem);
            }
            catch (UnreadableRasterException failure)
            {
                failures[i] = failure;
                loop.Break();
            }
        });
        return failures.FirstOrDefault(failure => failure is not null) is { } first ? throw first : infos;
    }

    private static string? PlacementProblem(RasterInfo info, string crs) =>
        LotInspector.Unplaced(info) ?? (info.Crs is { } own && !CrsComparison.SameCrs(own, crs)
            ? $"its CRS is {info.CrsAuthority ?? info.CrsName}, the lot's is {crs}; deliver it in the lot's CRS, or declare the CRS it is in."
            : null);

    private static double[]? DeclaredNodata(RasterInfo info, PixelFormat format) =>
        info.Nodata.Count > 0 && info.Nodata.All(value => value is not null)
            ? [.. Enumerable.Range(0, format.Channels).Select(channel => info.Nodata[Math.Min(channel, info.Nodata.Count - 1)]!.Value)]
            : null;

    private static PixelFormat FormatOf(RasterInfo info)
    {
        var channels = info.Colour == ColourModel.Palette ? 3 : info.Bands;
        if (channels > 4)
            channels = info.Colour == ColourModel.Rgb ? 3 : throw new UnreadableRasterException(info.Name, string.Create(
                CultureInfo.InvariantCulture, $"it has {info.Bands} bands; a pyramid holds 1 to 4: say which it shall have."));
        return new PixelFormat(info.Sample == StoredSample.UInt8 ? SampleType.UInt8 : SampleType.Float32, channels);
    }

    private static void RequireConvertible(RasterInfo info, PixelDescription pixels, PixelFormat format)
    {
        if (format.Sample == SampleType.UInt8 && info.Sample != StoredSample.UInt8)
        {
            throw new UnreadableRasterException(info.Name,
                $"its samples are {info.Sample}, the lot's are 8-bit; deliver it in 8 bits, or ask for a pyramid of 32-bit floats.");
        }

        if (ChannelMapping.Find(pixels, format.Channels, out var reason) is null)
            throw new UnreadableRasterException(info.Name, reason);
    }
}
