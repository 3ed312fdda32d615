using Grid.Imaging.Pyramids;

namespace Grid.Grains.Pyramids;

/// <summary>Walks the regions of a tier once, skipping those that the checkpoint knows as done, and knows when all have ended.</summary>
internal sealed class BuildWindow(IEnumerable<PyramidRegion> regions, PyramidBuildState state)
{
    private readonly IEnumerator<PyramidRegion> _regions = regions.GetEnumerator();
    private long _next;
    private int _open;
    private bool _exhausted;

    public bool IsDone => _exhausted && _open == 0;

    /// <summary>Takes the next region to offer, with its position in the tier; false when none is left.</summary>
    public bool TryTakeNext(out long position, out PyramidRegion region)
    {
        while (_regions.MoveNext())
        {
            position = _next++;
            if (position < state.DoneBefore || state.Done.Contains(position))
                continue;
            _open++;
            region = _regions.Current;
            return true;
        }

        _exhausted = true;
        position = 0;
        region = default;
        return false;
    }

    /// <summary>Notes a region's end in the checkpoint.</summary>
    public void Finish(long position)
    {
        _open--;
        state.Done.Add(position);
        while (state.Done.Remove(state.DoneBefore))
            state.DoneBefore++;
    }
}
