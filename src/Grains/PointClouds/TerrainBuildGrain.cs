using Grid.Grains.Builds;
using Grid.Grains.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.PointClouds;

/// <summary>Leads one build of a terrain model: plans its tiles from the files' headers, each a unit by itself.</summary>
public sealed class TerrainBuildGrain(
    [PersistentState("terrain-build", GrainStorage.Name)] IPersistentState<TerrainBuildState> state,
    TerrainTiles tiles,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<TerrainBuildGrain> log) : BuildGrain<TerrainBuildState>(state, options, time, log), ITerrainBuildGrain
{
    private readonly UnitsInFlight<TerrainTileOrder> _units = new(silos, time, log);
    private List<TerrainTileOrder>? _plan;
    private int _next;
    private int _doneAtActivation;

    private protected override IUnitsInFlight Units => _units;

    public Task StartAsync(TerrainBuildOrder order) => BeginAsync(() =>
    {
        State.Order = order;
        return Task.CompletedTask;
    });

    public Task<TerrainBuildProgress> GetProgressAsync()
    {
        var (done, total, gained) = (State.Done.Count, State.TilesTotal, State.Done.Count - _doneAtActivation);
        return Task.FromResult(new TerrainBuildProgress
        {
            Status = State.Status,
            TilesDone = done,
            TilesTotal = total,
            Points = State.Points,
            Failures = [.. State.Failures],
            Tiles = State.Status == PyramidBuildStatus.Finished ? [.. Made.Select(name => new SourceRaster($"{State.Order!.WorkPrefix}/{name}", name))] : [],
            Fraction = State.Status == PyramidBuildStatus.Finished ? 1 : total == 0 ? 0 : (double)done / total,
            Started = State.Started,
            Ended = State.Ended,
            TimeLeft = Runs && gained > 0 ? Driven * ((double)(total - done) / gained) : null,
            MegapointsPerSecond = Seconds > 0 ? State.Points / Seconds / 1e6 : 0,
        });
    }

    public async Task DeleteCopiesAsync()
    {
        if (Runs || State.Order is not { } order)
            return;
        var names = Made.ToList();
        await Task.Run(() => tiles.DeleteCopiesAsync(order.WorkPrefix, names));
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(TerrainTileReport report)
    {
        if (!_units.Hear(report.Unit, report.Leaves, ended: !report.Leaves, out _))
            return Task.CompletedTask;
        if (report.Failure is { } failure)
        {
            KeepFailures([failure]);
        }
        else if (!report.Leaves)
        {
            State.Done[report.Index] = report.Name;
            State.Points += report.Points;
            Changed();
        }

        Wake();
        return Task.CompletedTask;
    }

    /// <summary>Names of the files that have been made.</summary>
    private IEnumerable<string> Made => State.Done.Values.Where(name => name.Length > 0).Order(StringComparer.Ordinal);

    protected override void TellOperators() =>
        PointCloudInstruments.BuildGoesOn(PointCloudInstruments.Terrain, this.GetPrimaryKeyString(), State.TilesTotal - State.Done.Count);

    protected override void OnEnding() => PointCloudInstruments.BuildEnded(PointCloudInstruments.Terrain, State.Status);

    protected override void Release() => PointCloudInstruments.BuildLeft(PointCloudInstruments.Terrain, this.GetPrimaryKeyString());

    protected override Task StopUnitAsync(string unit) => GrainFactory.GetGrain<ITerrainTileGrain>(unit).StopAsync();

    protected override async Task AdvanceAsync(CancellationToken cancellation)
    {
        if (_plan is null)
            await PlanAsync(cancellation);
        if (Runs && State.Failures.Count == 0)
            await OfferAsync();
        if (!Runs)
            return;
        if (State.Failures.Count > 0)
            await EndAsync(PyramidBuildStatus.Failed);
        else if (State.Done.Count < _plan!.Count)
            return;
        else if (Made.Any())
            await EndAsync(PyramidBuildStatus.Finished);
        else
            await FailAsync($"The delivery has no point of the classes that {State.Order!.Model} is made of.");
    }

    private async Task PlanAsync(CancellationToken cancellation)
    {
        var (order, id) = (State.Order!, this.GetPrimaryKeyString());
        var plan = await Task.Run(() => tiles.PlanAsync(order, id, cancellation), cancellation);
        if (!Runs)
            return;
        (_plan, _next, _doneAtActivation) = (plan, 0, State.Done.Count);
        if (State.Status != PyramidBuildStatus.Planning)
            return;
        State.TilesTotal = plan.Count;
        State.Status = PyramidBuildStatus.Running;
        // Soon enough: who begins anew plans the same.
        Changed();
    }

    private Task OfferAsync()
    {
        for (var window = silos.Window; _units.Count < window && _next < _plan!.Count; _next++)
        {
            if (!State.Done.ContainsKey(_plan[_next].Index))
                _units.Add($"{this.GetPrimaryKeyString()}|{_next}", _plan[_next]);
        }

        return StartUnitsAsync(_units, (key, tile) => GrainFactory.GetGrain<ITerrainTileGrain>(key).StartAsync(tile));
    }
}
