using Grid.Grains.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Builds;

/// <summary>
/// Leads a build: its units go to silos, a bounded number at a time, and a checkpoint keeps how far it is. A step is taken when there is something to do, the
/// start or a unit's report, and once a second for what comes by itself: units that answer nothing, checkpoints. A reminder brings the build back after its
/// process was lost.
/// </summary>
/// <typeparam name="TCheckpoint">The build's state, written whenever a step or a report has changed it, once a second at most.</typeparam>
public abstract class BuildGrain<TCheckpoint>(
    IPersistentState<TCheckpoint> checkpoint, PyramidBuildOptions options, TimeProvider time, ILogger log) : Grain, IRemindable
    where TCheckpoint : class, IBuildCheckpoint
{
    private const string ReminderName = "resume";
    private const int FailuresKept = 100;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private IGrainTimer? _timer;
    private long _driven;
    private long _counted;
    private long _lastWrite;
    private long _told;
    private int _troubles;
    private bool _isStepping;
    private bool _isUnwritten;

    protected TCheckpoint State => checkpoint.State;

    protected bool Runs => State.Status is PyramidBuildStatus.Planning or PyramidBuildStatus.Running;

    /// <summary>Seconds that the build has taken, over all activations.</summary>
    protected double Seconds => State.SecondsBefore + (Runs ? time.GetElapsedTime(_counted).TotalSeconds : 0);

    /// <summary>How long this activation has led the build.</summary>
    protected TimeSpan Driven => time.GetElapsedTime(_driven);

    private protected abstract IUnitsInFlight Units { get; }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Runs)
            Drive();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        Units.Leave();
        Release();
        return Task.CompletedTask;
    }

    // Interleaves with a step, which asks for the status after each await.
    public async Task AbortAsync()
    {
        if (Runs)
            await EndAsync(PyramidBuildStatus.Aborted);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Runs)
            Drive();
        else
            await RemoveReminderAsync();
    }

    /// <summary>Does all that can be done now: plans, starts units, goes on to what has become possible, ends. Other calls and reports interleave.</summary>
    protected abstract Task AdvanceAsync(CancellationToken cancellation);

    /// <summary>Stops the unit of a key.</summary>
    protected abstract Task StopUnitAsync(string unit);

    /// <summary>Lets go of what an activation holds for a running build.</summary>
    protected abstract void Release();

    /// <summary>Tells operators how the build goes on: about once a second while it runs.</summary>
    protected abstract void TellOperators();

    /// <summary>The build has got its last status; units are in flight still.</summary>
    protected abstract void OnEnding();

    /// <summary>Begins an unknown build, and drives one that runs. What is kept of the order is read again by whoever resumes it.</summary>
    protected async Task BeginAsync(Func<Task> keepOrder)
    {
        if (State.Status == PyramidBuildStatus.Unknown)
        {
            // In this order a process that is lost in between leaves a reminder that removes itself, or an order that nobody follows.
            await this.RegisterOrUpdateReminder(ReminderName, Resumption.After, Resumption.After);
            await keepOrder();
            try
            {
                State.Started = time.GetUtcNow();
                State.Status = PyramidBuildStatus.Planning;
                _counted = time.GetTimestamp();
                await WriteAsync();
            }
            catch
            {
                State.Status = PyramidBuildStatus.Unknown;
                throw;
            }
        }

        if (Runs)
            Drive();
    }

    /// <summary>Asks for a step: at once, or after a while. A build in trouble keeps its pause.</summary>
    protected void Wake(TimeSpan after = default)
    {
        if (_troubles == 0)
            _timer?.Change(after, Heartbeat);
    }

    /// <summary>The checkpoint has changed: a step writes it soon. What is lost with the process until then is done again.</summary>
    protected void Changed() => _isUnwritten = true;

    /// <summary>Writes the checkpoint when it has changed and the last writing is a second ago.</summary>
    protected async Task WriteSometimesAsync()
    {
        if (_isUnwritten && Runs && time.GetElapsedTime(_lastWrite) > WriteEvery)
            await WriteAsync();
    }

    /// <summary>Starts the units that are to be started.</summary>
    /// <param name="silence">After how long a unit of which nothing is heard is started again; null for twenty seconds.</param>
    private protected async Task StartUnitsAsync<TUnit>(UnitsInFlight<TUnit> units, Func<string, TUnit, Task> start, TimeSpan? silence = null)
    {
        // Reports may go to another activation, which leads the build then: this one learns so from the checkpoint.
        if (await units.StartAsync(start, silence) > 0)
            Changed();
    }

    /// <summary>Keeps sentences of what went wrong, as far as there is room.</summary>
    protected void KeepFailures(IEnumerable<string> failures)
    {
        State.Failures.AddRange(failures.Take(FailuresKept - State.Failures.Count));
        Changed();
    }

    /// <summary>Fails the build for one reason.</summary>
    protected Task FailAsync(string reason)
    {
        KeepFailures([reason]);
        return EndAsync(PyramidBuildStatus.Failed);
    }

    /// <summary>Ends the build. Once the status is set no step offers a unit; those in flight have stopped writing when this returns.</summary>
    protected async Task EndAsync(PyramidBuildStatus status)
    {
        State.Status = status;
        State.Ended = time.GetUtcNow();
        OnEnding();
        await Units.StopAsync(StopUnitAsync);
        await CloseAsync();
    }

    // An abort writes while a step may be writing: one after the other, or the second would be refused for its old version.
    protected async Task WriteAsync()
    {
        await _writing.WaitAsync();
        try
        {
            State.SecondsBefore += time.GetElapsedTime(_counted).TotalSeconds;
            _lastWrite = _counted = time.GetTimestamp();
            _isUnwritten = false;
            await checkpoint.WriteStateAsync();
        }
        catch
        {
            _isUnwritten = true;
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    private void Drive()
    {
        if (_timer is not null)
            return;
        _driven = _counted = time.GetTimestamp();
        _timer = this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Heartbeat) { Interleave = true, KeepAlive = true });
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        // A timer that was changed in a step may tick before the step has ended.
        if (_isStepping)
            return;
        _isStepping = true;
        try
        {
            if (Runs)
                await AdvanceAsync(cancellationToken);
            if (Runs && time.GetElapsedTime(_told) >= TellEvery)
            {
                _told = time.GetTimestamp();
                TellOperators();
            }

            await WriteSometimesAsync();
            if (!Runs)
                await CloseAsync();
            _troubles = 0;
        }
        catch (InconsistentStateException error)
        {
            // Another activation wrote: the next one begins from what is stored.
            log.LogWarning(error, "Build {Build} begins anew from its checkpoint", this.GetPrimaryKeyString());
            DeactivateOnIdle();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await TroubleAsync(error);
        }
        finally
        {
            _isStepping = false;
        }
    }

    // An absent database is waited for, a store is tried again; all else would fail the same way for ever.
    private async Task TroubleAsync(Exception error)
    {
        _troubles++;
        log.LogWarning(error, "Build {Build}, trouble {Troubles} in a row", this.GetPrimaryKeyString(), _troubles);
        if (!Runs || Outage.Is(error) || (error is StorageException and not StorageFullException && _troubles < options.Attempts))
        {
            _timer?.Change(TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, _troubles)), Heartbeat);
            return;
        }

        try
        {
            await FailAsync(error.Message);
        }
        catch (Exception again) when (again is not OutOfMemoryException)
        {
            log.LogWarning(again, "Build {Build} has failed, and that cannot be written yet", this.GetPrimaryKeyString());
        }
    }

    // Steps repeat this until it succeeds, so that an end is never left unwritten.
    private async Task CloseAsync()
    {
        await WriteAsync();
        Release();
        await RemoveReminderAsync();
        _timer?.Dispose();
        _timer = null;
    }

    private async Task RemoveReminderAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
            await this.UnregisterReminder(reminder);
    }
}
