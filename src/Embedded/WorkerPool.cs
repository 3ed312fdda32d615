using Grid.Embedded.Calls;

namespace Grid.Embedded;

/// <summary>The activations of one key of a stateless worker: a call goes to an idle one, else to a new one, else to the least loaded.</summary>
internal sealed class WorkerPool(EmbeddedGrains runtime, GrainClass grainClass, string key) : IGrainHost
{
    private readonly List<Activation> _workers = [];
    private bool _ended;

    public bool TryAccept(GrainCall call)
    {
        lock (_workers)
        {
            if (_ended) return false;
            while (true)
            {
                var worker = _workers.MinBy(worker => worker.Load);
                if (worker is null || (worker.Load > 0 && _workers.Count < grainClass.MaxLocalWorkers))
                    _workers.Add(worker = new(runtime, grainClass, key, this));
                if (worker.TryAccept(call)) return true;
                _workers.Remove(worker);
            }
        }
    }

    /// <summary>Drops a worker that has ended, and the pool with its last one.</summary>
    public void Forget(Activation worker)
    {
        lock (_workers)
        {
            _workers.Remove(worker);
            _ended = _workers.Count == 0;
        }
        if (_ended) runtime.Forget(this, grainClass, key);
    }

    public Activation[] Workers()
    {
        lock (_workers) return [.. _workers];
    }
}
