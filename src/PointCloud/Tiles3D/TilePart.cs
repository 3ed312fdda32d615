using System.Buffers.Binary;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tiles3D;

/// <summary>A tile that has been written.</summary>
/// <param name="Octant">Whose points it has.</param>
/// <param name="LengthBytes">Of its object.</param>
/// <param name="Box">Holds them all, in the tileset's frame.</param>
public readonly record struct TileEntry(OctantKey Octant, int PointCount, int LengthBytes, Box Box);

/// <summary>
/// What a unit of work keeps of the tiles that it wrote, for the documents that are written when all are there. Equal work gives equal bytes.
/// </summary>
/// <param name="Tiles">In the order of the octants.</param>
/// <param name="Statistics">Of all their points.</param>
public sealed record TilePart(IReadOnlyList<TileEntry> Tiles, TileStatistics Statistics)
{
    private const uint Magic = 0x31545447;
    private const int HeadBytes = 8;
    private const int IntegersBytes = 6 * 4;
    private const int EntryBytes = IntegersBytes + (6 * 8);

    public long SizeBytes => Tiles.Sum(tile => (long)tile.LengthBytes);

    /// <summary>The parts as one.</summary>
    public static TilePart Of(IEnumerable<TilePart> parts)
    {
        var tiles = new List<TileEntry>();
        var statistics = new TileStatistics();
        foreach (var part in parts)
        {
            tiles.AddRange(part.Tiles);
            statistics.Add(part.Statistics);
        }

        tiles.Sort((one, other) => one.Octant.CompareTo(other.Octant));
        return new TilePart(tiles, statistics);
    }

    public byte[] Write()
    {
        var bytes = new byte[HeadBytes + (Tiles.Count * EntryBytes) + TileStatistics.Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Tiles.Count);
        for (var i = 0; i < Tiles.Count; i++)
        {
            var entry = bytes.AsSpan(HeadBytes + (i * EntryBytes), EntryBytes);
            var (tile, (min, max)) = (Tiles[i], Tiles[i].Box);
            ReadOnlySpan<int> integers = [tile.Octant.Level, tile.Octant.X, tile.Octant.Y, tile.Octant.Z, tile.PointCount, tile.LengthBytes];
            ReadOnlySpan<double> numbers = [min.X, min.Y, min.Z, max.X, max.Y, max.Z];
            foreach (var integer in integers)
            {
                BinaryPrimitives.WriteInt32LittleEndian(entry, integer);
                entry = entry[4..];
            }

            foreach (var number in numbers)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(entry, number);
                entry = entry[8..];
            }
        }

        Statistics.Write(bytes.AsSpan(bytes.Length - TileStatistics.Bytes));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not those of a part.</exception>
    public static TilePart Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes + TileStatistics.Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || bytes.Length != HeadBytes + (BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) * (long)EntryBytes) + TileStatistics.Bytes)
        {
            throw new InvalidDataException($"{bytes.Length} bytes that are no list of written tiles");
        }

        var tiles = new TileEntry[BinaryPrimitives.ReadInt32LittleEndian(bytes[4..])];
        for (var i = 0; i < tiles.Length; i++)
        {
            var entry = bytes.Slice(HeadBytes + (i * EntryBytes), EntryBytes);
            tiles[i] = new TileEntry(
                new OctantKey(Integer(entry, 0), Integer(entry, 1), Integer(entry, 2), Integer(entry, 3)), Integer(entry, 4), Integer(entry, 5),
                new Box(new Xyz(Number(entry, 0), Number(entry, 1), Number(entry, 2)), new Xyz(Number(entry, 3), Number(entry, 4), Number(entry, 5))));
        }

        return new TilePart(tiles, TileStatistics.Read(bytes[^TileStatistics.Bytes..]));
    }

    private static int Integer(ReadOnlySpan<byte> entry, int index) => BinaryPrimitives.ReadInt32LittleEndian(entry[(4 * index)..]);

    private static double Number(ReadOnlySpan<byte> entry, int index) => BinaryPrimitives.ReadDoubleLittleEndian(entry[(IntegersBytes + (8 * index))..]);
}
