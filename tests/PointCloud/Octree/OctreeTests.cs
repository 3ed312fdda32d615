using Grid.Fixtures;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;
using Grid.PointCloud.Octree;
using Grid.PointCloud.Tests.Copc;

namespace Grid.PointCloud.Tests.Octree;

public class OctreeTests
{
    [Theory]
    [InlineData(6, 0)]
    [InlineData(7, 3)]
    [InlineData(8, 0)]
    public async Task Every_point_of_all_files_is_in_the_tree_exactly_once(int format, int extra)
    {
        var layout = new PointFormat(format, PointFormat.Of(format).RecordLength + extra);
        // Four neighbours of a block; the last is denser than memory may hold at once, and has 400 points in one place.
        byte[][] clouds =
        [
            Octrees.Ground(layout, 9000, 1, 0, 0, 50_000), Octrees.Ground(layout, 12_000, 2, 50_000, 0, 50_000),
            Octrees.Ground(layout, 7000, 3, 0, 50_000, 50_000),
            [.. Octrees.Ground(layout, 15_000, 4, 60_000, 60_000, 4000), .. Octrees.Ground(layout, 400, 5, 77_000, 77_000, 1)],
        ];
        var built = await BuildAsync(clouds, format, extra, Octrees.Small);
        Assert.True(built.Units > 12 && built.Plan.CellLevel >= 2, $"{built.Units} units, cells of level {built.Plan.CellLevel}");
        await using var reader = await Octrees.OpenAsync(built);
        Assert.Equal(clouds.SelectMany(cloud => Octrees.Sorted(cloud, layout.RecordLength)).Order(StringComparer.Ordinal), await Octrees.SortedRecordsAsync(reader));
        Assert.Equal(43_400ul, reader.Header.PointCount);
        await CheckTreeAsync(reader, built.Plan);
    }

    [Fact]
    public async Task Tiles_of_a_grid_have_files_of_the_blocks_chunks()
    {
        // Tiles of 100 m, three by two without a corner; one of them is dense, one has few points.
        (int Count, int West, int South)[] squares = [(9000, 0, 0), (15_000, 10_000, 0), (200, 20_000, 0), (7000, 0, 10_000), (9000, 10_000, 10_000)];
        byte[][] clouds = [.. squares.Select((square, i) => Octrees.Ground(PointFormat.Of(6), square.Count, 30 + i, square.West, square.South, 10_000))];
        var files = new List<Func<IByteSource>>();
        foreach (var cloud in clouds)
            files.Add(await FileAsync(cloud, 6, 0, $"tile{files.Count}.laz"));
        var block = await Octrees.BuildAsync(files, Octrees.Small);
        Assert.Equal(2, block.Plan.TileLevel);
        Assert.Contains(2, block.Plan.UnitLevels);
        for (var i = 0; i < files.Count; i++)
        {
            var tile = await CloudTile.ReadAsync(files[i]());
            var shared = await Octrees.TileAsync(block, tile);
            await using var reader = await Octrees.OpenAsync(shared);
            Assert.Equal(Octrees.Sorted(clouds[i], 30), await Octrees.SortedRecordsAsync(reader));
            await CheckTreeAsync(reader, shared.Plan);
            var octant = block.Plan.OctantOf(tile.Header)!.Value;
            var inBlock = block.File.Layout.Nodes.Where(node => node.Key != octant && octant.Contains(node.Key)).ToDictionary(node => node.Key.Within(octant), node => Chunk(block, node));
            var inTile = shared.File.Layout.Nodes.Where(node => node.Key.Level > 0).ToDictionary(node => node.Key, node => Chunk(shared, node));
            Assert.Equal(inBlock, inTile);
        }
    }

    private static string Chunk(Octrees.Built built, CopcNode node) => Convert.ToHexString(built.Bytes.AsSpan((int)node.Offset, node.LengthBytes));

