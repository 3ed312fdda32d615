using Grid.Engine.Tests.Grains;

namespace Grid.Engine.Tests.Promises;

public class TurnPromises : OnEngine
{
    [Fact]
    public async Task Turns_of_a_grain_never_overlap()
    {
        var grain = Grain<ITurnGrain>("sum");
        await Parallel.ForAsync(0, 2_000, async (_, _) => await grain.AddAsync(1));
        Assert.Equal(2_000, await grain.SumAsync());
    }

    [Fact]
    public async Task Awaits_come_back_to_the_grain() => Assert.True(await Grain<ITurnGrain>("back").ComesBackAsync());

    [Fact]
    public async Task An_unmarked_call_waits_until_the_one_before_has_ended()
    {
        var grain = Grain<ITurnGrain>("n");
        var first = grain.WaitAsync("first");
        await ToldAsync("waits first");
        var second = grain.WaitAsync("second");
        Witness.Open("second");
        await grain.PeekAsync();
        Assert.DoesNotContain("waits second", Witness.Events);
        Assert.False(second.IsCompleted);
        Witness.Open("first");
        await Task.WhenAll(first, second);
        Assert.Equal(["waits first", "passed first", "waits second", "passed second"], Witness.Events);
    }

    [Fact]
    public async Task A_call_marked_always_interleave_gets_through_while_another_runs()
    {
        var grain = Grain<ITurnGrain>("i");
        var waiting = grain.WaitAsync("open");
        await ToldAsync("waits open");
        Assert.Equal("i", await grain.PeekAsync());
        Assert.Equal(8, await grain.PeekFastAsync(7));
        Assert.False(waiting.IsCompleted);
        Witness.Open("open");
        await waiting;
    }

    [Fact]
    public async Task Read_only_calls_run_beside_each_other_but_not_beside_a_writing_one()
    {
        var grain = Grain<ITurnGrain>("ro");
        var reading = grain.WaitReadingAsync("read");
        await ToldAsync("waits read");
        Assert.Equal("ro", await grain.ReadAsync());
        var writing = grain.WaitAsync("write");
        await grain.PeekAsync();
        Assert.DoesNotContain("waits write", Witness.Events);
        Witness.Open("read");
        await reading;
        await ToldAsync("waits write");
        var late = grain.ReadAsync().AsTask();
        await grain.PeekAsync();
        Assert.False(late.IsCompleted);
        Witness.Open("write");
        await writing;
        Assert.Equal("ro", await late);
    }

    [Fact]
    public async Task Calls_of_a_reentrant_class_interleave()
    {
        var grain = Grain<IReentrantGrain>("re");
        var waiting = grain.WaitAsync("door");
        await grain.OpenAsync("door");
        await waiting;
    }

    [Fact]
    public async Task A_reentrant_grain_can_call_itself_through_its_reference() =>
        Assert.Equal("self", await Grain<IReentrantGrain>("self").AskSelfAsync());
}

/// <summary>Some calls are timed by the real clock on a silo, so the timeout is short.</summary>
public class DeadlockPromises : OnEngine
{
    [Fact]
    public async Task Grains_that_wait_for_each_other_get_a_timeout()
    {
        var call = Grain<ITurnGrain>("a").CallBackAsync(Grain<ITurnGrain>("b"));
        await ToldAsync("b calls a");
        await Clock.AdvanceUntilAsync(() => call.IsCompleted, TimeSpan.FromMilliseconds(100), "the deadlocked call ends");
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        // Its own call may have begun a step later, and ends by this clock alone.
        await Clock.AdvanceUntilAsync(() => Host.Witness.Events.Contains("b has called a"), TimeSpan.FromMilliseconds(100), "the call back ends");
        Assert.Equal("b", await Grain<ITurnGrain>("b").KeyAsync());
    }

    protected override Task<EngineHost> StartAsync() => EngineHost.StartAsync(responseTimeoutSeconds: 2);
}
