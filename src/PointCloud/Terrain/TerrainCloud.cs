using System.Globalization;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Terrain;

/// <summary>
/// A file that models are made of. Of COPC only the octants that meet the asked ground are read; other files do not say where their chunks lie, so that is learnt
/// when they are first read, and chunks away from the ground that is asked next are left out.
/// </summary>
public sealed class TerrainCloud : IAsyncDisposable
{
    private const PointFields Fields = PointFields.Z | PointFields.Classification;

    /// <summary>Square units a point at most, and what a strip's width counts at least.</summary>
    private const double ThinnestArea = 1000, Narrowest = 10;

    private readonly PointCloudReader? _plain;
    private readonly CopcReader? _copc;

    private TerrainCloud(PointCloudReader? plain, CopcReader? copc, ChunkExtents extents) => (_plain, _copc, Extents) = (plain, copc, extents);

    public string Name => _plain?.Name ?? _copc!.Name;

    public LasHeader Header => _plain?.Header ?? _copc!.Header;

    /// <summary>The variable length records: the CRS among them.</summary>
    public IReadOnlyList<VariableLengthRecord> Records => _plain?.Records ?? _copc!.Records;

    /// <summary>Where the file's chunks lie, as far as it is known: for whoever opens the same file again.</summary>
    public ChunkExtents Extents { get; }

    /// <summary>Opens LAS, LAZ or COPC. The source is disposed with the cloud, or when this fails.</summary>
    /// <param name="extents">What is known of the same file's chunks; null for nothing.</param>
    /// <exception cref="InvalidPointCloudException">It is no point cloud that can be read.</exception>
    public static async Task<TerrainCloud> OpenAsync(IByteSource source, ChunkExtents? extents = null, CancellationToken cancellation = default)
    {
        if (await IsCopcAsync(source, cancellation))
            return new TerrainCloud(null, await CopcReader.OpenAsync(source, null, cancellation), new ChunkExtents(0));
        var plain = await PointCloudReader.OpenAsync(source, null, cancellation);
        return new TerrainCloud(plain, null, extents?.Count == plain.Chunks.Count ? extents : new ChunkExtents(plain.Chunks.Count));
    }

    /// <summary>Opens a local file.</summary>
    /// <inheritdoc cref="OpenAsync(IByteSource, ChunkExtents?, CancellationToken)"/>
    public static Task<TerrainCloud> OpenAsync(string path, CancellationToken cancellation = default) => OpenAsync(new FileByteSource(path), null, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_plain is not null)
            await _plain.DisposeAsync();
        if (_copc is not null)
            await _copc.DisposeAsync();
    }

    /// <summary>
    /// Holds the header's bounds against scale and offset, and against the number of points: a bit of them that is wrong would make a hundred thousand tiles
    /// without a point, or put all points on one line.
    /// </summary>
    /// <exception cref="InvalidPointCloudException">No coordinate of 32 bits reaches the bounds, or the points lie farther apart than those of any survey do.</exception>
    public void CheckBounds()
    {
        if (Header.PointCount == 0)
            return;
        var (count, min, max, scale, offset) = (Header.PointCount, Header.Min, Header.Max, Header.Scale, Header.Offset);
        if (!(Reaches(min.X, scale.X, offset.X) && Reaches(max.X, scale.X, offset.X) && Reaches(min.Y, scale.Y, offset.Y) && Reaches(max.Y, scale.Y, offset.Y)))
        {
            throw new InvalidPointCloudException(Name, string.Create(CultureInfo.InvariantCulture,
                $"its header has bounds from {min.X},{min.Y} to {max.X},{max.Y}, which no 32 bits reach with the scale {scale.X},{scale.Y} and the offset {offset.X},{offset.Y}"));
        }

        var (width, height) = (max.X - min.X, max.Y - min.Y);
        if (!(width >= 0 && height >= 0 && (width + Narrowest) * (height + Narrowest) <= (count + 1.0) * ThinnestArea))
        {
            throw new InvalidPointCloudException(Name, string.Create(CultureInfo.InvariantCulture,
                $"its header says that its {count} points lie on {width:0.###} by {height:0.###} units: each has {ThinnestArea} square units at most where a model is made"));
        }

        // Writers round bounds by up to a unit.
        static bool Reaches(double bound, double scale, double offset) => Math.Abs((bound - offset) / scale) <= int.MaxValue + 2.0;
    }

    /// <summary>Whether the file may hold points of a tile or of the margin around it, by its header.</summary>
    public bool IsNear(TerrainTile tile, double margin) => Meets(tile.West - margin, tile.South - margin, tile.East + margin, tile.North + margin);

    /// <summary>Whether the header's bounds, rounded as writers do, meet a rectangle.</summary>
    internal bool Meets(double west, double south, double east, double north) =>
        Header.PointCount > 0
        && Header.Min.X - Header.Scale.X <= east && Header.Max.X + Header.Scale.X >= west
        && Header.Min.Y - Header.Scale.Y <= north && Header.Max.Y + Header.Scale.Y >= south;

    /// <summary>Gives heights and classes of the points that may lie in a rectangle, batch by batch, to several threads.</summary>
    internal async Task ReadAsync(double west, double south, double east, double north, int threads, Action<PointBatch> take, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        if (_copc is not null)
        {
            // Writers may round a point out of its octant.
            (west, south, east, north) = (west - 1, south - 1, east + 1, north + 1);
            var ground = new Box(new Xyz(west, south, double.NegativeInfinity), new Xyz(east, north, double.PositiveInfinity));
            var nodes = await _copc.ReadNodesAsync(key => _copc.Info.Cube.BoundsOf(key).Intersects(ground), cancellation);
            await Parallel.ForEachAsync(nodes.Where(node => node.PointCount > 0), options, async (node, stop) =>
            {
                using var batch = await _copc.ReadPointsAsync(node, Fields, stop);
                take(batch);
            });
        }
        else if (_plain!.HasRandomAccess)
        {
            await Parallel.ForEachAsync(_plain.Chunks.Where(chunk => Extents.MayMeet(chunk.Index, west, south, east, north)), options, async (chunk, stop) =>
            {
                using var batch = await _plain.ReadChunkAsync(chunk, Fields, stop);
                Extents.Learn(chunk.Index, batch, Header);
                take(batch);
            });
        }
        else
        {
            await foreach (var batch in _plain.ReadAsync(Fields, threads, cancellation))
            {
                take(batch);
                batch.Dispose();
            }
        }
    }

    // COPC 1.0, "How to read": the first record's user stands behind the header, with its length before it.
    private static async Task<bool> IsCopcAsync(IByteSource source, CancellationToken cancellation)
    {
        var head = new byte[381];
        return await source.ReadAsync(0, head, cancellation) == head.Length && head.AsSpan().StartsWith("LASF"u8) && head.AsSpan(377, 4).SequenceEqual("copc"u8);
    }
}
