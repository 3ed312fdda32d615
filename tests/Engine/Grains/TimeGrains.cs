using Orleans;
using Orleans.Runtime;

namespace Grid.Engine.Tests.Grains;

[Alias("grid.test.time")]
public interface ITimeGrain : IGrainWithStringKey
{
    [Alias("StartTimer")]
    Task StartTimerAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive);

    [Alias("StopTimer")]
    Task StopTimerAsync();

    [Alias("Wait")]
    Task WaitAsync(string gate);

    [Alias("StayFor")]
    Task StayForAsync(TimeSpan span);
}

[CollectionAgeLimit(Minutes = 2)]
public sealed class TimeGrain(Witness witness) : Grain, ITimeGrain
{
    private IGrainTimer? _timer;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Count($"activated {Key}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        witness.Tell($"deactivated {Key}: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task StartTimerAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool keepAlive)
    {
        _timer = this.RegisterGrainTimer(
            static (grain, _) =>
            {
                grain.Witness.Count($"ticked {grain.Key}");
                return Task.CompletedTask;
            },
            this,
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public Task StopTimerAsync()
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public async Task WaitAsync(string gate)
    {
        witness.Tell($"waits {gate}");
        await witness.PassAsync(gate);
    }

    public Task StayForAsync(TimeSpan span)
    {
        DelayDeactivation(span);
        return Task.CompletedTask;
    }

    private Witness Witness => witness;
}

[Alias("grid.test.reminded")]
public interface IRemindedGrain : IGrainWithStringKey
{
    [Alias("Start")]
    Task StartAsync(string name, TimeSpan dueTime, TimeSpan period);

    [Alias("Stop")]
    Task StopAsync(string name);

    [Alias("Has")]
    Task<bool> HasAsync(string name);

    [Alias("End")]
    Task EndAsync();
}

public sealed class RemindedGrain(Witness witness) : Grain, IRemindedGrain, IRemindable
{
    private string Key => this.GetPrimaryKeyString();

    public Task StartAsync(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task StopAsync(string name)
    {
        if (await this.GetReminder(name) is { } reminder) await this.UnregisterReminder(reminder);
    }

    public async Task<bool> HasAsync(string name) => await this.GetReminder(name) is not null;

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        witness.Count($"reminded {Key} {reminderName}");
        return Task.CompletedTask;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
