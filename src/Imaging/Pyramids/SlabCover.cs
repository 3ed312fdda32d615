using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// A set of slabs of one level as runs of columns, row by row, disjoint and in order. A million slabs of a country take some thousand runs.
/// </summary>
public sealed class SlabCover
{
    private readonly long[] _rows;
    private readonly (long First, long Last)[][] _runs;

    private SlabCover(IEnumerable<KeyValuePair<long, List<(long First, long Last)>>> rows)
    {
        var ordered = rows.OrderBy(row => row.Key).ToArray();
        _rows = [.. ordered.Select(row => row.Key)];
        _runs = [.. ordered.Select(row => Merge(row.Value))];
        Count = _runs.Sum(runs => runs.Sum(run => run.Last - run.First + 1));
    }

    /// <summary>Number of slabs.</summary>
    public long Count { get; }

    /// <summary>The smallest block that holds the set; its bounds are slab indices. The set must not be empty.</summary>
    public TileLimits Limits => new(_rows[0], _rows[^1], _runs.Min(runs => runs[0].First), _runs.Max(runs => runs[^1].Last));

    /// <summary>The union of blocks.</summary>
    public static SlabCover Of(IEnumerable<TileLimits> blocks)
    {
        var rows = new Dictionary<long, List<(long, long)>>();
        foreach (var block in blocks.ToHashSet())
        {
            for (var row = block.MinRow; row <= block.MaxRow; row++)
                RunsOf(rows, row).Add((block.MinCol, block.MaxCol));
        }

        return new SlabCover(rows);
    }

    /// <summary>The set of given slabs (column and row), in any order.</summary>
    public static SlabCover Of(IEnumerable<(long Col, long Row)> slabs)
    {
        var rows = new Dictionary<long, List<(long, long)>>();
        foreach (var (col, row) in slabs)
            RunsOf(rows, row).Add((col, col));
        return new SlabCover(rows);
    }

    /// <summary>The parents of this set in a quad tree.</summary>
    public SlabCover Parents()
    {
        var rows = new Dictionary<long, List<(long, long)>>();
        for (var i = 0; i < _rows.Length; i++)
            RunsOf(rows, _rows[i] / 2).AddRange(_runs[i].Select(run => (run.First / 2, run.Last / 2)));
        return new SlabCover(rows);
    }

    /// <summary>Whether a slab is in the set.</summary>
    public bool Contains(long col, long row)
    {
        var at = Array.BinarySearch(_rows, row);
        if (at < 0)
            return false;
        var runs = _runs[at];
        int low = 0, high = runs.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (col < runs[middle].First)
                high = middle - 1;
            else if (col > runs[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>How many slabs of the set are in a block of slab indices.</summary>
    public long CountIn(TileLimits block)
    {
        var first = Array.BinarySearch(_rows, block.MinRow);
        long count = 0;
        for (var i = first < 0 ? ~first : first; i < _rows.Length && _rows[i] <= block.MaxRow; i++)
        {
            foreach (var run in _runs[i])
                count += Math.Max(0, Math.Min(run.Last, block.MaxCol) - Math.Max(run.First, block.MinCol) + 1);
        }

        return count;
    }

    /// <summary>All slabs, row by row.</summary>
    public IEnumerable<(long Col, long Row)> Enumerate()
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            foreach (var (first, last) in _runs[i])
            {
                for (var col = first; col <= last; col++)
                    yield return (col, _rows[i]);
            }
        }
    }

    private static List<(long, long)> RunsOf(Dictionary<long, List<(long, long)>> rows, long row)
    {
        if (!rows.TryGetValue(row, out var runs))
            rows[row] = runs = [];
        return runs;
    }

    private static (long First, long Last)[] Merge(List<(long First, long Last)> runs)
    {
        runs.Sort();
        var merged = new List<(long First, long Last)> { runs[0] };
        foreach (var run in runs)
        {
            if (run.First <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, run.Last));
            else
                merged.Add(run);
        }

        return [.. merged];
    }
}
