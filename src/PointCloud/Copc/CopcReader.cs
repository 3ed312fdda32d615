using System.Buffers.Binary;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Copc;

/// <summary>
/// Reads COPC 1.0 by ranges: header and info, pages of the hierarchy, points of an octant. Safe from any thread. Every error in the file is an
/// <see cref="InvalidPointCloudException"/>. <see cref="PointCloudReader"/> reads the same files as plain LAZ.
/// </summary>
public sealed class CopcReader : IAsyncDisposable
{
    private const int EntryBytes = 32;

    private readonly IByteSource _source;
    private readonly PointCloudReader _points;
    private readonly PointCloudLimits _limits;

    private CopcReader(IByteSource source, PointCloudReader points, PointCloudLimits limits, CopcInfo info) =>
        (_source, _points, _limits, Info) = (source, points, limits, info);

    public string Name => _source.Name;

    public LasHeader Header => _points.Header;

    /// <summary>The variable length records but for those of LAZ: CRS, extra bytes.</summary>
    public IReadOnlyList<VariableLengthRecord> Records => _points.Records;

    public CopcInfo Info { get; }

    /// <summary>Reads header and records. The source is disposed with the reader, or when this fails.</summary>
    /// <exception cref="InvalidPointCloudException">It is no COPC file.</exception>
    public static async Task<CopcReader> OpenAsync(IByteSource source, PointCloudLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= PointCloudLimits.Default;
        var points = await PointCloudReader.OpenWithoutTableAsync(source, limits, cancellation);
        try
        {
            if (points.Records.Count == 0 || points.Records[0] is not { UserId: CopcInfo.UserId, RecordId: CopcInfo.InfoRecord } record)
                throw new CorruptDataException("it is no COPC file: its first record is not the COPC info");
            if (points.Header.PointFormat.Number is < 6 or > 8)
                throw new CorruptDataException($"COPC has point formats 6, 7 and 8: this file has {points.Header.PointFormat.Number}");
            var info = CopcInfo.Read(record.Content.Span);
            return new CopcReader(source, points, limits, info);
        }
        catch (CorruptDataException corrupt)
        {
            await points.DisposeAsync();
            throw new InvalidPointCloudException(source.Name, corrupt.Message, corrupt);
        }
    }

    /// <summary>Opens a local file.</summary>
    /// <inheritdoc cref="OpenAsync(IByteSource, PointCloudLimits?, CancellationToken)"/>
    public static Task<CopcReader> OpenAsync(string path, CancellationToken cancellation = default) =>
        OpenAsync(new FileByteSource(path), null, cancellation);

    /// <summary>
    /// Reads the octants of all pages, or of those that can hold wanted ones; octants without points are there too. In the order of the file's pages.
    /// </summary>
    /// <param name="isWanted">Asked for each octant. When it refuses one, it must refuse all within it; null wants all.</param>
    /// <exception cref="InvalidPointCloudException">The hierarchy is damaged, or holds more or fewer points than the header says.</exception>
    public async Task<IReadOnlyList<CopcNode>> ReadNodesAsync(Predicate<OctantKey>? isWanted = null, CancellationToken cancellation = default)
    {
        var nodes = new Dictionary<OctantKey, CopcNode>();
        var pages = new Queue<CopcPage>([Info.RootPage]);
        var read = new HashSet<long>();
        long bytes = 0, points = 0;
        try
        {
            while (pages.TryDequeue(out var page))
            {
                bytes += page.LengthBytes;
                if (!read.Add(page.Offset))
                    throw new CorruptDataException($"two of the hierarchy's pages are at byte {page.Offset}");
                if (page.LengthBytes < 0 || bytes > _limits.RecordBytes)
                    throw new CorruptDataException($"the hierarchy's pages have {bytes} bytes and more: {_limits.RecordBytes} are allowed");
                var (found, children) = await ParsePageAsync(page, cancellation);
                foreach (var child in children.Where(child => isWanted?.Invoke(child.Key) ?? true))
                    pages.Enqueue(child);
                foreach (var node in found.Where(node => isWanted?.Invoke(node.Key) ?? true))
                {
                    if (!nodes.TryAdd(node.Key, node))
                        throw new CorruptDataException($"the hierarchy has octant {node.Key} twice");
                    points += node.PointCount;
                }
            }

            if (isWanted is null && points != (long)Header.PointCount)
                throw new CorruptDataException($"the hierarchy holds {points} points, the header announces {Header.PointCount}");
            return [.. nodes.Values];
        }
        catch (CorruptDataException corrupt)
        {
            throw new InvalidPointCloudException(Name, corrupt.Message, corrupt);
        }
    }

