using Grid.Fixtures;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Tests.Copc;

public class CopcReadingTests
{
    public static TheoryData<string> Files() => Samples.Files(sample => sample.File.EndsWith(".copc.laz"));

    [LazPerfFact]
    public async Task Octants_and_their_points_are_those_that_npm_copc_reads()
    {
        if (RealData.Root is null)
            return;
        string[] files = [.. Samples.All.Where(sample => sample.File.EndsWith(".copc.laz")).Select(sample => Samples.PathOf(sample.File))];
        var expected = await NpmCopc.ReadAsync(files);
        foreach (var file in files)
        {
            await using var reader = await CopcReader.OpenAsync(file);
            Assert.Equal(NpmCopc.Nodes(expected[file]), await NpmCopc.NodesAsync(reader));
            Assert.Equal(expected[file].GetProperty("spacing").GetDouble(), reader.Info.Spacing);
            Assert.Equal(expected[file].GetProperty("cube")[0].GetDouble(), reader.Info.Cube.Min.X, 6);
        }
    }

    [RealDataTheory]
    [MemberData(nameof(Files))]
    public async Task Octants_hold_each_point_of_the_file_once(string file)
    {
        await using var plain = await PointCloudReader.OpenAsync(Samples.PathOf(file));
        await using var reader = await CopcReader.OpenAsync(Samples.PathOf(file));
        var chunks = plain.Chunks.ToDictionary(chunk => chunk.Offset);
        foreach (var node in (await reader.ReadNodesAsync()).Where(node => node.PointCount > 0))
        {
            Assert.True(chunks.Remove(node.Offset, out var chunk));
            Assert.Equal((node.PointCount, node.LengthBytes), (chunk.Count, (int)chunk.LengthBytes));
        }

        Assert.Empty(chunks);
    }

    [RealDataFact]
    public async Task Corner_of_a_cloud_is_read_without_the_pages_of_the_rest()
    {
        await using var reader = await CopcReader.OpenAsync(Samples.PathOf("copc/simple_with_page.copc.laz"));
        var root = await reader.ReadNodesAsync(key => key.Level == 0);
        Assert.Equal(OctantKey.Root, Assert.Single(root).Key);
        Assert.Equal(3, reader.Info.LevelOf(reader.Info.Spacing / 8));
        Assert.Equal(0, reader.Info.LevelOf(reader.Info.Spacing * 2));
    }

    [RealDataFact]
    public async Task File_that_is_no_copc_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidPointCloudException>(() => CopcReader.OpenAsync(Samples.PathOf("ign/single_point.laz")));
        Assert.Contains("single_point.laz: it is no COPC file", error.Message);
    }

    [RealDataFact]
    public async Task Damaged_files_end_as_points_or_as_an_error_that_names_the_file()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var original = await File.ReadAllBytesAsync(Samples.PathOf("copc/simple_with_page.copc.laz"));
        for (var round = 0; round < 300; round++)
        {
            var bytes = original.ToArray();
            // Header, info and hierarchy, which follows the points, are hit more often than by chance.
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(3) switch { 0 => random.Next(600), 1 => bytes.Length - 1 - random.Next(300), _ => random.Next(bytes.Length) }] ^= (byte)(1 << random.Next(8));
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                await using var reader = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(bytes), "damaged.copc.laz"));
                foreach (var node in await reader.ReadNodesAsync())
                    (await reader.ReadPointsAsync(node)).Dispose();
            }
            catch (InvalidPointCloudException error)
            {
                Assert.StartsWith("damaged.copc.laz: ", error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, round {round}: {error}");
            }
        }
    }
}
