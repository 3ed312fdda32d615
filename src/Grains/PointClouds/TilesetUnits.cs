using System.Text.Json;
using Grid.Imaging.Gdal;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Tiles3D;
using Grid.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>The units that make 3D Tiles of a finished COPC file: ranges of octants, each by itself, then the documents that name them.</summary>
internal static class TilesetUnits
{
    /// <summary>Writes the tiles of a range, unless that is done.</summary>
    /// <returns>Their points.</returns>
    public static async Task<long> TileAsync(IObjectStore store, PointCloudUnitOrder order, int threads, CancellationToken cancellation)
    {
        var key = WorkKeys.Tiling(order.WorkPrefix, order.Range);
        if (await PointCloudUnits.ReadAllAsync(store, key, cancellation) is { } done)
            return TilePart.Read(done).Statistics.Count;
        await using var copc = await OpenAsync(store, order, cancellation);
        using var transform = Transform(copc, order);
        var tiler = await CopcTiler.OpenAsync(copc, transform.Transform, cancellation);
        var (first, end) = (order.Ranges[order.Range], order.Ranges[order.Range + 1]);
        var part = await tiler.WriteAsync(first, end - first, (name, content, stop) => store.PutAsync($"{order.TilesetPrefix}/{name}", content, stop), threads, cancellation);
        await store.PutAsync(key, part.Write(), cancellation);
        return part.Statistics.Count;
    }

    /// <summary>Writes the documents.</summary>
    /// <returns>The file, with its tileset.</returns>
    public static async Task<PointCloudFile> FinishAsync(IObjectStore store, PointCloudUnitOrder order, CancellationToken cancellation)
    {
        var file = JsonSerializer.Deserialize<PointCloudFile>(await ReadAsync(store, WorkKeys.File(order.WorkPrefix), cancellation))!;
        var parts = new List<TilePart>();
        for (var range = 0; range + 1 < order.Ranges.Count; range++)
            parts.Add(TilePart.Read(await ReadAsync(store, WorkKeys.Tiling(order.WorkPrefix, range), cancellation)));
        await using var copc = await OpenAsync(store, order, cancellation);
        using var transform = Transform(copc, order);
        var tiler = await CopcTiler.OpenAsync(copc, transform.Transform, cancellation);
        var tiles = TilePart.Of(parts);
        var bytes = tiles.SizeBytes;
        foreach (var (name, content) in TilesetDocuments.Write(tiler.Head(order.Crs, transform.Heights), tiles))
        {
            var compressed = CopcTiler.Compress(content);
            await store.PutAsync($"{order.TilesetPrefix}/{name}", compressed, cancellation);
            bytes += compressed.Length;
        }

        return file with { TilesetPrefix = order.TilesetPrefix, TilesetHeights = transform.Heights, TilesetBytes = bytes };
    }

    private static async Task<CopcReader> OpenAsync(IObjectStore store, PointCloudUnitOrder order, CancellationToken cancellation) =>
        await CopcReader.OpenAsync(await StoreByteSource.OpenAsync(store, order.OutputKey, order.OutputKey, cancellation), cancellation: cancellation);

    private static GeodeticTransform Transform(CopcReader copc, PointCloudUnitOrder order)
    {
        var (min, max) = (copc.Header.Min, copc.Header.Max);
        return new GeodeticTransform(order.Crs, (min.X + max.X) / 2, (min.Y + max.Y) / 2);
    }

    private static async Task<byte[]> ReadAsync(IObjectStore store, string key, CancellationToken cancellation) =>
        await PointCloudUnits.ReadAllAsync(store, key, cancellation) ?? throw new ObjectNotFoundException(key);
}