    /// <summary>Reads one page: its octants, and the pages of octants at its foot.</summary>
    /// <exception cref="InvalidPointCloudException">The page is damaged.</exception>
    public async Task<(IReadOnlyList<CopcNode> Nodes, IReadOnlyList<CopcPage> Pages)> ReadPageAsync(CopcPage page, CancellationToken cancellation = default)
    {
        try
        {
            return page.LengthBytes is >= 0 && page.LengthBytes <= _limits.RecordBytes
                ? await ParsePageAsync(page, cancellation)
                : throw new CorruptDataException($"the hierarchy's page of octant {page.Key} has {page.LengthBytes} bytes: {_limits.RecordBytes} are allowed");
        }
        catch (CorruptDataException corrupt)
        {
            throw new InvalidPointCloudException(Name, corrupt.Message, corrupt);
        }
    }

    /// <summary>Reads the points of one octant. The batch is the caller's to dispose.</summary>
    /// <exception cref="InvalidPointCloudException">The octant's chunk is damaged; the message names the octant.</exception>
    public async Task<PointBatch> ReadPointsAsync(CopcNode node, PointFields fields = PointFields.All, CancellationToken cancellation = default)
    {
        try
        {
            return await _points.ReadChunkAsync(new PointChunk(0, 0, node.PointCount, node.Offset, node.LengthBytes), fields, cancellation);
        }
        catch (InvalidPointCloudException damaged)
        {
            throw new InvalidPointCloudException(Name, $"octant {node.Key}: {damaged.Reason}", damaged);
        }
    }

    public ValueTask DisposeAsync() => _points.DisposeAsync();

    private async Task<(List<CopcNode> Nodes, List<CopcPage> Pages)> ParsePageAsync(CopcPage page, CancellationToken cancellation)
    {
        if (page.Offset < 0 || page.LengthBytes > _source.LengthBytes - page.Offset || page.LengthBytes % EntryBytes != 0)
            throw new CorruptDataException($"the hierarchy's page of octant {page.Key}, {page.LengthBytes} bytes at {page.Offset}, is not whole in the file");
        var bytes = new byte[page.LengthBytes];
        if (await _source.ReadAsync(page.Offset, bytes, cancellation) < bytes.Length)
            throw new CorruptDataException($"the file ends within the hierarchy's page of octant {page.Key}");
        var (nodes, pages) = (new List<CopcNode>(bytes.Length / EntryBytes), new List<CopcPage>());
        for (var at = 0; at < bytes.Length; at += EntryBytes)
            ReadEntry(bytes.AsSpan(at, EntryBytes), page.Key, nodes, pages);
        return (nodes, pages);
    }

    private void ReadEntry(ReadOnlySpan<byte> entry, OctantKey root, List<CopcNode> nodes, List<CopcPage> pages)
    {
        var key = new OctantKey(
            BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[12..]));
        var offset = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(entry[24..]), count = BinaryPrimitives.ReadInt32LittleEndian(entry[28..]);
        if (!key.IsValid || !root.Contains(key))
            throw new CorruptDataException($"the hierarchy's page of octant {root} has octant {key}");
        if (count < -1 || length < 0 || (count > 0 && (offset < 0 || length > _source.LengthBytes - offset)))
            throw new CorruptDataException($"the hierarchy says that octant {key} has {count} points in {length} bytes at {offset}, which cannot be");
        if (count < 0)
            pages.Add(new CopcPage(key, offset, length));
        else
            nodes.Add(count == 0 ? new CopcNode(key, 0, 0, 0) : new CopcNode(key, offset, length, count));
    }
}
