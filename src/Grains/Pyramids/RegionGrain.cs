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
/// Computes one subtree of a pyramid, a slab a timer tick: pixels are computed off the scheduler, put as objects, and reported by name
/// only. Its checkpoint is written once, when all is done; a region that was lost begins anew and makes the same bytes.
/// </summary>
public sealed class RegionGrain(
    [PersistentState("region", GrainStorage.Name)] IPersistentState<RegionState> state,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    RegionSlots slots,
    OpenLots lots,
    PyramidBuildOptions options,
    TimeProvider time,
    ILogger<RegionGrain> log) : Grain, IRegionGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitForSlot = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseAfterOutage = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    private readonly List<FinishedSlab> _unreported = [];
    private readonly CancellationTokenSource _stopping = new();
    private RegionOrder? _order;
    private IGrainTimer? _timer;
    private readonly List<string> _failures = [];
    private OpenLots.Lease? _lot;
    private RegionBuild? _build;
    private Task<FinishedSlab>? _putting;
    private bool _holdsSlot;
    private bool _finished;
    private int _attempt = 1;
    private long _lastReport;

    public async Task StartAsync(RegionOrder order)
    {
        if (state.State.DoneFor == order.Digest)
        {
            await ReportAsync(order, state.State.Slabs, ended: true, state.State.Failures);
            return;
        }

        if (_timer is not null)
            return;
        _order = order;
        _timer = this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Tick) { Interleave = true, KeepAlive = true });
    }

    // Interleaves with a step, which sees the cancellation at its next check.
    public Task StopAsync()
    {
        _stopping.Cancel();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _stopping.Cancel();
        Release();
        return Task.CompletedTask;
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_order is not { } order || _timer is null)
            return;
        try
        {
            _stopping.Token.ThrowIfCancellationRequested();
            if (_finished)
            {
                await EndAsync(order);
                return;
            }

            if (!_holdsSlot && !(_holdsSlot = slots.TryTake()))
            {
                _timer.Change(WaitForSlot, WaitForSlot);
                return;
            }

            if (_build is null)
            {
                _timer.Change(Tick, Tick);
                _lot ??= lots.Join(order.Build);
                _build = await Task.Run(() => _lot.Lot.BeginRegion(order, pyramids, slots.ThreadsPerRegion), _stopping.Token);
            }

            var built = await Task.Run(() => _build.TryBuildNext(_stopping.Token, out var slab) ? slab : null, _stopping.Token);
            await PutAsync();
            if (built is not null)
                _putting = PutSlabAsync(_lot!.Lot, built);
            else
                _finished = true;
            if (built is not null && time.GetElapsedTime(_lastReport) > ReportEvery)
                await ReportAsync(order, TakeUnreported(), ended: false, []);
        }
        catch (OperationCanceledException)
        {
            Release();
            DeactivateOnIdle();
        }
        catch (InconsistentStateException)
        {
            // The checkpoint was written though its answer was lost: the build asks again, and the next activation reads it.
            Release();
            DeactivateOnIdle();
        }
        catch (Exception outage) when (_finished && Outage.Is(outage))
        {
            // What was computed is kept until it can be recorded.
            log.LogWarning("Region {Region} waits: {Reason}", this.GetPrimaryKeyString(), outage.Message);
            _timer?.Change(PauseAfterOutage, PauseAfterOutage);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await FailAsync(order, error);
        }
    }

    private async Task<FinishedSlab> PutSlabAsync(OpenLot lot, BuiltSlab built)
    {
        using (built)
        {
            if (built.Failure is { } failure)
                _failures.Add($"Slab {built.Slab.Col},{built.Slab.Row} of level {built.Slab.Level}: {failure.Message}");
            if (built.Tiles > 0)
            {
                await pyramids.PutAsync(lot.KeyOf(built.Slab, SlabKind.Data), built.Data.Memory);
                if (built.Mask is { } mask)
                    await pyramids.PutAsync(lot.KeyOf(built.Slab, SlabKind.Mask), mask.Memory);
            }

            return new FinishedSlab(built.Slab.Level, built.Slab.Col, built.Slab.Row, built.Tiles, built.Tiles > 0 ? built.Data.Length : 0);
        }
    }

    // Puts overlap the computing of the next slab; at most one is under way.
    private async Task PutAsync()
    {
        if (_putting is not { } putting)
            return;
        _putting = null;
        var slab = await putting;
        _unreported.Add(slab);
        state.State.Slabs.Add(slab);
    }

    private async Task EndAsync(RegionOrder order)
    {
        state.State.DoneFor = order.Digest;
        state.State.Failures = _failures;
        await state.WriteStateAsync();
        Release();
        await ReportAsync(order, state.State.Slabs, ended: true, _failures);
        DeactivateOnIdle();
    }

    private async Task FailAsync(RegionOrder order, Exception error)
    {
        log.LogWarning(error, "Region {Region}, attempt {Attempt} of {Attempts}", this.GetPrimaryKeyString(), _attempt, options.Attempts);
        _build?.Dispose();
        _build = null;
        if (_putting is { } putting)
        {
            _putting = null;
            await putting.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        // A raster that cannot be read will not be readable the next time; a store may.
        if (error is not UnreadableRasterException && _attempt++ < options.Attempts)
        {
            state.State.Slabs.Clear();
            _failures.Clear();
            _timer?.Change(TimeSpan.FromSeconds(_attempt), Tick);
            return;
        }

        _failures.Add($"Region {order.Col},{order.Row} of level {order.RootLevel}: {error.Message}");
        _finished = true;
    }

    private List<FinishedSlab> TakeUnreported()
    {
        List<FinishedSlab> slabs = [.. _unreported];
        _unreported.Clear();
        return slabs;
    }

    private Task ReportAsync(RegionOrder order, IReadOnlyList<FinishedSlab> slabs, bool ended, IReadOnlyList<string> failures)
    {
        _lastReport = time.GetTimestamp();
        return GrainFactory.GetGrain<IPyramidBuildGrain>(order.BuildId)
            .ReportAsync(new RegionReport(this.GetPrimaryKeyString(), slabs, ended, failures));
    }

    private void Release()
    {
        _timer?.Dispose();
        _timer = null;
        _build?.Dispose();
        _build = null;
        _lot?.Dispose();
        _lot = null;
        if (_holdsSlot)
        {
            _holdsSlot = false;
            slots.Release();
        }
    }
}
