using System.Buffers.Binary;

namespace Grid.PointCloud.Copc;

/// <summary>
/// Writes the hierarchy as pages: the first has the root and a few levels, and each octant at its foot that has many within it a page of its own, and so on.
/// A reader that looks at one corner reads a few kilobytes, however large the cloud.
/// </summary>
internal static class CopcHierarchy
{
    private const int EntryBytes = 32;

    /// <summary>Subtrees of no more octants than this are not divided into pages: 128 KiB.</summary>
    private const int EntriesOfOnePage = 4096;

    private const int LevelsOfPage = 5;

    /// <summary>All pages, the root's first, and the bytes of that one.</summary>
    /// <param name="offset">Where in the file the first byte will be.</param>
    public static (byte[] Pages, long RootBytes) Write(IEnumerable<CopcNode> withPoints, long offset)
    {
        var nodes = withPoints.ToDictionary(node => node.Key);
        // Readers walk from the root: those without points that lie in between are told too.
        foreach (var key in nodes.Keys.ToList())
        {
            for (var up = key; up.Level > 0 && nodes.TryAdd(up.Parent, new CopcNode(up.Parent, 0, 0, 0)); up = up.Parent)
            {
            }
        }

        nodes.TryAdd(OctantKey.Root, new CopcNode(OctantKey.Root, 0, 0, 0));
        var within = CountWithin(nodes.Keys);
        var pages = new List<List<OctantKey>>();
        var pageOf = new Dictionary<OctantKey, int>();
        Collect(OctantKey.Root, nodes, within, pages, pageOf);

        var starts = new long[pages.Count];
        var total = 0L;
        for (var i = 0; i < pages.Count; i++)
            (starts[i], total) = (total, total + ((long)pages[i].Count * EntryBytes));
        var bytes = new byte[total];
        var at = 0;
        for (var page = 0; page < pages.Count; page++)
        {
            for (var i = 0; i < pages[page].Count; i++, at += EntryBytes)
            {
                var key = pages[page][i];
                var isPage = i > 0 && pageOf.TryGetValue(key, out _);
                Write(bytes.AsSpan(at), isPage
                    ? new CopcNode(key, offset + starts[pageOf[key]], pages[pageOf[key]].Count * EntryBytes, -1)
                    : nodes[key]);
            }
        }

        return (bytes, (long)pages[0].Count * EntryBytes);
    }

    /// <summary>How many octants each contains, itself included.</summary>
    private static Dictionary<OctantKey, int> CountWithin(IEnumerable<OctantKey> keys)
    {
        var within = new Dictionary<OctantKey, int>();
        foreach (var key in keys.OrderByDescending(key => key.Level))
        {
            within[key] = within.GetValueOrDefault(key) + 1;
            if (key.Level > 0)
                within[key.Parent] = within.GetValueOrDefault(key.Parent) + within[key];
        }

        return within;
    }

    private static void Collect(
        OctantKey root, Dictionary<OctantKey, CopcNode> nodes, Dictionary<OctantKey, int> within, List<List<OctantKey>> pages, Dictionary<OctantKey, int> pageOf)
    {
        var page = new List<OctantKey>();
        pageOf[root] = pages.Count;
        pages.Add(page);
        var isWhole = within[root] <= EntriesOfOnePage;
        var deeper = new List<OctantKey>();
        var next = new Queue<OctantKey>([root]);
        while (next.TryDequeue(out var key))
        {
            page.Add(key);
            if (!isWhole && key.Level - root.Level == LevelsOfPage && within[key] > 1)
            {
                deeper.Add(key);
                continue;
            }

            for (var i = 0; i < 8; i++)
            {
                if (key.Level < OctantKey.DeepestLevel && nodes.ContainsKey(key.Child(i)))
                    next.Enqueue(key.Child(i));
            }
        }

        foreach (var key in deeper)
            Collect(key, nodes, within, pages, pageOf);
    }

    private static void Write(Span<byte> entry, CopcNode node)
    {
        BinaryPrimitives.WriteInt32LittleEndian(entry, node.Key.Level);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], node.Key.X);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], node.Key.Y);
        BinaryPrimitives.WriteInt32LittleEndian(entry[12..], node.Key.Z);
        BinaryPrimitives.WriteInt64LittleEndian(entry[16..], node.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(entry[24..], node.LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(entry[28..], node.PointCount);
    }
}
