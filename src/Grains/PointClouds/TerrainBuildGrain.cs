using Grid.Grains.Catalogue;
using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>
/// Leads one build of a terrain model: plans its tiles from the files' headers and keeps a window of them in flight. A timer drives it in short steps; a reminder
/// brings it back after the process was lost, and tiles that answer nothing are started again.
/// </summary>
public sealed class TerrainBuildGrain(
    [PersistentState("terrain-build", GrainStorage.Name)] IPersistentState<TerrainBuildState> state,
    TerrainTiles tiles,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<TerrainBuildGrain> log) : Grain, ITerrainBuildGrain, IRemindable
{
    private const string ReminderName = "resume";
    private const int FailuresKept = 100;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, TileInFlight> _inFlight = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private List<TerrainTileOrder>? _plan;
    private int _next;
    private bool _isUnwritten;
    private IGrainTimer? _timer;
    private int _troubles;

    private TerrainBuildState State => state.State;

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
        foreach (var tile in _inFlight.Keys)
            silos.Leave(tile);
        return Task.CompletedTask;
    }

    public async Task StartAsync(TerrainBuildOrder order)
    {
        if (State.Status == PyramidBuildStatus.Unknown)
        {
            await this.RegisterOrUpdateReminder(ReminderName, Resumption.After, Resumption.After);
            (State.Order, State.Status) = (order, PyramidBuildStatus.Planning);
            try
            {
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

    // Interleaves with a step, which asks for the status after each await.
    public async Task AbortAsync()
    {
        if (Runs)
            await EndAsync(PyramidBuildStatus.Aborted);
    }

    public Task<TerrainBuildProgress> GetProgressAsync() => Task.FromResult(new TerrainBuildProgress
    {
        Status = State.Status,
        TilesDone = State.Done.Count,
        TilesTotal = State.TilesTotal,
        Points = State.Points,
        Failures = [.. State.Failures],
        Tiles = State.Status == PyramidBuildStatus.Finished
            ? [.. State.Done.Values.Where(name => name.Length > 0).Order(StringComparer.Ordinal).Select(name => new SourceRaster($"{State.Order!.WorkPrefix}/{name}", name))]
            : [],
    });

    public async Task DeleteCopiesAsync()
    {
        if (Runs || State.Order is not { } order)
            return;
        var names = State.Done.Values.Where(name => name.Length > 0).ToList();
        await Task.Run(() => tiles.DeleteCopiesAsync(order.WorkPrefix, names));
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Runs)
            Drive();
        else
            await RemoveReminderAsync();
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(TerrainTileReport report)
    {
        if (!_inFlight.TryGetValue(report.Unit, out var tile))
            return Task.CompletedTask;
        tile.LastHeard = time.GetTimestamp();
        if (report.Leaves)
        {
            tile.IsToStart = true;
            silos.Leave(report.Unit);
            return Task.CompletedTask;
        }

        _inFlight.Remove(report.Unit);
        silos.Leave(report.Unit);
        _isUnwritten = true;
        if (report.Failure is null)
        {
            State.Done[report.Index] = report.Name;
            State.Points += report.Points;
        }
        else if (State.Failures.Count < FailuresKept)
        {
            State.Failures.Add(report.Failure);
        }

        if (_troubles == 0)
            _timer?.Change(TimeSpan.Zero, Step);
        return Task.CompletedTask;
    }

    private void Drive() =>
        _timer ??= this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Step) { Interleave = true, KeepAlive = true });

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Runs && _plan is null)
                await PlanAsync(cancellationToken);
            if (Runs && State.Failures.Count > 0)
                await EndAsync(PyramidBuildStatus.Failed);
            if (Runs && _isUnwritten)
            {
                _isUnwritten = false;
                await WriteAsync();
            }

            if (Runs)
                await OfferAsync();
            if (Runs && _plan is not null && State.Done.Count == _plan.Count)
                await FinishAsync();
            if (!Runs)
                await CloseAsync();
            _troubles = 0;
        }
        catch (InconsistentStateException error)
        {
            // Another activation wrote: the next one begins from what is stored.
            log.LogWarning(error, "Terrain build {Build} begins anew from its checkpoint", this.GetPrimaryKeyString());
            DeactivateOnIdle();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await TroubleAsync(error);
        }
    }

    // An absent database is waited for, a store is tried again; all else would fail the same way for ever.
    private async Task TroubleAsync(Exception error)
    {
        _troubles++;
        log.LogWarning(error, "Terrain build {Build}, trouble {Troubles} in a row", this.GetPrimaryKeyString(), _troubles);
        if (!Runs || Outage.Is(error) || (error is StorageException and not StorageFullException && _troubles < options.Attempts))
        {
            _timer?.Change(TimeSpan.FromSeconds(Math.Min(10, _troubles)), Step);
            return;
        }

        State.Failures.Add(error.Message);
        try
        {
            await EndAsync(PyramidBuildStatus.Failed);
        }
        catch (Exception again) when (again is not OutOfMemoryException)
        {
            log.LogWarning(again, "Terrain build {Build} has failed, and that cannot be written yet", this.GetPrimaryKeyString());
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        var (order, id) = (State.Order!, this.GetPrimaryKeyString());
        var plan = await Task.Run(() => tiles.PlanAsync(order, id, cancellationToken), cancellationToken);
        if (!Runs)
            return;
        (_plan, _next) = (plan, 0);
        if (State.Status != PyramidBuildStatus.Planning)
            return;
        State.TilesTotal = plan.Count;
        State.Status = PyramidBuildStatus.Running;
        await WriteAsync();
    }

    private async Task OfferAsync()
    {
        for (var window = silos.Window; _inFlight.Count < window && _next < _plan!.Count; _next++)
        {
            if (!State.Done.ContainsKey(_plan[_next].Index))
                _inFlight[$"{this.GetPrimaryKeyString()}|{_next}"] = new TileInFlight(_plan[_next]);
        }

        foreach (var (key, tile) in _inFlight.Where(entry => entry.Value.IsToStart || time.GetElapsedTime(entry.Value.LastHeard) > AskAgain).ToList())
        {
            if (!Runs)
                return;
            (tile.LastHeard, tile.IsToStart) = (time.GetTimestamp(), false);
            try
            {
                await GrainFactory.GetGrain<ITerrainTileGrain>(key).StartAsync(tile.Order);
            }
            catch
            {
                tile.IsToStart = true;
                throw;
            }
        }
    }

    private async Task FinishAsync()
    {
        if (State.Done.Values.All(name => name.Length == 0))
            State.Failures.Add($"The delivery has no point of the classes that {State.Order!.Model} is made of.");
        await EndAsync(State.Failures.Count == 0 ? PyramidBuildStatus.Finished : PyramidBuildStatus.Failed);
    }

    // Once the status is set no step offers a tile; those in flight have stopped writing when this returns.
    private async Task EndAsync(PyramidBuildStatus status)
    {
        State.Status = status;
        List<string> left = [.. _inFlight.Keys];
        _inFlight.Clear();
        await Task.WhenAll(left.Select(StopAsync));
        left.ForEach(silos.Leave);
        await CloseAsync();
    }

    private async Task StopAsync(string tile)
    {
        try
        {
            await GrainFactory.GetGrain<ITerrainTileGrain>(tile).StopAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Tile {Tile} could not be told to stop: {Reason}", tile, error.Message);
        }
    }

    // Steps repeat this until it succeeds, so that an end is never left unwritten.
    private async Task CloseAsync()
    {
        await WriteAsync();
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
            await state.WriteStateAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private sealed class TileInFlight(TerrainTileOrder order)
    {
        public TerrainTileOrder Order { get; } = order;

        public long LastHeard { get; set; }

        /// <summary>True until its silo has accepted it, and again when that silo stops it.</summary>
        public bool IsToStart { get; set; } = true;
    }
}
