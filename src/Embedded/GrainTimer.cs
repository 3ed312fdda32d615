using Grid.Embedded.Calls;
using Orleans.Runtime;

namespace Grid.Embedded;

/// <summary>
/// A timer of one activation. It is armed for one tick at a time: the next is counted from the end of the last, so ticks never pile up.
/// </summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private ITimer? _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;
    private bool _disposed;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        Check(options.DueTime, nameof(options.DueTime));
        Check(options.Period, nameof(options.Period));
        (_activation, _callback, _options) = (activation, callback, options);
        (_dueTime, _period) = (options.DueTime, options.Period);
    }

    public void Begin()
    {
        // A timer outlives the call that made it and must not hold that call's async-locals.
        using (ExecutionContext.SuppressFlow())
        {
            lock (_gate)
            {
                if (_disposed) return;
                _timer = _activation.Runtime.Time.CreateTimer(static timer => ((GrainTimer)timer!).Tick(), this, _dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            (_dueTime, _period) = (dueTime, period);
            _changed = _ticking;
            if (!_ticking) _timer?.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _timer?.Dispose();
        }
        _ended.Cancel();
        _activation.Forget(this);
    }

    private static void Check(TimeSpan span, string name)
    {
        if (span < TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, span, "A time span of a grain timer is zero or more, or Timeout.InfiniteTimeSpan.");
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_disposed || _ticking) return;
            _ticking = true;
        }
        _activation.AcceptTick(
            new TickCall(this) { Method = _options.Interleave ? GrainMethod.InterleavingTimerTick : GrainMethod.TimerTick }, _options.KeepAlive);
    }

    private async ValueTask<Nothing> RunAsync()
    {
        try
        {
            if (!_ended.IsCancellationRequested) await _callback(_ended.Token);
        }
        catch (Exception exception)
        {
            if (!_ended.IsCancellationRequested) _activation.Runtime.Log.TimerFailed(_activation.GrainId, exception);
        }
        lock (_gate)
        {
            _ticking = false;
            if (!_disposed) _timer?.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
            _changed = false;
        }
        return default;
    }

    private sealed class TickCall(GrainTimer timer) : GrainCall<Nothing>
    {
        public override ValueTask<Nothing> Invoke(object grain) => timer.RunAsync();
    }
}
