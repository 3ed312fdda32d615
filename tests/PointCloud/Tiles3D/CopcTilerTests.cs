using System.Buffers.Binary;
using Grid.Fixtures;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Geodesy;
using Grid.PointCloud.Las;
using Grid.PointCloud.Tests.Octree;
using Grid.PointCloud.Tiles3D;

namespace Grid.PointCloud.Tests.Tiles3D;

public class CopcTilerTests
{
    private static readonly Lazy<Task<byte[]>> _hillside = new(() => TiledClouds.HillsideAsync(500, seed: 4));

    [Fact]
    public async Task Every_point_is_once_in_the_tileset_where_PROJ_has_it_with_its_attributes()
    {
        await using var copc = await OpenAsync();
        var objects = await TiledClouds.TileAsync(copc);
        await CheckAsync(copc, objects);
    }

    [Fact]
    public async Task Tiles_are_the_same_bytes_however_the_octants_are_divided_among_units_and_threads()
    {
        await using var copc = await OpenAsync();
        var (whole, pieces) = (await TiledClouds.TileAsync(copc, threads: 1), await TiledClouds.TileAsync(copc, octantsPerPart: 3, threads: 4));
        Assert.Equal(whole.Keys.Order(), pieces.Keys.Order());
        Assert.All(whole, pair => Assert.True(pair.Value.AsSpan().SequenceEqual(pieces[pair.Key]), pair.Key));
    }

    [Fact]
    public async Task Fine_levels_are_in_documents_of_their_own()
    {
        await using var copc = await OpenAsync();
        var objects = await TiledClouds.TileAsync(copc);
        Assert.Equal(["trees/5-0-0-0.json"], objects.Keys.Where(name => name.StartsWith("trees/")));
        Assert.Equal(2, (await TiledClouds.CheckAsync(objects)).Documents);
    }

