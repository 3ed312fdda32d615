using System.Buffers.Binary;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Octree;

namespace Grid.Grains.PointClouds;

/// <summary>A cell, and where in the list its runs are.</summary>
internal readonly record struct ListedCell(OctantKey Key, long Offset, int LengthBytes);

/// <summary>A run of a cell's points in what a tile was split into.</summary>
internal readonly record struct SourceRun(int Source, long Offset, int PointCount);

/// <summary>
/// The cells of a file with the runs of each, tile after tile, so that a cell reads its own part alone. An entry is octant, tile, offset, points: 32 bytes.
/// </summary>
internal static class CellList
{
    private const int EntryBytes = 32;

    public static byte[] Write(IEnumerable<(int Source, IReadOnlyList<SplitRun> Runs)> sources)
    {
        var all = (from source in sources from run in source.Runs select (source.Source, Run: run))
            .OrderBy(entry => entry.Run.Cell).ThenBy(entry => entry.Source).ThenBy(entry => entry.Run.Offset).ToList();
        var bytes = new byte[all.Count * EntryBytes];
        for (var i = 0; i < all.Count; i++)
        {
            var to = bytes.AsSpan(i * EntryBytes);
            var (source, run) = all[i];
            BinaryPrimitives.WriteInt32LittleEndian(to, run.Cell.Level);
            BinaryPrimitives.WriteInt32LittleEndian(to[4..], run.Cell.X);
            BinaryPrimitives.WriteInt32LittleEndian(to[8..], run.Cell.Y);
            BinaryPrimitives.WriteInt32LittleEndian(to[12..], run.Cell.Z);
            BinaryPrimitives.WriteInt64LittleEndian(to[16..], run.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(to[24..], source);
            BinaryPrimitives.WriteInt32LittleEndian(to[28..], run.PointCount);
        }

        return bytes;
    }

    /// <summary>The cells, in their order.</summary>
    public static IReadOnlyList<ListedCell> Cells(ReadOnlySpan<byte> list)
    {
        var cells = new List<ListedCell>();
        for (var at = 0; at < list.Length; at += EntryBytes)
        {
            var key = KeyOf(list[at..]);
            if (cells.Count > 0 && cells[^1].Key == key)
                cells[^1] = cells[^1] with { LengthBytes = cells[^1].LengthBytes + EntryBytes };
            else
                cells.Add(new ListedCell(key, at, EntryBytes));
        }

        return cells;
    }

    /// <summary>The tiles that octants of a level have points of, by octant.</summary>
    public static IEnumerable<IGrouping<OctantKey, int>> SourcesAt(byte[] list, int level) =>
        from at in Enumerable.Range(0, list.Length / EntryBytes)
        let entry = (Octant: KeyOf(list.AsSpan(at * EntryBytes)).AncestorAt(level), Source: BinaryPrimitives.ReadInt32LittleEndian(list.AsSpan((at * EntryBytes) + 24)))
        group entry.Source by entry.Octant;

    /// <summary>The runs of a part of the list.</summary>
    public static IReadOnlyList<SourceRun> Runs(ReadOnlySpan<byte> part)
    {
        var runs = new SourceRun[part.Length / EntryBytes];
        for (var i = 0; i < runs.Length; i++)
        {
            var from = part[(i * EntryBytes)..];
            runs[i] = new SourceRun(
                BinaryPrimitives.ReadInt32LittleEndian(from[24..]), BinaryPrimitives.ReadInt64LittleEndian(from[16..]), BinaryPrimitives.ReadInt32LittleEndian(from[28..]));
        }

        return runs;
    }

    private static OctantKey KeyOf(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[12..]));
}
