using Grid.Engine.Tests.Grains;

namespace Grid.Engine.Tests.Promises;

public class TimePromises : OnEngine
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_idle_grain_leaves_and_the_next_call_finds_a_new_one()
    {
        await Grain<ITimeGrain>("idle").StayForAsync(TimeSpan.Zero);
        await LeavesAsync("idle");
        await Grain<ITimeGrain>("idle").StayForAsync(TimeSpan.Zero);
        Assert.Equal(2, Witness.CountOf("activated idle"));
    }

    [Fact]
    public async Task A_timer_ticks_when_due_and_then_each_period()
    {
        await Grain<ITimeGrain>("t").StartTimerAsync(5 * Second, 2 * Second, interleave: false, keepAlive: true);
        Clock.Advance(4 * Second);
        Assert.Equal(0, Witness.CountOf("ticked t"));
        Clock.Advance(Second);
        await TickedAsync(1);
        for (var tick = 2; tick <= 4; tick++)
            await Clock.AdvanceUntilAsync(() => Host.Witness.CountOf("ticked t") >= tick, Second, $"tick {tick}");
        await Grain<ITimeGrain>("t").StopTimerAsync();
        var ticks = Witness.CountOf("ticked t");
        Clock.Advance(60 * Second);
        await Grain<ITimeGrain>("t").StopTimerAsync();
        Assert.Equal(ticks, Witness.CountOf("ticked t"));
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_in_hand_unless_it_interleaves()
    {
        await Grain<ITimeGrain>("t").StartTimerAsync(Second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        var call = Grain<ITimeGrain>("t").WaitAsync("done");
        await ToldAsync("waits done");
        await Grain<ITimeGrain>("u").StartTimerAsync(Second, Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false);
        var other = Grain<ITimeGrain>("u").WaitAsync("done too");
        await ToldAsync("waits done too");
        Clock.Advance(Second);
        await Tests.Witness.UntilAsync(() => Host.Witness.CountOf("ticked u") == 1, "the interleaving timer ticks");
        Assert.Equal(0, Witness.CountOf("ticked t"));
        Witness.Open("done");
        Witness.Open("done too");
        await Task.WhenAll(call, other);
        await TickedAsync(1);
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation_and_does_not_keep_it()
    {
        await Grain<ITimeGrain>("t").StartTimerAsync(50 * Second, 50 * Second, interleave: false, keepAlive: false);
        await LeavesAsync("t");
        var ticks = Witness.CountOf("ticked t");
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(ticks, Witness.CountOf("ticked t"));
        Assert.Equal(1, Witness.CountOf("activated t"));
    }

    [Fact]
    public async Task A_reminder_wakes_its_grain_until_it_is_taken_back()
    {
        var grain = Grain<IRemindedGrain>("r");
        await grain.StartAsync("resume", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Assert.True(await grain.HasAsync("resume"));
        await grain.EndAsync();
        await Clock.AdvanceUntilAsync(() => Host.Witness.CountOf("reminded r resume") >= 2, 20 * Second, "two ticks");
        await grain.StopAsync("resume");
        Assert.False(await grain.HasAsync("resume"));
        var ticks = Witness.CountOf("reminded r resume");
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(await grain.HasAsync("resume"));
        Assert.Equal(ticks, Witness.CountOf("reminded r resume"));
    }

    [Fact]
    public async Task A_reminder_cannot_be_shorter_than_a_minute() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Grain<IRemindedGrain>("r").StartAsync("fast", Second, Second));

    private async Task LeavesAsync(string key)
    {
        for (var round = 0; !Witness.Events.Contains($"deactivated {key}: ActivationIdle"); round++)
        {
            Assert.True(round < 500, $"{key} has not left");
            await Host.BecomeIdleAsync();
            await Task.Delay(10);
        }
    }

    private Task TickedAsync(int ticks) => Tests.Witness.UntilAsync(() => Host.Witness.CountOf("ticked t") == ticks, $"tick {ticks}");
}
