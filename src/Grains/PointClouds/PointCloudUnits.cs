using System.Collections.Concurrent;
using System.Text.Json;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Octree;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.PointClouds;

/// <summary>Does the units of point cloud builds, off the grains' scheduler. Safe for concurrent use.</summary>
public sealed class PointCloudUnits(
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids)
{
    private const int MostPlans = 64;

    private readonly ConcurrentDictionary<string, OctreePlan> _plans = new();

    /// <summary>Does a unit, unless it is done already.</summary>
    /// <returns>Points that it handled, and the file that it made.</returns>
    /// <exception cref="InvalidPointCloudException">A tile is damaged.</exception>
    /// <exception cref="UnfitCloudException">The points cannot be held in memory.</exception>
    public async Task<(long Points, PointCloudFile? File)> RunAsync(PointCloudUnitOrder order, int threads, CancellationToken cancellation)
    {
        var plan = await PlanAsync(order.WorkPrefix, cancellation);
        return order.Kind switch
        {
            PointCloudUnitKind.Split => (await SplitAsync(order, plan, threads, cancellation), null),
            PointCloudUnitKind.Cell => (await CellAsync(order, plan, threads, cancellation), null),
            PointCloudUnitKind.Join => (await JoinAsync(order, plan, threads, cancellation), null),
            PointCloudUnitKind.File => await FileAsync(order, plan, cancellation),
            PointCloudUnitKind.TileFile => await TileFileAsync(order, plan, cancellation),
            PointCloudUnitKind.Tiling => (await TilesetUnits.TileAsync(pyramids, order, threads, cancellation), null),
            PointCloudUnitKind.Tileset => (0, await TilesetUnits.FinishAsync(pyramids, order, cancellation)),
            _ => throw new ArgumentException($"{order.Kind} is no kind of unit"),
        };
    }

    /// <summary>Reads an object of kilobytes whole; null when there is none.</summary>
    internal static async Task<byte[]?> ReadAllAsync(IObjectStore store, string key, CancellationToken cancellation)
    {
        if (await store.FindAsync(key, cancellation) is not { } found)
            return null;
        var bytes = new byte[found.LengthBytes];
        var read = await store.ReadAsync(key, 0, bytes, cancellation);
        return read == bytes.Length ? bytes : throw new StorageException($"{key}: {read} bytes of {bytes.Length} could be read");
    }

    private async Task<long> SplitAsync(PointCloudUnitOrder order, OctreePlan plan, int threads, CancellationToken cancellation)
    {
        var source = order.Source!;
        var runsKey = WorkKeys.Runs(order.WorkPrefix, order.SourceIndex);
        if (await ReadAllAsync(pyramids, runsKey, cancellation) is { } done)
            return TileSplitter.Read(done).Sum(run => (long)run.PointCount);
        await using var reader = await PointCloudReader.OpenAsync(
            await StoreByteSource.OpenAsync(uploads, source.Key, source.Name, cancellation), cancellation: cancellation);
        var runs = await PipedPut.PutAsync(
            pyramids, WorkKeys.Split(order.WorkPrefix, order.SourceIndex), output => TileSplitter.SplitAsync(reader, plan, threads, output, cancellation), cancellation);
        await pyramids.PutAsync(runsKey, TileSplitter.Write(runs), cancellation);
        return runs.Sum(run => (long)run.PointCount);
    }

    private async Task<long> CellAsync(PointCloudUnitOrder order, OctreePlan plan, int threads, CancellationToken cancellation)
    {
        var octant = OctantKey.Parse(order.Octant);
        var list = new byte[order.ListBytes];
        if (await pyramids.ReadAsync(WorkKeys.Cells(order.WorkPrefix), order.ListOffset, list, cancellation) != list.Length)
            throw new StorageException($"{WorkKeys.Cells(order.WorkPrefix)} cannot be read whole");
        var runs = CellList.Runs(list);
        if (await IsDoneAsync(order, octant, cancellation))
            return runs.Sum(run => (long)run.PointCount);
        var sources = new Dictionary<int, StoreByteSource>();
        foreach (var source in runs.Select(run => run.Source).Distinct())
        {
            var key = WorkKeys.Split(order.WorkPrefix, source);
            sources[source] = await StoreByteSource.OpenAsync(pyramids, key, key, cancellation);
        }

        var parts = runs.Select(run => new CellPart(sources[run.Source], run.Offset, run.PointCount)).ToList();
        await BuildAsync(order, octant, output => new UnitBuilder(plan, output, threads).BuildCellAsync(octant, parts, cancellation), cancellation);
        return runs.Sum(run => (long)run.PointCount);
    }

    private async Task<long> JoinAsync(PointCloudUnitOrder order, OctreePlan plan, int threads, CancellationToken cancellation)
    {
        var octant = OctantKey.Parse(order.Octant);
        if (await IsDoneAsync(order, octant, cancellation))
            return 0;
        var handovers = new List<Handover>();
        foreach (var part in order.Parts.Select(OctantKey.Parse))
        {
            var index = await IndexAsync(order.WorkPrefix, part, cancellation);
            var points = await ReadAllAsync(pyramids, WorkKeys.Handover(order.WorkPrefix, part), cancellation)
                ?? throw new ObjectNotFoundException(WorkKeys.Handover(order.WorkPrefix, part));
            handovers.Add(new Handover(part, points, index.IsWhole));
        }

        await BuildAsync(order, octant, output => new UnitBuilder(plan, output, threads).JoinAsync(octant, handovers, cancellation), cancellation);
        return 0;
    }

    private async Task BuildAsync(
        PointCloudUnitOrder order, OctantKey octant, Func<Stream, Task<(UnitIndex Index, Handover Handover)>> build, CancellationToken cancellation)
    {
        var (index, handover) = await PipedPut.PutAsync(pyramids, WorkKeys.Chunks(order.WorkPrefix, octant), build, cancellation);
        await pyramids.PutAsync(WorkKeys.Handover(order.WorkPrefix, octant), handover.Points, cancellation);
        await pyramids.PutAsync(WorkKeys.Index(order.WorkPrefix, octant), index.Write(), cancellation);
    }

    private async Task<(long Points, PointCloudFile File)> FileAsync(PointCloudUnitOrder order, OctreePlan plan, CancellationToken cancellation)
    {
        var marker = WorkKeys.File(order.WorkPrefix);
        return await DoneAsync(marker, cancellation)
            ?? await PutAsync(order, plan, await IndicesAsync(order, cancellation), OctantKey.Root, null, marker, cancellation);
    }

    /// <summary>The root of a tile's file is what the octant of the tile held before a coarser one took of it; all octants within are the block's, byte for byte.</summary>
    private async Task<(long Points, PointCloudFile File)> TileFileAsync(PointCloudUnitOrder order, OctreePlan plan, CancellationToken cancellation)
    {
        var source = order.Source!;
        var marker = WorkKeys.TileFile(order.WorkPrefix, order.SourceIndex);
        if (await DoneAsync(marker, cancellation) is { } done)
            return done;
        var tile = await CloudTile.ReadAsync(await StoreByteSource.OpenAsync(uploads, source.Key, source.Name, cancellation), cancellation);
        var own = plan.PlanOf(tile, CrsText.WktOf(order.Crs)) ?? throw new InvalidOperationException($"{source.Name} has no octants of its own in {order.WorkPrefix}");
        var octant = OctantKey.Parse(order.Octant);
        var held = await ReadAllAsync(pyramids, WorkKeys.Handover(order.WorkPrefix, octant), cancellation)
            ?? throw new ObjectNotFoundException(WorkKeys.Handover(order.WorkPrefix, octant));
        var root = new MemoryStream();
        var closed = await new UnitBuilder(plan, root, 1).CloseAsync(new Handover(octant, held, IsWhole: false), cancellation);
        return await PutAsync(order, own, [closed, .. await IndicesAsync(order, cancellation)], octant, root, marker, cancellation);
    }

    /// <summary>Puts a file together of units' chunks.</summary>
    /// <param name="units">In the order of the file.</param>
    /// <param name="within">The octant of the units' tree that is the file's root.</param>
    /// <param name="first">The first unit's chunks where no object has them.</param>
    private async Task<(long Points, PointCloudFile File)> PutAsync(
        PointCloudUnitOrder order, OctreePlan plan, IReadOnlyList<UnitIndex> units, OctantKey within, MemoryStream? first, string marker, CancellationToken cancellation)
    {
        var file = OctreeFile.Of(plan, [.. units.Select(unit => unit.Within(within))]);
        var size = await PipedPut.PutAsync(pyramids, order.OutputKey, async output =>
        {
            await output.WriteAsync(file.Layout.Head, cancellation);
            if (first is not null)
                await output.WriteAsync(first.GetBuffer().AsMemory(0, (int)first.Length), cancellation);
            foreach (var unit in units.Skip(first is null ? 0 : 1).Where(unit => unit.Chunks.Count > 0))
            {
                await using var chunks = await pyramids.OpenReadAsync(WorkKeys.Chunks(order.WorkPrefix, unit.Key), cancellation);
                await chunks.CopyToAsync(output, 1 << 20, cancellation);
            }

            await output.WriteAsync(file.Layout.Tail, cancellation);
            return file.Layout.LengthBytes;
        }, cancellation);
        if (await pyramids.FindAsync(order.OutputKey, cancellation) is not { } written || written.LengthBytes != size)
            throw new StorageException($"{order.OutputKey} does not have the {size} bytes that were planned");
        var header = file.Header;
        var made = new PointCloudFile
        {
            Name = order.OutputKey[(order.OutputKey.LastIndexOf('/') + 1)..],
            Key = order.OutputKey,
            SizeBytes = size,
            Points = (long)header.PointCount,
            PointFormat = header.PointFormat.Number,
            Bounds = [header.Min.X, header.Min.Y, header.Min.Z, header.Max.X, header.Max.Y, header.Max.Z],
        };
        await pyramids.PutAsync(marker, JsonSerializer.SerializeToUtf8Bytes(made), cancellation);
        return (made.Points, made);
    }

    private async Task<(long Points, PointCloudFile File)?> DoneAsync(string marker, CancellationToken cancellation)
    {
        if (await ReadAllAsync(pyramids, marker, cancellation) is not { } done)
            return null;
        var known = JsonSerializer.Deserialize<PointCloudFile>(done)!;
        return (known.Points, known);
    }

    private async Task<List<UnitIndex>> IndicesAsync(PointCloudUnitOrder order, CancellationToken cancellation)
    {
        var units = new List<UnitIndex>();
        foreach (var octant in order.Parts.Select(OctantKey.Parse))
            units.Add(await IndexAsync(order.WorkPrefix, octant, cancellation));
        return units;
    }

    private async Task<bool> IsDoneAsync(PointCloudUnitOrder order, OctantKey octant, CancellationToken cancellation) =>
        await pyramids.FindAsync(WorkKeys.Index(order.WorkPrefix, octant), cancellation) is not null;

    private async Task<UnitIndex> IndexAsync(string work, OctantKey octant, CancellationToken cancellation) => UnitIndex.Read(
        await ReadAllAsync(pyramids, WorkKeys.Index(work, octant), cancellation) ?? throw new ObjectNotFoundException(WorkKeys.Index(work, octant)));

    // A plan never changes; a silo has those of the files that are in hand.
    private async Task<OctreePlan> PlanAsync(string work, CancellationToken cancellation)
    {
        if (_plans.TryGetValue(work, out var known))
            return known;
        var bytes = await ReadAllAsync(pyramids, WorkKeys.Plan(work), cancellation) ?? throw new ObjectNotFoundException(WorkKeys.Plan(work));
        var plan = OctreePlan.Read(bytes);
        if (_plans.Count >= MostPlans)
            _plans.Clear();
        _plans[work] = plan;
        return plan;
    }
}
