using System.Diagnostics;

namespace Grid.Embedded;

/// <summary>
/// Runs the turns of one activation one at a time, in order, on pool threads. Being a task scheduler, it is what awaits in grain code come
/// back to.
/// </summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>A busy activation gives its thread back after so long, that others get on.</summary>
    private static readonly TimeSpan Quantum = TimeSpan.FromMilliseconds(50);

    /// <summary>Bounds how many turns may stand on each other's shoulders on one stack.</summary>
    private const int MaxNesting = 16;

    [ThreadStatic]
    private static ActivationScheduler? _running;

    [ThreadStatic]
    private static int _nesting;

    private readonly Lock _gate = new();
    private readonly Queue<Task> _turns = new();
    private bool _taken;

    public Activation Activation { get; } = activation;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>True while a turn runs or waits.</summary>
    public bool IsBusy
    {
        get { lock (_gate) return _taken; }
    }

    /// <summary>Takes the activation's turn for the calling thread; false when it is busy.</summary>
    public bool TryEnter()
    {
        if (_nesting >= MaxNesting) return false;
        lock (_gate)
        {
            if (_taken) return false;
            _taken = true;
            return true;
        }
    }

    /// <summary>Runs a turn, queued before or not, on the calling thread, between <see cref="TryEnter"/> and <see cref="Exit"/>.</summary>
    public void Run(Task turn)
    {
        var outer = _running;
        _running = this;
        _nesting++;
        try
        {
            if (turn.Status == TaskStatus.Created) turn.RunSynchronously(this);
            else TryExecuteTask(turn);
        }
        finally
        {
            _running = outer;
            _nesting--;
        }
    }

    /// <summary>Gives the turn back, to the pool when turns have come up meanwhile.</summary>
    public void Exit()
    {
        lock (_gate)
        {
            if (_turns.Count == 0)
            {
                _taken = false;
                return;
            }
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            Task turn;
            lock (_gate)
            {
                if (!_turns.TryDequeue(out turn!))
                {
                    _taken = false;
                    return;
                }
            }
            Run(turn);
            if (Stopwatch.GetElapsedTime(started) < Quantum) continue;
            Exit();
            return;
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _turns.Enqueue(task);
            if (_taken) return;
            _taken = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && _running == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate) return [.. _turns];
    }
}
