using System.Text.Json;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Octree;

/// <summary>What a plan knows of an input file: all but its points.</summary>
/// <param name="Name">What errors call it.</param>
public sealed record CloudTile(string Name, LasHeader Header, IReadOnlyList<VariableLengthRecord> Records)
{
    /// <exception cref="InvalidPointCloudException">The file cannot be read.</exception>
    public static async Task<CloudTile> ReadAsync(IByteSource source, CancellationToken cancellation = default)
    {
        await using var reader = await PointCloudReader.OpenAsync(source, cancellation: cancellation);
        return new CloudTile(reader.Name, reader.Header, reader.Records);
    }
}

/// <summary>A cloud that cannot become one COPC file; the sentence names the file at fault.</summary>
public sealed class UnfitCloudException(string message) : Exception(message);

/// <summary>Sizes that shape an octree. Other values give other files.</summary>
public sealed record OctreeSettings
{
    public static OctreeSettings Default { get; } = new();

    /// <summary>Cells a side of the grid in which an octant has one point each. COPC's spacing is the cube's edge divided by it. A power of two.</summary>
    public int GridLevels { get; init; } = 7;

    /// <summary>Octants of no more points are not divided.</summary>
    public int LeafPoints { get; init; } = 80_000;

    /// <summary>Leaves that would keep fewer points give them to the octant above: each chunk costs a reader a request.</summary>
    public int FewestPoints { get; init; } = 100;

    /// <summary>Points that a cell is expected to have where the cloud is densest; the cells' level follows from it.</summary>
    public int CellPoints { get; init; } = 3_000_000;

    /// <summary>Most points that are held in memory at once: cells that have more are built in parts.</summary>
    public int MemoryPoints { get; init; } = 8_000_000;

    /// <summary>Points that a tile's splitting holds at once.</summary>
    public int BatchPoints { get; init; } = 2_000_000;
}

/// <summary>
/// How a cloud of one or many files becomes one octree: the records' layout, the cube, and the level whose octants are built by themselves. The same files
/// give the same plan.
/// </summary>
public sealed record OctreePlan
{
    /// <summary>Bits of a point's place in the cube along each axis.</summary>
    internal const int PlaceBits = 31;

    /// <summary>Levels that one unit above the cells joins.</summary>
    private const int LevelsOfUnit = 3;

    private const int FinestCells = 12;

    private const double Margin = 1e-3;
    private const ushort WktRecord = 2112;
    private const int MostRecords = 256;

    public required PointFormat Format { get; init; }

    public required Xyz Scale { get; init; }

    public required Xyz Offset { get; init; }

    public required GlobalEncoding Encoding { get; init; }

    public required Cube Cube { get; init; }

    /// <summary>The level of the cells.</summary>
    public required int CellLevel { get; init; }

    /// <summary>The level whose octants are the files' own squares, each of one file; 0 when they are none.</summary>
    public int TileLevel { get; init; }

    public required ulong PointCount { get; init; }

    /// <summary>The records of the output, CRS and extra bytes among them.</summary>
    public required IReadOnlyList<VariableLengthRecord> Records { get; init; }

    public required OctreeSettings Settings { get; init; }

    public double Spacing => Cube.Edge / (1 << Settings.GridLevels);

    /// <summary>The levels at which units are: the cells' first, then coarser ones, the tiles' among them, 0 the last.</summary>
    public IReadOnlyList<int> UnitLevels
    {
        get
        {
            var levels = new List<int>();
            for (var level = CellLevel; level > 0; level = level > TileLevel ? Math.Max(level - LevelsOfUnit, TileLevel) : level - LevelsOfUnit)
                levels.Add(level);
            levels.Add(0);
            return levels;
        }
    }

