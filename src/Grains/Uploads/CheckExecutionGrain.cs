using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Uploads;

/// <summary>
/// One run of one check. A timer runs a batch of steps a turn; what a batch found is logged before the checkpoint moves on, so a process that
/// stops repeats at most a batch. The upload's reminder starts it again.
/// </summary>
public sealed partial class CheckExecutionGrain(
    CatalogueStore catalogue, UploadFiles files, CheckSlots slots, IRasterLotCheck rasters, ILogger<CheckExecutionGrain> logger,
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore store,
    [PersistentState("progress", "grid")] IPersistentState<CheckProgress> progress)
    : Grain, ICheckExecutionGrain
{
    private const int BatchSteps = 16;

    /// <summary>Attempts at a batch that the storage refuses, before the check gives up; the database is waited for.</summary>
    private const int MaxAttempts = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10), PauseAfterFailure = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _cancelled = new();
    private Guid _id;
    private EntityRow? _row;
    private ExecutionLog? _log;
    private LotCheck? _check;
    private IGrainTimer? _timer;
    private bool _ended;
    private int _attempts;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = Guid.Parse(this.GetPrimaryKeyString());
        _row = await catalogue.FindAsync(EntityTable.CheckExecution, _id, cancellationToken);
        _ended = _row is null || CheckStatus.IsFinal(_row.Status);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _cancelled.CancelAsync();

    public Task StartAsync()
    {
        if (!_ended)
            _timer ??= this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Pause) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task CancelAsync()
    {
        if (_ended)
            return;
        _ended = true;
        await _cancelled.CancelAsync();
        Log.Error("The check was cancelled.");
        try
        {
            await EndAsync(CheckStatus.Failure);
        }
        catch
        {
            // Not recorded, so not cancelled: the next activation goes on with the check.
            DeactivateOnIdle();
            throw;
        }
    }

    public async Task SetCallbackAsync(string? callbackJson)
    {
        if (_ended)
            throw new ConflictException($"Check execution {_id} has ended: its callback cannot change any more.");
        var doc = _row!.Doc.DeepClone().AsObject();
        doc["callback"] = callbackJson is null ? null : JsonNode.Parse(callbackJson);
        await catalogue.UpdateAsync(EntityTable.CheckExecution, _id, new Dictionary<string, object?>(), doc);
    }

    private ExecutionLog Log => _log ??= new ExecutionLog(catalogue, _id, $"grid-{NameOf(_row!.Uuid("check_id"))}-checker");

    private static string NameOf(Guid check) =>
        check == CheckCatalogue.Raster.Id ? "raster"
        : check == CheckCatalogue.Pyramid.Id ? "pyramid"
        : check == CheckCatalogue.PointCloud.Id ? "point-cloud"
        : "standard";

    private async Task TickAsync(CancellationToken cancellation)
    {
        if (_ended)
        {
            StopTimer();
            return;
        }

        try
        {
            await AdvanceAsync(cancellation);
            _attempts = 0;
        }
        catch (OperationCanceledException) when (_ended || cancellation.IsCancellationRequested)
        {
            StopTimer();
        }
        catch (InconsistentStateException)
        {
            // A write whose answer was lost had been made all the same: the upload's reminder brings back an activation that reads it.
            DeactivateOnIdle();
        }
        catch (Exception outage) when (Outage.Is(outage))
        {
            LogAttempt(logger, outage, _id, _attempts);
            _timer?.Change(PauseAfterFailure, Pause);
        }
        catch (Exception failed)
        {
            LogAttempt(logger, failed, _id, ++_attempts);
            _timer?.Change(PauseAfterFailure, Pause);
            if (_attempts >= MaxAttempts && !_ended)
            {
                Log.Error($"The check could not be run: {failed.Message} Open the upload and close it again to have another run.");
                await GiveUpAsync();
            }
        }
    }

    private async Task GiveUpAsync()
    {
        _ended = true;
        try
        {
            await EndAsync(CheckStatus.Failure);
        }
        catch
        {
            // Not recorded, so not ended: the next tick gives up again.
            _ended = false;
            throw;
        }

        await TellUploadAsync();
    }

    private async Task AdvanceAsync(CancellationToken cancellation)
    {
        if (_row!.Status == CheckStatus.Waiting)
        {
            await catalogue.UpdateAsync(
                EntityTable.CheckExecution, _id, new Dictionary<string, object?> { ["status"] = CheckStatus.Progress, ["start"] = catalogue.Now }, cancellation: cancellation);
            _row = await catalogue.ReadAsync(EntityTable.CheckExecution, _id, cancellation);
        }

        _check ??= await PrepareAsync(cancellation);
        var from = progress.State?.Step ?? 0;
        if (from < _check.Steps)
        {
            await RunBatchAsync(_check, from, cancellation);
            return;
        }

        if (_ended)
            return;
        _ended = true;
        var faults = progress.State?.Faults ?? 0;
        if (faults == 0)
            Log.Info("The check passed.");
        else
            Log.Error($"The check failed: {faults} fault(s).");
        try
        {
            await EndAsync(faults == 0 ? CheckStatus.Success : CheckStatus.Failure);
        }
        catch
        {
            _ended = false;
            throw;
        }

        await TellUploadAsync();
    }

    private async Task RunBatchAsync(LotCheck check, int from, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _cancelled.Token);
        // The step after the concurrent ones needs them all, so it makes a batch of its own.
        var until = from < check.ConcurrentSteps ? Math.Min(from + BatchSteps, check.ConcurrentSteps) : from + 1;
        var faults = await Task.WhenAll(Enumerable.Range(from, until - from).Select(step => slots.RunAsync(() => check.RunAsync(step, stop.Token), stop.Token)));
        if (_ended)
            return;
        await Log.FlushAsync(cancellation);
        // A cancellation interleaves, and clears what would be written here.
        if (_ended)
            return;
        progress.State = new CheckProgress { Step = until, Faults = (progress.State?.Faults ?? 0) + faults.Sum() };
        await progress.WriteStateAsync(cancellation);
    }

    private async Task<LotCheck> PrepareAsync(CancellationToken cancellation)
    {
        var upload = await catalogue.ReadAsync(EntityTable.Upload, _row!.Uuid("upload"), cancellation);
        if (_row.Uuid("check_id") == CheckCatalogue.Pyramid.Id)
            return await PyramidCheck.PrepareAsync(upload.Id, files, store, Log, cancellation);
        if (_row.Uuid("check_id") == CheckCatalogue.PointCloud.Id)
            return await PointCloudCheck.PrepareAsync(upload.Id, upload.Text("srs") ?? "", files, store, Log, cancellation);
        return _row.Uuid("check_id") == CheckCatalogue.Raster.Id
            ? await RasterCheck.PrepareAsync(upload.Id, upload.Text("srs") ?? "", files, rasters, store, Log, cancellation)
            : await StandardCheck.PrepareAsync(upload.Id, files, store, Log, cancellation);
    }

    private async Task EndAsync(string status)
    {
        await Log.FlushAsync();
        await catalogue.UpdateAsync(
            EntityTable.CheckExecution, _id, new Dictionary<string, object?> { ["status"] = status, ["finish"] = catalogue.Now });
        await progress.ClearStateAsync();
    }

    private async Task TellUploadAsync()
    {
        StopTimer();
        await GrainFactory.GetGrain<IUploadGrain>(_row!.Uuid("upload").ToString()).CheckEndedAsync();
    }

    private void StopTimer()
    {
        _timer?.Dispose();
        _timer = null;
    }

    [LoggerMessage(1, LogLevel.Warning, "Check execution {Execution}: attempt {Attempt} at a batch failed.")]
    private static partial void LogAttempt(ILogger logger, Exception exception, Guid execution, int attempt);
}
