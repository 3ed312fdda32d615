using System.Buffers.Binary;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;
using Grid.PointCloud.Octree;

namespace Grid.PointCloud.Tests.Octree;

/// <summary>Builds octrees in memory, unit by unit, as silos do it with objects.</summary>
internal static class Octrees
{
    /// <summary>Sizes that make deep trees of small clouds.</summary>
    public static OctreeSettings Small { get; } = new() { GridLevels = 3, LeafPoints = 300, FewestPoints = 5, CellPoints = 2500, MemoryPoints = 6000, BatchPoints = 4000 };

    /// <param name="Made">The units in the order of the file, with their chunks and what they handed over.</param>
    public sealed record Built(OctreePlan Plan, OctreeFile File, byte[] Bytes, IReadOnlyList<(UnitIndex Index, byte[] Chunks, Handover Handover)> Made)
    {
        public int Units => Made.Count;
    }

    public static async Task<Built> BuildAsync(IReadOnlyList<Func<IByteSource>> files, OctreeSettings? settings = null, int threads = 2, string? wkt = null)
    {
        var tiles = new List<CloudTile>();
        foreach (var file in files)
            tiles.Add(await CloudTile.ReadAsync(file()));
        // The plan goes to other silos as bytes.
        var plan = OctreePlan.Read(OctreePlan.Of(tiles, wkt, settings).Write());

        var parts = new SortedDictionary<OctantKey, List<CellPart>>();
        foreach (var file in files)
        {
            await using var reader = await PointCloudReader.OpenAsync(file());
            if (reader.Header.PointCount == 0)
                continue;
            var split = new MemoryStream();
            var runs = TileSplitter.Read(TileSplitter.Write(await TileSplitter.SplitAsync(reader, plan, threads, split)));
            var source = new StreamByteSource(split, reader.Name);
            foreach (var run in runs)
            {
                if (!parts.TryGetValue(run.Cell, out var list))
                    parts[run.Cell] = list = [];
                list.Add(new CellPart(source, run.Offset, run.PointCount));
            }
        }

        var units = new List<(UnitIndex Index, byte[] Chunks, Handover Handover)>();
        var handovers = new List<Handover>();
        foreach (var (cell, list) in parts)
        {
            var output = new MemoryStream();
            var (index, handover) = await new UnitBuilder(plan, output, threads).BuildCellAsync(cell, list);
            units.Add((UnitIndex.Read(index.Write()), output.ToArray(), handover));
            handovers.Add(handover);
        }

        foreach (var level in plan.UnitLevels.Skip(1))
        {
            var above = new List<Handover>();
            foreach (var group in handovers.GroupBy(handover => handover.Key.AncestorAt(level)).OrderBy(group => group.Key))
            {
                var output = new MemoryStream();
                var (index, handover) = await new UnitBuilder(plan, output, threads).JoinAsync(group.Key, [.. group]);
                units.Insert(0, (index, output.ToArray(), handover));
                above.Add(handover);
            }

            handovers = above;
        }

        var (finished, bytes) = Finish(plan, units, OctantKey.Root);
        return new Built(plan, finished, bytes, units);
    }

    /// <summary>The file of one of a block's tiles, of the block's chunks.</summary>
    public static async Task<Built> TileAsync(Built block, CloudTile tile)
    {
        var (own, octant) = (block.Plan.PlanOf(tile, null)!, block.Plan.OctantOf(tile.Header)!.Value);
        var output = new MemoryStream();
        var root = await new UnitBuilder(block.Plan, output, 1).CloseAsync(block.Made.Single(unit => unit.Index.Key == octant).Handover);
        List<(UnitIndex Index, byte[] Chunks, Handover Handover)> units = [(root, output.ToArray(), default), .. block.Made.Where(unit => octant.Contains(unit.Index.Key))];
        var (finished, bytes) = Finish(own, units, octant);
        return new Built(own, finished, bytes, units);
    }

    private static (OctreeFile File, byte[] Bytes) Finish(OctreePlan plan, List<(UnitIndex Index, byte[] Chunks, Handover Handover)> units, OctantKey root)
    {
        var finished = OctreeFile.Of(plan, [.. units.Select(unit => unit.Index.Within(root))]);
        byte[] bytes = [.. finished.Layout.Head, .. units.SelectMany(unit => unit.Chunks), .. finished.Layout.Tail];
        Assert.Equal(finished.Layout.LengthBytes, bytes.Length);
        return (finished, bytes);
    }

    public static Task<CopcReader> OpenAsync(Built built) => CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(built.Bytes), "built.copc.laz"));

    /// <summary>All records of a COPC file, in the order of their bytes.</summary>
    public static async Task<List<string>> SortedRecordsAsync(CopcReader reader)
    {
        var records = new List<string>();
        foreach (var node in await reader.ReadNodesAsync())
        {
            using var points = await reader.ReadPointsAsync(node);
            AddTo(records, points.Records.Span, points.Format.RecordLength);
        }

        records.Sort(StringComparer.Ordinal);
        return records;
    }

    public static List<string> Sorted(byte[] bytes, int recordLength)
    {
        var records = new List<string>();
        AddTo(records, bytes, recordLength);
        records.Sort(StringComparer.Ordinal);
        return records;
    }

    /// <summary>A hilly ground with trees, of a format, x and y from a corner on, in centimetres.</summary>
    public static byte[] Ground(PointFormat format, int count, int seed, int west, int south, int edge)
    {
        var random = new Random(seed);
        var records = new byte[count * format.RecordLength];
        for (var i = 0; i < count; i++)
        {
            var record = records.AsSpan(i * format.RecordLength, format.RecordLength);
            random.NextBytes(record[12..]);
            int x = west + random.Next(edge), y = south + random.Next(edge);
            var ground = (int)(800 * Math.Sin(x / 3000.0) * Math.Cos(y / 2000.0));
            BinaryPrimitives.WriteInt32LittleEndian(record, x);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], y);
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], ground + (random.Next(3) == 0 ? random.Next(1500) : 0));
            if (format.GpsTimeOffset >= 0)
                BinaryPrimitives.WriteDoubleLittleEndian(record[format.GpsTimeOffset..], 1e8 + (random.Next(count) / 3 * 0.001));
        }

        return records;
    }

    private static void AddTo(List<string> records, ReadOnlySpan<byte> bytes, int recordLength)
    {
        for (var at = 0; at < bytes.Length; at += recordLength)
            records.Add(Convert.ToHexString(bytes.Slice(at, recordLength)));
    }
}
