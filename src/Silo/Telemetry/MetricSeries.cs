using System.Diagnostics.Metrics;
using System.Numerics;

namespace Grid.Silo.Telemetry;

/// <summary>The measurements of one instrument with one set of tags. Safe for concurrent use.</summary>
internal abstract class MetricSeries(KeyValuePair<string, object?>[] tags)
{
    public KeyValuePair<string, object?>[] Tags { get; } = tags;

    /// <summary>Whether an observable instrument still told of it at the last collection.</summary>
    public bool IsObserved { get; set; } = true;

    public abstract void Record(double value);

    /// <summary>Adds to a sum of doubles kept as bits.</summary>
    protected static void Add(ref long sum, double value)
    {
        long before, seen = Volatile.Read(ref sum);
        do
            before = seen;
        while ((seen = Interlocked.CompareExchange(ref sum, BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(before) + value), before)) != before);
    }
}

/// <summary>A counter's sum.</summary>
internal sealed class SumSeries(KeyValuePair<string, object?>[] tags) : MetricSeries(tags)
{
    private long _bits;

    public double Value => BitConverter.Int64BitsToDouble(Volatile.Read(ref _bits));

    public override void Record(double value) => Add(ref _bits, value);
}

/// <summary>The last value of a gauge, or of an observable counter, which tells its sum.</summary>
internal sealed class LastSeries(KeyValuePair<string, object?>[] tags) : MetricSeries(tags)
{
    private long _bits;

    public double Value => BitConverter.Int64BitsToDouble(Volatile.Read(ref _bits));

    public override void Record(double value)
    {
        Volatile.Write(ref _bits, BitConverter.DoubleToInt64Bits(value));
        IsObserved = true;
    }
}

/// <summary>
/// How many values lay below each of some bounds, and their sum. Threads of different cores write to different lines of memory: a histogram that every
/// tile goes through costs them no wait for each other.
/// </summary>
internal sealed class HistogramSeries : MetricSeries
{
    private const int LineLongs = 8;
    private static readonly int s_stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 16));

    private readonly double[] _bounds;
    private readonly int _stride;

    // For each stripe the counts of the buckets, the last of them beyond all bounds, then the sum's bits.
    private readonly long[] _cells;

    public HistogramSeries(KeyValuePair<string, object?>[] tags, double[] bounds)
        : base(tags)
    {
        _bounds = bounds;
        _stride = (bounds.Length + 2 + LineLongs + LineLongs - 1) / LineLongs * LineLongs;
        _cells = new long[_stride * s_stripes];
    }

    public override void Record(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && !(value <= _bounds[bucket]))
            bucket++;
        var stripe = (Thread.GetCurrentProcessorId() & (s_stripes - 1)) * _stride;
        Interlocked.Increment(ref _cells[stripe + bucket]);
        Add(ref _cells[stripe + _bounds.Length + 1], value);
    }

    /// <summary>The counts of each bucket alone, the last beyond all bounds, and the sum of the values.</summary>
    public HistogramCounts Read()
    {
        var counts = new long[_bounds.Length + 1];
        var sum = 0.0;
        for (var stripe = 0; stripe < _cells.Length; stripe += _stride)
        {
            for (var bucket = 0; bucket < counts.Length; bucket++)
                counts[bucket] += Volatile.Read(ref _cells[stripe + bucket]);
            sum += BitConverter.Int64BitsToDouble(Volatile.Read(ref _cells[stripe + counts.Length]));
        }

        return new HistogramCounts(_bounds, counts, sum);
    }
}

/// <summary>What a histogram has counted.</summary>
/// <param name="Bounds">Upper bounds of the buckets, ascending, inclusive.</param>
/// <param name="Counts">Values in each bucket alone, one more than bounds.</param>
/// <param name="Sum">Sum of the values.</param>
public sealed record HistogramCounts(double[] Bounds, long[] Counts, double Sum)
{
    public long Count => Counts.Sum();

    /// <summary>What has come since an earlier reading of the same histogram.</summary>
    public HistogramCounts Since(HistogramCounts? earlier) =>
        earlier is null ? this : new(Bounds, [.. Counts.Zip(earlier.Counts, (now, before) => now - before)], Sum - earlier.Sum);

    /// <summary>The counts of two histograms of the same bounds together.</summary>
    public HistogramCounts Plus(HistogramCounts other) => new(Bounds, [.. Counts.Zip(other.Counts, (one, two) => one + two)], Sum + other.Sum);

    /// <summary>The value below which a share of the values lies, between bounds by proportion; null when there are none.</summary>
    public double? Quantile(double share)
    {
        var rank = share * Count;
        if (rank <= 0)
            return null;
        var below = 0L;
        for (var bucket = 0; bucket < Bounds.Length; bucket++)
        {
            if (below + Counts[bucket] >= rank)
            {
                var lower = bucket == 0 ? 0 : Bounds[bucket - 1];
                return lower + ((Bounds[bucket] - lower) * (rank - below) / Counts[bucket]);
            }

            below += Counts[bucket];
        }

        return Bounds[^1];
    }
}
