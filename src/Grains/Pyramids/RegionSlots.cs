using Grid.Imaging;

namespace Grid.Grains.Pyramids;

/// <summary>
/// The places in which regions compute on one silo: what bounds the memory and the threads of builds. Places go to those who asked first, so
/// that builds share them whatever their sizes. Safe for concurrent use.
/// </summary>
public sealed class RegionSlots(PyramidBuildOptions options)
{
    private readonly Lock _gate = new();
    private readonly List<object> _waiting = [];

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

    /// <summary>Takes a place, or answers false; who was refused keeps its rank and asks again, or calls <see cref="Leave"/>.</summary>
    public bool TryTake(object region)
    {
        lock (_gate)
        {
            var rank = _waiting.IndexOf(region);
            if ((rank < 0 ? _waiting.Count : rank) < options.RegionsPerSilo - _taken)
            {
                if (rank >= 0)
                    _waiting.RemoveAt(rank);
                _taken++;
                return true;
            }

            if (rank < 0)
                _waiting.Add(region);
            return false;
        }
    }

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
            Leave(waiter);
            waiter.TrySetCanceled(cancellation);
        });
        await waiter.Task;
    }

    /// <summary>Gives up a rank among those who wait; no effect on who has none.</summary>
    public void Leave(object region)
    {
        lock (_gate)
        {
            if (_waiting.Remove(region))
                Grant();
        }
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

    // Those who ask again themselves keep a place free by their rank.
    private void Grant()
    {
        for (var rank = 0; rank < _waiting.Count && rank < options.RegionsPerSilo - _taken;)
        {
            if (_waiting[rank] is not TaskCompletionSource waiter)
            {
                rank++;
                continue;
            }

            _waiting.RemoveAt(rank);
            _taken++;
            waiter.SetResult();
        }
    }
}
