using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Grid.Fixtures;
using Grid.PointCloud.Terrain;

namespace Grid.PointCloud.Tests.Terrain;

public class TerrainModelsTests
{
    private static readonly TerrainTile Sample = new(770_550, 6_277_600, 50);

    [RealDataFact]
    public async Task Models_are_those_of_ign()
    {
        var clouds = new List<TerrainCloud>();
        foreach (var corner in new[] { "77050_627755", "77050_627760", "77055_627755", "77055_627760", "77060_627755", "77060_627760" })
            clouds.Add(await TerrainCloud.OpenAsync(Samples.PathOf($"ign/test_data_{corner}_LA93_IGN69.laz")));
        // These were made with a margin of 10 metres, against the 100 of deliveries.
        var options = new TerrainOptions { Steps = [0.5], Margin = 10 };
        var models = await TerrainModels.ComputeAsync(Sample, clouds, options);
        var swapped = await TerrainModels.ComputeAsync(
            Sample, clouds, options with { TerrainClasses = options.SurfaceClasses, SurfaceClasses = options.TerrainClasses, Models = [TerrainModelKind.Mnt, TerrainModelKind.Mns] });
        foreach (var cloud in clouds)
            await cloud.DisposeAsync();

        Assert.All(models.Rasters, raster => Assert.Equal((100, 770_549.75, 6_277_600.25), (raster.Size, raster.OriginX, raster.OriginY)));
        var (terrain, surface, height) = (models.Rasters[0].Heights, models.Rasters[1].Heights, models.Rasters[2].Heights);
        // Of points at one place the highest of the terrain, and the lowest of the surface.
        var (highTerrain, lowSurface) = (swapped.Rasters[1].Heights, swapped.Rasters[0].Heights);
        AssertBetween(await ReadAsync("ign/expected/DTM_test_data_77055_627760_LA93_IGN69_50CM.tif"), terrain, highTerrain, onCircles: 3, []);
        AssertBetween(await ReadAsync("ign/expected/DSM_test_data_77055_627760_LA93_IGN69_50CM.tif"), lowSurface, surface, onCircles: 4, [19, 23]);
        AssertBetween(
            await ReadAsync("ign/expected/DHM_test_data_77055_627760_LA93_IGN69_50CM.tif"), Difference(lowSurface, highTerrain), height, onCircles: 4, [19, 23]);

        static float[] Difference(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x == TerrainOptions.Nodata ? x : x - y)];
    }

    [RealDataFact]
    public async Task Terrain_of_a_tile_alone_is_that_of_ign_without_its_neighbours()
    {
        var expected = await ReadAsync("ign/expected/interpolation_test_data_77055_627760_LA93_IGN69_50CM_dtm_classes.tif");
        await using var cloud = await TerrainCloud.OpenAsync(Samples.PathOf("ign/test_data_77055_627760_LA93_IGN69.laz"));
        var models = await TerrainModels.ComputeAsync(Sample, [cloud], new TerrainOptions { Steps = [0.5], Models = [TerrainModelKind.Mnt] });
        var heights = Assert.Single(models.Rasters).Heights;
        Assert.Equal(expected.Select(height => height == TerrainOptions.Nodata), heights.Select(height => height == TerrainOptions.Nodata));
        Assert.All(expected.Zip(heights), pair => Assert.Equal(pair.First, pair.Second, 0.01));
    }

    [RealDataFact]
    public async Task Copc_makes_the_models_that_las_of_the_same_points_makes()
    {
        var options = new TerrainOptions { Steps = [0.5], Margin = 5 };
        await using var las = await TerrainCloud.OpenAsync(Samples.PathOf("ign/test_data_77050_627755_LA93_IGN69.las"));
        await using var copc = await TerrainCloud.OpenAsync(Samples.PathOf("ign/test_data_77050_627755_LA93_IGN69.copc.laz"));
        // A corner of the tile, so that octants are skipped.
        var tile = new TerrainTile(770_510, 6_277_540, 20);
        var (expected, actual) = (await TerrainModels.ComputeAsync(tile, [las], options), await TerrainModels.ComputeAsync(tile, [copc], options));
        Assert.False(expected.IsEmpty);
        Assert.Equal(expected.Rasters.Select(raster => raster.Heights), actual.Rasters.Select(raster => raster.Heights));
    }

    [Fact]
    public async Task Blocks_make_one_triangulation_whatever_gaps_the_ground_has()
    {
        // Ground on a random half of the tile's squares, dense here and thin there, none in a lake and none beyond a slanting line.
        var random = new Random(11);
        var points = new List<(double X, double Y, double Z, byte Kind)>();
        while (points.Count < 150_000)
        {
            double x = random.NextDouble() * 240, y = random.NextDouble() * 240;
            var isLake = ((x - 120) * (x - 120)) + ((y - 110) * (y - 110)) < 2500;
            if (!isLake && x + (0.4 * y) < 260 && (x > 40 || random.Next(400) == 0))
                points.Add((Math.Round(x, 2), Math.Round(y, 2), Math.Round(5 * Math.Sin(x / 20) * Math.Cos(y / 33), 2), 2));
        }

        var tile = new TerrainTile(20, 220, 200);
        await using var cloud = await CloudAsync(points);
        var options = new TerrainOptions { Steps = [0.5, 5], Models = [TerrainModelKind.Mnt], Margin = 20, Threads = 3 };
        var models = await TerrainModels.ComputeAsync(tile, [cloud], options);
        var alone = await TerrainModels.ComputeAsync(tile, [cloud], options with { Threads = 1 });
        Assert.Equal(alone.Rasters[0].Heights, models.Rasters[0].Heights);

        var whole = new Triangulation();
        whole.Restart(points.Count, keepsHighest: false);
        var sites = points.Select(p => new Site((int)Math.Round((p.X - 20) * 100), (int)Math.Round((p.Y - 220) * 100), (int)Math.Round(p.Z * 100))).ToArray();
        whole.Insert(sites, new InsertionOrder().Sort(sites, -3000, -25_000, 32_000));
        foreach (var raster in models.Rasters)
        {
            for (var row = 0; row < raster.Size; row++)
            {
                for (var column = 0; column < raster.Size; column++)
                    Assert.Equal(HeightIn(whole, (int)(column * raster.Step * 100), -(int)(row * raster.Step * 100)), raster.Heights[(row * raster.Size) + column], 4);
            }
        }
    }

    [Fact]
    public async Task Neighbouring_tiles_go_on_where_the_other_ends_and_leave_out_chunks_that_are_away()
    {
        var random = new Random(3);
        var points = Enumerable.Range(0, 40_000)
            .Select(_ => (X: Math.Round(random.NextDouble() * 200, 2), Y: Math.Round(random.NextDouble() * 100, 2), Z: Math.Round(random.NextDouble() * 9, 2), Kind: (byte)2))
            .OrderBy(point => point.X).ToList();
        await using var cloud = await CloudAsync(points);
        var options = new TerrainOptions { Steps = [1], Models = [TerrainModelKind.Mnt], Margin = 50 };
        var both = Assert.Single((await TerrainModels.ComputeAsync(new TerrainTile(50, 100, 100), [cloud], options)).Rasters);
        var left = Assert.Single((await TerrainModels.ComputeAsync(new TerrainTile(0, 100, 100), [cloud], options)).Rasters);
        // Chunks are strips from west to east; the first tile has read them.
        Assert.True(cloud.Extents.MayMeet(0, 0, 0, 1, 1));
        Assert.False(cloud.Extents.MayMeet(0, 190, 0, 200, 100));
        for (var row = 0; row < 100; row++)
            Assert.Equal(left.Heights.AsSpan((row * 100) + 50, 50).ToArray(), both.Heights.AsSpan(row * 100, 50).ToArray());
    }

    [Fact]
    public async Task Triangles_with_longer_edges_than_allowed_make_no_pixels()
    {
        await using var cloud = await CloudAsync([(0, 0, 1, 2), (10, 0, 1, 2), (0, 10, 1, 2), (10, 10, 1, 2), (40, 10, 1, 2), (40, 0, 1, 2), (50, 10, 1, 2), (50, 0, 1, 2)]);
        var raster = Assert.Single((await TerrainModels.ComputeAsync(
            new TerrainTile(0, 50, 50), [cloud], new TerrainOptions { Steps = [5], Models = [TerrainModelKind.Mnt], LongestEdge = 15 })).Rasters);
        // From west to east along y = 5: within the first square, its border, the gap, the second square.
        Assert.Equal([1, 1, 1, -9999, -9999, -9999, -9999, -9999, 1, 1], raster.Heights.AsSpan(9 * 10, 10).ToArray());
    }

    [Fact]
    public async Task Ground_without_points_and_points_on_a_line_are_no_data()
    {
        foreach (var points in new List<(double, double, double, byte)>[] { [], [(1, 1, 1, 2), (2, 2, 2, 2), (9, 9, 3, 2)], [(1, 1, 1, 5), (2, 8, 2, 5), (9, 9, 3, 5)] })
        {
            await using var cloud = await CloudAsync(points);
            var models = await TerrainModels.ComputeAsync(new TerrainTile(0, 10, 10), [cloud], new TerrainOptions { Models = [TerrainModelKind.Mnt] });
            Assert.True(models.IsEmpty);
        }
    }

    [Theory]
    // Bytes of the public header block: scale of x, offset of y, greatest x, least y.
    [InlineData(131, 1e-30, "no 32 bits reach")]
    [InlineData(163, 1.29e25, "no 32 bits reach")]
    [InlineData(179, double.NaN, "no 32 bits reach")]
    [InlineData(203, -20_000.0, "square units at most")]
    public async Task Header_whose_bounds_cannot_be_its_points_is_refused(int at, double wrong, string reason)
    {
        var records = new byte[300];
        for (var i = 0; i < 10; i++)
            BinaryPrimitives.WriteInt32LittleEndian(records.AsSpan(30 * i), 100 * i);
        var (file, _) = await Clouds.WriteAsync(records, 6, 0, 5000);
        await using (var sound = await TerrainCloud.OpenAsync(new StreamByteSource(new MemoryStream(file), "cloud.laz")))
            sound.CheckBounds();
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(at), wrong);
        await using var cloud = await TerrainCloud.OpenAsync(new StreamByteSource(new MemoryStream(file), "cloud.laz"));
        Assert.Contains(reason, Assert.Throws<InvalidPointCloudException>(cloud.CheckBounds).Message);
    }

    [Theory]
    [InlineData(648_000, 6_863_000, 1000, 0.5, "LHD_FXX_0648_6863_MNT_O_0M50_LAMB93_IGN69")]
    [InlineData(648_000, 6_863_000, 1000, 5, "LHD_FXX_0648_6863_MNT_O_5M00_LAMB93_IGN69")]
    [InlineData(770_550, 6_277_600, 50, 0.5, "LHD_FXX_77055_627760_MNT_O_0M50_LAMB93_IGN69")]
    public void Models_are_named_as_ign_names_them(double west, double north, double side, double step, string expected)
    {
        var tile = new TerrainTile(west, north, side);
        Assert.Equal(expected, tile.ModelName(TerrainModelKind.Mnt, step, "FXX", "LAMB93_IGN69"));
        Assert.Equal(tile, TerrainTile.Of(west + (side / 2), north - (side / 2), side));
    }

    [Fact]
    public async Task Steps_that_do_not_divide_the_tile_are_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => TerrainModels.ComputeAsync(new TerrainTile(0, 0, 1000), [], new TerrainOptions { Steps = [0.5, 3] }));

    /// <summary>
    /// IGN's heights are ours to the millimetre, but where several points have one place: there PDAL takes the one that its sort leaves first, so that the height
    /// lies between those of the lowest and of the highest. Where four points lie on a circle it may take the other diagonal.
    /// </summary>
    /// <param name="refused">Pixels, exactly on the border of the hull, that the PDAL of 2023 left without a height: rounding made their three weights more than 1.</param>
    private static void AssertBetween(float[] expected, float[] low, float[] high, int onCircles, int[] refused)
    {
        Assert.Equal(refused, Enumerable.Range(0, expected.Length).Where(i => (expected[i] == TerrainOptions.Nodata) != (high[i] == TerrainOptions.Nodata)));
        var compared = Enumerable.Range(0, expected.Length).Where(i => expected[i] != TerrainOptions.Nodata).ToList();
        Assert.InRange(compared.Count(i => expected[i] < low[i] - 0.001f || expected[i] > high[i] + 0.001f), 0, onCircles);
        var oneChoice = compared.Where(i => high[i] - low[i] < 0.001f).ToList();
        Assert.InRange(oneChoice.Count(i => Math.Abs(expected[i] - high[i]) > 0.001f), 0, onCircles);
        Assert.InRange(oneChoice.Count, 0.988 * expected.Length, expected.Length);
    }

    private static unsafe float HeightIn(Triangulation triangulation, int x, int y)
    {
        var t = triangulation.Locate(x, y);
        if (triangulation.IsOuter(t))
            return TerrainOptions.Nodata;
        var (ia, ib, ic) = triangulation.Corners(t);
        Site* a = triangulation.Sites + ia, b = triangulation.Sites + ib, c = triangulation.Sites + ic;
        double ofA = Predicates.Turn(b, c, x, y), ofB = Predicates.Turn(c, a, x, y), ofC = Predicates.Turn(a, b, x, y);
        return (float)(((ofA * a->Z) + (ofB * b->Z) + (ofC * c->Z)) / (ofA + ofB + ofC) / 100);
    }

    private static async Task<TerrainCloud> CloudAsync(IReadOnlyList<(double X, double Y, double Z, byte Kind)> points)
    {
        var records = new byte[points.Count * 30];
        for (var i = 0; i < points.Count; i++)
        {
            var record = records.AsSpan(i * 30, 30);
            BinaryPrimitives.WriteInt32LittleEndian(record, (int)Math.Round(points[i].X * 100));
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], (int)Math.Round(points[i].Y * 100));
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], (int)Math.Round(points[i].Z * 100));
            (record[14], record[16]) = (0x11, points[i].Kind);
        }

        var (file, _) = await Clouds.WriteAsync(records, 6, 0, 5000);
        return await TerrainCloud.OpenAsync(new StreamByteSource(new MemoryStream(file), "cloud.laz"));
    }

    private static async Task<float[]> ReadAsync(string raster)
    {
        var folder = Directory.CreateTempSubdirectory("grid-terrain-").FullName;
        var file = Path.Combine(folder, "raster.bin");
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "ENVI", Samples.PathOf(raster), file])).Expect();
        var heights = MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(file)).ToArray();
        Directory.Delete(folder, recursive: true);
        return heights;
    }
}
