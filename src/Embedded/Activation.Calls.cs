using Grid.Embedded.Calls;

namespace Grid.Embedded;

/// <summary>
/// Which calls run when: one that is not marked runs alone; <c>ReadOnly</c> ones run with each other; <c>AlwaysInterleave</c> ones and those
/// of reentrant classes with any. Each still runs in turns, so that two never execute at the same instant.
/// </summary>
internal sealed partial class Activation
{
    private readonly List<GrainCall> _waiting = [];
    private int _exclusive;
    private int _readOnly;
    private int _interleaving;

    /// <summary>Calls running and waiting.</summary>
    public int Load => Running + _waiting.Count;

    private int Running => _exclusive + _readOnly + _interleaving;

    public bool TryAccept(GrainCall call)
    {
        lock (_gate)
        {
            if (_stage == Stage.Ended) return false;
            call.Activation = this;
            _lastUsed = Runtime.Time.GetTimestamp();
            Accept(call);
            return true;
        }
    }

    /// <summary>Takes a timer's tick; ticks of an ending activation are dropped.</summary>
    public void AcceptTick(GrainCall tick, bool keepAlive)
    {
        lock (_gate)
        {
            if (_stage >= Stage.Deactivating || _ending is not null) return;
            tick.Activation = this;
            if (keepAlive) _lastUsed = Runtime.Time.GetTimestamp();
            Accept(tick);
        }
    }

    /// <summary>Runs a call's first turn at once on the calling thread, if the activation is idle and the rules admit it.</summary>
    public bool TryRunOnCaller(GrainCall call)
    {
        if (!_scheduler.TryEnter()) return false;
        bool admitted;
        lock (_gate)
        {
            admitted = _stage == Stage.Active && _ending is null && MayStart(call.Method);
            if (admitted)
            {
                _lastUsed = Runtime.Time.GetTimestamp();
                Count(call.Method, 1);
            }
        }
        if (admitted)
        {
            call.Activation = this;
            _scheduler.Run(call.Turn());
        }
        _scheduler.Exit();
        return admitted;
    }

    /// <summary>Calls the grain's method, through the incoming filters when there are any.</summary>
    public ValueTask<T> Invoke<T>(GrainCall<T> call)
    {
        var grain = GrainInstance!;
        return call.Target is null || (Runtime.IncomingFilters.Length == 0 && !Class.FiltersItself)
            ? call.Invoke(grain)
            : IncomingCall<T>.Run(this, call);
    }

    /// <summary>A call is over: those that waited for it start.</summary>
    public void Finished(GrainCall call)
    {
        lock (_gate)
        {
            Count(call.Method, -1);
            if (_waiting.Count > 0) AdmitWaiting();
            if (_ending is not null) EndWhenQuiet();
        }
    }

    private void Accept(GrainCall call)
    {
        call.Turn();
        if (_stage == Stage.New)
        {
            _stage = Stage.Activating;
            _waiting.Add(call);
            QueueTurn(ActivateAsync);
        }
        else if (_stage == Stage.Active && _ending is null && MayStart(call.Method)) Admit(call);
        else _waiting.Add(call);
    }

    private void Admit(GrainCall call)
    {
        Count(call.Method, 1);
        call.Turn().Start(_scheduler);
    }

    private void AdmitWaiting()
    {
        // A wish to end stops calls from starting, but those that were there before the activation was ready are served first.
        if (_ending is not null && Running > 0) return;
        for (var i = 0; i < _waiting.Count;)
        {
            if (MayStart(_waiting[i].Method))
            {
                var call = _waiting[i];
                _waiting.RemoveAt(i);
                Admit(call);
            }
            else i++;
        }
    }

    private bool MayStart(GrainMethod method) =>
        method.AlwaysInterleave || Class.Reentrant || (_exclusive == 0 && (method.ReadOnly || _readOnly == 0));

    private void Count(GrainMethod method, int by)
    {
        if (method.AlwaysInterleave || Class.Reentrant) _interleaving += by;
        else if (method.ReadOnly) _readOnly += by;
        else _exclusive += by;
    }
}
