using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Grid.Silo.Telemetry;

/// <summary>
/// Keeps what the instruments of some meters of this process have measured since it began, for the text that Prometheus reads and for the reports that
/// operators see. Safe for concurrent use; recording takes no lock and, for tags seen before, no memory.
/// </summary>
public sealed class MetricCollector : IDisposable
{
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _collecting = new();
    private readonly Func<Meter, bool> _includes;

    /// <param name="includes">Which meters count.</param>
    public MetricCollector(Func<Meter, bool> includes)
    {
        _includes = includes;
        _listener.InstrumentPublished = Publish;
        _listener.MeasurementsCompleted = (_, family) => _families.TryRemove(((MetricFamily)family!).Instrument, out MetricFamily? _);
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, family) => ((MetricFamily)family!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>The sum of a counter, or of a gauge's values, over all tags that hold the one given; 0 for an instrument that has measured nothing.</summary>
    public double Sum(string instrument, KeyValuePair<string, object?>? tag = null) =>
        Series(instrument, tag).Sum(series => series switch { SumSeries sum => sum.Value, LastSeries last => last.Value, _ => 0 });

    /// <summary>What a histogram has counted over all tags that hold the one given; null for one that has measured nothing.</summary>
    public HistogramCounts? Histogram(string instrument, KeyValuePair<string, object?>? tag = null) =>
        Series(instrument, tag).OfType<HistogramSeries>().Select(series => series.Read()).Aggregate((HistogramCounts?)null, (sum, next) => sum is null ? next : sum.Plus(next));

    public void Dispose() => _listener.Dispose();

    /// <summary>Asks the observable instruments, and gives all there are, in the order of their names.</summary>
    internal IReadOnlyList<MetricFamily> Collect()
    {
        lock (_collecting)
        {
            foreach (var family in _families.Values)
                family.BeginObserving();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // The others are as good as ever; the one that failed is left out, having told of nothing.
            }

            foreach (var family in _families.Values)
                family.EndObserving();
            return [.. _families.Values.OrderBy(family => family.Instrument.Name, StringComparer.Ordinal)];
        }
    }

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!_includes(instrument.Meter))
            return;
        var family = new MetricFamily(instrument);
        _families[instrument] = family;
        listener.EnableMeasurementEvents(instrument, family);
    }

    private IEnumerable<MetricSeries> Series(string instrument, KeyValuePair<string, object?>? tag) => _families.Values
        .Where(family => family.Instrument.Name == instrument)
        .SelectMany(family => family.Series)
        .Where(series => tag is not { } wanted || series.Tags.Any(has => has.Key == wanted.Key && Equals(has.Value, wanted.Value)));
}
