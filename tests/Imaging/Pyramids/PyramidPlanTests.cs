using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Pyramids;

public class PyramidPlanTests
{
    private const double Half = 20037508.3427892480;

    private static readonly TileMatrixSet _mercator = new("PM", "EPSG:3857",
        [.. Enumerable.Range(0, 22).Select(level => new TileMatrix(level.ToString(), 2 * Half / 256 / (1L << level), -Half, Half, 1L << level, 1L << level))]);

    [Fact]
    public void One_tile_in_a_corner_gives_one_slab_a_level()
    {
        var plan = new PyramidPlan(_mercator, "19", "0", SlabSize.Default, [_mercator.Find("19")!.TileExtent(265_600, 180_300)]);

        Assert.Equal(20, plan.Slabs);
        Assert.All(plan.Levels, level => Assert.Equal(1, level.Slabs));
        Assert.Equal(["19", "16"], plan.Tiers.Select(tier => tier.BaseLevel));
        Assert.Equal(["17", "0"], plan.Tiers.Select(tier => tier.RootLevel));
        Assert.Equal("17", plan.Tiers[1].SourceLevel);
        Assert.True(plan.Tiers[1].IsHalfOfSource);
        Assert.Equal(new TileLimits(180_300, 180_300, 265_600, 265_600), plan.Levels[0].TileLimits);
        Assert.Equal(new TileLimits(90_150, 90_150, 132_800, 132_800), plan.Levels[1].TileLimits);
    }

    [Fact]
    public void Slabs_of_overlapping_sources_are_counted_once()
    {
        var matrix = _mercator.Find("19")!;
        var random = new Random(8);
        var sources = Enumerable.Range(0, 300).Select(_ => matrix.TileExtent(265_000 + random.Next(2000), 180_000 + random.Next(2000), 1 + random.Next(60), 1 + random.Next(60))).ToList();
        var plan = new PyramidPlan(_mercator, "19", "10", SlabSize.Default, sources);

        var slabs = new HashSet<(long, long)>();
        foreach (var source in sources)
        {
            var tiles = matrix.TilesOf(source)!.Value;
            for (var row = tiles.MinRow; row <= tiles.MaxRow; row++)
            {
                for (var col = tiles.MinCol; col <= tiles.MaxCol; col++)
                    slabs.Add((col / 16, row / 16));
            }
        }

        foreach (var level in plan.Levels)
        {
            Assert.Equal(slabs.Count, level.Slabs);
            Assert.All(slabs, slab => Assert.True(plan.Contains(new SlabIndex(level.Level, slab.Item1, slab.Item2))));
            slabs = [.. slabs.Select(slab => (slab.Item1 / 2, slab.Item2 / 2))];
        }

        Assert.Equal(plan.Slabs, plan.Tiers.Sum(tier => plan.Regions(tier).Sum(plan.SlabsOf)));
        foreach (var tier in plan.Tiers)
            Assert.Equal(tier.Regions, plan.Regions(tier).LongCount());
    }

    [Fact]
    public void France_in_a_million_slabs_is_planned_in_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var plan = new PyramidPlan(_mercator, "19", "0", SlabSize.Default, [new Extent(-550_000, 5_050_000, 1_070_000, 6_640_000)]);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(plan.Levels[0].Slabs, 1_500_000, 2_000_000);
        Assert.InRange(allocated, 0, 4 << 20);
        Assert.True(plan.Tiers.Count > 2);
        Assert.Equal(plan.Tiers[0].Regions, plan.Regions(plan.Tiers[0]).LongCount());
    }

    [Fact]
    public void Step_that_is_no_half_begins_a_tier()
    {
        var set = new TileMatrixSet("STEPS", "EPSG:2154",
        [
            new TileMatrix("0", 10, 0, 10_000, 8, 8), new TileMatrix("1", 5, 0, 10_000, 16, 16), new TileMatrix("2", 1, 0, 10_000, 80, 80),
        ]);
        var plan = new PyramidPlan(set, "2", "0", SlabSize.Default, [new Extent(100, 100, 200, 200)]);

        Assert.Equal([("2", "2", null, false), ("0", "1", "2", false)], plan.Tiers.Select(t => (t.RootLevel, t.BaseLevel, t.SourceLevel, t.IsHalfOfSource)));
    }

    [Fact]
    public void Sources_outside_the_set_are_refused() => Assert.Contains(
        "none of 1 sources",
        Assert.Throws<ArgumentException>(() => new PyramidPlan(_mercator, "5", "0", SlabSize.Default, [new Extent(3e7, 0, 4e7, 1e7)])).Message);
}
