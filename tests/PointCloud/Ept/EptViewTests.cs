using System.Text.Json;
using Grid.Fixtures;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Ept;
using Grid.PointCloud.Tests.Copc;

namespace Grid.PointCloud.Tests.Ept;

public sealed class EptViewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-ept-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LazPerfFact]
    public async Task Octants_and_their_points_are_those_of_the_copc_file_to_readers_of_both()
    {
        List<(string Name, byte[] File)> files = [("hillside", await TiledClouds.HillsideAsync(300, seed: 5))];
        if (RealData.Root is not null)
        {
            foreach (var sample in Samples.All.Where(sample => sample.File.EndsWith(".copc.laz")))
                files.Add((Path.GetFileNameWithoutExtension(sample.File), await File.ReadAllBytesAsync(Samples.PathOf(sample.File))));
        }

        foreach (var (name, file) in files)
        {
            await using var copc = await OpenAsync(file);
            var (root, pages) = await WriteAsync(copc, file, name);
            var read = JsonDocument.Parse((await Programs.RunAsync("node", [Path.Combine(Path.GetDirectoryName(LazPerfFactAttribute.Script)!, "ept.mjs"), root])).Expect()).RootElement;
            var expected = await NpmCopc.NodesAsync(copc);
            foreach (var empty in expected.Where(node => node.Value.StartsWith("0 ", StringComparison.Ordinal)).ToList())
                expected.Remove(empty.Key);
            Assert.Equal(expected, NpmCopc.Nodes(read));
            Assert.Equal(pages, read.GetProperty("pages").GetInt32());
            var ept = read.GetProperty("ept");
            Assert.Equal((long)copc.Header.PointCount, ept.GetProperty("points").GetInt64());
            var bounds = ept.GetProperty("bounds").EnumerateArray().Select(number => number.GetDouble()).ToList();
            Assert.Equal(copc.Info.Cube.Edge, bounds[5] - bounds[2], 6);
            Assert.Equal(copc.Info.Spacing, (bounds[3] - bounds[0]) / ept.GetProperty("span").GetInt32(), 6);
        }
    }

    [Fact]
    public async Task Each_octant_is_a_file_that_is_read_without_the_others()
    {
        var file = await TiledClouds.HillsideAsync(300, seed: 6);
        await using var copc = await OpenAsync(file);
        var view = new EptView(copc);
        foreach (var node in await copc.ReadNodesAsync())
        {
            await using var reader = await PointCloudReader.OpenAsync(new StreamByteSource(new MemoryStream(FileOf(file, view, node)), $"{node.Key}.laz"));
            Assert.Empty(reader.Warnings);
            Assert.Equal((ulong)node.PointCount, reader.Header.PointCount);
            using var points = await copc.ReadPointsAsync(node);
            Assert.Equal(points.Records.ToArray(), await Samples.RecordsAsync(reader));
        }
    }

    [Fact]
    public async Task Schema_tells_the_attributes_by_the_names_that_readers_know_and_extra_bytes_by_their_own()
    {
        var descriptor = new byte[192];
        (descriptor[2], descriptor[3]) = (3, 24);
        "Amplitude"u8.CopyTo(descriptor.AsSpan(4));
        BitConverter.GetBytes(0.01).CopyTo(descriptor, 112);
        BitConverter.GetBytes(-5.0).CopyTo(descriptor, 136);
        byte[] records = [.. descriptor, .. new byte[192]];
        var format = new Las.PointFormat(8, 40);
        var header = new Las.LasHeader { PointFormat = format, Scale = new Las.Xyz(0.01, 0.01, 0.001), Offset = new Las.Xyz(600_000, 6_800_000, 0) };
        var layout = CopcLayout.Of(
            header, new Cube(new Las.Xyz(600_500, 6_800_500, 500), 500), 1000 / 128.0, (0, 0), [new Las.VariableLengthRecord("LASF_Spec", 4, "Extra Bytes", records)], []);
        await using var copc = await OpenAsync([.. layout.Head, .. layout.Tail]);
        var ept = JsonDocument.Parse(new EptView(copc).Describe()).RootElement;
        Assert.Equal(
            ["X", "Y", "Z", "Intensity", "ReturnNumber", "NumberOfReturns", "ScanDirectionFlag", "EdgeOfFlightLine", "Classification", "ClassFlags", "ScanChannel",
                "ScanAngleRank", "UserData", "PointSourceId", "GpsTime", "Red", "Green", "Blue", "Infrared", "Amplitude"],
            ept.GetProperty("schema").EnumerateArray().Select(dimension => dimension.GetProperty("name").GetString()));
        var extra = ept.GetProperty("schema")[19];
        Assert.Equal(("unsigned", 2, 0.01, -5.0), (extra.GetProperty("type").GetString(), extra.GetProperty("size").GetInt32(), extra.GetProperty("scale").GetDouble(), extra.GetProperty("offset").GetDouble()));
        Assert.Equal(0.001, ept.GetProperty("schema")[2].GetProperty("scale").GetDouble());
        Assert.False(ept.TryGetProperty("srs", out _));
    }

    [Fact]
    public async Task Keys_without_an_octant_or_a_document_have_none()
    {
        await using var copc = await OpenAsync(await TiledClouds.HillsideAsync(30, seed: 7));
        var view = new EptView(copc);
        Assert.Null(await view.FindAsync(new OctantKey(9, 5, 5, 5)));
        Assert.Null(await view.HierarchyAsync(new OctantKey(1, 0, 0, 0)));
        Assert.NotNull(await view.HierarchyAsync(OctantKey.Root));
    }

    private static Task<CopcReader> OpenAsync(byte[] file) => CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(file), "cloud.copc.laz"));

    private static byte[] FileOf(byte[] file, EptView view, CopcNode node)
    {
        var (head, tail) = view.Wrap(node);
        return [.. head, .. file.AsSpan((int)node.Offset, node.LengthBytes), .. tail];
    }

    /// <summary>Writes all that the view answers; returns the folder, and how many documents the hierarchy has.</summary>
    private async Task<(string Root, int Pages)> WriteAsync(CopcReader copc, byte[] file, string name)
    {
        var root = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.Combine(root, "ept-hierarchy"));
        Directory.CreateDirectory(Path.Combine(root, "ept-data"));
        var view = new EptView(copc);
        await File.WriteAllBytesAsync(Path.Combine(root, "ept.json"), view.Describe());
        var pages = 0;
        foreach (var node in await copc.ReadNodesAsync())
        {
            Assert.Equal(node, await view.FindAsync(node.Key));
            await File.WriteAllBytesAsync(Path.Combine(root, "ept-data", $"{node.Key}.laz"), FileOf(file, view, node));
            if (await view.HierarchyAsync(node.Key) is not { } page)
                continue;
            await File.WriteAllBytesAsync(Path.Combine(root, "ept-hierarchy", $"{node.Key}.json"), page);
            pages++;
        }

        return (root, pages);
    }
}
