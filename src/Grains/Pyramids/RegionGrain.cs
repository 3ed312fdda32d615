using System.Diagnostics;
using Grid.Imaging;
using Grid.Imaging.Pyramids;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Grid.Tiling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Computes one subtree of a pyramid, some slabs a timer tick: pixels are computed off the scheduler, put as objects, and reported by name
/// only. Its checkpoint is written once, when all is done; a region that was lost begins anew and makes the same bytes.
/// </summary>
[RegionPlacement]
public sealed class RegionGrain(
    [PersistentState("region", GrainStorage.Name)] IPersistentState<RegionState> state,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    RegionSlots slots,
    OpenLots lots,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<RegionGrain> log) : Grain, IRegionGrain
{
    private const ConfigureAwaitOptions Settled = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private const int MostPuts = 16;
    private const long MostPutBytes = 16 << 20;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StillWaiting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteAgain = TimeSpan.FromSeconds(1);

    private readonly List<FinishedSlab> _unreported = [];
    private readonly List<string> _failures = [];
    private readonly CancellationTokenSource _stopping = new();
    private RegionOrder? _order;
    private IGrainTimer? _timer;
    private OpenLots.Lease? _lease;
    private OpenLot? _lot;
    private IRegionWork? _build;
    private Task? _computing;
    private readonly Queue<(Task<FinishedSlab> Put, long Bytes)> _putting = [];
    private volatile bool _misses;
    private bool _waitsForSlot;
    private bool _holdsSlot;
    private bool _isBuilt;
    private Task _step = Task.CompletedTask;
    private int _attempt = 1;
    private long _lastReport;

    public async Task StartAsync(RegionOrder order)
    {
        if (_timer is not null)
            return;
        if (state.State.DoneFor == order.Digest)
        {
            await ReportAsync(order, state.State.Slabs, ended: true, state.State.Failures);
            return;
        }

        _order = order;
        // Regions that begin together do not all report together.
        _lastReport = time.GetTimestamp() - (long)(Random.Shared.NextDouble() * order.ReportSeconds * time.TimestampFrequency);
        BeginAnew();
        _timer = this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Tick) { Interleave = true, KeepAlive = true });
    }

    // Interleaves with a step, which sees the cancellation after its next await. Nothing is written any more when this returns.
    public async Task StopAsync()
    {
        await StopWorkAsync();
        DeactivateOnIdle();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var leaves = reason.ReasonCode == DeactivationReasonCode.ShuttingDown && silos.Others > 0;
        if (leaves)
            await FinishAsync(cancellationToken);
        var isInHand = _timer is not null;
        await StopWorkAsync();
        if (isInHand && leaves)
            await TellAsync(_order!, [], ended: false, [], leaves: true);
    }

    // A silo that is asked to stop has time for the regions that it computes; those that wait for a place begin elsewhere.
    private async Task FinishAsync(CancellationToken limit)
    {
        await using var stop = limit.Register(_stopping.Cancel);
        await _step.ConfigureAwait(Settled);
        while (_holdsSlot && _timer is not null && !_stopping.IsCancellationRequested)
            await StepAsync(limit);
    }

    // A timer that was changed in a step may tick before the step has ended.
    private Task StepAsync(CancellationToken cancellationToken) => _step.IsCompleted ? _step = StepOnceAsync() : Task.CompletedTask;

    private async Task StepOnceAsync()
    {
        if (_order is not { } order || _timer is not { } timer)
            return;
        try
        {
            _stopping.Token.ThrowIfCancellationRequested();
            if (!_isBuilt)
            {
                if (!_holdsSlot && !TakeSlot(timer))
                    return;
                if (_build is null)
                {
                    var lease = _lease ??= lots.Join(order.BuildId);
                    var build = await GrainFactory.GetGrain<IBuildOrderGrain>(order.BuildId).GetAsync();
                    _stopping.Token.ThrowIfCancellationRequested();
                    await ComputeAsync(() => _build = (_lot = lease.Open(build)).BeginRegion(order, pyramids, slots.Threads, () => _misses = true));
                }

                // The small slabs of coarse levels take less than the pause between two steps.
                var begun = time.GetTimestamp();
                do
                    await BuildNextAsync(order);
                while (!_isBuilt && time.GetElapsedTime(begun) < LongestStep);
            }

            if (_isBuilt)
                await EndAsync(order);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            await FreeAsync();
            DeactivateOnIdle();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await FailAsync(order, timer, error);
        }
    }

    // A step that waited for its place would keep the activation from leaving: the place's coming is what brings the next step.
    private bool TakeSlot(IGrainTimer timer)
    {
        if (_waitsForSlot)
            return false;
        var taking = slots.TakeAsync(_stopping.Token);
        _holdsSlot = taking.IsCompletedSuccessfully;
        if (_holdsSlot)
            return true;
        _waitsForSlot = true;
        timer.Change(StillWaiting, StillWaiting);
        _ = BeginAfterAsync(taking, timer);
        return false;
    }

    private async Task BeginAfterAsync(Task taking, IGrainTimer timer)
    {
        await taking.ConfigureAwait(Settled);
        _waitsForSlot = false;
        if (!taking.IsCompletedSuccessfully)
            return;
        if (_stopping.IsCancellationRequested)
        {
            slots.Release();
            return;
        }

        _holdsSlot = true;
        timer.Change(TimeSpan.Zero, Tick);
    }

    private async Task BuildNextAsync(RegionOrder order)
    {
        var build = _build!;
        var built = await ComputeAsync(() => BuildNext(order, build));
        try
        {
            if (_misses && await IsDoneElsewhereAsync(order))
            {
                built?.Dispose();
                built = null;
                _isBuilt = true;
                await FreeAsync();
                return;
            }

            await PutAsync(built);
            _stopping.Token.ThrowIfCancellationRequested();
        }
        catch
        {
            built?.Dispose();
            throw;
        }

        if (built is null)
        {
            _isBuilt = true;
            await FreeAsync();
            return;
        }

        _putting.Enqueue((PutSlabAsync(_lot!, built), BytesOf(built)));
        if (time.GetElapsedTime(_lastReport).TotalSeconds > order.ReportSeconds)
            await TellAsync(order, TakeUnreported(), ended: false, []);
    }

    // What a region is made of is deleted once it is done: by another activation, where this one's silo was taken for dead. What that one has put stands.
    private async Task<bool> IsDoneElsewhereAsync(RegionOrder order)
    {
        _misses = false;
        var mine = state.State;
        await state.ReadStateAsync();
        if (state.State.DoneFor != order.Digest)
        {
            state.State = mine;
            return false;
        }

        _unreported.Clear();
        _failures.Clear();
        _failures.AddRange(state.State.Failures);
        return true;
    }

    private BuiltSlab? BuildNext(RegionOrder order, IRegionWork build)
    {
        var begun = Stopwatch.GetTimestamp();
        using var trace = PyramidInstruments.Trace("slab", order.BuildId);
        if (!build.TryBuildNext(_stopping.Token, out var slab))
        {
            // Nothing was left to compute.
            if (trace is not null)
                trace.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return null;
        }

        PyramidInstruments.SlabComputed(Stopwatch.GetElapsedTime(begun));
        trace?.SetTag("grid.slab", $"{slab.Slab.Level}/{slab.Slab.Col}/{slab.Slab.Row}").SetTag("grid.tiles", slab.Tiles);
        return slab;
    }

    // What is computed off the scheduler is kept in hand, so that nothing it uses is disposed under it.
    private Task<T> ComputeAsync<T>(Func<T> work)
    {
        var computing = slots.ComputeAsync(work, _stopping.Token);
        _computing = computing;
        return computing;
    }

    private async Task<FinishedSlab> PutSlabAsync(OpenLot lot, BuiltSlab built)
    {
        using (built)
        {
            var begun = Stopwatch.GetTimestamp();
            if (built.Failure is { } failure)
                _failures.Add($"Slab {built.Slab.Col},{built.Slab.Row} of level {built.Slab.Level}: {failure.Message}");
            if (built.IsAsBefore)
            {
                await pyramids.LinkAsync(lot.LinksOf(built.Slab, built.Tiles));
            }
            else if (built.Tiles > 0)
            {
                await pyramids.PutAsync(lot.KeyOf(built.Slab, StoredPart.Data), built.Data.Memory);
                if (built.Mask is { } mask)
                    await pyramids.PutAsync(lot.KeyOf(built.Slab, StoredPart.Mask), mask.Memory);
                if (built.Handover is { } handover)
                {
                    if (handover.Halves is { } halves)
                        await pyramids.PutAsync(lot.KeyOf(built.Slab, StoredPart.HandoverHalves), halves.Memory);
                    await pyramids.PutAsync(lot.KeyOf(built.Slab, StoredPart.HandoverMask), handover.Mask.Memory);
                }
            }

            PyramidInstruments.SlabFinished(
                built.Failure is not null ? "failed" : built.IsAsBefore ? "linked" : built.Tiles > 0 ? "written" : "empty",
                built.Tiles, built.IsAsBefore ? 0 : BytesOf(built), Stopwatch.GetElapsedTime(begun));
            return new FinishedSlab(built.Slab.Level, built.Slab.Col, built.Slab.Row, built.Tiles, built.Data.Length);
        }
    }

    // Puts overlap the computing of the next slabs, some at once and one that is large alone: the small slabs of coarse levels are made faster than a
    // device flushes them. Slabs are told of in their order.
    private async Task PutAsync(BuiltSlab? next)
    {
        while (_putting.TryPeek(out var oldest)
            && (next is null || oldest.Put.IsCompleted || _putting.Count >= MostPuts || _putting.Sum(put => put.Bytes) + BytesOf(next) > MostPutBytes))
        {
            var slab = await oldest.Put;
            // Whoever stops the region waits for what is left.
            _stopping.Token.ThrowIfCancellationRequested();
            _putting.Dequeue();
            _unreported.Add(slab);
            state.State.Slabs.Add(slab);
        }
    }

    private static long BytesOf(BuiltSlab slab) =>
        slab.Data.Length + (slab.Mask?.Length ?? 0) + (slab.Handover?.Halves?.Length ?? 0) + (slab.Handover?.Mask.Length ?? 0);

    // The checkpoint comes before the report: what the build counts as done stays done. A state store that is away is waited for, and a
    // report that is lost is asked for again by the build.
    private async Task EndAsync(RegionOrder order)
    {
        state.State.DoneFor = order.Digest;
        state.State.Failures = [.. _failures];
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception error) when (error is not (InconsistentStateException or OutOfMemoryException))
        {
            log.LogWarning(error, "Region {Region} is done, but its checkpoint cannot be written", this.GetPrimaryKeyString());
            state.State.DoneFor = "";
            _timer?.Change(WriteAgain, WriteAgain);
            return;
        }
        catch (InconsistentStateException error)
        {
            log.LogWarning(error, "Region {Region} was done by another activation", this.GetPrimaryKeyString());
            EndTimer();
            DeactivateOnIdle();
            return;
        }

        EndTimer();
        await TellAsync(order, state.State.Slabs, ended: true, state.State.Failures);
        DeactivateOnIdle();
    }

    private async Task FailAsync(RegionOrder order, IGrainTimer timer, Exception error)
    {
        log.LogWarning(error, "Region {Region}, attempt {Attempt} of {Attempts}", this.GetPrimaryKeyString(), _attempt, options.Attempts);
        PyramidInstruments.RegionFailed();
        // The place is given back for the time of the pause.
        await FreeAsync();
        if (_stopping.IsCancellationRequested)
            return;

        // A raster that cannot be read will not be readable the next time; a store may. A database comes back, and the build is found elsewhere when its silo
        // was lost, however long that takes.
        var isOutage = Outage.Is(error);
        if (isOutage || (error is not UnreadableRasterException && _attempt < options.Attempts))
        {
            BeginAnew();
            timer.Change(TimeSpan.FromSeconds(_attempt), Tick);
            _attempt += isOutage ? 0 : 1;
            return;
        }

        _failures.Add($"Region {order.Col},{order.Row} of level {order.RootLevel}: {error.Message}");
        _isBuilt = true;
        await EndAsync(order);
    }

    private List<FinishedSlab> TakeUnreported()
    {
        List<FinishedSlab> slabs = [.. _unreported];
        _unreported.Clear();
        return slabs;
    }

    private async Task TellAsync(RegionOrder order, IReadOnlyList<FinishedSlab> slabs, bool ended, IReadOnlyList<string> failures, bool leaves = false)
    {
        try
        {
            await ReportAsync(order, slabs, ended, failures, leaves);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Region {Region} could not report: {Reason}", this.GetPrimaryKeyString(), error.Message);
        }
    }

    private Task ReportAsync(RegionOrder order, IReadOnlyList<FinishedSlab> slabs, bool ended, IReadOnlyList<string> failures, bool leaves = false)
    {
        _lastReport = time.GetTimestamp();
        return GrainFactory.GetGrain<IPyramidBuildGrain>(order.BuildId)
            .ReportAsync(new RegionReport(this.GetPrimaryKeyString(), slabs, ended, failures, leaves));
    }

    private void BeginAnew()
    {
        state.State.DoneFor = "";
        state.State.Slabs = [];
        _unreported.Clear();
        _failures.Clear();
        _isBuilt = false;
    }

    private Task StopWorkAsync()
    {
        _stopping.Cancel();
        EndTimer();
        return FreeAsync();
    }

    private void EndTimer()
    {
        _timer?.Dispose();
        _timer = null;
    }

    // Gives back what computing holds, once nothing computes or puts any more.
    private async Task FreeAsync()
    {
        if (_computing is { } computing)
            await computing.ConfigureAwait(Settled);
        while (_putting.TryDequeue(out var putting))
            await ((Task)putting.Put).ConfigureAwait(Settled);
        _build?.Dispose();
        _build = null;
        _lease?.Dispose();
        _lease = null;
        _lot = null;
        if (_holdsSlot)
        {
            _holdsSlot = false;
            slots.Release();
        }
    }
}