    /// <summary>Plans one octree of all points of some files.</summary>
    /// <param name="wkt">The CRS, for files that have none as WKT; null when they have.</param>
    /// <exception cref="UnfitCloudException">The files do not fit together, or COPC does not hold them.</exception>
    public static OctreePlan Of(IReadOnlyList<CloudTile> tiles, string? wkt = null, OctreeSettings? settings = null)
    {
        settings ??= OctreeSettings.Default;
        var withPoints = tiles.Where(tile => tile.Header.PointCount > 0).ToList();
        if (withPoints.Count == 0)
            throw new UnfitCloudException($"none of the {tiles.Count} files has a point");
        var format = FormatOf(withPoints);
        foreach (var tile in withPoints)
            CheckBounds(tile);
        var bounds = withPoints.Select(tile => new Box(tile.Header.Min, tile.Header.Max)).Aggregate((all, one) => all.With(one));
        var (scale, offset) = Quantisation(withPoints, bounds);
        var cube = CubeOf(bounds, scale);
        var (cellLevel, tileLevel) = (CellLevelOf(withPoints, cube, settings), 0);
        // Cells that are tiles may be smaller than wanted, though not by much: each costs some requests to the store.
        if (TileLattice.Of(withPoints, bounds, scale) is (var ofTiles, var level) && CellLevelOf(withPoints, ofTiles, settings) is var usual && level <= usual + 1)
            (cube, cellLevel, tileLevel) = (ofTiles, Math.Max(usual, level), level);
        return new OctreePlan
        {
            Format = format,
            Scale = scale,
            Offset = offset,
            Encoding = EncodingOf(withPoints),
            Cube = cube,
            CellLevel = cellLevel,
            TileLevel = tileLevel,
            PointCount = withPoints.Aggregate(0ul, (sum, tile) => sum + tile.Header.PointCount),
            Records = RecordsOf(withPoints, wkt),
            Settings = settings,
        };
    }

    /// <summary>The octant of a file's own square; null when the files' squares are no octants.</summary>
    public OctantKey? OctantOf(LasHeader file) => TileLevel == 0 ? null : TileLattice.OctantOf(file, Cube, TileLevel);

    /// <summary>
    /// The plan of a file of its own for one of the files, whose octants and chunks are this plan's: with its square as the cube. Null when it would have other
    /// records than in this one.
    /// </summary>
    public OctreePlan? PlanOf(CloudTile tile, string? wkt)
    {
        if (OctantOf(tile.Header) is not { } octant)
            return null;
        var alone = Of([tile], wkt, Settings);
        if (alone.Format != Format || alone.Scale != Scale || !new RecordConverter(tile.Header, this).IsExact)
            return null;
        var (bounds, half) = (Cube.BoundsOf(octant), Math.ScaleB(Cube.HalfSize, -octant.Level));
        var cube = new Cube(new Xyz(bounds.Min.X + half, bounds.Min.Y + half, bounds.Min.Z + half), half);
        return alone with { Offset = Offset, Cube = cube, CellLevel = 0, TileLevel = 0 };
    }

