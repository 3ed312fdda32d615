using Grid.Grains.Builds;
using Grid.Grains.Catalogue;
using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Pyramids;

/// <summary>Leads one pyramid build: plans it, keeps a window of regions in flight, writes descriptor and list when all are done.</summary>
public sealed partial class PyramidBuildGrain(
    [PersistentState("pyramid-build-order", GrainStorage.Name)] IPersistentState<PyramidBuildOrderState> order,
    [PersistentState("pyramid-build", GrainStorage.Name)] IPersistentState<PyramidBuildState> state,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    PyramidRemoval removal,
    OpenLots lots,
    RegionSlots slots,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<PyramidBuildGrain> log) : BuildGrain<PyramidBuildState>(state, options, time, log), IPyramidBuildGrain
{
    private const string Empty =
        "no raster of the lot has a pixel of data: every pixel is masked, or has the value of nodata. Check the nodata value that the files declare, or the parameter \"nodata\".";

    private const double ReportsPerSecond = 20;
    private const double LeastSilence = 20;

    /// <summary>Regions that begin in a second at most: those of a large cluster that begin at once would end at once, and all tell so.</summary>
    internal const int StartsPerSecond = 70;

    /// <summary>Until more may begin.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly List<FinishedSlab> _journal = [];
    private readonly UnitsInFlight<RegionInFlight> _regions = new(silos, time, log);
    private readonly RateLimit _starts = new(StartsPerSecond);
    private readonly SpentHandovers _spent = new(pyramids, log);
    private BuildWindow? _window;
    private OpenLots.Lease? _lease;
    private OpenLot? _lot;
    private TakenOverSlabs? _takenOver;
    private double _fractionAtActivation;
    private bool _isHeard;

    private protected override IUnitsInFlight Units => _regions;

    public Task StartAsync(PyramidBuildOrder build) => BeginAsync(() =>
    {
        order.State.Order = build;
        return order.WriteStateAsync();
    });

    public Task<PyramidBuildOrder> GetOrderAsync() =>
        Task.FromResult(order.State.Order ?? throw new InvalidOperationException("The build's order is not stored."));

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(RegionReport report)
    {
        if (!_regions.Hear(report.Region, report.Leaves, report.Ended, out var region))
            return Task.CompletedTask;
        if (!_isHeard)
            Wake();
        _isHeard = true;
        foreach (var slab in report.Slabs)
        {
            if (region.Slabs.Add(slab))
                _journal.Add(slab);
        }

        if (report.Leaves)
            Wake();
        if (!report.Ended)
            return Task.CompletedTask;
        Count(report.Slabs);
        KeepFailures(report.Failures);
        _window?.Finish(region.Position);
        if (_window is { } window && _lot is { } lot)
            _spent.Add(window.PartsOf(region.Position).SelectMany(part => lot.HandoverKeysOf(part.Root)));
        // Its place is free: the next region begins at once.
        Wake();
        return Task.CompletedTask;
    }

    protected override Task StopUnitAsync(string unit) => GrainFactory.GetGrain<IRegionGrain>(unit).StopAsync();

    protected override async Task AdvanceAsync(CancellationToken cancellation)
    {
        await PlanAsync(cancellation);
        if (Runs && _lot!.Formers.Count > 0 && State.ListLines >= 0)
            await TakeOverAsync(cancellation);
        if (Runs)
            await OfferRegionsAsync();
        if (Runs && _window!.HasEnded)
        {
            await FinishAsync(cancellation);
            Wake();
        }
    }

    protected override void OnEnding()
    {
        TellOperatorsOfEnd();
        foreach (var region in _regions.All)
            Count(region.Slabs);
    }

    protected override void Release()
    {
        _takenOver?.Dispose();
        _takenOver = null;
        _lease?.Dispose();
        _lease = null;
        _lot = null;
        _window = null;
        PyramidInstruments.BuildLeft(this.GetPrimaryKeyString());
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        if (_lot is not null)
            return;
        _lease?.Dispose();
        var lease = _lease = lots.Join(this.GetPrimaryKeyString());
        var build = await GetOrderAsync();
        var lot = await slots.ComputeAsync(() => lease.Open(build), cancellationToken);
        if (lot.HeadersToKeep is { } headers)
        {
            await LotHeaders.WriteAsync(pyramids, build, headers);
            lot.HeadersToKeep = null;
        }

        if (!Runs)
            return;
        _lot = lot;
        var sequence = new BuildSequence(lot.Plan);
        if (State.Status == PyramidBuildStatus.Planning || State.Regions != sequence.Count)
            BeginRegions(sequence);
        _window = new BuildWindow(sequence, State);
        if (State.Status == PyramidBuildStatus.Planning)
        {
            State.InputPixels = lot.InputPixels;
            State.Levels = [.. lot.Plan.Levels.Select(level => new LevelProgress(
                level.Level, 0, level.Slabs, level.SlabLimits.MinCol, level.SlabLimits.MinRow, level.SlabLimits.MaxCol, level.SlabLimits.MaxRow))];
            State.Status = PyramidBuildStatus.Running;
            // Soon enough: who begins anew plans the same.
            Changed();
        }

        _fractionAtActivation = Fraction();
        _toldPixels = (long)(State.InputPixels * _fractionAtActivation);
    }

    // Also for a build that an older version began, which cut the levels otherwise: what is done is known to the regions' own checkpoints.
    private void BeginRegions(BuildSequence sequence)
    {
        State.Regions = sequence.Count;
        State.Done.Clear();
        State.DoneBefore = 0;
        State.SlabsDone.Clear();
        State.Tiles = State.Bytes = 0;
    }

    // Levels that are resampled from one below, or made of one that is kept, read slabs that are taken over: these come first then. Otherwise regions
    // compute meanwhile.
    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        var takenOver = _takenOver ??= new TakenOverSlabs(pyramids, _lot!);
        var isAlone = _lot!.Order.KeptLevel is not null || _lot.Plan.Tiers.Any(tier => tier is { SourceLevel: not null, IsHalfOfSource: false });
        while (Runs && State.ListLines >= 0)
        {
            if (!isAlone)
                await OfferRegionsAsync();
            var (line, slabs) = await takenOver.TakeSomeAsync(State.ListLines, cancellationToken);
            State.ListLines = line;
            State.SlabsTakenOver += slabs;
            Changed();
            await WriteSometimesAsync();
        }

        takenOver.Dispose();
        _takenOver = null;
    }

    private async Task OfferRegionsAsync()
    {
        var window = silos.Window;
        var most = _isHeard ? window : FirstRegions(window, silos.Others + 1);
        while (_regions.Count < most && _window!.HasNext)
        {
            if (!_starts.TryTake(Driven.TotalSeconds))
            {
                Wake(Step);
                break;
            }

            _window.TryTakeNext(out var position, out var region);
            _regions.Add(KeyOf(region), new RegionInFlight(position, OrderOf(region, window)));
        }

        var silence = TimeSpan.FromSeconds(Math.Max(LeastSilence, 2 * ReportSeconds(window)));
        await StartUnitsAsync(_regions, (key, region) => GrainFactory.GetGrain<IRegionGrain>(key).StartAsync(region.Order), silence);
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var lot = _lot!;
        if (State.Failures.Count > 0)
        {
            await EndAsync(PyramidBuildStatus.Failed);
            return;
        }

        if (State.Tiles == 0 && State.SlabsTakenOver == 0)
        {
            await FailAsync(Empty);
            return;
        }

        await _spent.Deleting;
        // Some a step: levels that do not halve have as many handovers as slabs.
        if (!await removal.DeleteSomeAsync(PyramidPlace.HandoverPrefixOf(lot.Order), cancellationToken) || !Runs)
            return;
        var pyramid = await PyramidFiles.WriteAsync(pyramids, lot);
        if (!Runs)
            return;
        State.Pyramid = pyramid;
        await EndAsync(PyramidBuildStatus.Finished);
    }

    private void Count(IEnumerable<FinishedSlab> slabs)
    {
        foreach (var slab in slabs)
        {
            State.SlabsDone[slab.Level] = State.SlabsDone.GetValueOrDefault(slab.Level) + 1;
            State.Tiles += slab.Tiles;
            State.Bytes += slab.Bytes;
        }
    }

    private string KeyOf(PyramidRegion region) => $"{this.GetPrimaryKeyString()}|{region.Root.Level}|{region.Root.Col}|{region.Root.Row}";

    private RegionOrder OrderOf(PyramidRegion region, int window) => new(
        this.GetPrimaryKeyString(), _lot!.Digest, region.Tier, region.Root.Level, region.Root.Col, region.Root.Row, ReportSeconds(window));

    /// <summary>
    /// Regions that may be in flight before one has reported. Those that wait for their silo to open the lot begin together and would end together, so on a large
    /// cluster it is one a silo.
    /// </summary>
    internal static int FirstRegions(int window, int silos) => window > StartsPerSecond ? silos : window;

    /// <summary>Seconds between the reports of a region, so that a build of any size is told of a bounded number of them a second.</summary>
    internal static double ReportSeconds(int window) => Math.Clamp(window / ReportsPerSecond, 0.5, 60);

    private sealed class RegionInFlight(long position, RegionOrder order)
    {
        public long Position { get; } = position;

        public RegionOrder Order { get; } = order;

        public HashSet<FinishedSlab> Slabs { get; } = [];
    }
}
