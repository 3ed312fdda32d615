using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Grid.Silo.Engine;

/// <summary>
/// As Orleans' instrument <c>orleans-grains</c> tells them. It tells changes, so this listens before the silo has any grain; silos of one process count
/// together.
/// </summary>
internal sealed class ActivationCounts : IActivationCounts, IDisposable
{
    private const string Own = "Grid.";
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly MeterListener _listener = new();

    public ActivationCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Name: "orleans-grains", Meter.Name: "Microsoft.Orleans" })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, change, tags, _) =>
        {
            if (tags.Length == 1 && tags[0].Value is string type && type.StartsWith(Own, StringComparison.Ordinal))
                _counts.AddOrUpdate(NameOf(type), change, (_, count) => count + change);
        });
        _listener.Start();
    }

    public IReadOnlyDictionary<string, int> ByType() => _counts.Where(type => type.Value > 0).ToDictionary();

    public void Dispose() => _listener.Dispose();

    // "Grid.Grains.Pyramids.RegionGrain", with or without its assembly after a comma, is what ids call "region".
    private static string NameOf(string type)
    {
        var name = type.AsSpan();
        name = name[..(name.IndexOfAny(",`") is >= 0 and var end ? end : name.Length)];
        name = name[(name.LastIndexOf('.') + 1)..];
        return (name.EndsWith("Grain") && name.Length > 5 ? name[..^5] : name).ToString().ToLowerInvariant();
    }
}