    /// <summary>The plan as bytes, by which others get it.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(new Written(
        Format.Number, Format.RecordLength, Numbers(Scale), Numbers(Offset), (ushort)Encoding, Numbers(Cube.Center), Cube.HalfSize, CellLevel, TileLevel, PointCount,
        [.. Records.Select(record => new WrittenRecord(record.UserId, record.RecordId, record.Description, record.Content.ToArray()))], Settings));

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static OctreePlan Read(ReadOnlySpan<byte> bytes)
    {
        var written = JsonSerializer.Deserialize<Written>(bytes) ?? throw new JsonException("the plan is empty");
        return new OctreePlan
        {
            Format = new PointFormat(written.Format, written.RecordLength),
            Scale = Number(written.Scale),
            Offset = Number(written.Offset),
            Encoding = (GlobalEncoding)written.Encoding,
            Cube = new Cube(Number(written.Center), written.HalfSize),
            CellLevel = written.CellLevel,
            TileLevel = written.TileLevel,
            PointCount = written.PointCount,
            Records = [.. written.Records.Select(record => new VariableLengthRecord(record.UserId, record.RecordId, record.Description, record.Content))],
            Settings = written.Settings,
        };
    }

    /// <summary>The header of the finished file, but for counts and bounds.</summary>
    internal LasHeader Header() => new()
    {
        MinorVersion = 4,
        GlobalEncoding = Encoding,
        SystemIdentifier = "",
        GeneratingSoftware = "Grid",
        PointFormat = Format,
        Scale = Scale,
        Offset = Offset,
    };

    private static PointFormat FormatOf(List<CloudTile> tiles)
    {
        var extra = tiles[0].Header.PointFormat.ExtraBytes;
        if (tiles.Find(tile => tile.Header.PointFormat.ExtraBytes != extra || !SameExtraBytes(tile, tiles[0])) is { } other)
        {
            throw new UnfitCloudException(
                $"{other.Name} has other extra bytes ({other.Header.PointFormat.ExtraBytes} a point) than {tiles[0].Name} ({extra}): files of one block must have the same");
        }

        var formats = tiles.Select(tile => tile.Header.PointFormat).ToList();
        var number = formats.Exists(format => format.InfraredOffset >= 0) ? 8 : formats.Exists(format => format.ColorOffset >= 0) ? 7 : 6;
        return new PointFormat(number, PointFormat.Of(number).RecordLength + extra);
    }

    private static bool SameExtraBytes(CloudTile one, CloudTile other)
    {
        var (mine, theirs) = (Descriptions(one), Descriptions(other));
        return mine.Length == 0 || theirs.Length == 0 || mine.AsSpan().SequenceEqual(theirs);

        // Type, options and name of each; the bounds of values differ from file to file.
        static byte[] Descriptions(CloudTile tile) =>
        [
            .. from record in tile.Records
               where record is { UserId: "LASF_Spec", RecordId: 4 }
               from field in Enumerable.Range(0, record.Content.Length / 192)
               from b in record.Content.Slice((field * 192) + 2, 34).ToArray()
               select b,
        ];
    }

    private static void CheckBounds(CloudTile tile)
    {
        var (header, name) = (tile.Header, tile.Name);
        foreach (var (min, max, scale, offset, axis) in new[]
        {
            (header.Min.X, header.Max.X, header.Scale.X, header.Offset.X, "x"), (header.Min.Y, header.Max.Y, header.Scale.Y, header.Offset.Y, "y"),
            (header.Min.Z, header.Max.Z, header.Scale.Z, header.Offset.Z, "z"),
        })
        {
            if (!(double.IsFinite(scale) && scale > 0 && double.IsFinite(offset)))
                throw new UnfitCloudException($"{name}: its {axis} scale is {scale} and its {axis} offset {offset}: a scale above 0 and a finite offset are needed");
            // The header's numbers are those of 32-bit integers, rounded.
            if (!(min <= max && Math.Abs((min - offset) / scale) <= (1L << 31) + 1 && Math.Abs((max - offset) / scale) <= (1L << 31) + 1))
                throw new UnfitCloudException($"{name}: its header says that {axis} goes from {min} to {max}, which points of scale {scale} and offset {offset} cannot");
        }
    }

    private static (Xyz Scale, Xyz Offset) Quantisation(List<CloudTile> tiles, Box bounds)
    {
        var x = Axis(tiles, "x", xyz => xyz.X, bounds);
        var y = Axis(tiles, "y", xyz => xyz.Y, bounds);
        var z = Axis(tiles, "z", xyz => xyz.Z, bounds);
        return (new Xyz(x.Scale, y.Scale, z.Scale), new Xyz(x.Offset, y.Offset, z.Offset));
    }

    private static (double Scale, double Offset) Axis(List<CloudTile> tiles, string name, Func<Xyz, double> axis, Box bounds)
    {
        var scale = tiles.Min(tile => axis(tile.Header.Scale));
        var offset = axis(tiles[0].Header.Offset);
        if (Fits(offset))
            return (scale, offset);
        offset = Math.Round((axis(bounds.Min) + axis(bounds.Max)) / 2);
        return Fits(offset)
            ? (scale, offset)
            : throw new UnfitCloudException($"{name} goes from {axis(bounds.Min)} to {axis(bounds.Max)}: with a scale of {scale} that does not fit the 32 bits of a coordinate");

        bool Fits(double from) => Math.Max(Math.Abs(axis(bounds.Min) - from), Math.Abs(axis(bounds.Max) - from)) / scale < int.MaxValue - 1;
    }

    // Headers round, and some forget their outermost points: the cube is a little wider than they say.
    private static Cube CubeOf(Box bounds, Xyz scale)
    {
        var widest = Math.Max(bounds.Max.X - bounds.Min.X, Math.Max(bounds.Max.Y - bounds.Min.Y, bounds.Max.Z - bounds.Min.Z));
        var half = Math.Max(widest * (1 + Margin) / 2, 16 * Math.Max(scale.X, Math.Max(scale.Y, scale.Z)));
        return new Cube(
            new Xyz((bounds.Min.X + bounds.Max.X) / 2, (bounds.Min.Y + bounds.Max.Y) / 2, (bounds.Min.Z + bounds.Max.Z) / 2), half);
    }

    private static GlobalEncoding EncodingOf(List<CloudTile> tiles)
    {
        const GlobalEncoding Kept = GlobalEncoding.StandardGpsTime | GlobalEncoding.SyntheticReturns;
        var timed = tiles.Where(tile => tile.Header.PointFormat.GpsTimeOffset >= 0).ToList();
        if (timed.Find(tile => (tile.Header.GlobalEncoding & GlobalEncoding.StandardGpsTime) != (timed[0].Header.GlobalEncoding & GlobalEncoding.StandardGpsTime)) is { } other)
            throw new UnfitCloudException($"the GPS times of {other.Name} and {timed[0].Name} are of different kinds, seconds of the week and standard time: one file cannot hold both");
        return ((timed.Count > 0 ? timed : tiles)[0].Header.GlobalEncoding & Kept) | GlobalEncoding.Wkt;
    }

    /// <summary>The coarsest level at which the densest file would fill a cell with no more than the points wanted.</summary>
    private static int CellLevelOf(List<CloudTile> tiles, Cube cube, OctreeSettings settings)
    {
        // A cell is a column of the ground: its points lie on a surface rather than in the whole of its volume.
        for (var level = 0; level < FinestCells; level++)
        {
            var edge = Math.ScaleB(cube.Edge, -level);
            if (tiles.Sum(tile => (double)tile.Header.PointCount) <= settings.CellPoints || tiles.Max(tile => PointsOf(tile, edge)) <= settings.CellPoints)
                return level;
        }

        return FinestCells;

        static double PointsOf(CloudTile tile, double edge)
        {
            double width = Math.Max(tile.Header.Max.X - tile.Header.Min.X, 1e-9), height = Math.Max(tile.Header.Max.Y - tile.Header.Min.Y, 1e-9);
            // Files that are much smaller than a cell have neighbours of the same density in it.
            return tile.Header.PointCount * (edge * edge / (width * height));
        }
    }

    private static List<VariableLengthRecord> RecordsOf(List<CloudTile> tiles, string? wkt)
    {
        var records = new List<VariableLengthRecord>();
        var crs = tiles.SelectMany(tile => tile.Records).FirstOrDefault(record => record is { UserId: "LASF_Projection", RecordId: WktRecord, Content.Length: > 1 });
        if (crs is not null)
            records.Add(crs);
        else if (wkt is not null)
            records.Add(new VariableLengthRecord("LASF_Projection", WktRecord, "WKT", System.Text.Encoding.UTF8.GetBytes(wkt + "\0")));
        var hasExtraBytes = false;
        foreach (var tile in tiles)
        {
            foreach (var record in tile.Records.Where(IsKept))
            {
                if (record is { UserId: "LASF_Spec", RecordId: 4 } && (hasExtraBytes || tile.Header.PointFormat.ExtraBytes == 0))
                    continue;
                if (records.Count < MostRecords && !records.Exists(other => other.UserId == record.UserId && other.RecordId == record.RecordId && other.Content.Span.SequenceEqual(record.Content.Span)))
                    records.Add(record with { Reserved = 0 });
            }

            hasExtraBytes |= records.Exists(record => record is { UserId: "LASF_Spec", RecordId: 4 });
        }

        return records;

        // Not of points of formats 6 to 8: GeoTIFF's CRS, waveforms, former COPC and LAZ records.
        static bool IsKept(VariableLengthRecord record) => record.UserId is not ("copc" or "laszip encoded" or "lascompatible" or "LASF_Projection")
            && !(record.UserId == "LASF_Spec" && record.RecordId is >= 100 and <= 354 or 7);
    }

    private static double[] Numbers(Xyz xyz) => [xyz.X, xyz.Y, xyz.Z];

    private static Xyz Number(double[] numbers) => new(numbers[0], numbers[1], numbers[2]);

    private sealed record Written(
        int Format, int RecordLength, double[] Scale, double[] Offset, ushort Encoding, double[] Center, double HalfSize, int CellLevel, int TileLevel, ulong PointCount,
        WrittenRecord[] Records, OctreeSettings Settings);

    private sealed record WrittenRecord(string UserId, ushort RecordId, string Description, byte[] Content);
}