    [Fact]
    public async Task Document_tells_what_a_legend_needs()
    {
        await using var copc = await OpenAsync();
        var check = await TiledClouds.CheckAsync(await TiledClouds.TileAsync(copc));
        var extras = check.Root["asset"]!["extras"]!;
        Assert.Equal(("EPSG:2154", "a flat geoid"), ((string?)extras["crs"], (string?)extras["heights"]));
        Assert.Equal((long)copc.Header.PointCount, extras["classes"]!.AsObject().Sum(pair => (long)pair.Value!));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], extras["classes"]!.AsObject().Select(pair => pair.Key));
        Assert.InRange((int)extras["highIntensity"]!, 2900, 3008);
        Assert.Equal((copc.Header.Min.Z, copc.Header.Max.Z), ((double)extras["minHeight"]!, (double)extras["maxHeight"]!));
    }

    [Theory]
    [InlineData(2, 0, 1000)]
    // Nothing but noise has the heights of nothing: where the cloud begins.
    [InlineData(7, -100, -100)]
    [InlineData(65, -100, -100)]
    public async Task Heights_of_a_legend_are_not_those_of_noise(byte classification, double least, double greatest)
    {
        var records = new byte[300 * 30];
        for (var i = 0; i < 300; i++)
        {
            var record = records.AsSpan(30 * i, 30);
            BinaryPrimitives.WriteInt32LittleEndian(record, 100 * i);
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], i == 7 ? -10_000 : i == 18 ? 300_000 : i % 2 == 0 ? 0 : 100_000);
            record[14] = 0x11;
            record[16] = i == 7 ? (byte)7 : i == 18 ? (byte)18 : classification;
        }

        var (file, _) = await Clouds.WriteAsync(records, 6, 0, 1000);
        await using var copc = await Octrees.OpenAsync(await Octrees.BuildAsync([() => new StreamByteSource(new MemoryStream(file), "cloud.laz")]));
        var extras = (await TiledClouds.CheckAsync(await TiledClouds.TileAsync(copc))).Root["asset"]!["extras"]!;
        Assert.Equal((least, greatest), ((double)extras["minHeight"]!, (double)extras["maxHeight"]!));
    }

    [Fact]
    public async Task Colours_are_linear_as_glTF_has_them()
    {
        await using var copc = await OpenAsync();
        var check = await TiledClouds.CheckAsync(await TiledClouds.TileAsync(copc));
        var root = check.Tiles.Single(tile => tile.Uri == "tiles/0/0-0-0.glb");
        using var points = await copc.ReadPointsAsync((await copc.ReadNodesAsync()).Single(node => node.Key == OctantKey.Root));
        var colors = root.File.Attribute("COLOR_0")!;
        for (var i = 0; i < points.Count; i++)
        {
            var encoded = points[i].Red / 65535.0;
            var linear = encoded <= 0.04045 ? encoded / 12.92 : Math.Pow((encoded + 0.055) / 1.055, 2.4);
            Assert.Equal(linear, colors[3 * i] / 65535.0, 0.00001);
        }
    }

    [Fact]
    public async Task Point_outside_of_the_world_is_refused_with_its_place()
    {
        await using var copc = await OpenAsync();
        var failure = await Assert.ThrowsAsync<UnplacedPointException>(() => CopcTiler.OpenAsync(copc, (x, y, z) => z.Fill(double.NaN)));
        Assert.Equal(copc.Header.Min.Z, failure.Place.Z);
    }

    [RealDataTheory]
    [InlineData("ign/test_data_77050_627755_LA93_IGN69.copc.laz")]
    public async Task Real_cloud_is_where_PROJ_has_it(string file)
    {
        await using var copc = await CopcReader.OpenAsync(Samples.PathOf(file));
        await CheckAsync(copc, await TiledClouds.TileAsync(copc));
    }

    private static async Task<CopcReader> OpenAsync() =>
        await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(await _hillside.Value), "hillside.copc.laz"));

    private static async Task CheckAsync(CopcReader copc, IReadOnlyDictionary<string, byte[]> objects)
    {
        var check = await TiledClouds.CheckAsync(objects);
        Assert.Empty(check.Findings);
        Assert.Equal((long)copc.Header.PointCount, check.Points);
        Assert.Equal(objects.Count, check.Tiles.Count + check.Documents);
        var tiles = check.Tiles.ToDictionary(tile => tile.Uri);
        var (scale, offset) = (copc.Header.Scale, copc.Header.Offset);
        var nodes = (await copc.ReadNodesAsync()).Where(node => node.PointCount > 0).ToList();
        var octants = new List<PointBatch>();
        foreach (var node in nodes)
            octants.Add(await copc.ReadPointsAsync(node));
        var all = octants.SelectMany(points => Enumerable.Range(0, points.Count).Select(i => new Xyz(
            (points[i].X * scale.X) + offset.X, (points[i].Y * scale.Y) + offset.Y, (points[i].Z * scale.Z) + offset.Z)));
        var placesOfAll = (await Lambert93.ByProjAsync(all)).AsMemory();
        foreach (var (node, points) in nodes.Zip(octants))
        {
            var tile = tiles[CopcTiler.NameOf(node.Key)];
            var (intensities, classes, returns) =
                (tile.File.Attribute("_INTENSITY")!, tile.File.Attribute("_CLASSIFICATION")!, tile.File.Attribute("_RETURN_NUMBER")!);
            var places = placesOfAll[..points.Count].ToArray();
            placesOfAll = placesOfAll[points.Count..];
            Assert.Equal(Lambert93.Undulation, (double)tile.File.Extras!["geoidHeight"]!, 0.001);
            // Half a step of 65,535 on each of three axes, a tenth of a millimetre of the lattice, and IGN's constants to a tenth.
            var allowed = (Math.Sqrt(3) / 2 * copc.Info.Cube.Edge / (1 << node.Key.Level) / 65535 * 1.1) + 0.0005;
            for (var i = 0; i < points.Count; i++)
            {
                var (x, y, z) = (tile.Places[3 * i] - places[i].X, tile.Places[(3 * i) + 1] - places[i].Y, tile.Places[(3 * i) + 2] - places[i].Z);
                Assert.True(Math.Sqrt((x * x) + (y * y) + (z * z)) <= allowed, $"{tile.Uri}, point {i}: {x}, {y}, {z} apart, {allowed} are allowed");
                Assert.Equal(
                    ((int)points[i].Intensity, (int)points[i].Classification, points[i].ReturnNumber),
                    (intensities[i], classes[i], returns[i]));
            }

            points.Dispose();
        }
    }
}
