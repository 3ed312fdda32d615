using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Geodesy;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tiles3D;

/// <summary>Puts one object of a tileset; a name that is there already has the same bytes.</summary>
/// <param name="name">Within the tileset: <c>tiles/3/1-2-0.glb</c>.</param>
public delegate Task PutTile(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation);

/// <summary>
/// Makes 3D Tiles of a COPC file: a tile an octant, its points and no others, since both add a level's points to those of the coarser ones. Tiles are written
/// by ranges of octants, each range by whoever has time for it, twice if need be: a tile has the same bytes however often it is made. Memory is bounded by the
/// octants in hand.
/// </summary>
public sealed class CopcTiler
{
    private readonly CopcReader _copc;
    private readonly IReadOnlyList<CopcNode> _octants;
    private readonly TileSetting _setting;
    private readonly Lock _transforming = new();

    private CopcTiler(CopcReader copc, IReadOnlyList<CopcNode> octants, LocalFrame frame, GeodeticTransform transform, bool hasEightBitColor)
    {
        (_copc, _octants) = (copc, octants);
        _setting = new TileSetting(
            frame,
            (x, y, z) =>
            {
                lock (_transforming)
                    transform(x, y, z);
            },
            HasColor(copc.Header.PointFormat), hasEightBitColor);
    }

    /// <summary>Octants with points, and so tiles: ranges of them are what units of work are made of.</summary>
    public int Count => _octants.Count;

    /// <summary>What the tileset's documents say of the cloud.</summary>
    public TilesetHead Head(string crs, string heights) =>
        new(_setting.Frame, _copc.Info.Spacing * _setting.Frame.MetresPerUnit, crs, heights, _setting.HasColor, _copc.Header.Min.Z);

    /// <summary>The octants that have points, in the order that ranges count them in: neighbours in the file are neighbours here.</summary>
    /// <exception cref="InvalidPointCloudException">The file is damaged.</exception>
    public static async Task<IReadOnlyList<CopcNode>> ReadOctantsAsync(CopcReader copc, CancellationToken cancellation = default) =>
        [.. (await copc.ReadNodesAsync(null, cancellation)).Where(node => node.PointCount > 0).OrderBy(node => node.Offset).ThenBy(node => node.Key)];

    /// <summary>Divides octants into ranges of about equal work.</summary>
    /// <param name="pointsOfRange">A range ends when it has as many points.</param>
    /// <returns>The index of each range's first octant, then the number of octants.</returns>
    public static IReadOnlyList<int> Divide(IReadOnlyList<CopcNode> octants, long pointsOfRange)
    {
        var ends = new List<int> { 0 };
        var points = 0L;
        for (var i = 0; i < octants.Count; i++)
        {
            points += octants[i].PointCount;
            if (points >= pointsOfRange || i == octants.Count - 1)
            {
                ends.Add(i + 1);
                points = 0;
            }
        }

        return ends;
    }

    /// <summary>Reads the hierarchy and the root octant's points.</summary>
    /// <param name="copc">The cloud; it stays the caller's.</param>
    /// <param name="transform">From the cloud's CRS; called by one thread at a time.</param>
    /// <exception cref="InvalidPointCloudException">The file is damaged.</exception>
    /// <exception cref="UnplacedPointException">The cloud's CRS has no place for it on the globe.</exception>
    public static async Task<CopcTiler> OpenAsync(CopcReader copc, GeodeticTransform transform, CancellationToken cancellation = default)
    {
        var octants = await ReadOctantsAsync(copc, cancellation);
        var header = copc.Header;
        var frame = LocalFrame.At(transform, new Xyz((header.Min.X + header.Max.X) / 2, (header.Min.Y + header.Max.Y) / 2, header.Min.Z));
        var hasEightBitColor = false;
        if (HasColor(header.PointFormat) && octants.Count > 0)
        {
            using var coarsest = await copc.ReadPointsAsync(octants.MinBy(node => node.Key.Level), PointFields.Color, cancellation);
            hasEightBitColor = PointTile.HasEightBitColor(coarsest);
        }

        return new CopcTiler(copc, octants, frame, transform, hasEightBitColor);
    }

    /// <summary>Name of an octant's tile within the tileset.</summary>
    public static string NameOf(OctantKey octant) => $"tiles/{octant.Level}/{octant.X}-{octant.Y}-{octant.Z}.glb";

    /// <summary>Writes the tiles of a range of octants.</summary>
    /// <param name="first">Index of the first, from 0.</param>
    /// <param name="count">How many; 0 makes an empty part.</param>
    /// <param name="put">Called from several threads at once. Content is gzip-compressed.</param>
    /// <param name="threads">Octants made at once, as many more being put; 0 for as many as there are processors.</param>
    /// <returns>What <see cref="TilesetDocuments"/> needs to know of the tiles.</returns>
    /// <exception cref="InvalidPointCloudException">An octant's chunk is damaged.</exception>
    /// <exception cref="UnplacedPointException">The cloud's CRS has no place on the globe for a point.</exception>
    public async Task<TilePart> WriteAsync(int first, int count, PutTile put, int threads = 0, CancellationToken cancellation = default)
    {
        if (first < 0 || count < 0 || first + (long)count > Count)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"octants {first} to {first + (long)count} are asked for: there are {Count}");
        var entries = new TileEntry[count];
        var statistics = new ConcurrentBag<TileStatistics>();
        threads = threads > 0 ? threads : Environment.ProcessorCount;
        using var slots = new SemaphoreSlim(threads);
        // While some are put, which is waiting for a device, others are made.
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 * threads, CancellationToken = cancellation }, async (i, stop) =>
        {
            var node = _octants[first + i];
            var ofTile = new TileStatistics();
            Box box;
            ReadOnlyMemory<byte> content;
            await slots.WaitAsync(stop);
            try
            {
                using var points = await _copc.ReadPointsAsync(node, PointTile.Fields, stop);
                (box, content) = await Task.Run(() => Make(points, ofTile), stop);
            }
            finally
            {
                slots.Release();
            }

            await put(NameOf(node.Key), content, stop);
            entries[i] = new TileEntry(node.Key, node.PointCount, content.Length, box);
            statistics.Add(ofTile);
        });
        return TilePart.Of([new TilePart(entries, Sum(statistics))]);
    }

    private (Box Box, ReadOnlyMemory<byte> Content) Make(PointBatch points, TileStatistics statistics)
    {
        var file = new ArrayBufferWriter<byte>((points.Count * GltfPoints.BytesPerPoint(_setting.HasColor)) + 4096);
        var box = PointTile.Write(file, points, _copc.Header, _setting, statistics);
        return (box, Compress(file.WrittenSpan));
    }

    /// <summary>Compresses an object of a tileset with gzip, as all are kept.</summary>
    public static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> content)
    {
        var compressed = new MemoryStream(content.Length / 2);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }

    private static TileStatistics Sum(IEnumerable<TileStatistics> all)
    {
        var sum = new TileStatistics();
        foreach (var one in all)
            sum.Add(one);
        return sum;
    }

    private static bool HasColor(PointFormat format) => format.ColorOffset >= 0;
}
