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
public sealed class PyramidBuildGrain(
    [PersistentState("pyramid-build", GrainStorage.Name)] IPersistentState<PyramidBuildState> state,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    OpenLots lots,
    PyramidBuildOptions options,
    TimeProvider time,
    ILogger<PyramidBuildGrain> log) : Grain, IPyramidBuildGrain, IRemindable
{
    private const string ReminderName = "resume";
    private const string Empty =
        "no raster of the lot has a pixel of data: every pixel is masked, or has the value of nodata. Check the nodata value that the files declare, or the parameter \"nodata\".";

    private const int JournalPage = 4096;
    private const int FailuresKept = 100;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterOutage = TimeSpan.FromSeconds(1);

    private readonly List<FinishedSlab> _journal = [];
    private readonly Dictionary<string, RegionInFlight> _inFlight = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private BuildWindow? _window;
    private OpenLots.Lease? _lease;
    private OpenLot? _lot;
    private IGrainTimer? _timer;
    private long _driven;
    private long _counted;
    private double _fractionAtActivation;
    private long _lastWrite;
    private bool _dirty;
    private bool _ending;
    private int _failedSteps;

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
        _lease?.Dispose();
        return Task.CompletedTask;
    }

    public async Task StartAsync(PyramidBuildOrder order)
    {
        if (State.Order is not null && !Runs)
            return;

        // The reminder comes first: a call that was cut before its end is repeated, and then finds the order kept or not.
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        if (State.Order is null)
        {
            State.Order = order;
            State.Status = PyramidBuildStatus.Planning;
            State.Started = time.GetUtcNow();
            try
            {
                await state.WriteStateAsync();
            }
            catch
            {
                DeactivateOnIdle();
                throw;
            }
        }

        Drive();
    }

    // Interleaves with a step: the status decides what the step does next, and regions are told at once.
    public async Task AbortAsync()
    {
        if (!Runs)
            return;
        foreach (var region in _inFlight.Keys.ToList())
            await GrainFactory.GetGrain<IRegionGrain>(region).StopAsync();
        if (!Runs)
            return;
        End(PyramidBuildStatus.Aborted);
        await RecordEndAsync();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Runs)
            Drive();
        return Task.CompletedTask;
    }

    public Task<PyramidBuildProgress> GetProgressAsync() => Task.FromResult(Progress());

    public Task<FinishedSlabs> GetFinishedSlabsAsync(int from)
    {
        var first = Math.Clamp(from, 0, _journal.Count);
        var slabs = _journal.GetRange(first, Math.Min(JournalPage, _journal.Count - first));
        return Task.FromResult(new FinishedSlabs(slabs, first + slabs.Count));
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(RegionReport report)
    {
        if (!_inFlight.TryGetValue(report.Region, out var region))
            return Task.CompletedTask;
        region.LastHeard = time.GetTimestamp();
        foreach (var slab in report.Slabs)
        {
            if (region.Slabs.Add(slab))
                _journal.Add(slab);
        }

        if (report.Ended)
        {
            _inFlight.Remove(report.Region);
            foreach (var slab in report.Slabs)
            {
                State.SlabsDone[slab.Level] = State.SlabsDone.GetValueOrDefault(slab.Level) + 1;
                State.Tiles += slab.Tiles;
                State.Bytes += slab.Bytes;
            }

            State.Failures.AddRange(report.Failures.Take(FailuresKept - State.Failures.Count));
            _window?.Finish(region.Position);
            _dirty = true;
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
        try
        {
            if (_ending)
                await RecordEndAsync();
            if (!Runs)
                return;
            await PlanAsync(cancellationToken);
            await OfferRegionsAsync();
            if (Runs && _window!.IsDone)
                await NextTierAsync();
            if (_dirty && Runs && time.GetElapsedTime(_lastWrite) > WriteEvery)
                await WriteAsync();
            _failedSteps = 0;
        }
        catch (InconsistentStateException)
        {
            // A write whose answer was lost had been made all the same: whoever is activated next reads it.
            DeactivateOnIdle();
        }
        catch (Exception error) when (Outage.Is(error) || (error is StorageException and not StorageFullException && ++_failedSteps < options.Attempts))
        {
            log.LogWarning("Pyramid build {Build} waits: {Reason}", this.GetPrimaryKeyString(), error.Message);
            _dirty = true;
            _timer?.Change(PauseAfterOutage, Step);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            if (!Runs)
                return;
            log.LogWarning(error, "Pyramid build {Build}", this.GetPrimaryKeyString());
            State.Failures.Add(error.Message);
            End(PyramidBuildStatus.Failed);
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        if (_lot is not null)
            return;
        var lease = _lease = lots.Join(State.Order!);
        _lot = await Task.Run(() => lease.Lot, cancellationToken);
        _window = WindowOf(State.Tier);
        _fractionAtActivation = Fraction();
        if (State.Status == PyramidBuildStatus.Planning)
        {
            State.Status = PyramidBuildStatus.Running;
            await WriteAsync();
        }
    }

    private async Task OfferRegionsAsync()
    {
        while (Runs && _inFlight.Count < options.RegionsInFlight && _window!.TryTakeNext(out var position, out var region))
        {
            var key = KeyOf(region);
            _inFlight[key] = new RegionInFlight(position, OrderOf(region)) { LastHeard = time.GetTimestamp() };
            await GrainFactory.GetGrain<IRegionGrain>(key).StartAsync(_inFlight[key].Order);
        }

        foreach (var (key, inFlight) in _inFlight.Where(entry => time.GetElapsedTime(entry.Value.LastHeard) > AskAgain).ToList())
        {
            inFlight.LastHeard = time.GetTimestamp();
            await GrainFactory.GetGrain<IRegionGrain>(key).StartAsync(inFlight.Order);
        }
    }

    private async Task NextTierAsync()
    {
        if (State.Tier + 1 < _lot!.Plan.Tiers.Count && State.Failures.Count == 0)
        {
            State.Tier++;
            State.Done.Clear();
            State.DoneBefore = 0;
            _window = WindowOf(State.Tier);
            await WriteAsync();
            return;
        }

        if (State.Failures.Count == 0 && State.Tiles == 0)
            State.Failures.Add(Empty);
        if (State.Failures.Count == 0)
            State.Pyramid = await PyramidFiles.WriteAsync(pyramids, _lot);
        if (!Runs)
            return;
        End(State.Failures.Count > 0 ? PyramidBuildStatus.Failed : PyramidBuildStatus.Finished);
        await RecordEndAsync();
    }

    // The end stands from here on; recording it is repeated until the database takes it.
    private void End(PyramidBuildStatus status)
    {
        State.Status = status;
        State.Ended = time.GetUtcNow();
        _ending = true;
    }

    private async Task RecordEndAsync()
    {
        await WriteAsync();
        _ending = false;
        _timer?.Dispose();
        _timer = null;
        _inFlight.Clear();
        _lease?.Dispose();
        if (await this.GetReminder(ReminderName) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private async Task WriteAsync()
    {
        State.SecondsBefore += time.GetElapsedTime(_counted).TotalSeconds;
        _lastWrite = _counted = time.GetTimestamp();
        _dirty = false;

        // An abort interleaves with a step: two writes at once would both go by the same version of the state.
        await _writing.WaitAsync();
        try
        {
            await state.WriteStateAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private BuildWindow WindowOf(int tier) => new(_lot!.Plan.Regions(_lot.Plan.Tiers[tier]), State);

    private string KeyOf(PyramidRegion region) => $"{this.GetPrimaryKeyString()}|{region.Root.Level}|{region.Root.Col}|{region.Root.Row}";

    private RegionOrder OrderOf(PyramidRegion region) => new(
        this.GetPrimaryKeyString(), State.Order!, _lot!.Digest, region.Tier, region.Root.Level, region.Root.Col, region.Root.Row);

    private double Fraction()
    {
        if (State.Status == PyramidBuildStatus.Finished)
            return 1;
        if (_lot is null)
            return 0;
        // A slab made from rasters costs about ten times one made from the level below.
        var levels = _lot.Plan.Levels.Select((level, i) => (level.Level, level.Slabs, Cost: i == 0 ? 10.0 : 1.0)).ToList();
        return levels.Sum(level => level.Cost * SlabsDone(level.Level)) / levels.Sum(level => level.Cost * level.Slabs);
    }

    private long SlabsDone(string level) =>
        State.SlabsDone.GetValueOrDefault(level) + _inFlight.Values.Sum(region => region.Slabs.LongCount(slab => slab.Level == level));

    private PyramidBuildProgress Progress()
    {
        var fraction = Fraction();
        var seconds = State.SecondsBefore + (Runs ? time.GetElapsedTime(_counted).TotalSeconds : 0);
        var levels = _lot?.Plan.Levels.Select(level => new LevelProgress(
            level.Level, SlabsDone(level.Level), level.Slabs,
            level.SlabLimits.MinCol, level.SlabLimits.MinRow, level.SlabLimits.MaxCol, level.SlabLimits.MaxRow)).ToList() ?? [];
        var inputPixels = State.Pyramid?.InputPixels ?? _lot?.InputPixels ?? 0;
        return new PyramidBuildProgress
        {
            Status = State.Status,
            SlabsDone = levels.Count > 0 ? levels.Sum(level => level.SlabsDone) : State.SlabsDone.Values.Sum(),
            SlabsTotal = levels.Count > 0 ? levels.Sum(level => level.SlabsTotal) : State.Status == PyramidBuildStatus.Finished ? State.SlabsDone.Values.Sum() : 0,
            Tiles = State.Tiles + _inFlight.Values.Sum(region => region.Slabs.Sum(slab => (long)slab.Tiles)),
            InputPixels = inputPixels,
            Fraction = fraction,
            Started = State.Started,
            Ended = State.Ended,
            TimeLeft = TimeLeft(fraction),
            MegapixelsPerSecond = seconds > 0 ? inputPixels * fraction / seconds / 1e6 : 0,
            Levels = levels,
            Failures = [.. State.Failures],
            Pyramid = State.Pyramid,
        };
    }

    // The rate of this activation only: what was done before a restart says nothing of the machine's speed now.
    private TimeSpan? TimeLeft(double fraction)
    {
        var gained = fraction - _fractionAtActivation;
        return Runs && gained > 0.001 ? time.GetElapsedTime(_driven) * ((1 - fraction) / gained) : null;
    }

    private sealed class RegionInFlight(long position, RegionOrder order)
    {
        public long Position { get; } = position;

        public RegionOrder Order { get; } = order;

        public HashSet<FinishedSlab> Slabs { get; } = [];

        public long LastHeard { get; set; }
    }
}