    [Fact]
    public async Task Points_on_the_border_of_a_tile_are_in_its_own_octant_and_file()
    {
        // On the east border, on a corner, and on the north border, where the neighbours' octants begin; the neighbours have points there too.
        byte[] west = [.. Octrees.Ground(PointFormat.Of(6), 9000, 41, 0, 0, 10_000), .. Octrees.Ground(PointFormat.Of(6), 400, 42, 10_000, 3000, 1), .. Octrees.Ground(PointFormat.Of(6), 3, 43, 10_000, 10_000, 1)];
        byte[] east = [.. Octrees.Ground(PointFormat.Of(6), 9000, 44, 10_000, 0, 10_000), .. Octrees.Ground(PointFormat.Of(6), 300, 45, 10_000, 3000, 1), .. Octrees.Ground(PointFormat.Of(6), 5, 46, 12_000, 10_000, 1)];
        byte[] north = [.. Octrees.Ground(PointFormat.Of(6), 9000, 47, 0, 10_000, 10_000)];
        byte[][] clouds = [west, east, north];
        var files = new List<Func<IByteSource>>();
        foreach (var cloud in clouds)
            files.Add(await FileAsync(cloud, 6, 0, $"tile{files.Count}.laz"));
        // The second time cells are built in parts.
        foreach (var settings in (OctreeSettings[])[Octrees.Small, Octrees.Small with { CellPoints = 30_000, MemoryPoints = 3000 }])
        {
            var block = await Octrees.BuildAsync(files, settings);
            Assert.Equal(1, block.Plan.TileLevel);
            await using (var reader = await Octrees.OpenAsync(block))
            {
                Assert.Equal(clouds.SelectMany(cloud => Octrees.Sorted(cloud, 30)).Order(StringComparer.Ordinal), await Octrees.SortedRecordsAsync(reader));
                await CheckTreeAsync(reader, block.Plan);
            }

            for (var i = 0; i < clouds.Length; i++)
            {
                var shared = await Octrees.TileAsync(block, await CloudTile.ReadAsync(files[i]()));
                await using var reader = await Octrees.OpenAsync(shared);
                Assert.Equal(Octrees.Sorted(clouds[i], 30), await Octrees.SortedRecordsAsync(reader));
                await CheckTreeAsync(reader, shared.Plan);
            }
        }
    }

    [Theory]
    // Beyond the square, of another scale, and two in one square.
    [InlineData(5000, 0.01, true)]
    [InlineData(10_000, 0.02, false)]
    [InlineData(2000, 0.01, true)]
    public async Task Tiles_that_are_no_grid_share_nothing(int west, double scale, bool isNoGrid)
    {
        var one = await FileAsync(Octrees.Ground(PointFormat.Of(6), 3000, 51, 0, 0, 10_000), 6, 0, "one.laz");
        var other = await FileAsync(Octrees.Ground(PointFormat.Of(6), 3000, 52, (int)(west * 0.01 / scale), 0, (int)((west == 2000 ? 5000 : 10_000) * 0.01 / scale)), 6, 0, "other.laz", new Xyz(scale, scale, scale));
        var tiles = new[] { await CloudTile.ReadAsync(one()), await CloudTile.ReadAsync(other()) };
        var plan = OctreePlan.Of(tiles, settings: Octrees.Small);
        Assert.Equal(isNoGrid, plan.TileLevel == 0);
        Assert.Null(plan.PlanOf(tiles[1], null));
    }

    [Fact]
    public async Task Threads_do_not_change_a_byte()
    {
        byte[][] clouds = [Octrees.Ground(PointFormat.Of(6), 20_000, 7, 0, 0, 20_000), Octrees.Ground(PointFormat.Of(6), 5000, 8, 20_000, 0, 20_000)];
        var alone = await BuildAsync(clouds, 6, 0, Octrees.Small, threads: 1);
        var together = await BuildAsync(clouds, 6, 0, Octrees.Small, threads: 5);
        Assert.Equal(alone.Bytes, together.Bytes);
    }

    [Fact]
    public async Task Cells_built_in_parts_for_lack_of_memory_have_the_same_octants()
    {
        byte[][] clouds = [Octrees.Ground(PointFormat.Of(6), 20_000, 7, 0, 0, 20_000), Octrees.Ground(PointFormat.Of(6), 9000, 8, 3000, 3000, 2000)];
        var whole = await BuildAsync(clouds, 6, 0, Octrees.Small with { CellPoints = 30_000, MemoryPoints = 30_000 });
        Assert.Equal(1, whole.Units);
        var expected = await OctantsAsync(whole);
        foreach (var points in new[] { 2000, 7000 })
            Assert.Equal(expected, await OctantsAsync(await BuildAsync(clouds, 6, 0, Octrees.Small with { CellPoints = 30_000, MemoryPoints = points })));
    }

