using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Engine.Tests.Grains;
using Orleans.Runtime;

namespace Grid.Engine.Tests.Embedded;

public class RestartTests
{
    [Fact]
    public async Task States_and_reminders_survive_a_restart()
    {
        var (states, reminders) = (new InMemoryGrainStateStore(), new InMemoryReminderStore());
        await using (var before = await EngineHost.StartAsync(states: states, reminders: reminders))
        {
            await before.Grains.GetGrain<IStateGrain>("s").WriteAsync("kept");
            await before.Grains.GetGrain<IRemindedGrain>("r").StartAsync("resume", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        }

        await using var after = await EngineHost.StartAsync(states: states, reminders: reminders);
        Assert.Equal(["kept"], await after.Grains.GetGrain<IStateGrain>("s").ReadAsync());
        after.Clock.Advance(TimeSpan.FromMinutes(2));
        await Witness.UntilAsync(() => after.Witness.CountOf("reminded r resume") >= 1, "the reminder ticks in the new host");
    }

    [Fact]
    public async Task Calls_to_a_stopped_host_are_refused()
    {
        var host = await EngineHost.StartAsync();
        var grain = host.Grains.GetGrain<ITurnGrain>("late");
        await grain.AddAsync(1);
        await host.StopAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.AddAsync(1));
        await host.DisposeAsync();
    }
}
