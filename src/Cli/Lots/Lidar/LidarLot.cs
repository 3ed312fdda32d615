using Grid.PointCloud;
using Grid.PointCloud.Las;
using Grid.PointCloud.Terrain;

namespace Grid.Cli.Lots.Lidar;

/// <summary>
/// Makes a block of LAZ tiles like those of IGN's LiDAR HD from nothing: LAS 1.4 with WKT, classes, several returns a pulse, overlapping flight lines. The cloud is
/// a pure function of (seed, density, place): tiles join, and two runs give the same bytes.
/// </summary>
public static class LidarLot
{
    private const double West = 650_000, North = 6_870_000;
    private const int BatchBytes = 1 << 21;

    /// <summary>RGF93 v1 / Lambert-93 and NGF-IGN69 heights (EPSG:5698) in OGC 01-009's text, which LAS 1.4 prescribes.</summary>
    private const string Wkt =
        """
        COMPD_CS["RGF93 v1 / Lambert-93 + NGF-IGN69 height",PROJCS["RGF93 v1 / Lambert-93",GEOGCS["RGF93 v1",DATUM["Reseau_Geodesique_Francais_1993_v1",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],AUTHORITY["EPSG","6171"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4171"]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",46.5],PARAMETER["central_meridian",3],PARAMETER["standard_parallel_1",49],PARAMETER["standard_parallel_2",44],PARAMETER["false_easting",700000],PARAMETER["false_northing",6600000],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","2154"]],VERT_CS["NGF-IGN69 height",VERT_DATUM["Nivellement General de la France - IGN69",2005,AUTHORITY["EPSG","5119"]],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Gravity-related height",UP],AUTHORITY["EPSG","5720"]],AUTHORITY["EPSG","5698"]]
        """;

    /// <summary>Two by two tiles of 200 m with 6 pulses a square metre and line: about 2 million points.</summary>
    public static Task<IReadOnlyList<string>> GenerateSmallAsync(string folder, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        GenerateAsync(folder, new LidarLotOptions { Columns = 2, Rows = 2, SideMeters = 200, Density = 6 }, progress, cancellation);

    /// <summary>Two by two tiles of 1 km with 10 pulses a square metre and line: about 80 million points.</summary>
    public static Task<IReadOnlyList<string>> GenerateMediumAsync(string folder, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        GenerateAsync(folder, new LidarLotOptions { Columns = 2, Rows = 2 }, progress, cancellation);

    /// <summary>Writes the tiles into a folder, on all processors.</summary>
    /// <param name="progress">Goes from 0 to 1.</param>
    /// <returns>Paths of the files, row by row from the north-west.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count, size or density is not positive, or there is no such point format.</exception>
    public static async Task<IReadOnlyList<string>> GenerateAsync(
        string folder, LidarLotOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        options.Check();
        Directory.CreateDirectory(folder);
        var paths = new string[options.Columns * options.Rows];
        var done = 0;
        await Parallel.ForAsync(0, paths.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, async (tile, stop) =>
        {
            var place = new TerrainTile(
                West + (tile % options.Columns * options.SideMeters), North - (tile / options.Columns * options.SideMeters), options.SideMeters);
            paths[tile] = Path.Combine(folder, $"LHD_FXX_{place.CornerName}_PTS_LAMB93_IGN69.laz");
            await WriteAsync(paths[tile], place, options, stop);
            progress?.Report(Interlocked.Increment(ref done) / (double)paths.Length);
        });
        return paths;
    }

    private static async Task WriteAsync(string path, TerrainTile tile, LidarLotOptions options, CancellationToken cancellation)
    {
        var header = new LasHeader
        {
            MinorVersion = 4,
            GlobalEncoding = GlobalEncoding.StandardGpsTime | GlobalEncoding.Wkt,
            SystemIdentifier = "Grid",
            GeneratingSoftware = "Grid, generated cloud",
            CreationDay = 160,
            CreationYear = 2025,
            PointFormat = PointFormat.Of(options.PointFormat),
            Scale = new Xyz(0.01, 0.01, 0.01),
        };
        var wkt = new byte[Wkt.Length + 1];
        System.Text.Encoding.ASCII.GetBytes(Wkt, wkt);
        await using var file = File.Create(path);
        await using var writer = await PointCloudWriter.CreateAsync(
            file, header, [new VariableLengthRecord("LASF_Projection", 2112, "OGC coordinate system WKT", wkt)], new PointCloudWriterOptions { Threads = 1 }, cancellation);
        var scanner = new LidarScanner((uint)options.Seed, tile.West, tile.North, tile.Side, options.Density, options.PointFormat);
        var batch = new byte[BatchBytes];
        var filled = 0;
        foreach (var scan in scanner.Scan())
        {
            if (filled + scan.Length > batch.Length)
            {
                await writer.WriteAsync(batch.AsMemory(0, filled), cancellation);
                filled = 0;
            }

            scan.CopyTo(batch.AsMemory(filled));
            filled += scan.Length;
        }

        await writer.WriteAsync(batch.AsMemory(0, filled), cancellation);
        await writer.FinishAsync(cancellation);
    }
}

/// <summary>What a generated block is like.</summary>
public sealed record LidarLotOptions
{
    public int Columns { get; init; } = 2;

    public int Rows { get; init; } = 2;

    /// <summary>Side of a tile in metres. Default 1000.</summary>
    public double SideMeters { get; init; } = 1000;

    /// <summary>Pulses a square metre and flight line: nearly half of the ground is under two lines, and woods return two and three points a pulse. Default 10.</summary>
    public double Density { get; init; } = 10;

    /// <summary>6, 7 (colours) or 8 (colours and near infrared). Default 8.</summary>
    public int PointFormat { get; init; } = 8;

    public int Seed { get; init; } = 1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(SideMeters, 1);
        if (!(Density is > 0 and <= 1000))
            throw new ArgumentOutOfRangeException(nameof(Density), Density, "pulses a square metre: above 0, to 1000");
        if (PointFormat is < 6 or > 8)
            throw new ArgumentOutOfRangeException(nameof(PointFormat), PointFormat, "point formats of LiDAR HD are 6, 7 and 8");
    }
}
