using Grid.Tiling;

namespace Grid.Imaging.Inspection;

/// <summary>
/// Finds the rectangles that meet a rectangle, one after the other, so that whoever needs only some of them pays for no more: a packed R-tree (Leutenegger
/// and others, "STR", 1997). Rectangles may all lie on one place. Built once, then safe for concurrent use.
/// </summary>
internal sealed class RectangleTree
{
    private const int Branches = 16;

    private readonly int[] _order;
    private readonly Extent[] _extents;

    // The boxes of each tier, from those of single rectangles up to the one of all.
    private readonly List<Extent[]> _tiers = [];

    internal RectangleTree(IReadOnlyList<Extent> extents)
    {
        _extents = [.. extents];
        _order = [.. Enumerable.Range(0, _extents.Length).OrderBy(i => _extents[i].MinX + _extents[i].MaxX)];
        var strip = Math.Max(Branches, (int)Math.Ceiling(Math.Sqrt((double)_extents.Length / Branches)) * Branches);
        for (var start = 0; start < _order.Length; start += strip)
            _order.AsSpan(start, Math.Min(strip, _order.Length - start)).Sort((a, b) => (_extents[a].MinY + _extents[a].MaxY).CompareTo(_extents[b].MinY + _extents[b].MaxY));
        _tiers.Add([.. _order.Select(i => _extents[i])]);
        while (_tiers[^1].Length > 1)
            _tiers.Add([.. _tiers[^1].Chunk(Branches).Select(boxes => boxes.Aggregate((a, b) => a.Union(b)))]);
    }

    /// <summary>Positions of the rectangles that share an area with <paramref name="extent"/>, in no order.</summary>
    internal IEnumerable<int> Find(Extent extent)
    {
        if (_order.Length == 0)
            yield break;
        var waiting = new Stack<(int Tier, int Box)>([(_tiers.Count - 1, 0)]);
        while (waiting.TryPop(out var at))
        {
            if (!_tiers[at.Tier][at.Box].Intersects(extent))
                continue;
            if (at.Tier == 0)
            {
                yield return _order[at.Box];
                continue;
            }

            var below = _tiers[at.Tier - 1].Length;
            for (var child = Math.Min(below, (at.Box + 1) * Branches) - 1; child >= at.Box * Branches; child--)
                waiting.Push((at.Tier - 1, child));
        }
    }
}
