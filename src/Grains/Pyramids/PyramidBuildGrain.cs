using Grid.Grains.Catalogue;
using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Leads one pyramid build: plans it, keeps a window of regions in flight tier by tier, writes descriptor and list when all are done.
/// A timer drives it in short steps; a reminder brings it back after the process was lost, and regions that answer nothing are started again.
/// </summary>
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
    ILogger<PyramidBuildGrain> log) : Grain, IPyramidBuildGrain, IRemindable
{
    private const string ReminderName = "resume";
    private const string Empty =
        "no raster of the lot has a pixel of data: every pixel is masked, or has the value of nodata. Check the nodata value that the files declare, or the parameter \"nodata\".";

    private const int FailuresKept = 100;
    private const double ReportsPerSecond = 25;

    /// <summary>Regions that begin in a second at most: those of a large cluster that begin at once would end at once, and all tell so.</summary>
    internal const int StartsPerSecond = 110;

    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(1);

    private readonly List<FinishedSlab> _journal = [];
    private readonly Dictionary<string, RegionInFlight> _inFlight = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly RateLimit _starts = new(StartsPerSecond);
    private BuildWindow? _window;
    private OpenLots.Lease? _lease;
    private OpenLot? _lot;
    private TakenOverSlabs? _takenOver;
    private IGrainTimer? _timer;
    private long _driven;
    private long _counted;
    private double _fractionAtActivation;
    private long _lastWrite;
    private int _troubles;
    private bool _dirty;
    private bool _isStepping;

    private PyramidBuildState State => state.State;

    private bool Runs => State.Status is PyramidBuildStatus.Planning or PyramidBuildStatus.Running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Runs)
            Drive();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        _takenOver?.Dispose();
        _lease?.Dispose();
        foreach (var region in _inFlight.Keys)
            silos.Leave(region);
        PyramidInstruments.BuildLeft(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task StartAsync(PyramidBuildOrder build)
    {
        if (State.Status == PyramidBuildStatus.Unknown)
        {
            // In this order a process that is lost in between leaves a reminder that removes itself, or an order that nobody follows.
            await this.RegisterOrUpdateReminder(ReminderName, Resumption.After, Resumption.After);
            order.State.Order = build;
            await order.WriteStateAsync();
            try
            {
                State.Started = time.GetUtcNow();
                State.Status = PyramidBuildStatus.Planning;
                _counted = time.GetTimestamp();
                await WriteAsync();
            }
            catch
            {
                State.Status = PyramidBuildStatus.Unknown;
                throw;
            }
        }

        if (Runs)
            Drive();
    }

    public Task<PyramidBuildOrder> GetOrderAsync() =>
        Task.FromResult(order.State.Order ?? throw new InvalidOperationException("The build's order is not stored."));

    // Interleaves with a step, which asks for the status after each await.
    public async Task AbortAsync()
    {
        if (Runs)
            await EndAsync(PyramidBuildStatus.Aborted);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Runs)
            Drive();
        else
            await RemoveReminderAsync();
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(RegionReport report)
    {
        if (!_inFlight.TryGetValue(report.Region, out var region))
            return Task.CompletedTask;
        region.LastHeard = time.GetTimestamp();
        region.IsToStart |= report.Leaves;
        foreach (var slab in report.Slabs)
        {
            if (region.Slabs.Add(slab))
                _journal.Add(slab);
        }

        if (report.Ended)
        {
            _inFlight.Remove(report.Region);
            silos.Leave(report.Region);
            Count(report.Slabs);
            State.Failures.AddRange(report.Failures.Take(FailuresKept - State.Failures.Count));
            _window?.Finish(region.Position);
            _dirty = true;
            // Its place is free: the next region begins at once. A build in trouble keeps its pause.
            if (_troubles == 0)
                _timer?.Change(TimeSpan.Zero, Step);
        }

        return Task.CompletedTask;
    }

    private void Drive()
    {
        if (_timer is not null)
            return;
        _driven = _counted = time.GetTimestamp();
        _timer = this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Step) { Interleave = true, KeepAlive = true });
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        // A timer that was changed in a step may tick before the step has ended.
        if (_isStepping)
            return;
        _isStepping = true;
        try
        {
            if (Runs)
                await PlanAsync(cancellationToken);
            if (Runs && _lot!.Formers.Count > 0 && State.ListLines >= 0)
                await TakeOverAsync(cancellationToken);
            if (Runs)
                await OfferRegionsAsync();
            if (Runs && _window!.IsDone)
            {
                await NextTierAsync(cancellationToken);
                _timer?.Change(TimeSpan.Zero, Step);
            }

            TellOperators();
            if (_dirty && Runs && time.GetElapsedTime(_lastWrite) > WriteEvery)
                await WriteAsync();
            if (!Runs)
                await CloseAsync();
            _troubles = 0;
        }
        catch (InconsistentStateException error)
        {
            // Another activation wrote: the next one begins from what is stored.
            log.LogWarning(error, "Pyramid build {Build} begins anew from its checkpoint", this.GetPrimaryKeyString());
            DeactivateOnIdle();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await TroubleAsync(error);
        }
        finally
        {
            _isStepping = false;
        }
    }

    // An absent database is waited for, a store is tried again; all else would fail the same way for ever.
    private async Task TroubleAsync(Exception error)
    {
        _troubles++;
        log.LogWarning(error, "Pyramid build {Build}, trouble {Troubles} in a row", this.GetPrimaryKeyString(), _troubles);
        if (!Runs || Outage.Is(error) || (error is StorageException and not StorageFullException && _troubles < options.Attempts))
        {
            _timer?.Change(TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, _troubles)), Step);
            return;
        }

        State.Failures.Add(error.Message);
        try
        {
            await EndAsync(PyramidBuildStatus.Failed);
        }
        catch (Exception again) when (again is not OutOfMemoryException)
        {
            log.LogWarning(again, "Pyramid build {Build} has failed, and that cannot be written yet", this.GetPrimaryKeyString());
        }
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
        if (State.Status == PyramidBuildStatus.Planning || State.Tier >= lot.Plan.Tiers.Count || State.RegionsOfTier != lot.Plan.Tiers[State.Tier].Regions)
            BeginTiers(lot.Plan);
        _window = WindowOf(State.Tier);
        if (State.Status == PyramidBuildStatus.Planning)
        {
            State.InputPixels = lot.InputPixels;
            State.Levels = [.. lot.Plan.Levels.Select(level => new LevelProgress(
                level.Level, 0, level.Slabs, level.SlabLimits.MinCol, level.SlabLimits.MinRow, level.SlabLimits.MaxCol, level.SlabLimits.MaxRow))];
            State.Status = PyramidBuildStatus.Running;
            // Soon enough: who begins anew plans the same.
            _dirty = true;
        }

        _fractionAtActivation = Fraction();
        _toldPixels = (long)(State.InputPixels * _fractionAtActivation);
    }

    // Also for a build that an older version began, which cut the levels otherwise: what is done is known to the regions' own checkpoints.
    private void BeginTiers(PyramidPlan plan)
    {
        State.Tier = plan.FirstTier;
        State.RegionsOfTier = plan.Tiers[State.Tier].Regions;
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
            _dirty = true;
            if (Runs && time.GetElapsedTime(_lastWrite) > WriteEvery)
                await WriteAsync();
        }

        takenOver.Dispose();
        _takenOver = null;
    }

    private async Task OfferRegionsAsync()
    {
        var window = silos.Window;
        while (_inFlight.Count < window && _starts.TryTake(time.GetElapsedTime(_driven).TotalSeconds) && _window!.TryTakeNext(out var position, out var region))
            _inFlight[KeyOf(region)] = new RegionInFlight(position, OrderOf(region, window));
        var silent = _inFlight.Where(entry => !entry.Value.IsToStart && time.GetElapsedTime(entry.Value.LastHeard).TotalSeconds > Math.Max(AskAgain.TotalSeconds, 2 * entry.Value.Order.ReportSeconds)).ToList();
        // Reports may go to another activation, which leads the build then: this one learns so from the checkpoint.
        _dirty |= silent.Count > 0;
        var starting = _inFlight.Where(entry => entry.Value.IsToStart && entry.Value.NotBefore <= time.GetTimestamp()).Concat(silent).ToList();
        await Task.WhenAll(starting.Select(entry => StartAsync(entry.Key, entry.Value)));
    }

    // One region whose silo is being lost keeps no other waiting.
    private async Task StartAsync(string key, RegionInFlight region)
    {
        region.LastHeard = time.GetTimestamp();
        region.IsToStart = false;
        try
        {
            await GrainFactory.GetGrain<IRegionGrain>(key).StartAsync(region.Order);
        }
        catch (Exception error) when (Outage.Is(error))
        {
            region.IsToStart = true;
            region.NotBefore = time.GetTimestamp() + time.TimestampFrequency;
            log.LogInformation("Region {Region} could not be started yet: {Reason}", key, error.Message);
        }
        catch
        {
            region.IsToStart = true;
            throw;
        }
    }

    private async Task NextTierAsync(CancellationToken cancellationToken)
    {
        var lot = _lot!;
        if (State.Failures.Count > 0)
        {
            await EndAsync(PyramidBuildStatus.Failed);
            return;
        }

        if (State.Tier + 1 < lot.Plan.Tiers.Count)
        {
            State.Tier++;
            State.RegionsOfTier = lot.Plan.Tiers[State.Tier].Regions;
            State.Done.Clear();
            State.DoneBefore = 0;
            _window = WindowOf(State.Tier);
            // Soon enough: the regions of a tier that is begun again answer from their checkpoints.
            _dirty = true;
            return;
        }

        if (State.Tiles == 0 && State.SlabsTakenOver == 0)
        {
            State.Failures.Add(Empty);
            await EndAsync(PyramidBuildStatus.Failed);
            return;
        }

        // Some a step: a large lot has a hundred thousand regions.
        if (!await removal.DeleteSomeAsync(PyramidPlace.HandoverPrefixOf(lot.Order), cancellationToken) || !Runs)
            return;
        var pyramid = await PyramidFiles.WriteAsync(pyramids, lot);
        if (!Runs)
            return;
        State.Pyramid = pyramid;
        await EndAsync(PyramidBuildStatus.Finished);
    }

    // Once the status is set no step offers a region; those in flight have stopped writing when this returns.
    private async Task EndAsync(PyramidBuildStatus status)
    {
        State.Status = status;
        State.Ended = time.GetUtcNow();
        TellOperatorsOfEnd();
        List<string> regions = [.. _inFlight.Keys];
        foreach (var region in _inFlight.Values)
            Count(region.Slabs);
        regions.ForEach(silos.Leave);
        _inFlight.Clear();
        await Task.WhenAll(regions.Select(StopAsync));
        await CloseAsync();
    }

    private async Task StopAsync(string region)
    {
        try
        {
            await GrainFactory.GetGrain<IRegionGrain>(region).StopAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Region {Region} could not be told to stop: {Reason}", region, error.Message);
        }
    }

    // Steps repeat this until it succeeds, so that an end is never left unwritten.
    private async Task CloseAsync()
    {
        await WriteAsync();
        _takenOver?.Dispose();
        _takenOver = null;
        _lease?.Dispose();
        _lease = null;
        _lot = null;
        _window = null;
        await RemoveReminderAsync();
        _timer?.Dispose();
        _timer = null;
    }

    private async Task RemoveReminderAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    // An abort writes while a step may be writing: one after the other, or the second would be refused for its old version.
    private async Task WriteAsync()
    {
        await _writing.WaitAsync();
        try
        {
            State.SecondsBefore += time.GetElapsedTime(_counted).TotalSeconds;
            _lastWrite = _counted = time.GetTimestamp();
            _dirty = false;
            await state.WriteStateAsync();
        }
        catch
        {
            _dirty = true;
            throw;
        }
        finally
        {
            _writing.Release();
        }
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

    private BuildWindow WindowOf(int tier) => new(_lot!.Plan.Regions(_lot.Plan.Tiers[tier]), State);

    private string KeyOf(PyramidRegion region) => $"{this.GetPrimaryKeyString()}|{region.Root.Level}|{region.Root.Col}|{region.Root.Row}";

    private RegionOrder OrderOf(PyramidRegion region, int window) => new(
        this.GetPrimaryKeyString(), _lot!.Digest, region.Tier, region.Root.Level, region.Root.Col, region.Root.Row, ReportSeconds(window));

    /// <summary>Seconds between the reports of a region, so that a build of any size is told of a bounded number of them a second.</summary>
    internal static double ReportSeconds(int window) => Math.Clamp(window / ReportsPerSecond, 0.5, 60);

    private sealed class RegionInFlight(long position, RegionOrder order)
    {
        public long Position { get; } = position;

        public RegionOrder Order { get; } = order;

        public HashSet<FinishedSlab> Slabs { get; } = [];

        public long LastHeard { get; set; }

        /// <summary>Timestamp from which on it is tried again, where it could not be started.</summary>
        public long NotBefore { get; set; } = long.MinValue;

        /// <summary>True until its silo has accepted it, and again when that silo stops it.</summary>
        public bool IsToStart { get; set; } = true;
    }
}
