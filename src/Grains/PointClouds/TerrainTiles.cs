using System.Collections.Concurrent;
using Grid.Imaging.Codecs.Tiff;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.PointCloud;
using Grid.PointCloud.Inspection;
using Grid.PointCloud.Terrain;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.PointClouds;

/// <summary>Plans terrain models and makes their tiles, off the grains' scheduler. Safe for concurrent use.</summary>
public sealed class TerrainTiles(
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids)
{
    private const int MostKnown = 4096;
    private const int ReadsAtOnce = 16;

    // By build and file: each is read for its own tile and for those around it, and does not change while the build lasts.
    private readonly ConcurrentDictionary<(string Build, string Key), ChunkExtents> _known = new();

    /// <summary>The tiles that the clouds cover, each with the files that lie in it or in its margin.</summary>
    /// <exception cref="InvalidPointCloudException">A file's header cannot be read, or its bounds cannot be.</exception>
    public async Task<List<TerrainTileOrder>> PlanAsync(TerrainBuildOrder build, string id, CancellationToken cancellation)
    {
        var clouds = await OpenAsync(build, cancellation);
        try
        {
            clouds.ForEach(cloud => cloud.CheckBounds());
            var margin = new TerrainOptions().Margin;
            var most = build.IsBlock ? TerrainTile.Usual : double.PositiveInfinity;
            return [.. TerrainTile.Covering(clouds.Select(cloud => cloud.Header), most: most).Select((tile, index) => new TerrainTileOrder
            {
                BuildId = id,
                Index = index,
                West = tile.West,
                North = tile.North,
                Side = tile.Side,
                Build = build with { Sources = [.. build.Sources.Where((_, i) => clouds[i].IsNear(tile, margin))] },
            })];
        }
        finally
        {
            await CloseAsync(clouds);
        }
    }

    /// <summary>Makes a tile and stores it: the copy for the pyramid first, the tile that is kept last.</summary>
    /// <returns>Name of the file, empty when there is no height in it; its bytes, and the points that it was made of.</returns>
    /// <exception cref="InvalidPointCloudException">A file is damaged.</exception>
    public async Task<(string Name, long SizeBytes, long Points)> MakeAsync(TerrainTileOrder order, int threads, CancellationToken cancellation)
    {
        var (build, tile) = (order.Build, new TerrainTile(order.West, order.North, order.Side));
        var kind = Enum.Parse<TerrainModelKind>(build.Model, ignoreCase: true);
        var clouds = await OpenAsync(build, cancellation);
        try
        {
            var models = await TerrainModels.ComputeAsync(
                tile, clouds, new TerrainOptions { Steps = [build.Step], Models = [kind], LongestEdge = build.LongestEdge, Threads = threads }, cancellation);
            Remember(build, clouds);
            var points = models.Points.Terrain + models.Points.Surface;
            if (models.IsEmpty)
                return ("", 0, points);
            var raster = models.Rasters[0];
            var epsg = EpsgOf(build.Crs);
            var bytes = CloudOptimizedTiff.Encode(
                raster.Heights, raster.Size, raster.Size, new HeightPlace(raster.OriginX, raster.OriginY, raster.Step, epsg, TerrainOptions.Nodata));
            var name = tile.ModelName(kind, build.Step, "FXX", epsg == 2154 ? "LAMB93_IGN69" : $"EPSG{epsg}") + ".tif";
            await uploads.PutAsync($"{build.WorkPrefix}/{name}", bytes, cancellation);
            await pyramids.PutAsync($"{build.TilesPrefix}/{name}", bytes, cancellation);
            return (name, bytes.Length, points);
        }
        finally
        {
            await CloseAsync(clouds);
        }
    }

    /// <summary>The tiles that a finished build has kept, from the objects themselves: places are read from the files' first bytes.</summary>
    /// <exception cref="ArgumentException">An object is no tile.</exception>
    public async Task<RasterTiles> DescribeAsync(TerrainBuildOrder build, CancellationToken cancellation)
    {
        var found = new List<ObjectInfo>();
        await foreach (var one in pyramids.ListAsync($"{build.TilesPrefix}/", cancellation))
            found.Add(one);
        var files = new RasterTile[found.Count];
        await Parallel.ForAsync(0, found.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellation }, async (i, stop) =>
        {
            var head = new byte[Math.Min(CloudOptimizedTiff.HeadBytes, found[i].LengthBytes)];
            var read = await pyramids.ReadAsync(found[i].Key, 0, head, stop);
            var (width, height, place) = CloudOptimizedTiff.ReadPlace(head.AsSpan(0, Math.Max(0, read)));
            files[i] = new RasterTile(
                found[i].Key[(build.TilesPrefix.Length + 1)..], found[i].Key, found[i].LengthBytes,
                [place.OriginX, place.OriginY - (height * place.Cell), place.OriginX + (width * place.Cell), place.OriginY]);
        });
        return new RasterTiles(build.Crs, files);
    }

    /// <summary>Takes away the copies that a pyramid was made of.</summary>
    public async Task DeleteCopiesAsync(string workPrefix, IEnumerable<string> names)
    {
        foreach (var name in names)
            await uploads.DeleteAsync($"{workPrefix}/{name}");
    }

    private static int EpsgOf(string crs) =>
        CloudCrs.EpsgOf(crs) ?? throw new ArgumentException($"terrain models need point clouds in a CRS with an EPSG code: these are in {crs}");

    private async Task<List<TerrainCloud>> OpenAsync(TerrainBuildOrder build, CancellationToken cancellation)
    {
        var clouds = new List<TerrainCloud>(build.Sources.Count);
        try
        {
            foreach (var source in build.Sources)
            {
                var bytes = await StoreByteSource.OpenAsync(build.AreStored ? pyramids : uploads, source.Key, source.Name, cancellation);
                clouds.Add(await TerrainCloud.OpenAsync(bytes, _known.GetValueOrDefault((build.WorkPrefix, source.Key)), cancellation));
            }

            return clouds;
        }
        catch
        {
            await CloseAsync(clouds);
            throw;
        }
    }

    private void Remember(TerrainBuildOrder build, List<TerrainCloud> clouds)
    {
        if (_known.Count > MostKnown)
            _known.Clear();
        for (var i = 0; i < clouds.Count; i++)
            _known[(build.WorkPrefix, build.Sources[i].Key)] = clouds[i].Extents;
    }

    private static async Task CloseAsync(List<TerrainCloud> clouds)
    {
        foreach (var cloud in clouds)
            await cloud.DisposeAsync();
    }
}
