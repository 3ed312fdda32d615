using Grid.Grains.Builds;
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

namespace Grid.Grains.PointClouds;

/// <summary>Leads one build of COPC files: plans each, and goes from tier to tier as its units end.</summary>
public sealed class PointCloudBuildGrain(
    [PersistentState("point-cloud-build-order", GrainStorage.Name)] IPersistentState<PointCloudBuildOrderState> order,
    [PersistentState("point-cloud-build", GrainStorage.Name)] IPersistentState<PointCloudBuildState> state,
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads,
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids,
    PyramidRemoval removal,
    PyramidBuildOptions options,
    IRegionSilos silos,
    TimeProvider time,
    ILogger<PointCloudBuildGrain> log) : BuildGrain<PointCloudBuildState>(state, options, time, log), IPointCloudBuildGrain
{
    private readonly UnitsInFlight<(CloudOutput Output, PointCloudUnitOrder Order)> _units = new(silos, time, log);
    private readonly List<CloudOutput> _open = [];
    private readonly Queue<string> _obsolete = [];
    private List<CloudTile>? _tiles;
    private List<CloudOutput> _outputs = [];
    private int _next;
    private double _fractionAtActivation;

    private protected override IUnitsInFlight Units => _units;

    public Task StartAsync(PointCloudBuildOrder build) => BeginAsync(() =>
    {
        order.State.Order = build;
        return order.WriteStateAsync();
    });

    public Task<PointCloudBuildProgress> GetProgressAsync()
    {
        var fraction = Fraction();
        var (seconds, gained) = (Seconds, fraction - _fractionAtActivation);
        return Task.FromResult(new PointCloudBuildProgress
        {
            Status = State.Status,
            FilesDone = State.Done.Count,
            FilesTotal = State.FilesTotal,
            Points = State.Points,
            Fraction = fraction,
            Started = State.Started,
            Ended = State.Ended,
            TimeLeft = Runs && gained > 0.001 ? Driven * ((1 - fraction) / gained) : null,
            MegapointsPerSecond = seconds > 0 ? fraction * WrittenPoints / seconds / 1e6 : 0,
            Failures = [.. State.Failures],
            Cloud = State.Cloud,
        });
    }

    // Interleaves with a step: all it changes is what is in flight and done, which a step reads afresh after each await.
    public Task ReportAsync(PointCloudUnitReport report)
    {
        if (!_units.Hear(report.Unit, report.Leaves, ended: !report.Leaves, out var unit))
            return Task.CompletedTask;
        if (report.Failure is { } failure)
            KeepFailures([failure]);
        else if (!report.Leaves)
            unit.Output.End(unit.Order, report.Points, report.File);
        Wake();
        return Task.CompletedTask;
    }

    /// <summary>Points of all files together: each tile's are in its own and in the block's.</summary>
    private long WrittenPoints => _outputs.Count > 0 ? _outputs.Sum(output => output.Points) : State.Done.Values.Sum(file => file.Points);

    protected override void TellOperators() =>
        PointCloudInstruments.BuildGoesOn(PointCloudInstruments.Copc, this.GetPrimaryKeyString(), (long)((1 - Fraction()) * State.Points));

    protected override void OnEnding() => PointCloudInstruments.BuildEnded(PointCloudInstruments.Copc, State.Status);

    protected override void Release() => PointCloudInstruments.BuildLeft(PointCloudInstruments.Copc, this.GetPrimaryKeyString());

    protected override Task StopUnitAsync(string unit) => GrainFactory.GetGrain<IPointCloudUnitGrain>(unit).StopAsync();

    protected override async Task AdvanceAsync(CancellationToken cancellation)
    {
        if (_tiles is null)
            await PlanAsync(cancellation);
        await OfferUnitsAsync(cancellation);
        while (GoesOn && _open.Find(output => output.IsTierDone) is { } done)
        {
            await GoOnAsync(done, cancellation);
            await OfferUnitsAsync(cancellation);
            while (_obsolete.TryPeek(out var prefix) && await DeleteAsync(prefix, cancellation))
                _obsolete.Dequeue();
        }

        if (Runs && State.Failures.Count > 0)
            await EndAsync(PyramidBuildStatus.Failed);
        else if (Runs && State.Done.Count == _outputs.Count)
            await FinishAsync(cancellation);
    }

    private bool GoesOn => Runs && State.Failures.Count == 0;

    private async Task PlanAsync(CancellationToken cancellation)
    {
        var build = order.State.Order ?? throw new InvalidOperationException("The build's order is not stored.");
        var tiles = await Task.Run(() => ReadTilesAsync(build, cancellation), cancellation);
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
            // Soon enough: who begins anew plans the same.
            Changed();
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
        await Task.Run(
            () => output.OpenAsync(OctreePlan.Of(tiles, CrsText.WktOf(build.Crs)), tier, plan => output.IsBlock ? TilesOf(plan, build) : [], pyramids, cancellationToken),
            cancellationToken);
        _open.Add(output);
    }

    /// <summary>The tiles that have files of their own and whose octants may be those of the block's plan.</summary>
    private List<CloudOutput.TileOfBlock> TilesOf(OctreePlan plan, PointCloudBuildOrder build) =>
    [
        .. from output in _outputs
           where !output.IsBlock
           let tile = _tiles![output.Sources[0]]
           where plan.PlanOf(tile, CrsText.WktOf(build.Crs)) is not null
           select new CloudOutput.TileOfBlock(output.Sources[0], plan.OctantOf(tile.Header)!.Value, output),
    ];

    // The checkpoint is written before anything is deleted that a former one needs.
    private async Task GoOnAsync(CloudOutput output, CancellationToken cancellation)
    {
        var isDone = output.HasLastTier;
        if (isDone)
        {
            State.Done[output.Position] = output.Made! with { IsBlock = output.IsBlock };
            State.Tiers.Remove(output.Position);
        }
        else
        {
            await Task.Run(() => output.AdvanceAsync(pyramids, cancellation), cancellation);
            State.Tiers[output.Position] = output.Tier;
        }

        foreach (var tile in output.TilesMade)
            State.Done[tile.Position] = tile.Made!;
        if (!Runs)
            return;
        await WriteAsync();
        if (isDone)
            _open.Remove(output);
        if (isDone || output.IsPastCells)
            _obsolete.Enqueue(isDone ? output.Work : output.SplitPrefix);
    }

    private async Task<bool> DeleteAsync(string prefix, CancellationToken cancellation)
    {
        while (Runs && !await removal.DeleteSomeAsync(prefix, cancellation))
        {
        }

        return Runs;
    }

    private async Task OfferUnitsAsync(CancellationToken cancellation)
    {
        var window = silos.Window;
        while (GoesOn && _units.Count < window)
        {
            if (_open.Find(output => output.HasReady) is { } ready)
            {
                var unit = ready.TakeReady();
                _units.Add(KeyOf(ready, unit), (ready, unit));
            }
            else if (_open.Count < window && _next < _outputs.Count)
            {
                var output = _outputs[_next];
                var block = _open.Find(one => one.IsBlock);
                if (block?.IsUndecided is true)
                    break;
                if (!State.Done.ContainsKey(output.Position) && block?.HoldsFileOf(output) is not true)
                    await OpenAsync(output, cancellation);
                _next++;
            }
            else
            {
                break;
            }
        }

        if (GoesOn)
            await StartUnitsAsync(_units, (key, unit) => GrainFactory.GetGrain<IPointCloudUnitGrain>(key).StartAsync(unit.Order));
    }

    private async Task FinishAsync(CancellationToken cancellation)
    {
        var build = order.State.Order!;
        if (!await DeleteAsync(CloudOutput.HandedOver(build.StoragePrefix), cancellation))
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

    private double Fraction()
    {
        if (State.Status == PyramidBuildStatus.Finished)
            return 1;
        // Files that are put together with the block's cost next to nothing.
        var block = _outputs.Find(output => output.IsBlock);
        var built = _outputs.Where(output => block?.HoldsFileOf(output) is not true).ToList();
        var total = built.Sum(output => (double)output.Points);
        return total == 0 ? 0 : built.Sum(output => State.Done.ContainsKey(output.Position) ? output.Points : _open.Contains(output) ? output.Fraction * output.Points : 0) / total;
    }

    private string KeyOf(CloudOutput output, PointCloudUnitOrder unit) =>
        $"{this.GetPrimaryKeyString()}|{output.Position}|{unit.Kind}|{NameOf(unit)}";

    private static string NameOf(PointCloudUnitOrder unit) => unit.Kind switch
    {
        PointCloudUnitKind.Split => FormattableString.Invariant($"{unit.SourceIndex}"),
        PointCloudUnitKind.Tiling => FormattableString.Invariant($"{unit.Range}"),
        _ => unit.Octant,
    };
}