    [Fact]
    public async Task Points_of_a_chunk_follow_each_other_in_time()
    {
        var built = await BuildAsync([Octrees.Ground(PointFormat.Of(6), 5000, 9, 0, 0, 20_000)], 6, 0, Octrees.Small);
        await using var reader = await Octrees.OpenAsync(built);
        foreach (var node in await reader.ReadNodesAsync())
        {
            using var points = await reader.ReadPointsAsync(node);
            var times = Enumerable.Range(0, points.Count).Select(i => (points[i].GpsTime, points[i].ReturnNumber)).ToList();
            Assert.Equal(times.Order(), times);
        }

        Assert.Equal(1e8, reader.Info.MinGpsTime, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Older_formats_keep_what_copc_has_room_for(int format)
    {
        var layout = PointFormat.Of(format);
        var cloud = Octrees.Ground(layout, 500, 11, 0, 0, 1000);
        var built = await BuildAsync([cloud], format, 0, Octrees.Small);
        Assert.Equal(format switch { 0 or 1 or 9 => 6, 10 => 8, _ => 7 }, built.Plan.Format.Number);
        await using var reader = await Octrees.OpenAsync(built);
        var read = new List<string>();
        foreach (var node in await reader.ReadNodesAsync())
        {
            using var points = await reader.ReadPointsAsync(node);
            for (var i = 0; i < points.Count; i++)
                read.Add(Describe(points[i], isExtended: true));
        }

        var expected = Enumerable.Range(0, 500)
            .Select(i => Describe(new PointRecord(cloud.AsSpan(i * layout.RecordLength, layout.RecordLength), layout), layout.IsExtended));
        Assert.Equal(expected.Order(), read.Order());
    }

    [Fact]
    public async Task Files_of_other_scales_and_offsets_come_to_one()
    {
        var records = Octrees.Ground(PointFormat.Of(6), 300, 12, 0, 0, 1000);
        var fine = await FileAsync(records, 6, 0, "fine.laz", new Xyz(0.001, 0.001, 0.001), new Xyz(700, 0, 0));
        var coarse = await FileAsync(records, 6, 0, "coarse.laz", new Xyz(0.01, 0.01, 0.01), new Xyz(650_000, 100, 100));
        var built = await Octrees.BuildAsync([fine, coarse], Octrees.Small with { LeafPoints = 1000 });
        Assert.Equal(new Xyz(0.001, 0.001, 0.001), built.Plan.Scale);
        await using var reader = await Octrees.OpenAsync(built);
        Assert.Equal(600ul, reader.Header.PointCount);
        Assert.True(Math.Abs(reader.Header.Max.X - 650_010) < 1 && Math.Abs(reader.Header.Min.X - 700) < 1, $"{reader.Header.Min} {reader.Header.Max}");
    }

    [Fact]
    public async Task Files_that_do_not_fit_together_are_refused_by_name()
    {
        var one = await FileAsync(Octrees.Ground(PointFormat.Of(6), 10, 1, 0, 0, 100), 6, 0, "one.laz");
        var other = await FileAsync(Octrees.Ground(new PointFormat(6, 32), 10, 1, 0, 0, 100), 6, 2, "other.laz");
        var error = await Assert.ThrowsAsync<UnfitCloudException>(() => Octrees.BuildAsync([one, other]));
        Assert.Contains("other.laz has other extra bytes (2 a point) than one.laz (0)", error.Message);
        var empty = await FileAsync([], 6, 0, "empty.laz");
        Assert.Contains("none of the 1 files has a point", (await Assert.ThrowsAsync<UnfitCloudException>(() => Octrees.BuildAsync([empty]))).Message);
    }

    [LazPerfFact]
    public async Task Npm_copc_reads_what_is_built_point_for_point()
    {
        var folder = Directory.CreateTempSubdirectory("grid-copc-").FullName;
        try
        {
            var builds = new Dictionary<string, Octrees.Built>
            {
                ["7"] = await BuildAsync([Octrees.Ground(PointFormat.Of(7), 20_000, 21, 0, 0, 9000)], 7, 0, Octrees.Small, wkt: "PROJCS[\"a system\"]"),
                ["8"] = await BuildAsync([Octrees.Ground(new PointFormat(8, 41), 9000, 22, 0, 0, 9000)], 8, 3, Octrees.Small),
            };
            if (RealData.Root is not null)
            {
                builds["ign"] = await Octrees.BuildAsync(
                    [.. Directory.GetFiles(Samples.PathOf("ign"), "test_data_*IGN69.laz").Where(file => !file.Contains("copc")).Order().Select(file => (Func<IByteSource>)(() => new FileByteSource(file)))],
                    OctreeSettings.Default with { LeafPoints = 20_000, CellPoints = 60_000 });
            }

            var paths = builds.ToDictionary(build => Path.Combine(folder, build.Key + ".copc.laz"), build => build.Value);
            foreach (var (path, built) in paths)
                await File.WriteAllBytesAsync(path, built.Bytes);
            var read = await NpmCopc.ReadAsync(paths.Keys);
            foreach (var (path, built) in paths)
            {
                await using var reader = await CopcReader.OpenAsync(path);
                Assert.Equal(NpmCopc.Nodes(read[path]), await NpmCopc.NodesAsync(reader));
                Assert.Equal((long)built.Plan.PointCount, read[path].GetProperty("points").GetInt64());
                await CheckTreeAsync(reader, built.Plan);
            }

            Assert.Equal("PROJCS[\"a system\"]", read[paths.First().Key].GetProperty("wkt").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<SortedDictionary<OctantKey, string>> OctantsAsync(Octrees.Built built)
    {
        await using var reader = await Octrees.OpenAsync(built);
        var octants = new SortedDictionary<OctantKey, string>();
        foreach (var node in (await reader.ReadNodesAsync()).Where(node => node.PointCount > 0))
        {
            using var points = await reader.ReadPointsAsync(node);
            octants[node.Key] = Convert.ToHexString(points.Records.Span);
        }

        return octants;
    }

    private static async Task CheckTreeAsync(CopcReader reader, OctreePlan plan)
    {
        var placement = reader.Info.Cube;
        foreach (var node in (await reader.ReadNodesAsync()).Where(node => node.PointCount > 0))
        {
            var bounds = placement.BoundsOf(node.Key);
            var tolerance = reader.Info.Cube.Edge * 1e-9;
            using var points = await reader.ReadPointsAsync(node);
            var header = reader.Header;
            var cells = new HashSet<(long, long, long)>();
            var spacing = Math.ScaleB(plan.Spacing, -node.Key.Level);
            for (var i = 0; i < points.Count; i++)
            {
                var (x, y, z) = ((points[i].X * header.Scale.X) + header.Offset.X, (points[i].Y * header.Scale.Y) + header.Offset.Y, (points[i].Z * header.Scale.Z) + header.Offset.Z);
                Assert.True(
                    x >= bounds.Min.X - tolerance && x <= bounds.Max.X + tolerance && y >= bounds.Min.Y - tolerance && y <= bounds.Max.Y + tolerance
                    && z >= bounds.Min.Z - tolerance && z <= bounds.Max.Z + tolerance, $"a point of {node.Key} is not in it");
                cells.Add(((long)((x - bounds.Min.X) / spacing), (long)((y - bounds.Min.Y) / spacing), (long)((z - bounds.Min.Z) / spacing)));
            }

            // The root is an even sample: a point a cell, but for leaves too small to be chunks.
            if (node.Key.Level == 0 && plan.PointCount > (ulong)plan.Settings.LeafPoints)
                Assert.True(points.Count - cells.Count <= points.Count / 20 + 50, $"the root has {points.Count} points in {cells.Count} cells");
        }
    }

    private static async Task<Octrees.Built> BuildAsync(byte[][] clouds, int format, int extra, OctreeSettings settings, int threads = 2, string? wkt = null)
    {
        var files = new List<Func<IByteSource>>();
        foreach (var cloud in clouds)
            files.Add(await FileAsync(cloud, format, extra, $"tile{files.Count}.laz"));
        return await Octrees.BuildAsync(files, settings, threads, wkt);
    }

    private static async Task<Func<IByteSource>> FileAsync(byte[] records, int format, int extra, string name, Xyz? scale = null, Xyz offset = default)
    {
        var header = new LasHeader { PointFormat = new PointFormat(format, PointFormat.Of(format).RecordLength + extra), Scale = scale ?? new Xyz(0.01, 0.01, 0.01), Offset = offset };
        var output = new MemoryStream();
        await using var writer = await PointCloudWriter.CreateAsync(output, header, [], new PointCloudWriterOptions { ChunkSize = 1000 });
        await writer.WriteAsync(records);
        await writer.FinishAsync();
        return () => new StreamByteSource(new MemoryStream(output.ToArray()), name);
    }

    private static string Describe(PointRecord point, bool isExtended)
    {
        var angle = isExtended ? point.ScanAngle : Math.Round(point.ScanAngle / 0.006);
        return $"{point.X} {point.Y} {point.Z} {point.Intensity} {point.ReturnNumber}/{point.NumberOfReturns} {point.ClassificationFlags} {point.ScannerChannel} {point.ScanDirection} "
            + $"{point.EdgeOfFlightLine} {point.Classification} {angle} {point.UserData} {point.PointSource} {point.GpsTime} {point.Red} {point.Green} {point.Blue} {point.Infrared}";
    }
}
