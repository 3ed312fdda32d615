using Grid.Embedded.Calls;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Embedded;

/// <summary>
/// One activation of one grain: it makes the grain object, admits calls by the rules of reentrancy, and ends it. This part is the life
/// cycle; <c>Activation.Calls.cs</c> is the calls.
/// </summary>
internal sealed partial class Activation : IGrainContext, IGrainHost
{
    private readonly Lock _gate = new();
    private readonly ActivationScheduler _scheduler;
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<GrainTimer> _timers = [];
    private readonly string _key;
    private readonly WorkerPool? _pool;
    private AsyncServiceScope _services;
    private Stage _stage;
    private DeactivationReason? _ending;
    private long _lastUsed;
    private DateTimeOffset _keptUntil;

    public Activation(EmbeddedGrains runtime, GrainClass grainClass, string key, WorkerPool? pool)
    {
        (Runtime, Class, _key, _pool) = (runtime, grainClass, key, pool);
        _scheduler = new(this);
    }

    private enum Stage
    {
        New,
        Activating,
        Active,
        Deactivating,
        Ended,
    }

    /// <summary>The activation whose turn the running code is part of; null outside grains.</summary>
    public static Activation? Current => (TaskScheduler.Current as ActivationScheduler)?.Activation;

    public EmbeddedGrains Runtime { get; }

    public GrainClass Class { get; }

    public GrainId GrainId => new(Class.Type, new(_key));

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _services.ServiceProvider;

    public Task Deactivated => _deactivated.Task;

    /// <summary>States that the grain's constructor asked for, read before the grain is activated.</summary>
    public List<State.IReadAtActivation> States { get; } = [];

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_stage == Stage.New)
            {
                // Nothing was ever made; whoever holds this activation finds it ended.
                _stage = Stage.Ended;
                _deactivated.TrySetResult();
            }
            if (_stage >= Stage.Deactivating) return;
            _ending ??= deactivationReason;
            EndWhenQuiet();
        }
    }

    /// <summary>See <see cref="Grain.DelayDeactivation"/>.</summary>
    public void DelayDeactivation(TimeSpan span)
    {
        lock (_gate)
        {
            var now = Runtime.Time.GetUtcNow();
            _keptUntil = span == Timeout.InfiniteTimeSpan || span > DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue
                : span <= TimeSpan.Zero ? default
                : now + span;
        }
    }

    /// <summary>Ends the activation when it has had no call for its collection age.</summary>
    public void DeactivateIfIdle()
    {
        lock (_gate)
        {
            if (_stage != Stage.Active || Load > 0 || _scheduler.IsBusy) return;
            if (Runtime.Time.GetElapsedTime(_lastUsed) < Class.CollectionAge || Runtime.Time.GetUtcNow() < _keptUntil) return;
            _ending ??= new(DeactivationReasonCode.ActivationIdle, $"No call for {Class.CollectionAge}.");
            EndWhenQuiet();
        }
    }

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        lock (_gate)
        {
            if (_stage >= Stage.Deactivating)
                throw new InvalidOperationException($"{GrainId} is being deactivated and can have no new timer.");
            _timers.Add(timer);
        }
        timer.Begin();
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (_gate) _timers.Remove(timer);
    }

    /// <summary>An exception left a method: after a state conflict the grain's memory is stale, so it is made anew.</summary>
    public void Failed(Exception exception)
    {
        if (exception is InconsistentStateException)
            Deactivate(new(DeactivationReasonCode.ApplicationError, exception, "A state was changed by another."));
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => GrainId.ToString();

    private void QueueTurn(Func<Task> turn)
    {
        // The first caller's async-locals are none of the activation's business.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
    }

    private async Task ActivateAsync()
    {
        try
        {
            _services = Runtime.Services.CreateAsyncScope();
            GrainInstance = Class.Construct(this);
            using var deadline = new CancellationTokenSource(Runtime.Options.ActivationTimeout, Runtime.Time);
            foreach (var state in States) await state.ReadAsync(deadline.Token);
            await ((IGrainBase)GrainInstance).OnActivateAsync(deadline.Token);
        }
        catch (Exception exception)
        {
            Runtime.Log.ActivationFailed(GrainId, exception);
            await EndAsync(exception);
            return;
        }
        lock (_gate)
        {
            _stage = Stage.Active;
            _lastUsed = Runtime.Time.GetTimestamp();
            AdmitWaiting();
            EndWhenQuiet();
        }
    }

    private async Task DeactivateAsync()
    {
        var reason = _ending!.Value;
        try
        {
            using var deadline = new CancellationTokenSource(Runtime.Options.DeactivationTimeout, Runtime.Time);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(reason, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception exception)
        {
            Runtime.Log.DeactivationFailed(GrainId, exception);
        }
        await EndAsync(null);
    }

    private async Task EndAsync(Exception? failure)
    {
        GrainTimer[] timers;
        lock (_gate) timers = [.. _timers];
        foreach (var timer in timers) timer.Dispose();
        try
        {
            if (GrainInstance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else if (GrainInstance is IDisposable disposable) disposable.Dispose();
            await _services.DisposeAsync();
        }
        catch (Exception exception)
        {
            Runtime.Log.DeactivationFailed(GrainId, exception);
        }

        // The directory forgets the activation before its last calls go on, or they would come back here.
        GrainCall[] waiting;
        lock (_gate)
        {
            _stage = Stage.Ended;
            waiting = [.. _waiting];
            _waiting.Clear();
        }
        if (_pool is null) Runtime.Forget(this, Class, _key);
        else _pool.Forget(this);
        foreach (var call in waiting)
        {
            if (failure is not null && call.Target is not null) call.Fail(failure);
            else call.Target?.Deliver(call);
        }
        _deactivated.TrySetResult();
    }

    /// <summary>Begins to deactivate when that was asked for and no call runs; under the gate.</summary>
    private void EndWhenQuiet()
    {
        if (_ending is null || _stage != Stage.Active || Running > 0) return;
        _stage = Stage.Deactivating;
        QueueTurn(DeactivateAsync);
    }
}
