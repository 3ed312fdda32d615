using Grid.Imaging.Pyramids;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Hands out the regions of a build once each, skipping those that the checkpoint knows as done: first those that have become ready because what they are made
/// of is done, then the next of the sequence. After a failure nothing is made of what failed.
/// </summary>
internal sealed class BuildWindow
{
    private readonly BuildSequence _sequence;
    private readonly PyramidBuildState _state;
    private readonly int[] _partsLeft;
    private readonly Queue<int> _ready = new();
    private int _next;
    private int _open;

    public BuildWindow(BuildSequence sequence, PyramidBuildState state)
    {
        (_sequence, _state) = (sequence, state);
        _partsLeft = [.. Enumerable.Range(0, sequence.Count).Select(position => sequence.PartsOf(position).Count)];
        for (var position = 0; position < sequence.Count; position++)
        {
            // What a region is made of comes before it.
            if (IsDone(position) && sequence.UserOf(position) is >= 0 and var user)
                _partsLeft[user]--;
            else if (!IsDone(position) && sequence.PartsOf(position).Count > 0 && _partsLeft[position] == 0 && state.Failures.Count == 0)
                _ready.Enqueue(position);
        }
    }

    /// <summary>Whether a region can begin now.</summary>
    public bool HasNext => _ready.Count > 0 || IsNextFree();

    /// <summary>Whether nothing is in flight and nothing can begin any more.</summary>
    public bool HasEnded => _open == 0 && !HasNext;

    /// <summary>Takes the next region to offer, with its position in the sequence; false when none can begin now.</summary>
    public bool TryTakeNext(out long position, out PyramidRegion region)
    {
        if (!_ready.TryDequeue(out var taken))
        {
            if (!IsNextFree())
            {
                (position, region) = (0, default);
                return false;
            }

            taken = _next++;
        }

        _open++;
        (position, region) = (taken, _sequence[taken]);
        return true;
    }

    /// <summary>The regions that a region was made of, and no other will be.</summary>
    public IEnumerable<PyramidRegion> PartsOf(long position) => _sequence.PartsOf((int)position).Select(part => _sequence[part]);

    /// <summary>Notes a region's end in the checkpoint.</summary>
    public void Finish(long position)
    {
        _open--;
        _state.Done.Add(position);
        while (_state.Done.Remove(_state.DoneBefore))
            _state.DoneBefore++;
        var user = _sequence.UserOf((int)position);
        if (user >= 0 && --_partsLeft[user] == 0 && _state.Failures.Count == 0)
            _ready.Enqueue(user);
    }

    // Regions with parts come by way of the others' ends.
    private bool IsNextFree()
    {
        while (_next < _sequence.Count && (IsDone(_next) || _sequence.PartsOf(_next).Count > 0))
            _next++;
        return _next < _sequence.Count && (_sequence.BarrierOf(_next) == 0 || (_state.DoneBefore >= _sequence.BarrierOf(_next) && _state.Failures.Count == 0));
    }

    private bool IsDone(int position) => position < _state.DoneBefore || _state.Done.Contains(position);
}
