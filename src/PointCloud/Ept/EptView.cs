using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz;

namespace Grid.PointCloud.Ept;

/// <summary>
/// A COPC file seen as Entwine Point Tiles (EPT 1.1.0, data type laszip): the same octants under the same keys, the pages of its hierarchy as documents, and
/// each octant's compressed bytes, as they are, in a LAZ file of their own. Nothing is decoded. Safe from any thread; holds some pages of the hierarchy.
/// </summary>
public sealed class EptView(CopcReader copc)
{
    private const int MostPages = 16;

    private readonly ConcurrentDictionary<long, Page> _pages = new();

    /// <summary>What <c>ept.json</c> says.</summary>
    public byte[] Describe() => EptDescription.Write(copc.Header, copc.Info, copc.Records);

    /// <summary>
    /// What <c>ept-hierarchy/KEY.json</c> says: the points of each octant, -1 of one whose own document goes on. Null when no document has that key.
    /// </summary>
    /// <exception cref="InvalidPointCloudException">The file's hierarchy is damaged.</exception>
    public async Task<byte[]?> HierarchyAsync(OctantKey key, CancellationToken cancellation = default)
    {
        CopcPage? place = copc.Info.RootPage;
        while (place is { } at && at.Key != key)
            place = Below(at, await PageAsync(at, cancellation), key);
        if (place is not { } found)
            return null;
        var page = await PageAsync(found, cancellation);
        var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var node in page.Nodes.Values)
                json.WriteNumber(node.Key.ToString(), node.PointCount);
            foreach (var further in page.Pages)
                json.WriteNumber(further.Key.ToString(), -1);
            json.WriteEndObject();
        }

        return output.ToArray();
    }

    /// <summary>The octant of a key; null when there is none.</summary>
    /// <exception cref="InvalidPointCloudException">The file's hierarchy is damaged.</exception>
    public async Task<CopcNode?> FindAsync(OctantKey key, CancellationToken cancellation = default)
    {
        CopcPage? place = copc.Info.RootPage;
        while (place is { } at)
        {
            var page = await PageAsync(at, cancellation);
            if (page.Nodes.TryGetValue(key, out var node))
                return node;
            place = Below(at, page, key);
        }

        return null;
    }

    /// <summary>
    /// What stands before and behind an octant's bytes in <c>ept-data/KEY.laz</c>: LAS 1.4 with the file's records, one chunk. Bounds are the octant's within the
    /// file's; how many points have which return is not told.
    /// </summary>
    public (byte[] Head, byte[] Tail) Wrap(CopcNode node)
    {
        var (bounds, min, max) = (copc.Info.Cube.BoundsOf(node.Key), copc.Header.Min, copc.Header.Max);
        var header = copc.Header with
        {
            MinorVersion = 4,
            GlobalEncoding = copc.Header.GlobalEncoding | GlobalEncoding.Wkt,
            PointCount = (ulong)node.PointCount,
            PointsByReturn = new ulong[15],
            Min = new Xyz(Math.Max(min.X, bounds.Min.X), Math.Max(min.Y, bounds.Min.Y), Math.Max(min.Z, bounds.Min.Z)),
            Max = new Xyz(Math.Min(max.X, bounds.Max.X), Math.Min(max.Y, bounds.Max.Y), Math.Min(max.Z, bounds.Max.Z)),
            UserBytes = default,
        };
        var laszip = LazParameters.Of(header.PointFormat, (uint)Math.Max(1, node.PointCount), header.MinorVersion).Write();
        VariableLengthRecord[] records =
            [new("laszip encoded", 22204, "laszip encoded by Grid", laszip), .. copc.Records.Where(record => record.UserId != CopcInfo.UserId)];
        var pointOffset = header.DefinedSize + records.Sum(record => record.TotalBytes);
        var head = new MemoryStream();
        head.Write(LasHeaderCodec.Write(header, new LasLayout(header.DefinedSize, pointOffset, (uint)records.Length, 0, 0, IsCompressed: true), waveformOffset: 0));
        foreach (var record in records)
            record.WriteTo(head);
        Span<byte> table = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(table, pointOffset + sizeof(long) + (long)node.LengthBytes);
        head.Write(table);
        ChunkEntry[] chunks = node.PointCount == 0 ? [] : [new((uint)node.PointCount, (uint)node.LengthBytes)];
        return (head.ToArray(), ChunkTable.Write(chunks, hasPoints: false));
    }

    private static CopcPage? Below(CopcPage at, Page page, OctantKey key)
    {
        foreach (var further in page.Pages)
        {
            if (further.Key.Level > at.Key.Level && further.Key.Contains(key))
                return further;
        }

        return null;
    }

    private async Task<Page> PageAsync(CopcPage place, CancellationToken cancellation)
    {
        if (_pages.TryGetValue(place.Offset, out var known))
            return known;
        var (nodes, pages) = await copc.ReadPageAsync(place, cancellation);
        if (_pages.Count >= MostPages)
            _pages.Clear();
        var byKey = new Dictionary<OctantKey, CopcNode>(nodes.Count);
        foreach (var node in nodes)
            byKey[node.Key] = node;
        return _pages[place.Offset] = new Page(byKey, pages);
    }

    private sealed record Page(Dictionary<OctantKey, CopcNode> Nodes, IReadOnlyList<CopcPage> Pages);
}
