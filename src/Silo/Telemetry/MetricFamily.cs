using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Grid.Silo.Telemetry;

/// <summary>How the values of an instrument are to be understood.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that comes and goes.</summary>
    Gauge,

    /// <summary>Counts of values below bounds.</summary>
    Histogram,
}

/// <summary>One instrument and its series. Safe for concurrent use.</summary>
internal sealed class MetricFamily
{
    /// <summary>An instrument whose tags have no end must not take the memory of the process: further series are not kept.</summary>
    public const int MostSeries = 2000;

    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] s_others = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly ConcurrentDictionary<TagSet, MetricSeries> _series = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;
    private readonly double[] _bounds;
    private readonly bool _isSum;

    public MetricFamily(Instrument instrument)
    {
        Instrument = instrument;
        _byTags = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        var type = instrument.GetType().Name;
        Kind = type.StartsWith("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("ObservableCounter", StringComparison.Ordinal) ? MetricKind.Counter
            : MetricKind.Gauge;
        _isSum = type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("UpDownCounter", StringComparison.Ordinal);
        _bounds = AdvisedBounds(instrument) ?? (instrument.Unit == "s" ? s_seconds : s_others);
    }

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    public IEnumerable<MetricSeries> Series => _series.Values;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_byTags.TryGetValue(tags, out var series))
        {
            if (_series.Count >= MostSeries)
                return;
            var kept = tags.ToArray();
            series = _series.GetOrAdd(
                new TagSet(kept), Kind == MetricKind.Histogram ? new HistogramSeries(kept, _bounds) : _isSum ? new SumSeries(kept) : new LastSeries(kept));
        }

        series.Record(value);
    }

    /// <summary>Before the observable instruments are asked: what they do not tell of any more is forgotten by <see cref="EndObserving"/>.</summary>
    public void BeginObserving()
    {
        if (!Instrument.IsObservable)
            return;
        foreach (var series in _series.Values)
            series.IsObserved = false;
    }

    public void EndObserving()
    {
        if (!Instrument.IsObservable)
            return;
        foreach (var (tags, series) in _series)
        {
            if (!series.IsObserved)
                _series.TryRemove(tags, out _);
        }
    }

    private static double[]? AdvisedBounds(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => Bounds(histogram.Advice),
        Histogram<float> histogram => Bounds(histogram.Advice),
        Histogram<long> histogram => Bounds(histogram.Advice),
        Histogram<int> histogram => Bounds(histogram.Advice),
        _ => null,
    };

    private static double[]? Bounds<T>(InstrumentAdvice<T>? advice)
        where T : struct => advice?.HistogramBucketBoundaries is { Count: > 0 } bounds ? [.. bounds.Select(bound => Convert.ToDouble(bound, null))] : null;

    /// <summary>Tags in the order in which they were given: instruments always give theirs in one.</summary>
    private readonly record struct TagSet(KeyValuePair<string, object?>[] Tags);

    private sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
    {
        public static TagSetComparer Instance { get; } = new();

        public bool Equals(TagSet x, TagSet y) => Equals(x.Tags, y);

        public int GetHashCode([DisallowNull] TagSet obj) => GetHashCode(obj.Tags);

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
        {
            if (alternate.Length != other.Tags.Length)
                return false;
            for (var i = 0; i < alternate.Length; i++)
            {
                if (alternate[i].Key != other.Tags[i].Key || !Equals(alternate[i].Value, other.Tags[i].Value))
                    return false;
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = alternate.Length;
            foreach (var tag in alternate)
                hash = HashCode.Combine(hash, tag.Value);
            return hash;
        }

        public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate.ToArray());
    }
}
