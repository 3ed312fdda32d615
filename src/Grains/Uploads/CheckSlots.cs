namespace Grid.Grains.Uploads;

/// <summary>
/// How many steps of checks run at the same time in this process. Steps hash and decode, so a slot is worth a core; the rest of the machine stays
/// for builds and requests.
/// </summary>
public sealed class CheckSlots
{
    private readonly SemaphoreSlim _slots = new(Count, Count);
    private int _asked;

    public static int Count { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Steps that run now.</summary>
    public int Active => Count - _slots.CurrentCount;

    /// <summary>Steps that wait for a slot now.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _asked) - Count);

    /// <summary>Runs work on the thread pool once a slot is free.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        try
        {
            await _slots.WaitAsync(cancellation);
            try
            {
                return await Task.Run(work, cancellation);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }
}
