using Grid.Grains.Uploads;
using Grid.Imaging.Gdal;
using Grid.Interfaces.Pyramids;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Grid.Tiling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Imports one delivered pyramid. A timer copies a batch of slabs a turn and then moves the checkpoint; a batch that is copied twice gives the same
/// objects. Links are followed while copying, so what is stored has none. Its execution starts it again after a loss.
/// </summary>
public sealed partial class PyramidImportGrain(
    [PersistentState("import", GrainStorage.Name)] IPersistentState<PyramidImportState> state,
    UploadFiles files, PyramidPlace place, TimeProvider clock, ILogger<PyramidImportGrain> logger,
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids)
    : Grain, IPyramidImportGrain
{
    private const int Batch = 64, AtOnce = 8, MaxAttempts = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1), PauseAfterFailure = TimeSpan.FromSeconds(3);

    private DeliveredPyramid? _pyramid;
    private HashSet<string> _paths = [];
    private IGrainTimer? _timer;
    private bool _aborted;
    private int _attempts;

    private bool Runs => state.State.Status is PyramidBuildStatus.Planning or PyramidBuildStatus.Running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Runs)
            StartTimer();
        return Task.CompletedTask;
    }

    public async Task StartAsync(PyramidImportOrder order)
    {
        if (state.State.Order is null)
        {
            state.State.Order = order;
            state.State.Status = PyramidBuildStatus.Planning;
            state.State.Started = clock.GetUtcNow();
            await state.WriteStateAsync();
        }

        if (Runs)
            StartTimer();
    }

    public Task AbortAsync()
    {
        _aborted = true;
        return Task.CompletedTask;
    }

    public Task<PyramidBuildProgress> GetProgressAsync()
    {
        var now = state.State;
        var fraction = now.SlabsTotal == 0 ? 0 : (double)now.SlabsDone / now.SlabsTotal;
        return Task.FromResult(new PyramidBuildProgress
        {
            Status = now.Order is null ? PyramidBuildStatus.Unknown : now.Status,
            SlabsDone = now.SlabsDone,
            SlabsTotal = now.SlabsTotal,
            Fraction = now.Status == PyramidBuildStatus.Finished ? 1 : fraction,
            Started = now.Started,
            Ended = now.Ended,
            TimeLeft = Runs && fraction > 0 && now.Started is { } started ? (clock.GetUtcNow() - started) * ((1 - fraction) / fraction) : null,
            Failures = now.Failure is null ? [] : [now.Failure],
            Pyramid = now.Pyramid,
        });
    }

    private void StartTimer() =>
        _timer ??= this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Pause) { KeepAlive = true });

    private async Task TickAsync(CancellationToken cancellation)
    {
        try
        {
            if (Runs && _aborted)
                await EndAsync(PyramidBuildStatus.Aborted, null);
            else if (Runs)
                await AdvanceAsync(cancellation);
            if (!Runs)
            {
                _timer?.Dispose();
                _timer = null;
            }

            _attempts = 0;
        }
        catch (InvalidPyramidException wrong)
        {
            await EndAsync(PyramidBuildStatus.Failed, wrong.Message);
        }
        catch (InconsistentStateException)
        {
            // A write whose answer was lost had been made all the same: the next activation goes on from it, as soon as the execution asks.
            DeactivateOnIdle();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogAttempt(logger, failed, state.State.Order!.Upload, ++_attempts);
            if (_attempts >= MaxAttempts && !Outage.Is(failed))
                await EndAsync(PyramidBuildStatus.Failed, failed.Message);
            else
                _timer?.Change(PauseAfterFailure, Pause);
        }
    }

    private async Task AdvanceAsync(CancellationToken cancellation)
    {
        var order = state.State.Order!;
        if (_pyramid is null)
        {
            var delivered = await files.ListAsync(order.Upload, FileKind.Data, cancellation);
            _paths = delivered.Select(file => file.Path).ToHashSet();
            _pyramid = await DeliveredPyramid.ReadAsync(order.Upload, delivered, uploads, cancellation);
            state.State.SlabsTotal = _pyramid.Slabs.Count;
            state.State.Status = PyramidBuildStatus.Running;
        }

        var from = state.State.SlabsDone;
        if (from < _pyramid.Slabs.Count)
        {
            var until = Math.Min(from + Batch, _pyramid.Slabs.Count);
            await Parallel.ForEachAsync(
                Enumerable.Range(from, until - from), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (slab, stop) => await CopyAsync(_pyramid, _pyramid.Slabs[slab], stop));
            state.State.SlabsDone = until;
            await state.WriteStateAsync(cancellation);
            return;
        }

        state.State.Pyramid = await DescribeAsync(_pyramid, order);
        await EndAsync(PyramidBuildStatus.Finished, null);
    }

    private async Task CopyAsync(DeliveredPyramid pyramid, DeliveredSlab slab, CancellationToken cancellation)
    {
        var order = state.State.Order!;
        var from = await pyramid.TargetOfAsync(slab, order.Upload, _paths, uploads, cancellation);
        var to = PyramidPlace.KeyOf(order.StoragePrefix, place.StorageOf(order.StoragePrefix, order.PyramidName, slab.Level.Id, slab.Level.Storage.HasMasks), slab.Kind, slab.Col, slab.Row);
        await using var content = await uploads.OpenReadAsync(UploadPath.DataKey(order.Upload, from), cancellation);
        await pyramids.PutAsync(to, content, cancellation);
    }

    private async Task<PyramidSummary> DescribeAsync(DeliveredPyramid pyramid, PyramidImportOrder order)
    {
        var set = pyramid.Set;
        var levels = pyramid.Descriptor.Levels.OrderBy(level => set.PositionOf(level.Id)).ToList();
        var descriptor = pyramid.Descriptor with
        {
            Levels = [.. levels.Select(level => level with { Storage = place.StorageOf(order.StoragePrefix, order.PyramidName, level.Id, level.Storage.HasMasks) })],
            HasMask = levels.Exists(level => level.Storage.HasMasks),
        };
        var matrix = set.Find(levels[^1].Id)!;
        var limits = levels[^1].Limits;
        var extent = matrix.TileExtent(limits.MinCol, limits.MinRow, limits.MaxCol - limits.MinCol + 1, limits.MaxRow - limits.MinRow + 1);
        var bounds = CrsExtent.ToWgs84(extent, Crs.Parse(set.Crs).GdalName);
        return await PyramidFiles.WriteAsync(pyramids, order.StoragePrefix, order.PyramidName, descriptor, [bounds.MinX, bounds.MinY, bounds.MaxX, bounds.MaxY], 0);
    }

    private async Task EndAsync(PyramidBuildStatus status, string? failure)
    {
        state.State.Status = status;
        state.State.Failure = failure;
        state.State.Ended = clock.GetUtcNow();
        await state.WriteStateAsync();
        _timer?.Dispose();
        _timer = null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The import of upload {Upload}: attempt {Attempt} at a batch failed.")]
    private static partial void LogAttempt(ILogger logger, Exception exception, Guid upload, int attempt);
}
