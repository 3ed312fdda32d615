using Grid.Imaging.Native;

namespace Grid.Imaging;

/// <summary>
/// Threads for long computations. They are none of the thread pool's, on which others wait for their turn, and the system gives them what those leave.
/// They start as work comes and end when none has come for a while. Loops that work runs in parallel stay on them by
/// <see cref="OfThisThread"/>; what work awaits goes on on the thread pool.
/// </summary>
/// <param name="most">How many threads at most.</param>
public sealed class ComputeThreads(int most) : TaskScheduler
{
    /// <summary>A third of the weight of another thread.</summary>
    private const int Niceness = 5;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    private readonly Queue<Task> _tasks = new();
    private int _threads;
    private int _idle;

    [ThreadStatic]
    private static ComputeThreads? _owner;

    /// <summary>The scheduler for parallel loops of this thread's work: its own where it is one of these threads, else the thread pool's.</summary>
    public static TaskScheduler OfThisThread => _owner ?? Default;

    /// <summary>Threads that there are now.</summary>
    public int Count
    {
        get
        {
            lock (_tasks)
                return _threads;
        }
    }

    public override int MaximumConcurrencyLevel => most;

    /// <summary>Runs work on one of the threads.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler, this);

    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            if (_idle >= _tasks.Count)
                Monitor.Pulse(_tasks);
            else if (_threads < most)
                Start();
        }
    }

    // A loop that waits for its parts makes those that nobody has begun itself.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => _owner == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
            return [.. _tasks];
    }

    private void Start()
    {
        _threads++;
        new Thread(Run) { Name = "grid-compute", IsBackground = true, Priority = ThreadPriority.BelowNormal }.Start();
    }

    private void Run()
    {
        _owner = this;
        ThreadNiceness.TryAdd(Niceness);
        while (Next() is { } task)
            TryExecuteTask(task);
    }

    private Task? Next()
    {
        lock (_tasks)
        {
            while (true)
            {
                if (_tasks.TryDequeue(out var task))
                    return task;
                _idle++;
                var isWoken = Monitor.Wait(_tasks, Idle);
                _idle--;
                if (!isWoken && _tasks.Count == 0)
                {
                    _threads--;
                    return null;
                }
            }
        }
    }
}
