using Grid.Imaging;

namespace Grid.Grains.Pyramids;

/// <summary>
/// The places in which regions compute on one silo: what bounds the memory and the threads of builds. Places go to those who asked first, so
/// that builds share them whatever their sizes. Safe for concurrent use.
/// </summary>
public sealed class RegionSlots(PyramidBuildOptions options)
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];

    // Where there are more regions than threads they wait for the store, each with a thread: that must not keep the cores from the rest.
    private readonly ComputeThreads _threads = new(options.RegionsPerSilo > options.Threads ? options.Threads + options.RegionsPerSilo : options.Threads);
    private int _taken;

    /// <summary>Places taken now.</summary>
    public int Taken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>Regions that wait for a place now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>
    /// Threads that there are. A region's slab may be made by all of them: those that others keep busy come when these have ended, so that none is idle
    /// while the last slabs are made.
    /// </summary>
    public int Threads => options.Threads;

    /// <summary>Threads that each region may use now: an equal share, so that the last region of a build has all of them.</summary>
    public int ThreadsPerRegion => Math.Max(1, options.Threads / Math.Max(1, Taken));

    /// <summary>Computes something of a build, a region's slab for example, where it keeps nobody waiting.</summary>
    public Task<T> ComputeAsync<T>(Func<T> work, CancellationToken cancellation) => _threads.RunAsync(work, cancellation);

    /// <summary>Takes a place as soon as there is one.</summary>
    /// <exception cref="OperationCanceledException">None came before the cancellation.</exception>
    public async Task TakeAsync(CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add(waiter);
            Grant();
        }

        await using var givingUp = cancellation.Register(() =>
        {
            lock (_gate)
                _waiting.Remove(waiter);
            waiter.TrySetCanceled(cancellation);
        });
        await waiter.Task;
    }

    /// <summary>Gives a taken place back.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _taken--;
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.Count > 0 && _taken < options.RegionsPerSilo)
        {
            var first = _waiting[0];
            _waiting.RemoveAt(0);
            _taken++;
            first.SetResult();
        }
    }
}
