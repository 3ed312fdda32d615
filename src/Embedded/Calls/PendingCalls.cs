namespace Grid.Embedded.Calls;

/// <summary>
/// The calls that someone waits for, oldest first, so that those past the response timeout get their <see cref="TimeoutException"/>. The
/// method itself goes on: a timeout does not cancel. A few lists instead of one keep threads from waiting for each other.
/// </summary>
internal sealed class PendingCalls(TimeProvider time, TimeSpan timeout)
{
    private readonly Shard[] _shards = [.. Enumerable.Range(0, 8).Select(_ => new Shard())];

    public void Add(GrainCall call)
    {
        var index = Environment.CurrentManagedThreadId & (_shards.Length - 1);
        call.Pending.Shard = index;
        call.Pending.Started = time.GetTimestamp();
        var shard = _shards[index];
        lock (shard)
        {
            call.Pending.Listed = true;
            call.Pending.Previous = shard.Last;
            if (shard.Last is null) shard.First = call;
            else shard.Last.Pending.Next = call;
            shard.Last = call;
        }
    }

    public void Remove(GrainCall call)
    {
        var shard = _shards[call.Pending.Shard];
        lock (shard)
        {
            if (!call.Pending.Listed) return;
            call.Pending.Listed = false;
            if (call.Pending.Previous is { } previous) previous.Pending.Next = call.Pending.Next;
            else shard.First = call.Pending.Next;
            if (call.Pending.Next is { } next) next.Pending.Previous = call.Pending.Previous;
            else shard.Last = call.Pending.Previous;
            call.Pending.Previous = call.Pending.Next = null;
        }
    }

    /// <summary>Fails the calls whose time is over.</summary>
    public void FailOverdue()
    {
        foreach (var shard in _shards)
        {
            while (Oldest(shard) is { } call && time.GetElapsedTime(call.Pending.Started) >= timeout)
            {
                call.Fail(new TimeoutException($"Response did not arrive on time in {timeout} for call {call}."));
                Remove(call);
            }
        }
    }

    /// <summary>Fails every call.</summary>
    public void FailAll(Func<GrainCall, Exception> exception)
    {
        foreach (var shard in _shards)
        {
            while (Oldest(shard) is { } call)
            {
                call.Fail(exception(call));
                Remove(call);
            }
        }
    }

    private static GrainCall? Oldest(Shard shard)
    {
        lock (shard) return shard.First;
    }

    /// <summary>A call's place in its list.</summary>
    internal struct Node
    {
        public int Shard;
        public bool Listed;
        public long Started;
        public GrainCall? Previous;
        public GrainCall? Next;
    }

    private sealed class Shard
    {
        public GrainCall? First;
        public GrainCall? Last;
    }
}
