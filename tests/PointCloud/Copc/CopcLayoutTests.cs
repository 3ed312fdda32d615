using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tests.Copc;

public class CopcLayoutTests
{
    private static readonly Cube _cube = new(new Xyz(0, 0, 0), 512);

    [Fact]
    public async Task Hierarchy_of_many_octants_is_told_in_pages_of_which_a_corner_needs_few()
    {
        // A plane of 128 × 128 octants of one byte each, and all above it: 21,845 octants.
        var chunks = (from level in Enumerable.Range(0, 8) from y in Enumerable.Range(0, 1 << level) from x in Enumerable.Range(0, 1 << level) select new CopcChunk(new(level, x, y, 0), 1, 1)).ToList();
        var (file, layout) = Write(chunks);
        var source = new ReadLog(new StreamByteSource(new MemoryStream(file), "plane.copc.laz"));
        await using var reader = await CopcReader.OpenAsync(source);
        var all = await reader.ReadNodesAsync();
        Assert.Equal(layout.Nodes.OrderBy(node => node.Key), all.OrderBy(node => node.Key));

        source.Bytes = 0;
        var corner = new OctantKey(7, 100, 3, 0);
        var seen = await reader.ReadNodesAsync(key => key.Contains(corner));
        Assert.Equal(8, seen.Count);
        Assert.True(source.Bytes < 100_000, $"{source.Bytes} bytes for one corner");
    }

    [Fact]
    public async Task Octants_without_points_that_lie_between_are_told()
    {
        var (file, _) = Write([new CopcChunk(new(3, 1, 2, 3), 5, 2)]);
        await using var reader = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(file), "deep.copc.laz"));
        var nodes = await reader.ReadNodesAsync();
        Assert.Equal([(0, 0), (1, 0), (2, 0), (3, 2)], nodes.Select(node => (node.Key.Level, node.PointCount)).Order());
        Assert.Equal(new Box(new Xyz(-384, -256, -128), new Xyz(-256, -128, 0)), _cube.BoundsOf(new(3, 1, 2, 3)));
    }

    [Fact]
    public void Chunks_that_do_not_have_the_points_of_the_header_are_refused() =>
        Assert.Throws<ArgumentException>(() => CopcLayout.Of(Header(3), _cube, 1, (0, 1), [], [new CopcChunk(OctantKey.Root, 5, 2)]));

    private static LasHeader Header(ulong points) => new() { PointFormat = PointFormat.Of(6), Scale = new Xyz(0.01, 0.01, 0.01), PointCount = points };

    private static (byte[] File, CopcLayout Layout) Write(IReadOnlyList<CopcChunk> chunks)
    {
        var layout = CopcLayout.Of(Header((ulong)chunks.Sum(chunk => chunk.PointCount)), _cube, 8, (0, 1), [], chunks);
        byte[] file = [.. layout.Head, .. new byte[chunks.Sum(chunk => chunk.LengthBytes)], .. layout.Tail];
        Assert.Equal(layout.LengthBytes, file.Length);
        return (file, layout);
    }

    private sealed class ReadLog(IByteSource inner) : IByteSource
    {
        public long Bytes { get; set; }

        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
        {
            Bytes += buffer.Length;
            return inner.ReadAsync(offset, buffer, cancellation);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
