using System.Text.Json.Nodes;
using Grid.Cli.Pyramids;

namespace Grid.EndToEnd.Tests.Imports;

/// <summary>Statistics of a built pyramid, whose files are counted and measured apart.</summary>
[Collection("grid")]
public sealed class PyramidStatisticsTests(SharedGrid shared)
{
    [Fact]
    public void Counts_and_sizes_are_those_of_the_files()
    {
        var pyramid = StoredPyramid.Read(shared.Grid, shared.Pyramid);
        var files = pyramid.Slabs.Where(slab => slab.Key.StartsWith("DATA/", StringComparison.Ordinal)).ToList();
        var statistics = PyramidStatistics.Of(Path.Combine(pyramid.Folder, pyramid.Name + ".json"), new StatisticsOptions(Tiles: true, Deciles: false, Ratio: 1));

        Assert.Equal(files.Count, (long)statistics["global"]!["slab_count"]!);
        Assert.Equal(0, (long)statistics["global"]!["link_count"]!);
        Assert.Equal(files.Sum(file => (double)file.Value.Length), statistics["global"]!["slab_sizes"]!.AsArray().Sum(size => (double)size!));
        Assert.Equal(pyramid.Levels, statistics["levels"]!.AsObject().Select(level => level.Key));
        Assert.Equal(files.Count, statistics["perfs"]!.AsArray().Count);
        var bottom = files.Where(file => file.Key.StartsWith($"DATA/{pyramid.Levels[^1]}/", StringComparison.Ordinal)).Select(file => FirstTile(file.Value)).ToList();
        Assert.Equal(bottom, statistics["levels"]![pyramid.Levels[^1]]!["tile_sizes"]!.AsArray().Select(size => (double)size!));
    }

    [Fact]
    public void Deciles_go_from_the_least_to_the_most_and_a_ratio_measures_fewer()
    {
        var pyramid = StoredPyramid.Read(shared.Grid, shared.Pyramid);
        var descriptor = Path.Combine(pyramid.Folder, pyramid.Name + ".json");
        var sizes = pyramid.Slabs.Where(slab => slab.Key.StartsWith("DATA/", StringComparison.Ordinal)).Select(slab => (double)slab.Value.Length).Order().ToList();
        var deciles = Sizes(PyramidStatistics.Of(descriptor, new StatisticsOptions(false, true, 1)));
        Assert.Equal(11, deciles.Count);
        Assert.Equal((sizes[0], sizes[^1]), (deciles[0], deciles[^1]));
        Assert.Equal(sizes.Count % 2 == 1 ? sizes[sizes.Count / 2] : (sizes[(sizes.Count / 2) - 1] + sizes[sizes.Count / 2]) / 2, deciles[5], 1e-6);

        var few = PyramidStatistics.Of(descriptor, new StatisticsOptions(false, false, 100_000));
        Assert.Equal(sizes.Count, (long)few["global"]!["slab_count"]!);
        Assert.Equal(pyramid.Levels.Count, Sizes(few).Count);
        Assert.Null(few["perfs"]);
    }

    private static IReadOnlyList<double> Sizes(JsonObject statistics) => [.. statistics["global"]!["slab_sizes"]!.AsArray().Select(size => (double)size!)];

    private static double FirstTile(byte[] slab) => Enumerable.Range(0, 256).Select(tile => BitConverter.ToUInt32(slab, 2048 + 1024 + (4 * tile))).First(size => size != 0);
}
