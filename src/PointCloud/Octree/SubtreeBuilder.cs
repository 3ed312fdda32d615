using System.Buffers;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>Points of an octant that the one above may still take.</summary>
/// <param name="Points">Indices in the order of the Morton curve.</param>
/// <param name="IsWhole">True when these are all points of the octant, and nothing of it is closed.</param>
internal readonly record struct Held(OctantKey Key, int[] Points, bool IsWhole);

/// <summary>An octant that is closed: its points, for good.</summary>
internal readonly record struct ClosedOctant(OctantKey Key, int[] Points);

/// <summary>
/// Makes an octree of points in memory, bottom up. Of its children's points an octant takes, from each cell of its grid, the one nearest to the cell's
/// middle, first in the order of the curve among equals; what a child has left is closed. So each point is in one octant, levels are even subsamples, and
/// neither threads nor the order of files decides.
/// </summary>
internal sealed unsafe class SubtreeBuilder(OctreePlan plan, byte* records)
{
    /// <summary>Octants of this level are not divided: their grid is that of the places.</summary>
    public const int DeepestDivided = 16;

    private readonly int _recordLength = plan.Format.RecordLength;
    private readonly OctreeSettings _settings = plan.Settings;
    private readonly Placement _placement = new(plan);
    private IReadOnlyDictionary<OctantKey, bool> _handed = new Dictionary<OctantKey, bool>();

    /// <summary>The octants closed, children before parents.</summary>
    public List<ClosedOctant> Closed { get; } = [];

    /// <summary>Divides the points of an octant; sorts the records.</summary>
    public Held Build(OctantKey root, int count) => Divide(root, 0, count);

    /// <summary>Joins octants that were built by themselves: the records are what they hold.</summary>
    /// <param name="handed">Whether each is whole.</param>
    public Held Join(OctantKey root, int count, IReadOnlyDictionary<OctantKey, bool> handed)
    {
        _handed = handed;
        return Divide(root, 0, count);
    }

    /// <summary>Closes an octant that has none above.</summary>
    public void Close(Held held)
    {
        if (held.Points.Length > 0)
            Closed.Add(new ClosedOctant(held.Key, held.Points));
    }

    private Held Divide(OctantKey root, int start, int count)
    {
        var codes = MortonSort.Sort(records + ((nint)start * _recordLength), count, _recordLength, _placement, root.Level);
        try
        {
            return Node(new Range(root.Level, start, codes), root, start, start + count);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(codes);
        }
    }

    private Held Node(Range range, OctantKey key, int from, int to)
    {
        if (_handed.TryGetValue(key, out var isWhole))
            return new Held(key, Indices(from, to), isWhole);
        var depth = key.Level - range.RootLevel;
        if (_handed.Count == 0)
        {
            if (to - from <= _settings.LeafPoints || key.Level >= DeepestDivided)
                return new Held(key, Indices(from, to), IsWhole: true);
            if (depth + _settings.GridLevels == MortonSort.Bits)
                return Divide(key, from, to - from);
        }

        var children = new List<Held>(8);
        var shift = 3 * (MortonSort.Bits - depth - 1);
        for (var at = from; at < to;)
        {
            var child = range.CodeOf(at) >> shift;
            var end = EndOf(range, at, to, child, shift);
            children.Add(Node(range, key.Child((int)(child & 7)), at, end));
            at = end;
        }

        return Combine(range, key, children);
    }

    private static int EndOf(Range range, int from, int to, ulong child, int shift)
    {
        while (from < to)
        {
            var middle = from + ((to - from) / 2);
            if (range.CodeOf(middle) >> shift <= child)
                from = middle + 1;
            else
                to = middle;
        }

        return from;
    }

    private Held Combine(Range range, OctantKey key, List<Held> children)
    {
        if (children.TrueForAll(child => child.IsWhole) && children.Sum(child => child.Points.Length) <= _settings.LeafPoints)
            return new Held(key, [.. children.SelectMany(child => child.Points)], IsWhole: true);
        var shift = 3 * (MortonSort.Bits - (key.Level - range.RootLevel) - _settings.GridLevels);
        var taken = new List<int>();
        var left = new List<int>();
        foreach (var child in children)
        {
            left.Clear();
            var before = taken.Count;
            Sample(range, key.Level, shift, child.Points, taken, left);
            if (child.IsWhole && left.Count < _settings.FewestPoints)
            {
                taken.RemoveRange(before, taken.Count - before);
                taken.AddRange(child.Points);
            }
            else if (left.Count > 0)
            {
                Closed.Add(new ClosedOctant(child.Key, [.. left]));
            }
        }

        return new Held(key, [.. taken], IsWhole: false);
    }

    private void Sample(Range range, int level, int shift, ReadOnlySpan<int> points, List<int> taken, List<int> left)
    {
        var cellBits = OctreePlan.PlaceBits - level - _settings.GridLevels;
        for (var i = 0; i < points.Length;)
        {
            var (cell, best, nearest) = (range.CodeOf(points[i]) >> shift, points[i], long.MaxValue);
            var first = i;
            for (; i < points.Length && range.CodeOf(points[i]) >> shift == cell; i++)
            {
                var distance = DistanceFromMiddle(points[i], cellBits);
                if (distance < nearest)
                    (best, nearest) = (points[i], distance);
            }

            taken.Add(best);
            for (var j = first; j < i; j++)
            {
                if (points[j] != best)
                    left.Add(points[j]);
            }
        }
    }

    private long DistanceFromMiddle(int point, int cellBits)
    {
        _placement.Of(records + ((nint)point * _recordLength), out var x, out var y, out var z);
        int mask = (1 << cellBits) - 1, middle = 1 << (cellBits - 1);
        long dx = (x & mask) - middle, dy = (y & mask) - middle, dz = (z & mask) - middle;
        return (dx * dx) + (dy * dy) + (dz * dz);
    }

    private static int[] Indices(int from, int to)
    {
        var indices = new int[to - from];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = from + i;
        return indices;
    }

    /// <summary>Sorted points, and their codes below the octant for which they were sorted.</summary>
    private readonly record struct Range(int RootLevel, int Start, ulong[] Codes)
    {
        public ulong CodeOf(int point) => Codes[point - Start];
    }
}
