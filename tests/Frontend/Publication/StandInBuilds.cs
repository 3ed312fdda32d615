using System.Collections.Concurrent;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Orleans;

namespace Grid.Frontend.Tests.Publication;

/// <summary>
/// Pyramid builds that the tests lead by hand: calls to <see cref="IPyramidBuildGrain"/> end here before they reach a grain. Starting writes a
/// descriptor and a slab under the order's prefix, so that versions have objects to keep or delete.
/// </summary>
public sealed class StandInBuilds(IObjectStore pyramids) : IOutgoingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, PyramidBuildProgress> _progress = new();

    /// <summary>Orders by execution, as they were first heard.</summary>
    public ConcurrentDictionary<string, PyramidBuildOrder> Orders { get; } = new();

    /// <summary>How often each execution has started its build.</summary>
    public ConcurrentDictionary<string, int> Starts { get; } = new();

    /// <summary>What a started build becomes at once; Running waits for the test.</summary>
    public PyramidBuildStatus Outcome { get; set; } = PyramidBuildStatus.Finished;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.Request.GetInterfaceType() != typeof(IPyramidBuildGrain))
        {
            await context.Invoke();
            return;
        }

        var key = context.TargetId.Key.ToString()!;
        switch (context.MethodName)
        {
            case nameof(IPyramidBuildGrain.StartAsync):
                await StartAsync(key, (PyramidBuildOrder)context.Request.GetArgument(0)!);
                break;
            case nameof(IPyramidBuildGrain.AbortAsync):
                _progress.AddOrUpdate(
                    key, Progress(PyramidBuildStatus.Aborted, null, 0.5),
                    (_, now) => now.Status is PyramidBuildStatus.Running ? now with { Status = PyramidBuildStatus.Aborted } : now);
                break;
            case nameof(IPyramidBuildGrain.GetProgressAsync):
                context.Result = _progress.GetValueOrDefault(key, new PyramidBuildProgress { Status = PyramidBuildStatus.Unknown });
                break;
            case nameof(IPyramidBuildGrain.GetFinishedSlabsAsync):
                context.Result = new FinishedSlabs([new FinishedSlab("17", 1, 2, 256, 4096)], 1);
                break;
        }
    }

    /// <summary>Moves a build on.</summary>
    public void Become(string execution, PyramidBuildStatus status, double fraction, params string[] failures) =>
        _progress[execution] = Progress(status, Orders[execution], fraction) with { Failures = failures };

    private async Task StartAsync(string execution, PyramidBuildOrder order)
    {
        Starts.AddOrUpdate(execution, 1, (_, times) => times + 1);
        if (!Orders.TryAdd(execution, order))
            return;
        await pyramids.PutAsync($"{order.StoragePrefix}/{order.PyramidName}.json", "{}"u8.ToArray());
        await pyramids.PutAsync($"{order.StoragePrefix}/{order.PyramidName}/DATA/17/00/00.tif", new byte[16]);
        Become(execution, Outcome, Outcome == PyramidBuildStatus.Finished ? 1 : 0.25, Outcome == PyramidBuildStatus.Failed ? ["b.tif: the file is cut short"] : []);
    }

    private static PyramidBuildProgress Progress(PyramidBuildStatus status, PyramidBuildOrder? order, double fraction) => new()
    {
        Status = status, Fraction = fraction, SlabsTotal = 100, SlabsDone = (long)(100 * fraction), Tiles = 1000, InputPixels = 25_000_000,
        MegapixelsPerSecond = 25, TimeLeft = TimeSpan.FromSeconds(3), Started = DateTimeOffset.UnixEpoch, Ended = DateTimeOffset.UnixEpoch.AddSeconds(4),
        Levels = [new LevelProgress("18", 75, 75, 10, 10, 20, 20), new LevelProgress("17", fraction < 1 ? 0 : 25, 25, 5, 5, 10, 10)],
        Pyramid = status != PyramidBuildStatus.Finished || order is null ? null : new PyramidSummary
        {
            DescriptorKey = $"{order.StoragePrefix}/{order.PyramidName}.json", TileMatrixSet = order.TileMatrixSet,
            Levels = [.. Enumerable.Range(0, 19).Select(level => level.ToString(System.Globalization.CultureInfo.InvariantCulture))],
            SampleFormat = "UINT8", Channels = 3, Compression = "JPG", Nodata = "255,255,255", SizeBytes = 123_456, Bounds = [2.0, 48.0, 2.5, 48.5],
            InputPixels = 25_000_000, Descriptor = "{}",
        },
    };
}

/// <summary>Lets the engine know of a class for the interface where no other is there; never activated.</summary>
public sealed class UncalledBuildGrain : Grain, IPyramidBuildGrain
{
    public Task StartAsync(PyramidBuildOrder order) => throw new NotSupportedException();

    public Task<PyramidBuildOrder> GetOrderAsync() => throw new NotSupportedException();

    public Task AbortAsync() => throw new NotSupportedException();

    public Task<PyramidBuildProgress> GetProgressAsync() => throw new NotSupportedException();

    public Task<FinishedSlabs> GetFinishedSlabsAsync(int from) => throw new NotSupportedException();

    public Task ReportAsync(RegionReport report) => throw new NotSupportedException();
}
