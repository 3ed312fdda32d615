using Grid.Engine.Tests.Grains;
using Orleans.Runtime;

namespace Grid.Engine.Tests.Promises;

public class CallPromises : OnEngine
{
    [Fact]
    public async Task An_exception_reaches_the_caller_unchanged()
    {
        var thrown = await Assert.ThrowsAsync<TestException>(() => Grain<ITurnGrain>("x").FailAsync("upload 7 has no CRS"));
        Assert.Equal("upload 7 has no CRS", thrown.Message);
        Assert.Equal(42, thrown.Number);
    }

    [Fact]
    public async Task An_exception_thrown_before_the_first_await_reaches_the_caller_too()
    {
        await Grain<ITurnGrain>("x").PeekAsync();
        var thrown = await Assert.ThrowsAsync<TestException>(async () => await Grain<ITurnGrain>("x").FailFastAsync("at once"));
        Assert.Equal(43, thrown.Number);
        Assert.Equal("x", await Grain<ITurnGrain>("x").KeyAsync());
    }

    [Fact]
    public async Task A_cancelled_token_is_seen_by_the_method_and_by_the_caller()
    {
        using var cancellation = new CancellationTokenSource();
        var call = Grain<ITurnGrain>("c").WaitForTokenAsync("token", cancellation.Token);
        await ToldAsync("waits token");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ToldAsync("cancelled token");
        Assert.Equal("c", await Grain<ITurnGrain>("c").KeyAsync());
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_made()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Grain<ITurnGrain>("c").WaitForTokenAsync("never", new CancellationToken(canceled: true)));
        Assert.Equal("c", await Grain<ITurnGrain>("c").KeyAsync());
        Assert.DoesNotContain("waits never", Witness.Events);
    }

    [Fact]
    public async Task A_call_cancelled_while_it_waits_its_turn_does_not_hold_up_the_next()
    {
        var grain = Grain<ITurnGrain>("q");
        var first = grain.WaitAsync("hold");
        await ToldAsync("waits hold");
        using var cancellation = new CancellationTokenSource();
        var second = grain.WaitForTokenAsync("queued", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Witness.Open("hold");
        await first;
        Assert.Equal("q", await grain.KeyAsync());
    }

    [Fact]
    public async Task A_one_way_call_returns_before_it_has_run_and_its_failure_is_nobodys()
    {
        await Grain<ITurnGrain>("w").WhisperAsync("secret");
        Assert.DoesNotContain("whispered secret", Witness.Events);
        Witness.Open("secret");
        await ToldAsync("whispered secret");
    }

    [Fact]
    public async Task Request_context_travels_with_the_call()
    {
        RequestContext.Set("account", "producer");
        Assert.Equal("producer", await Grain<ITurnGrain>("ctx").ContextAsync("account"));
        RequestContext.Clear();
        Assert.Null(await Grain<ITurnGrain>("ctx").ContextAsync("account"));
    }

    [Fact]
    public async Task A_stateless_worker_has_at_most_its_number_of_activations()
    {
        var calls = Enumerable.Range(0, 12).Select(_ => Grain<IWorkerGrain>("pool").WorkAsync("shift")).ToList();
        await Tests.Witness.UntilAsync(() => Host.Witness.CountOf("began shift") == 3, "three workers work");
        Witness.Open("shift");
        await Task.WhenAll(calls);
        Assert.Equal(12, Witness.CountOf("done shift"));
        Assert.InRange(Witness.CountOf("worker pool"), 1, 3);
    }
}

public class FilterPromises : OnEngine
{
    [Fact]
    public async Task Filters_surround_a_call_from_the_callers_side_to_the_grains_own()
    {
        Assert.Equal("hello world!", await Grain<IFilteredGrain>("f").GreetAsync("world"));
        Assert.Equal(
            ["leaving GreetAsync", "arriving GreetAsync world at FilteredGrain", "own before", "method", "own after", "answered", "back"],
            Witness.Events);
    }

    [Fact]
    public async Task Exceptions_pass_filters_unchanged() =>
        await Assert.ThrowsAsync<TestException>(() => Grain<ITurnGrain>("x").FailAsync("through"));

    protected override Task<EngineHost> StartAsync() => EngineHost.StartAsync(withFilters: true);
}
