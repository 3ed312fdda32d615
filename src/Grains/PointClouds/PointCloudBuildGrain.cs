using Grid.Grains.Catalogue;
using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.PointCloud.Octree;
using Grid.Storage;
using Grid.Tiling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>
/// Leads one build of COPC files: plans each, keeps a window of units in flight, goes from tier to tier. A timer drives it in short steps; a reminder brings
/// it back after the process was lost, and units that answer nothing are started again.
/// </summary>
public sealed class PointCloudBuildGrain(
    [PersistentState("point-cloud-build-order", GrainStorage.Name)] IPersistentState<PointCloudBuildOrderState> order,
    [PersistentState("point-cloud-build", GrainStorage.Name)] IPersistentState<PointCloudBuildState> state,
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    PyramidRemoval removal,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<PointCloudBuildGrain> log) : Grain, IPointCloudBuildGrain, IRemindable
{
    private const string ReminderName = "resume";
    private const int FailuresKept = 100;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, UnitInFlight> _inFlight = [];
    private readonly List<CloudOutput> _open = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private List<CloudTile>? _tiles;
    private List<CloudOutput> _outputs = [];
    private int _next;
    private IGrainTimer? _timer;
    private long _driven;
    private long _counted;
    private double _fractionAtActivation;
    private int _troubles;

    private PointCloudBuildState State => state.State;

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
        foreach (var unit in _inFlight.Keys)
            silos.Leave(unit);
        return Task.CompletedTask;
    }

    public async Task StartAsync(PointCloudBuildOrder build)
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

    // Interleaves with a step, which asks for the status after each await.
    public async Task AbortAsync()
    {
        if (Runs)
            await EndAsync(PyramidBuildStatus.Aborted);
    }

    public Task<PointCloudBuildProgress> GetProgressAsync()
    {
        var fraction = Fraction();
        var seconds = State.SecondsBefore + (Runs ? time.GetElapsedTime(_counted).TotalSeconds : 0);
        var gained = fraction - _fractionAtActivation;
        return Task.FromResult(new PointCloudBuildProgress
        {
            Status = State.Status,
            FilesDone = State.Done.Count,
            FilesTotal = State.FilesTotal,
            Points = State.Points,
            Fraction = fraction,
            Started = State.Started,
            Ended = State.Ended,
            TimeLeft = Runs && gained > 0.001 ? time.GetElapsedTime(_driven) * ((1 - fraction) / gained) : null,
            MegapointsPerSecond = seconds > 0 ? fraction * WrittenPoints / seconds / 1e6 : 0,
            Failures = [.. State.Failures],
            Cloud = State.Cloud,
        });
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (Runs)
            Drive();
        else
            await RemoveReminderAsync();
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(PointCloudUnitReport report)
    {
        if (!_inFlight.TryGetValue(report.Unit, out var unit))
            return Task.CompletedTask;
        unit.LastHeard = time.GetTimestamp();
        silos.Leave(report.Unit);
        if (report.Leaves)
        {
            unit.IsToStart = true;
            return Task.CompletedTask;
        }

        _inFlight.Remove(report.Unit);
        unit.Output.InFlight--;
        unit.Output.TierPoints += report.Points;
        unit.Output.Made = report.File ?? unit.Output.Made;
        if (report.Failure is { } failure && State.Failures.Count < FailuresKept)
            State.Failures.Add(failure);
        // Its place is free: the next unit begins at once. A build in trouble keeps its pause.
        if (_troubles == 0)
            _timer?.Change(TimeSpan.Zero, Step);
        return Task.CompletedTask;
    }

    /// <summary>Points of all files together: each tile's are in its own and in the block's.</summary>
    private long WrittenPoints => _outputs.Count > 0 ? _outputs.Sum(output => output.Points) : State.Done.Values.Sum(file => file.Points);

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
            if (Runs && _tiles is null)
                await PlanAsync(cancellationToken);
            if (Runs && State.Failures.Count > 0)
                await EndAsync(PyramidBuildStatus.Failed);
            foreach (var output in _open.Where(output => output.IsTierDone).ToList())
            {
                if (Runs)
                    await AdvanceAsync(output, cancellationToken);
            }

            if (Runs)
                await OfferUnitsAsync(cancellationToken);
            if (Runs && State.Done.Count == _outputs.Count && _tiles is not null)
                await FinishAsync(cancellationToken);
            if (!Runs)
                await CloseAsync();
            _troubles = 0;
        }
        catch (InconsistentStateException error)
        {
            // Another activation wrote: the next one begins from what is stored.
            log.LogWarning(error, "Point cloud build {Build} begins anew from its checkpoint", this.GetPrimaryKeyString());
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
        log.LogWarning(error, "Point cloud build {Build}, trouble {Troubles} in a row", this.GetPrimaryKeyString(), _troubles);
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
            log.LogWarning(again, "Point cloud build {Build} has failed, and that cannot be written yet", this.GetPrimaryKeyString());
        }
    }

    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        var build = order.State.Order ?? throw new InvalidOperationException("The build's order is not stored.");
        var tiles = await Task.Run(() => ReadTilesAsync(build, cancellationToken), cancellationToken);
        if (!Runs)
            return;
        _outputs = [.. Outputs(build, tiles)];
        _tiles = tiles;
        _open.Clear();
        _next = 0;
        if (State.Status == PyramidBuildStatus.Planning)
        {
            State.Points = tiles.Sum(tile => (long)tile.Header.PointCount);
            State.FilesTotal = _outputs.Count;
            State.Status = PyramidBuildStatus.Running;
            await WriteAsync();
        }

        _fractionAtActivation = Fraction();
    }

    private async Task<List<CloudTile>> ReadTilesAsync(PointCloudBuildOrder build, CancellationToken cancellation)
    {
        if (Crs.TryParse(build.Crs, out var crs) && crs.IsGeographic)
            throw new UnfitCloudException($"The delivery is in {build.Crs}, whose units are degrees: octants are cubes, and need a projected system such as EPSG:2154.");
        var tiles = new List<CloudTile>(build.Sources.Count);
        foreach (var source in build.Sources)
            tiles.Add(await CloudTile.ReadAsync(await StoreByteSource.OpenAsync(uploads, source.Key, source.Name, cancellation), cancellation));
        return tiles;
    }

    private IEnumerable<CloudOutput> Outputs(PointCloudBuildOrder build, List<CloudTile> tiles)
    {
        var id = this.GetPrimaryKeyString();
        var withPoints = Enumerable.Range(0, tiles.Count).Where(i => tiles[i].Header.PointCount > 0).ToList();
        if (withPoints.Count == 0)
            throw new UnfitCloudException($"none of the {tiles.Count} files has a point");
        var position = 0;
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var hasTiles = build.Outputs.HasFlag(PointCloudOutputs.Tiles);
        var hasTilesets = build.Outputs.HasFlag(PointCloudOutputs.Tilesets);
        // A block of one tile is that tile.
        var hasBlock = build.Outputs.HasFlag(PointCloudOutputs.Block) && (withPoints.Count > 1 || !hasTiles);
        if (hasBlock)
        {
            names.Add(build.Name);
            yield return new CloudOutput(build, id, position++, build.Name, withPoints, true, hasTilesets, withPoints.Sum(i => (long)tiles[i].Header.PointCount));
        }

        foreach (var tile in hasTiles ? withPoints : [])
        {
            var path = build.Sources[tile].Name.Replace('/', '_');
            path = path[..^Path.GetExtension(path).Length];
            path = path.EndsWith(".copc", StringComparison.OrdinalIgnoreCase) ? path[..^".copc".Length] : path;
            var name = path;
            for (var number = 2; !names.Add(name); number++)
                name = $"{path}_{number}";
            yield return new CloudOutput(build, id, position++, name, [tile], false, hasTilesets && !hasBlock, (long)tiles[tile].Header.PointCount);
        }
    }

    private async Task OpenAsync(CloudOutput output, CancellationToken cancellationToken)
    {
        var build = order.State.Order!;
        List<CloudTile> tiles = [.. output.Sources.Select(source => _tiles![source])];
        var tier = State.Tiers.GetValueOrDefault(output.Position);
        await Task.Run(() => output.OpenAsync(OctreePlan.Of(tiles, CrsText.WktOf(build.Crs)), tier, pyramids, cancellationToken), cancellationToken);
        _open.Add(output);
    }

    private async Task AdvanceAsync(CloudOutput output, CancellationToken cancellationToken)
    {
        if (!output.HasLastTier)
        {
            await Task.Run(() => output.AdvanceAsync(pyramids, cancellationToken), cancellationToken);
            if (!Runs)
                return;
            State.Tiers[output.Position] = output.Tier;
            await WriteAsync();
            if (output.IsPastCells)
                await DeleteAsync(output.SplitPrefix, cancellationToken);
            return;
        }

        State.Done[output.Position] = output.Made! with { IsBlock = output.IsBlock };
        State.Tiers.Remove(output.Position);
        await WriteAsync();
        _open.Remove(output);
        await DeleteAsync(output.Work, cancellationToken);
    }

    private async Task DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        while (!await removal.DeleteSomeAsync(prefix, cancellationToken))
        {
        }
    }

    private async Task OfferUnitsAsync(CancellationToken cancellationToken)
    {
        var window = silos.Window;
        while (Runs && _inFlight.Count < window)
        {
            if (_open.Find(output => output.Pending.Count > 0) is { } ready)
            {
                var unit = ready.Pending.Dequeue();
                ready.InFlight++;
                _inFlight[KeyOf(ready, unit)] = new UnitInFlight(ready, unit);
            }
            else if (_open.Count < window && _next < _outputs.Count)
            {
                var output = _outputs[_next++];
                if (!State.Done.ContainsKey(output.Position))
                    await OpenAsync(output, cancellationToken);
            }
            else
            {
                break;
            }
        }

        foreach (var (key, inFlight) in _inFlight.Where(entry => entry.Value.IsToStart || time.GetElapsedTime(entry.Value.LastHeard) > AskAgain).ToList())
        {
            if (!Runs)
                return;
            inFlight.LastHeard = time.GetTimestamp();
            inFlight.IsToStart = false;
            try
            {
                await GrainFactory.GetGrain<IPointCloudUnitGrain>(key).StartAsync(inFlight.Order);
            }
            catch
            {
                inFlight.IsToStart = true;
                throw;
            }
        }
    }

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        var build = order.State.Order!;
        await DeleteAsync(CloudOutput.HandedOver(build.StoragePrefix), cancellationToken);
        if (!Runs)
            return;
        List<PointCloudFile> files = [.. State.Done.OrderBy(file => file.Key).Select(file => file.Value)];
        State.Cloud = new PointCloudSummary
        {
            Files = [.. files.Where(file => file.IsBlock), .. files.Where(file => !file.IsBlock).OrderBy(file => file.Name, StringComparer.Ordinal)],
            Crs = build.Crs,
            Bounds = CrsText.DegreesOf(build.Crs, files.Select(file => file.Bounds)),
            Points = State.Points,
            SizeBytes = files.Sum(file => file.SizeBytes + file.TilesetBytes),
        };
        await EndAsync(PyramidBuildStatus.Finished);
    }

    // Once the status is set no step offers a unit; those in flight have stopped writing when this returns.
    private async Task EndAsync(PyramidBuildStatus status)
    {
        State.Status = status;
        State.Ended = time.GetUtcNow();
        List<string> units = [.. _inFlight.Keys];
        _inFlight.Clear();
        await Task.WhenAll(units.Select(StopAsync));
        units.ForEach(silos.Leave);
        await CloseAsync();
    }

    private async Task StopAsync(string unit)
    {
        try
        {
            await GrainFactory.GetGrain<IPointCloudUnitGrain>(unit).StopAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Unit {Unit} could not be told to stop: {Reason}", unit, error.Message);
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
            State.SecondsBefore += time.GetElapsedTime(_counted).TotalSeconds;
            _counted = time.GetTimestamp();
            await state.WriteStateAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private double Fraction()
    {
        if (State.Status == PyramidBuildStatus.Finished)
            return 1;
        var total = _outputs.Sum(output => (double)output.Points);
        return total == 0 ? 0 : (State.Done.Values.Sum(file => (double)file.Points) + _open.Sum(output => output.Fraction * output.Points)) / total;
    }

    private string KeyOf(CloudOutput output, PointCloudUnitOrder unit) =>
        $"{this.GetPrimaryKeyString()}|{output.Position}|{unit.Kind}|{NameOf(unit)}";

    private static string NameOf(PointCloudUnitOrder unit) => unit.Kind switch
    {
        PointCloudUnitKind.Split => FormattableString.Invariant($"{unit.SourceIndex}"),
        PointCloudUnitKind.Tiling => FormattableString.Invariant($"{unit.Range}"),
        _ => unit.Octant,
    };

    private sealed class UnitInFlight(CloudOutput output, PointCloudUnitOrder order)
    {
        public CloudOutput Output { get; } = output;

        public PointCloudUnitOrder Order { get; } = order;

        public long LastHeard { get; set; }

        /// <summary>True until its silo has accepted it, and again when that silo stops it.</summary>
        public bool IsToStart { get; set; } = true;
    }
}
