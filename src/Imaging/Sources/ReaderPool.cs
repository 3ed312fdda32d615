namespace Grid.Imaging.Sources;

/// <summary>
/// Open files of all open lots. A file is lent to one reader at a time, opened anew when all its handles are out; at most
/// <paramref name="maxIdle"/> wait for the next, the longest unused being closed first. Safe for concurrent use.
/// </summary>
internal sealed class ReaderPool(int maxIdle)
{
    internal static ReaderPool Shared { get; } = new(maxIdle: 128);

    private readonly Lock _gate = new();
    private readonly LinkedList<Idle> _recent = [];
    private readonly Dictionary<(long Lot, int Raster), List<LinkedListNode<Idle>>> _idle = [];

    internal RasterReader? TryTake(long lot, int raster)
    {
        lock (_gate)
        {
            if (!_idle.TryGetValue((lot, raster), out var handles))
                return null;
            var node = handles[^1];
            Remove(node, handles);
            return node.Value.Reader;
        }
    }

    internal void Return(long lot, int raster, RasterReader reader)
    {
        RasterReader? closing = null;
        lock (_gate)
        {
            var node = _recent.AddFirst(new Idle(lot, raster, reader));
            if (!_idle.TryGetValue((lot, raster), out var handles))
                _idle.Add((lot, raster), handles = []);
            handles.Add(node);
            if (_recent.Count > maxIdle && _recent.Last is { } oldest)
            {
                Remove(oldest, _idle[(oldest.Value.Lot, oldest.Value.Raster)]);
                closing = oldest.Value.Reader;
            }
        }

        closing?.Dispose();
    }

    /// <summary>Closes the idle files of a lot.</summary>
    internal void Forget(long lot)
    {
        List<LinkedListNode<Idle>> closing;
        lock (_gate)
        {
            closing = [.. _idle.Where(handles => handles.Key.Lot == lot).SelectMany(handles => handles.Value)];
            foreach (var node in closing)
                Remove(node, _idle[(lot, node.Value.Raster)]);
        }

        foreach (var node in closing)
            node.Value.Reader.Dispose();
    }

    private void Remove(LinkedListNode<Idle> node, List<LinkedListNode<Idle>> handles)
    {
        _recent.Remove(node);
        handles.Remove(node);
        if (handles.Count == 0)
            _idle.Remove((node.Value.Lot, node.Value.Raster));
    }

    private sealed record Idle(long Lot, int Raster, RasterReader Reader);
}
