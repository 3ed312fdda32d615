using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>What a unit has made: its chunks, in the order of its output, and what its points add to the header.</summary>
public sealed class UnitIndex
{
    internal UnitIndex(OctantKey key, IReadOnlyList<CopcChunk> chunks, PointStatistics statistics, bool isWhole, int held) =>
        (Key, Chunks, Statistics, IsWhole, HeldPoints) = (key, chunks, statistics, isWhole, held);

    public OctantKey Key { get; }

    public IReadOnlyList<CopcChunk> Chunks { get; }

    /// <summary>True when the unit has closed nothing and hands over all its points.</summary>
    public bool IsWhole { get; }

    /// <summary>Points handed over.</summary>
    public int HeldPoints { get; }

    /// <summary>Points closed.</summary>
    public long PointCount => Statistics.Count;

    public long LengthBytes => Chunks.Sum(chunk => (long)chunk.LengthBytes);

    internal PointStatistics Statistics { get; }

    /// <summary>The same chunks in a file whose root is an octant that contains them all.</summary>
    public UnitIndex Within(OctantKey root) =>
        new(Key.Within(root), [.. Chunks.Select(chunk => chunk with { Key = chunk.Key.Within(root) })], Statistics, IsWhole, HeldPoints);

    /// <summary>The index as bytes, by which others get it.</summary>
    public byte[] Write()
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Write(writer, Key);
        writer.Write(IsWhole);
        writer.Write(HeldPoints);
        Statistics.Write(writer);
        writer.Write(Chunks.Count);
        foreach (var chunk in Chunks)
        {
            Write(writer, chunk.Key);
            writer.Write(chunk.LengthBytes);
            writer.Write(chunk.PointCount);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Write()"/> wrote.</summary>
    public static UnitIndex Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var key = ReadKey(reader);
        var (isWhole, held) = (reader.ReadBoolean(), reader.ReadInt32());
        var statistics = PointStatistics.Read(reader);
        var chunks = new CopcChunk[reader.ReadInt32()];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = new CopcChunk(ReadKey(reader), reader.ReadInt32(), reader.ReadInt32());
        return new UnitIndex(key, chunks, statistics, isWhole, held);
    }

    private static void Write(BinaryWriter writer, OctantKey key)
    {
        writer.Write(key.Level);
        writer.Write(key.X);
        writer.Write(key.Y);
        writer.Write(key.Z);
    }

    private static OctantKey ReadKey(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
}
