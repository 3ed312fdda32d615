using Grid.Grains.Pyramids;
using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Tests.Pyramids;

public sealed class BuildWindowTests
{
    /// <summary>Six regions, each a slab that no other is made of.</summary>
    private static readonly BuildSequence s_regions = new(PyramidPlan.OfSlabs(TileMatrixSets.Find("PM")!, SlabSize.Default,
        [("5", SlabCover.Of(Enumerable.Range(0, 6).Select(col => ((long)col, 0L))), new TileLimits(0, 15, 0, 95))]));

    /// <summary>Levels 19 to 0 over 40 × 40 slabs.</summary>
    private static readonly BuildSequence s_pyramid = new(new PyramidPlan(
        TileMatrixSets.Find("PM")!, "19", "0", SlabSize.Default, [TileMatrixSets.Find("PM")!.Find("19")!.TileExtent(265_600, 180_304, 640, 640)]));

    [Fact]
    public void Regions_that_the_checkpoint_knows_are_skipped()
    {
        var state = new PyramidBuildState { DoneBefore = 2, Done = [3] };
        var window = new BuildWindow(s_regions, state);
        var taken = new List<long>();
        while (window.TryTakeNext(out var position, out var region))
        {
            Assert.Equal(position, region.Root.Col);
            taken.Add(position);
        }

        Assert.Equal([2, 4, 5], taken);
        Assert.False(window.HasEnded);
        foreach (var position in taken)
            window.Finish(position);
        Assert.True(window.HasEnded);
        Assert.Equal(6, state.DoneBefore);
        Assert.Empty(state.Done);
    }

    [Fact]
    public void Regions_that_end_out_of_order_are_held_until_those_before_them_end()
    {
        var state = new PyramidBuildState();
        var window = new BuildWindow(s_regions, state);
        for (var i = 0; i < 3; i++)
            window.TryTakeNext(out _, out _);
        window.Finish(2);
        window.Finish(1);
        Assert.Equal(0, state.DoneBefore);
        Assert.Equal([1, 2], state.Done.Order());
        window.Finish(0);
        Assert.Equal(3, state.DoneBefore);
        Assert.Empty(state.Done);
        Assert.False(window.HasEnded);
    }

    [Fact]
    public void Regions_begin_when_what_they_are_made_of_is_done_and_before_all_others()
    {
        var random = new Random(5);
        var state = new PyramidBuildState();
        var window = new BuildWindow(s_pyramid, state);
        var (open, done) = (new List<long>(), new HashSet<long>());
        while (!window.HasEnded)
        {
            while (open.Count < 7 && window.TryTakeNext(out var position, out _))
            {
                Assert.All(Enumerable.Range(0, s_pyramid.Count).Where(part => s_pyramid.UserOf(part) == position), part => Assert.Contains(part, done));
                Assert.Equal(Enumerable.Range(0, s_pyramid.Count).Where(part => s_pyramid.UserOf(part) == position), s_pyramid.PartsOf((int)position).Order());
                open.Add(position);
            }

            var ended = open[random.Next(open.Count)];
            open.Remove(ended);
            Assert.True(done.Add(ended));
            window.Finish(ended);
            // Another process goes on from the checkpoint.
            if (random.Next(20) == 0)
            {
                open.Clear();
                window = new BuildWindow(s_pyramid, state);
            }
        }

        Assert.Equal(s_pyramid.Count, done.Count);
        Assert.Equal(s_pyramid.Count, state.DoneBefore);
    }

    [Fact]
    public void Nothing_is_made_of_a_region_that_failed()
    {
        var state = new PyramidBuildState();
        var window = new BuildWindow(s_pyramid, state);
        var taken = new List<long>();
        while (window.TryTakeNext(out var position, out _))
        {
            taken.Add(position);
            state.Failures.Add("a raster cannot be read");
            window.Finish(position);
        }

        Assert.True(window.HasEnded);
        Assert.Equal(Enumerable.Range(0, s_pyramid.Count).LongCount(position => s_pyramid.PartsOf(position).Count == 0), taken.Count);
    }

    [Fact]
    public async Task Places_go_to_those_who_asked_first_and_to_no_more_than_there_are()
    {
        var slots = new RegionSlots(new PyramidBuildOptions { RegionsPerSilo = 2, Threads = 4 });
        using var givingUp = new CancellationTokenSource();
        List<Task> regions = [.. Enumerable.Range(0, 5).Select(region => slots.TakeAsync(region == 3 ? givingUp.Token : default))];
        Assert.Equal([true, true, false, false, false], regions.Select(region => region.IsCompleted));
        Assert.Equal((2, 3), (slots.ThreadsPerRegion, slots.Waiting));
        slots.Release();
        await regions[2];
        Assert.False(regions[3].IsCompleted);
        givingUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => regions[3]);
        slots.Release();
        await regions[4];
        Assert.Equal((2, 0), (slots.Taken, slots.Waiting));
    }
}
