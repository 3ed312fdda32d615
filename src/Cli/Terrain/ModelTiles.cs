using Grid.Cli.Api;
using Grid.Imaging.Codecs.Tiff;
using Grid.PointCloud;
using Grid.PointCloud.Inspection;
using Grid.PointCloud.Terrain;

namespace Grid.Cli.Terrain;

/// <summary>How the models of a folder of point clouds are written.</summary>
public sealed record ModelTilesOptions
{
    public TerrainOptions Models { get; init; } = new();

    /// <summary>Side of a tile; null for that of the files, which is 1 km of LiDAR HD.</summary>
    public double? Side { get; init; }

    /// <summary>Code of the projected CRS; null for what the files say.</summary>
    public int? Epsg { get; init; }

    /// <summary>As IGN's names have it: <c>FXX</c> for the mainland.</summary>
    public string Territory { get; init; } = "FXX";

    /// <summary>Plane and height systems as IGN's names have them; null for <c>LAMB93_IGN69</c> in EPSG:2154, else the code.</summary>
    public string? CrsName { get; init; }
}

/// <summary>
/// Makes the terrain models of all point clouds of a folder, as tiles in a folder for each model and step (<c>MNT_0M50</c>), each a lot that can be delivered.
/// </summary>
public static class ModelTiles
{
    /// <summary>Writes the tiles that have any height; returns their paths.</summary>
    /// <param name="progress">Goes from 0 to 1.</param>
    /// <exception cref="DeliveryException">There is no point cloud, or its CRS has no code.</exception>
    /// <exception cref="InvalidPointCloudException">A file is damaged.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(
        string folder, string output, ModelTilesOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".LAZ" or ".LAS").Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
            throw new DeliveryException($"{folder} has no point cloud: .laz or .las files are read");
        var clouds = new List<TerrainCloud>();
        try
        {
            foreach (var file in files)
                clouds.Add(await TerrainCloud.OpenAsync(file, cancellation));
            return await WriteAsync(clouds, output, options, progress, cancellation);
        }
        finally
        {
            foreach (var cloud in clouds)
                await cloud.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> WriteAsync(
        List<TerrainCloud> clouds, string output, ModelTilesOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var epsg = options.Epsg ?? CodeOf(clouds);
        var crsName = options.CrsName ?? (epsg == 2154 ? "LAMB93_IGN69" : $"EPSG{epsg}");
        var tiles = TerrainTile.Covering(clouds.Select(cloud => cloud.Header), options.Side);
        var written = new List<string>();
        for (var i = 0; i < tiles.Count; i++)
        {
            var models = await TerrainModels.ComputeAsync(tiles[i], clouds, options.Models, cancellation);
            if (!models.IsEmpty)
            {
                var paths = new string[models.Rasters.Count];
                Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = cancellation }, number =>
                {
                    var raster = models.Rasters[number];
                    var name = raster.Tile.ModelName(raster.Kind, raster.Step, options.Territory, crsName);
                    var lot = Directory.CreateDirectory(Path.Combine(output, TerrainTile.LotName(raster.Kind, raster.Step))).FullName;
                    paths[number] = Path.Combine(lot, name + ".tif");
                    File.WriteAllBytes(paths[number], CloudOptimizedTiff.Encode(
                        raster.Heights, raster.Size, raster.Size, new HeightPlace(raster.OriginX, raster.OriginY, raster.Step, epsg, TerrainOptions.Nodata)));
                });
                written.AddRange(paths);
            }

            progress?.Report((i + 1.0) / tiles.Count);
        }

        return written;
    }

    private static int CodeOf(List<TerrainCloud> clouds)
    {
        var cloud = clouds[0];
        return CloudCrs.Of(cloud.Header, cloud.Records) is { } crs && CloudCrs.EpsgOf(crs) is { } code
            ? code
            : throw new DeliveryException($"{cloud.Name} names no CRS by an EPSG code: give it with --epsg");
    }
}
