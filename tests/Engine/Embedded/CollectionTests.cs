using Grid.Engine.Tests.Grains;

namespace Grid.Engine.Tests.Embedded;

public class CollectionTests
{
    [Fact]
    public async Task A_grain_leaves_after_its_collection_age_and_not_before()
    {
        await using var host = await EngineHost.StartAsync();
        await host.Grains.GetGrain<ITimeGrain>("idle").StayForAsync(TimeSpan.Zero);
        host.Clock.Advance(TimeSpan.FromSeconds(119));
        Assert.Empty(host.Witness.Events);
        await host.Clock.AdvanceUntilAsync(() => host.Witness.Events.Count > 0, TimeSpan.FromSeconds(30), "the idle grain ends");
        Assert.Equal(["deactivated idle: ActivationIdle"], host.Witness.Events);
    }

    [Fact]
    public async Task A_grain_stays_as_long_as_it_asked_to()
    {
        await using var host = await EngineHost.StartAsync();
        await host.Grains.GetGrain<ITimeGrain>("stays").StayForAsync(TimeSpan.FromMinutes(30));
        host.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Empty(host.Witness.Events);
        await host.Clock.AdvanceUntilAsync(() => host.Witness.Events.Count > 0, TimeSpan.FromSeconds(30), "the grain ends");
    }

    [Fact]
    public async Task A_timer_that_keeps_alive_keeps_its_grain()
    {
        await using var host = await EngineHost.StartAsync();
        await host.Grains.GetGrain<ITimeGrain>("t").StartTimerAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), interleave: false, keepAlive: true);
        await host.Clock.AdvanceUntilAsync(() => host.Witness.CountOf("ticked t") >= 20, TimeSpan.FromSeconds(20), "twenty ticks");
        Assert.Empty(host.Witness.Events);
    }
}
