using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.PointClouds;

/// <summary>
/// One tile of a terrain model: takes one of the silo's places, which it shares with the regions of raster builds, computes off the scheduler, and reports its
/// end. It has no state of its own.
/// </summary>
[RegionPlacement]
public sealed class TerrainTileGrain(
    TerrainTiles tiles, RegionSlots slots, PyramidBuildOptions options, IRegionSilos silos, ILogger<TerrainTileGrain> log) : Grain, ITerrainTileGrain
{
    private static readonly TimeSpan WaitForSlot = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();
    private TerrainTileOrder? _order;
    private IGrainTimer? _timer;
    private Task<(string Name, long SizeBytes, long Points)>? _computing;
    private bool _holdsSlot;
    private int _attempt = 1;

    public Task StartAsync(TerrainTileOrder order)
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
            await TellAsync(Report("", 0, 0, null) with { Leaves = true });
    }

    private TerrainTileReport Report(string name, long sizeBytes, long points, string? failure) =>
        new(this.GetPrimaryKeyString(), _order!.Index, name, sizeBytes, points, failure);

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
            _computing = Task.Run(() => tiles.MakeAsync(order, slots.ThreadsPerRegion, _stopping.Token), _stopping.Token);
            var (name, size, points) = await _computing;
            _stopping.Token.ThrowIfCancellationRequested();
            await EndAsync(Report(name, size, points, null));
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
        log.LogWarning(error, "Tile {Tile}, attempt {Attempt} of {Attempts}", this.GetPrimaryKeyString(), _attempt, options.Attempts);
        // A damaged file is as damaged the next time; a store may answer again.
        await FreeAsync();
        if (error is not (InvalidPointCloudException or ArgumentException) && _attempt < options.Attempts)
        {
            timer.Change(TimeSpan.FromSeconds(_attempt), WaitForSlot);
            _attempt++;
            return;
        }

        await EndAsync(Report("", 0, 0, error.Message));
    }

    // A report that is lost is asked for again by the build, which starts the tile anew.
    private async Task EndAsync(TerrainTileReport report)
    {
        EndTimer();
        await FreeAsync();
        await TellAsync(report);
        DeactivateOnIdle();
    }

    private async Task TellAsync(TerrainTileReport report)
    {
        try
        {
            await GrainFactory.GetGrain<ITerrainBuildGrain>(_order!.BuildId).ReportAsync(report);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Tile {Tile} could not report: {Reason}", this.GetPrimaryKeyString(), error.Message);
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
