using System.Collections.Concurrent;

namespace Grid.PointCloud.Terrain;

/// <summary>One model at one step, north up.</summary>
/// <param name="Size">Pixels on each side.</param>
/// <param name="Heights">Row by row from the north; <see cref="TerrainOptions.Nodata"/> where there is none. In the unit of the cloud's heights.</param>
public sealed record TerrainRaster(TerrainModelKind Kind, TerrainTile Tile, double Step, int Size, float[] Heights)
{
    /// <summary>West edge of the first column: half a pixel west of the tile's.</summary>
    public double OriginX => Tile.West - (Step / 2);

    /// <summary>North edge of the first row: half a pixel north of the tile's.</summary>
    public double OriginY => Tile.North + (Step / 2);
}

/// <summary>
/// The terrain models of a tile of ground: MNT, MNS and MNH by linear interpolation in the Delaunay triangulation of the points of their classes, in the tile and a
/// margin around it. A pure function of the points in that square: neighbouring tiles agree, and no number of threads, no order of files or of points changes a byte.
/// <para>
/// Memory: 12 bytes a point of the classes used, about 100 bytes a point of a block for each thread (a block has about 64,000), and the rasters.
/// </para>
/// </summary>
public sealed class TerrainModels
{
    private const double PointsPerBlock = 1 << 16;
    private const int MarginSpacings = 8;

    private TerrainModels(TerrainTile tile, IReadOnlyList<TerrainRaster> rasters, (long Terrain, long Surface) points) =>
        (Tile, Rasters, Points) = (tile, rasters, points);

    public TerrainTile Tile { get; }

    /// <summary>By step, in the order of the options, and within a step by model.</summary>
    public IReadOnlyList<TerrainRaster> Rasters { get; }

    /// <summary>Points of the terrain's and of the surface's classes in the tile and its margin.</summary>
    public (long Terrain, long Surface) Points { get; }

    /// <summary>True when the tile has no height at all.</summary>
    public bool IsEmpty => Rasters.All(raster => Array.TrueForAll(raster.Heights, height => height == TerrainOptions.Nodata));

    /// <summary>Computes the models of a tile.</summary>
    /// <param name="clouds">The files that may hold points of the tile or its margin, in one CRS; of others nothing is read but what has been.</param>
    /// <exception cref="InvalidPointCloudException">A chunk of a file is damaged.</exception>
    /// <exception cref="ArgumentException">Steps and side do not go into each other.</exception>
    public static async Task<TerrainModels> ComputeAsync(
        TerrainTile tile, IReadOnlyList<TerrainCloud> clouds, TerrainOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new TerrainOptions();
        options.Check(tile.Side);
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var lattice = TerrainLattice.Of(tile, clouds.Select(cloud => cloud.Header), options.Steps.Min(), options.Margin);
        var points = await ReadAsync(tile, clouds, options, lattice, threads, cancellation);

        var wantsHeight = options.Models.Contains(TerrainModelKind.Mnh);
        var terrain = wantsHeight || options.Models.Contains(TerrainModelKind.Mnt) ? Interpolate(tile, points, Surfaces.Terrain, lattice, options, threads, cancellation) : [];
        var surface = wantsHeight || options.Models.Contains(TerrainModelKind.Mns) ? Interpolate(tile, points, Surfaces.Surface, lattice, options, threads, cancellation) : [];
        var rasters = new List<TerrainRaster>();
        for (var i = 0; i < options.Steps.Count; i++)
        {
            foreach (var kind in options.Models.Distinct().Order())
            {
                var heights = kind switch
                {
                    TerrainModelKind.Mnt => terrain[i].Heights,
                    TerrainModelKind.Mns => surface[i].Heights,
                    _ => Subtract(surface[i].Heights, terrain[i].Heights),
                };
                rasters.Add(new TerrainRaster(kind, tile, options.Steps[i], (int)Math.Round(tile.Side / options.Steps[i]), heights));
            }
        }

        return new TerrainModels(tile, rasters, points.Counts);
    }

    private static async Task<TerrainPoints> ReadAsync(
        TerrainTile tile, IReadOnlyList<TerrainCloud> clouds, TerrainOptions options, TerrainLattice lattice, int threads, CancellationToken cancellation)
    {
        var classes = new Surfaces[256];
        foreach (var terrain in options.TerrainClasses)
            classes[terrain] |= Surfaces.Terrain;
        foreach (var surface in options.SurfaceClasses)
            classes[surface] |= Surfaces.Surface;
        int margin = lattice.Units(options.Margin), side = lattice.Units(tile.Side);
        var builder = new TerrainPoints.Builder(lattice, -margin, -side - margin, side + (2 * margin), classes);
        double west = tile.West - options.Margin, south = tile.South - options.Margin, east = tile.East + options.Margin, north = tile.North + options.Margin;
        foreach (var cloud in clouds.Where(cloud => cloud.Meets(west, south, east, north)))
            await cloud.ReadAsync(west, south, east, north, threads, batch => builder.Add(batch, cloud.Header), cancellation);
        return builder.Build(threads);
    }

    private static List<SurfaceRaster> Interpolate(
        TerrainTile tile, TerrainPoints points, Surfaces surface, TerrainLattice lattice, TerrainOptions options, int threads, CancellationToken cancellation)
    {
        var side = lattice.Units(tile.Side);
        var rasters = options.Steps.Select(step =>
        {
            var size = (int)Math.Round(tile.Side / step);
            return new SurfaceRaster(lattice.Units(step), size, new float[checked(size * size)]);
        }).ToList();
        var count = surface == Surfaces.Terrain ? points.Counts.Terrain : points.Counts.Surface;
        var spacing = Math.Sqrt(points.Area / Math.Max(1, count));
        var perSide = (int)Math.Clamp(Math.Ceiling(side / (spacing * Math.Sqrt(PointsPerBlock))), 1, 256);
        var margin = (int)Math.Ceiling(MarginSpacings * spacing);
        var free = new ConcurrentBag<TerrainBlock>();
        Parallel.For(0, perSide * perSide, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, index =>
        {
            var block = free.TryTake(out var taken) ? taken : new TerrainBlock(points, surface, lattice, options.LongestEdge);
            int column = index % perSide, row = index / perSide;
            block.Compute(Border(column), Border(row), Border(column + 1), Border(row + 1), margin, rasters, cancellation);
            free.Add(block);
        });
        return rasters;

        int Border(int block) => (int)((long)side * block / perSide);
    }

    private static float[] Subtract(float[] surface, float[] terrain)
    {
        var heights = new float[surface.Length];
        for (var i = 0; i < heights.Length; i++)
        {
            heights[i] = surface[i] == TerrainOptions.Nodata || terrain[i] == TerrainOptions.Nodata ? TerrainOptions.Nodata : surface[i] - terrain[i];
        }

        return heights;
    }
}
