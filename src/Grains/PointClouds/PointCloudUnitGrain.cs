using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud;
using Grid.PointCloud.Octree;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.PointClouds;

/// <summary>
/// One unit of a point cloud build: takes one of the silo's places, which it shares with the regions of raster builds, computes off the scheduler, and
/// reports its end. It has no state of its own: what is done is seen in the store.
/// </summary>
[RegionPlacement]
public sealed class PointCloudUnitGrain(
    PointCloudUnits units, RegionSlots slots, PyramidBuildOptions options, IRegionSilos silos, ILogger<PointCloudUnitGrain> log) : Grain, IPointCloudUnitGrain
{
    private static readonly TimeSpan WaitForSlot = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();
    private PointCloudUnitOrder? _order;
    private IGrainTimer? _timer;
    private Task<(long Points, PointCloudFile? File)>? _computing;
    private bool _holdsSlot;
    private int _attempt = 1;

    public Task StartAsync(PointCloudUnitOrder order)
    {
        _order = order;
        if (!_stopping.IsCancellationRequested)
            _timer ??= this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, WaitForSlot) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    // Interleaves with a step, which sees the cancellation after its next await.
    public async Task StopAsync()
    {
        await StopWorkAsync();
        DeactivateOnIdle();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var isInHand = _timer is not null;
        await StopWorkAsync();
        if (isInHand && reason.ReasonCode == DeactivationReasonCode.ShuttingDown && silos.Others > 0)
            await TellAsync(new PointCloudUnitReport(this.GetPrimaryKeyString(), 0, null, null, Leaves: true));
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_timer is not { } timer || _order is not { } order)
            return;
        if (!_holdsSlot && !(_holdsSlot = slots.TryTake(this)))
        {
            timer.Change(WaitForSlot, WaitForSlot);
            return;
        }

        try
        {
            _computing = Task.Run(() => units.RunAsync(order, slots.ThreadsPerRegion, _stopping.Token), _stopping.Token);
            var (points, file) = await _computing;
            _stopping.Token.ThrowIfCancellationRequested();
            PointCloudInstruments.PointsDone(points, order.Kind.ToString().ToLowerInvariant());
            await EndAsync(new PointCloudUnitReport(this.GetPrimaryKeyString(), points, null, file));
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            await FreeAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await FailAsync(timer, error);
        }
    }

    private async Task FailAsync(IGrainTimer timer, Exception error)
    {
        PointCloudInstruments.Failed();
        log.LogWarning(error, "Unit {Unit}, attempt {Attempt} of {Attempts}", this.GetPrimaryKeyString(), _attempt, options.Attempts);
        // The place is given back for the time of the pause. A damaged tile is as damaged the next time; a store may answer again.
        await FreeAsync();
        if (error is not (InvalidPointCloudException or UnfitCloudException) && _attempt < options.Attempts)
        {
            timer.Change(TimeSpan.FromSeconds(_attempt), WaitForSlot);
            _attempt++;
            return;
        }

        await EndAsync(new PointCloudUnitReport(this.GetPrimaryKeyString(), 0, error.Message, null));
    }

    // A report that is lost is asked for again by the build, which starts the unit anew: it finds itself done.
    private async Task EndAsync(PointCloudUnitReport report)
    {
        EndTimer();
        await FreeAsync();
        await TellAsync(report);
        DeactivateOnIdle();
    }

    private async Task TellAsync(PointCloudUnitReport report)
    {
        try
        {
            await GrainFactory.GetGrain<IPointCloudBuildGrain>(_order!.BuildId).ReportAsync(report);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Unit {Unit} could not report: {Reason}", this.GetPrimaryKeyString(), error.Message);
        }
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

    private async Task FreeAsync()
    {
        slots.Leave(this);
        if (_computing is { } computing)
            await ((Task)computing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_holdsSlot)
        {
            _holdsSlot = false;
            slots.Release();
        }
    }
}
