using Grid.Interfaces.Maps;

namespace Grid.Grains.Maps;

/// <summary>
/// What bounds the work of one silo on maps, first come first served: a few maps are in hand at once, most of them fetching tiles, fewer are drawn at once,
/// and beyond a number of those who wait more are refused. Safe for concurrent use.
/// </summary>
public sealed class MapSlots(MapOptions options)
{
    /// <summary>Maps in hand for each one that is drawn: tiles of the others come meanwhile.</summary>
    private const int InHandPerDrawn = 4;

    private readonly SemaphoreSlim _inHand = new(InHandPerDrawn * options.AtOnce);
    private readonly SemaphoreSlim _drawing = new(options.AtOnce);
    private int _asked;

    /// <summary>Maps in hand at once at most.</summary>
    public int Places => InHandPerDrawn * options.AtOnce;

    /// <summary>Maps in hand now.</summary>
    public int Active => Places - _inHand.CurrentCount;

    /// <summary>Maps that wait to be taken in hand now.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _asked) - Places);

    /// <summary>Threads that each map may use now: an equal share of the places, so that a map that is alone has all of them.</summary>
    public int ThreadsPerMap => Math.Max(1, options.AtOnce / Math.Max(1, Volatile.Read(ref _asked)));

    /// <summary>Takes a map in hand, until the answer is disposed.</summary>
    /// <exception cref="MapsBusyException">Too many wait.</exception>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _asked) > (InHandPerDrawn * options.AtOnce) + options.Waiting)
        {
            Interlocked.Decrement(ref _asked);
            throw new MapsBusyException($"{InHandPerDrawn * options.AtOnce} maps are in hand and {options.Waiting} wait: ask again in a moment.");
        }

        try
        {
            await _inHand.WaitAsync(cancellation);
        }
        catch
        {
            Interlocked.Decrement(ref _asked);
            throw;
        }

        return new Place(() =>
        {
            Interlocked.Decrement(ref _asked);
            _inHand.Release();
        });
    }

    /// <summary>Waits until a map may be drawn; the place is given back when the answer is disposed.</summary>
    public async Task<IDisposable> DrawAsync(CancellationToken cancellation)
    {
        await _drawing.WaitAsync(cancellation);
        return new Place(() => _drawing.Release());
    }

    private sealed class Place(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
