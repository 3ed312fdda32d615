using Grid.Grains.Pyramids;
using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Tests.Pyramids;

public sealed class BuildWindowTests
{
    private static readonly PyramidRegion[] s_regions = [.. Enumerable.Range(0, 6).Select(col => new PyramidRegion(0, new SlabIndex("5", col, 0)))];

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
        Assert.False(window.IsDone);
        foreach (var position in taken)
            window.Finish(position);
        Assert.True(window.IsDone);
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
        Assert.False(window.IsDone);
    }

    [Fact]
    public void An_empty_tier_is_done_at_once()
    {
        var window = new BuildWindow([], new PyramidBuildState());
        Assert.False(window.TryTakeNext(out _, out _));
        Assert.True(window.IsDone);
    }

    [Fact]
    public void Places_go_to_those_who_asked_first_and_to_no_more_than_there_are()
    {
        var slots = new RegionSlots(new PyramidBuildOptions { RegionsPerSilo = 2, Threads = 4 });
        var regions = Enumerable.Range(0, 5).Select(_ => new object()).ToList();
        Assert.Equal([true, true, false, false, false], regions.Select(slots.TryTake));
        Assert.Equal(2, slots.ThreadsPerRegion);
        slots.Release();
        Assert.False(slots.TryTake(regions[3]));
        Assert.True(slots.TryTake(regions[2]));
        slots.Leave(regions[3]);
        slots.Release();
        Assert.True(slots.TryTake(regions[4]));
        Assert.Equal(2, slots.Taken);
    }
}
