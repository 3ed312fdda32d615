using Grid.Tiling;

namespace Grid.Imaging.Sources;

/// <summary>
/// Finds the rectangles that meet a rectangle, by buckets about as large as the mean rectangle. Built once, then safe for concurrent use;
/// cost grows with the answer, not with the number held.
/// </summary>
internal sealed class BucketIndex
{
    /// <summary>A rectangle over more buckets than this is kept apart and tried each time.</summary>
    private const int MaxBuckets = 256;

    private readonly Extent[] _extents;
    private readonly double _width;
    private readonly double _height;
    private readonly Dictionary<(long, long), List<int>> _buckets = [];
    private readonly List<int> _large = [];

    internal BucketIndex(IReadOnlyList<Extent> extents)
    {
        _extents = [.. extents];
        _width = Positive(_extents.Length == 0 ? 1 : _extents.Average(extent => extent.Width));
        _height = Positive(_extents.Length == 0 ? 1 : _extents.Average(extent => extent.Height));
        for (var i = 0; i < _extents.Length; i++)
        {
            var (left, bottom, right, top) = BucketsOf(_extents[i]);
            if ((double)(right - left + 1) * (top - bottom + 1) > MaxBuckets)
            {
                _large.Add(i);
                continue;
            }

            for (var y = bottom; y <= top; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    if (!_buckets.TryGetValue((x, y), out var held))
                        _buckets.Add((x, y), held = []);
                    held.Add(i);
                }
            }
        }
    }

    /// <summary>Positions of the rectangles that share an area with <paramref name="extent"/>, ascending, into <paramref name="found"/>.</summary>
    internal void Find(Extent extent, List<int> found)
    {
        found.Clear();
        foreach (var i in _large)
            AddIfMet(i);
        var (left, bottom, right, top) = BucketsOf(extent);
        if ((double)(right - left + 1) * (top - bottom + 1) > 4.0 * _buckets.Count)
        {
            for (var i = 0; i < _extents.Length; i++)
                AddIfMet(i);
        }
        else
        {
            for (var y = bottom; y <= top; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    if (!_buckets.TryGetValue((x, y), out var held))
                        continue;
                    foreach (var i in held)
                        AddIfMet(i);
                }
            }
        }

        found.Sort();
        var kept = 0;
        for (var i = 0; i < found.Count; i++)
        {
            if (i == 0 || found[i] != found[i - 1])
                found[kept++] = found[i];
        }

        found.RemoveRange(kept, found.Count - kept);

        void AddIfMet(int i)
        {
            if (_extents[i].Intersects(extent))
                found.Add(i);
        }
    }

    private static double Positive(double size) => size > 0 && double.IsFinite(size) ? size : 1;

    private (long Left, long Bottom, long Right, long Top) BucketsOf(Extent extent) => (
        (long)Math.Floor(extent.MinX / _width), (long)Math.Floor(extent.MinY / _height),
        (long)Math.Floor(extent.MaxX / _width), (long)Math.Floor(extent.MaxY / _height));
}
