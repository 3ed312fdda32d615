using Grid.Engine.Tests.Grains;
using Orleans.Storage;

namespace Grid.Engine.Tests.Promises;

public class StatePromises : OnEngine
{
    [Fact]
    public async Task A_state_outlives_its_activation()
    {
        var grain = Grain<IStateGrain>("kept");
        Assert.False(await grain.ExistsAsync());
        await grain.WriteAsync("one");
        await grain.WriteAsync("two");
        await grain.EndAsync();
        Assert.Equal(["one", "two"], await grain.ReadAsync());
        await Tests.Witness.UntilAsync(() => Host.Witness.CountOf("activated kept") == 2, "the grain is activated again");
        Assert.True(await grain.ExistsAsync());
    }

    [Fact]
    public async Task A_cleared_state_is_gone()
    {
        var grain = Grain<IStateGrain>("gone");
        await grain.WriteAsync("one");
        await grain.ClearAsync();
        Assert.False(await grain.ExistsAsync());
        await grain.EndAsync();
        Assert.Empty(await grain.ReadAsync());
        await grain.WriteAsync("again");
        Assert.Equal(["again"], await grain.ReadAsync());
    }

    [Fact]
    public async Task Of_two_writers_of_one_record_the_later_is_refused_and_starts_afresh()
    {
        var rivals = Grain<IRivalGrain>("record");
        var first = rivals.WriteAsync("first", "gate 1");
        await ToldAsync("waits gate 1");
        var second = rivals.WriteAsync("second", "gate 2");
        await ToldAsync("waits gate 2");
        Witness.Open("gate 1");
        await first;
        Witness.Open("gate 2");
        await Assert.ThrowsAsync<InconsistentStateException>(() => second);
        await rivals.WriteAsync("third", "gate 1");
    }
}
