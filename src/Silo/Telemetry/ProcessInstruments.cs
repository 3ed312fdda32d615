using System.Diagnostics.Metrics;
using System.Reflection;
using Grid.Grains.Operations;
using Grid.Silo.Engine;
using Grid.Silo.Operations;

namespace Grid.Silo.Telemetry;

/// <summary>What a process tells of itself when it is asked: its grains, queues, caches and the errors that it has logged.</summary>
public sealed class ProcessInstruments : IDisposable
{
    public const string Name = "Grid.Process";

    private readonly Meter _meter;

    /// <param name="activations">Null in a process that has no grains.</param>
    /// <param name="members">Null in a process that is no silo of a cluster.</param>
    public ProcessInstruments(
        IEnumerable<WorkQueue> queues, IEnumerable<ByteCache> caches, RecentErrors errors, IActivationCounts? activations = null, ISiloMembers? members = null)
    {
        _meter = new Meter(Name, null, null, scope: this);
        var version = typeof(ProcessInstruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        _meter.CreateObservableGauge(
            "grid.build.info", () => new Measurement<int>(1, new("engine", EngineHosting.Name), new("version", version)), null, "Always 1: the engine and the version of this program.");
        _meter.CreateObservableGauge(
            "grid.process.memory.limit", () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, "By", "Memory that this process may have: the machine's, or its container's.");
        WorkQueue[] work = [.. queues];
        Gauge("grid.work.active", "{unit}", "Work in hand, by queue.", () => work.Select(queue => ((long)queue.Active(), "queue", queue.Name)));
        Gauge("grid.work.waiting", "{unit}", "Work that waits for a place, by queue.", () => work.Select(queue => ((long)queue.Waiting(), "queue", queue.Name)));
        Gauge("grid.work.places", "{unit}", "Work that may be in hand at once, by queue.", () => work.Select(queue => ((long)queue.Places, "queue", queue.Name)));
        ByteCache[] kept = [.. caches];
        Gauge("grid.cache.size", "By", "Bytes kept in memory, by cache.", () => kept.Select(cache => (cache.Bytes(), "cache", cache.Name)));
        Gauge("grid.cache.limit", "By", "Bytes that may be kept in memory, by cache.", () => kept.Select(cache => (cache.LimitBytes, "cache", cache.Name)));
        _meter.CreateObservableCounter(
            "grid.log.entries",
            () => new Measurement<long>[] { new(errors.Warnings, new KeyValuePair<string, object?>("level", "warning")), new(errors.Failures, new KeyValuePair<string, object?>("level", "error")) },
            "{entry}", "Warnings and errors that were logged.");
        if (activations is not null)
            Gauge("grid.grains.active", "{grain}", "Grains active in this process, by type.", () => activations.ByType().Select(type => ((long)type.Value, "type", type.Key)));
        if (members is not null)
        {
            Gauge("grid.cluster.silos", "{silo}", "Silos of the cluster as this one sees it, by status.",
                () => members.Members.GroupBy(member => member.Status).Select(group => (group.LongCount(), "status", group.Key)));
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, Func<IEnumerable<(long Value, string Tag, string Of)>> values) => _meter.CreateObservableGauge(
        name, () => values().Select(value => new Measurement<long>(value.Value, new KeyValuePair<string, object?>(value.Tag, value.Of))), unit, description);
}
