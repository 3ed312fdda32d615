namespace Grid.Grains.Pyramids;

/// <summary>The places in which regions compute on one silo: what bounds the memory and the threads of builds. Safe for concurrent use.</summary>
public sealed class RegionSlots(PyramidBuildOptions options)
{
    private int _taken;

    /// <summary>Threads that each region may use now: an equal share, so that the last region of a build has all of them.</summary>
    public int ThreadsPerRegion => Math.Max(1, options.Threads / Math.Max(1, Volatile.Read(ref _taken)));

    /// <summary>Takes a place, or answers false when all are taken.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= options.RegionsPerSilo)
            return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _taken);
}
