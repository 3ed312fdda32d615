using Grid.Imaging;
using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Interfaces.Maps;
using Grid.Tiling;
using Orleans;
using Orleans.Concurrency;

namespace Grid.Grains.Maps;

/// <summary>
/// Draws one map a call: plans each layer, fetches the tiles that no other map left decoded from the slab caches, then draws, styles, blends and encodes
/// away from the grains' scheduler. Calls interleave; the silo's places bound how many draw at once.
/// </summary>
[StatelessWorker, Reentrant]
public sealed class MapGrain(MapSlots slots, MapDrawing drawing) : Grain, IMapGrain
{
    public async Task<DrawnMap> DrawAsync(MapOrder order, CancellationToken cancellation)
    {
        using var place = await slots.TakeAsync(cancellation);
        var frame = FrameOf(order);
        var layers = await Task.Run(() => drawing.PlanAsync(order, frame, cancellation), cancellation);
        try
        {
            foreach (var layer in layers)
                await FetchAsync(layer, cancellation);
            using var turn = await slots.DrawAsync(cancellation);
            return new DrawnMap(await Task.Run(() => drawing.Draw(order, frame, layers, slots.ThreadsPerMap, cancellation), cancellation));
        }
        finally
        {
            foreach (var layer in layers)
                layer.Dispose();
        }
    }

    public async Task<IReadOnlyList<MapValues>> ValuesAsync(MapOrder order, int column, int row, CancellationToken cancellation)
    {
        using var place = await slots.TakeAsync(cancellation);
        var frame = FrameOf(order);
        var values = new List<MapValues>();
        foreach (var layer in order.Layers)
        {
            using var probe = await Task.Run(() => drawing.PlanProbe(layer, frame, column, row), cancellation);
            await FetchAsync(probe, cancellation);
            values.Add(new MapValues(await Task.Run(() => MapDrawing.ValuesOf(probe), cancellation)));
        }

        return values;
    }

    private async Task FetchAsync(PlannedLayer layer, CancellationToken cancellation)
    {
        if (layer.Tiles is not { } tiles || layer.Plan is not { Level: SlabLevel level })
            return;

        // Bounded, so that a large map leaves the slab caches and the store to others too.
        const int InFlight = 32;
        foreach (var batch in tiles.Missing.Chunk(InFlight))
        {
            cancellation.ThrowIfCancellationRequested();
            var reads = new ValueTask<StoredTile>[batch.Length];
            for (var i = 0; i < batch.Length; i++)
                reads[i] = level.ReadAsync(GrainFactory, batch[i]);
            for (var i = 0; i < batch.Length; i++)
                tiles.Put(batch[i], await reads[i]);
        }
    }

    private static MapFrame FrameOf(MapOrder order)
    {
        if (order.Width < 1 || order.Height < 1 || (long)order.Width * order.Height > int.MaxValue / 16)
            throw new MapRefusedException($"A map of {order.Width} × {order.Height} pixels: one pixel at least and {int.MaxValue / 16} at most are drawn.");
        return new MapFrame(order.Crs, new Extent(order.MinX, order.MinY, order.MaxX, order.MaxY), order.Width, order.Height);
    }
}
