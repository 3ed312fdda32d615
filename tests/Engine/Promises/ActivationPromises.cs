using Grid.Engine.Tests.Grains;
using Orleans;

namespace Grid.Engine.Tests.Promises;

public class ActivationPromises : OnEngine
{
    [Fact]
    public async Task One_key_has_one_activation_however_many_call_at_once()
    {
        await Parallel.ForAsync(0, 200, async (_, _) => await Grain<ITurnGrain>("one").AddAsync(1));
        Assert.Equal(1, Witness.CountOf("activated one"));
        Assert.Equal(200, await Grain<ITurnGrain>("one").SumAsync());
    }

    [Fact]
    public async Task Keys_are_told_apart()
    {
        await Grain<ITurnGrain>("a").AddAsync(1);
        await Grain<ITurnGrain>("A").AddAsync(2);
        Assert.Equal(1, await Grain<ITurnGrain>("a").SumAsync());
        Assert.Equal(2, await Grain<ITurnGrain>("A").SumAsync());
    }

    [Fact]
    public async Task A_grain_and_its_reference_know_the_key()
    {
        var reference = Grain<ITurnGrain>("pyramids/été|18|3");
        Assert.Equal("pyramids/été|18|3", await reference.KeyAsync());
        Assert.Equal("pyramids/été|18|3", reference.GetPrimaryKeyString());
    }

    [Fact]
    public async Task References_to_one_grain_are_equal()
    {
        Assert.Equal(Grain<ITurnGrain>("same"), Grain<ITurnGrain>("same"));
        Assert.NotEqual(Grain<ITurnGrain>("same"), Grain<ITurnGrain>("other"));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Ten_thousand_grains_live_side_by_side()
    {
        await Parallel.ForAsync(0, 10_000, async (i, _) => await Grain<ITurnGrain>($"g{i}").AddAsync(i));
        var sum = 0L;
        await Parallel.ForAsync(0, 10_000, async (i, _) => Interlocked.Add(ref sum, await Grain<ITurnGrain>($"g{i}").SumAsync()));
        Assert.Equal(10_000L * 9_999 / 2, sum);
        Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal(1, Witness.CountOf($"activated g{i}")));
    }

    [Fact]
    public async Task A_failing_activation_reaches_the_caller_and_the_next_call_tries_again()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Grain<IStubbornGrain>("s").HelloAsync());
        Assert.Contains("not yet", failure.ToString());
        Witness.Count("let");
        Assert.Equal("hello", await Grain<IStubbornGrain>("s").HelloAsync());
    }

    [Fact]
    public async Task A_grain_that_wishes_to_end_ends_and_the_next_call_finds_a_new_one()
    {
        await Grain<ITurnGrain>("e").AddAsync(5);
        await Grain<ITurnGrain>("e").EndAsync();
        await ToldAsync("deactivated e: ApplicationRequested");
        Assert.Equal(0, await Grain<ITurnGrain>("e").SumAsync());
        Assert.Equal(2, Witness.CountOf("activated e"));
    }

    [Fact]
    public async Task Calls_that_meet_an_ending_activation_are_served_by_the_next()
    {
        for (var round = 0; round < 50; round++)
        {
            var end = Grain<ITurnGrain>("r").EndAsync();
            var calls = Enumerable.Range(0, 10).Select(_ => Grain<ITurnGrain>("r").KeyAsync()).ToList();
            Assert.All(await Task.WhenAll(calls), key => Assert.Equal("r", key));
            await end;
        }
    }

    [Fact]
    public async Task A_stop_deactivates_every_grain()
    {
        for (var i = 0; i < 20; i++) await Grain<ITurnGrain>($"s{i}").AddAsync(1);
        var witness = Witness;
        await Host.StopAsync();
        Assert.All(Enumerable.Range(0, 20), i => Assert.Contains($"deactivated s{i}: ShuttingDown", witness.Events));
    }
}
