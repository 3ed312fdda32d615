using System.Buffers.Binary;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz;

/// <summary>The parts of a point record that LASzip codes by themselves, by their numbers in the laszip record.</summary>
internal enum LazItemType : ushort
{
    Byte = 0,
    Point10 = 6,
    GpsTime11 = 7,
    Rgb12 = 8,
    WavePacket13 = 9,
    Point14 = 10,
    Rgb14 = 11,
    RgbNir14 = 12,
    WavePacket14 = 13,
    Byte14 = 14,
}

/// <summary>One part of a record.</summary>
internal readonly record struct LazItem(LazItemType Type, int Size, int Version);

/// <summary>How chunks are coded, by their number in the laszip record.</summary>
internal enum LazCompressor : ushort
{
    /// <summary>One stream without chunks.</summary>
    Pointwise = 1,

    /// <summary>Chunks of one stream each.</summary>
    PointwiseChunked = 2,

    /// <summary>Chunks of one stream a layer.</summary>
    Layered = 3,
}

/// <summary>The content of the laszip record: how the points are compressed.</summary>
internal sealed record LazParameters(LazCompressor Compressor, uint ChunkSize, IReadOnlyList<LazItem> Items)
{
    public const uint Variable = uint.MaxValue;

    private const int FixedBytes = 34, ItemBytes = 6;

    /// <summary>True when the chunk table tells the points of each chunk.</summary>
    public bool HasVariableChunks => Compressor != LazCompressor.Pointwise && ChunkSize is 0 or Variable;

    /// <summary>The parameters by which LASzip writes a format.</summary>
    public static LazParameters Of(PointFormat format, uint chunkSize, int minorVersion)
    {
        var items = new List<LazItem>();
        if (format.IsExtended)
        {
            var version = minorVersion >= 5 ? 4 : 3;
            items.Add(new(LazItemType.Point14, 30, version));
            if (format.InfraredOffset >= 0)
                items.Add(new(LazItemType.RgbNir14, 8, version));
            else if (format.ColorOffset >= 0)
                items.Add(new(LazItemType.Rgb14, 6, version));
            if (format.HasWaveform)
                items.Add(new(LazItemType.WavePacket14, Waves.Size, version));
            if (format.ExtraBytes > 0)
                items.Add(new(LazItemType.Byte14, format.ExtraBytes, version));
            return new LazParameters(LazCompressor.Layered, chunkSize, items);
        }

        items.Add(new(LazItemType.Point10, 20, 2));
        if (format.GpsTimeOffset >= 0)
            items.Add(new(LazItemType.GpsTime11, 8, 2));
        if (format.ColorOffset >= 0)
            items.Add(new(LazItemType.Rgb12, 6, 2));
        if (format.HasWaveform)
            items.Add(new(LazItemType.WavePacket13, Waves.Size, 1));
        if (format.ExtraBytes > 0)
            items.Add(new(LazItemType.Byte, format.ExtraBytes, 2));
        return new LazParameters(LazCompressor.PointwiseChunked, chunkSize, items);
    }

    /// <exception cref="CorruptDataException">The record is cut, or describes a compression that does not exist or does not fit the points.</exception>
    public static LazParameters Read(ReadOnlySpan<byte> record, PointFormat format)
    {
        if (record.Length < FixedBytes)
            throw new CorruptDataException($"the laszip record has {record.Length} bytes instead of at least {FixedBytes}");
        int compressor = UInt16(record, 0), coder = UInt16(record, 2), count = UInt16(record, 32);
        if (compressor is < 1 or > 3)
            throw new CorruptDataException($"the laszip record names compressor {compressor}: there are 1, 2 and 3");
        if (coder != 0)
            throw new CorruptDataException($"the laszip record names coder {coder}: there is 0, the arithmetic one");
        if (record.Length < FixedBytes + (count * ItemBytes))
            throw new CorruptDataException($"the laszip record has {record.Length} bytes, too few for its {count} items");

        var items = new LazItem[count];
        for (var i = 0; i < count; i++)
        {
            var item = record.Slice(FixedBytes + (i * ItemBytes), ItemBytes);
            items[i] = Checked(new LazItem((LazItemType)UInt16(item, 0), UInt16(item, 2), UInt16(item, 4)));
        }

        var parameters = new LazParameters((LazCompressor)compressor, BinaryPrimitives.ReadUInt32LittleEndian(record[12..]), items);
        parameters.CheckOrder(format);
        return parameters;
    }

    /// <summary>The record's content, as LASzip 3.4 would write it.</summary>
    public byte[] Write()
    {
        var record = new byte[FixedBytes + (Items.Count * ItemBytes)];
        var span = record.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)Compressor);
        (span[4], span[5]) = (3, 4);
        BinaryPrimitives.WriteUInt16LittleEndian(span[6..], 3);
        BinaryPrimitives.WriteUInt32LittleEndian(span[12..], ChunkSize);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], -1);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], -1);
        BinaryPrimitives.WriteUInt16LittleEndian(span[32..], (ushort)Items.Count);
        for (var i = 0; i < Items.Count; i++)
        {
            var item = span[(FixedBytes + (i * ItemBytes))..];
            BinaryPrimitives.WriteUInt16LittleEndian(item, (ushort)Items[i].Type);
            BinaryPrimitives.WriteUInt16LittleEndian(item[2..], (ushort)Items[i].Size);
            BinaryPrimitives.WriteUInt16LittleEndian(item[4..], (ushort)Items[i].Version);
        }

        return record;
    }

    private static LazItem Checked(LazItem item)
    {
        var (size, least, most) = item.Type switch
        {
            LazItemType.Byte => (0, 1, 2),
            LazItemType.Point10 => (20, 1, 2),
            LazItemType.GpsTime11 => (8, 1, 2),
            LazItemType.Rgb12 => (6, 1, 2),
            LazItemType.WavePacket13 => (Waves.Size, 1, 1),
            LazItemType.Point14 => (30, 2, 4),
            LazItemType.Rgb14 => (6, 2, 4),
            LazItemType.RgbNir14 => (8, 2, 4),
            LazItemType.WavePacket14 => (Waves.Size, 2, 4),
            LazItemType.Byte14 => (0, 2, 4),
            _ => throw new CorruptDataException($"the laszip record names item type {(int)item.Type}, which does not exist"),
        };
        if (size != 0 && item.Size != size)
            throw new CorruptDataException($"the laszip record says that {item.Type} has {item.Size} bytes: it has {size}");
        if (item.Size == 0)
            throw new CorruptDataException($"the laszip record says that {item.Type} has no bytes");
        if (item.Version < least || item.Version > most)
            throw new CorruptDataException($"the laszip record names version {item.Version} of {item.Type}: there are {least} to {most}");
        // Version 2 of the items of LAS 1.4 was a prototype of 3 with the same bytes.
        return item.Type >= LazItemType.Point14 && item.Version == 2 ? item with { Version = 3 } : item;
    }

    private void CheckOrder(PointFormat format)
    {
        if (Items.Count == 0 || Items.Sum(item => item.Size) != format.RecordLength)
            throw new CorruptDataException($"the laszip record's items have {Items.Sum(item => item.Size)} bytes, the points {format.RecordLength}");
        var isLayered = Compressor == LazCompressor.Layered;
        if (Items[0].Type != (isLayered ? LazItemType.Point14 : LazItemType.Point10))
            throw new CorruptDataException($"the laszip record's first item is {Items[0].Type}, which compressor {(int)Compressor} does not code");
        if (isLayered != format.IsExtended)
            throw new CorruptDataException($"point format {format.Number} is not coded by compressor {(int)Compressor}");
        for (var i = 1; i < Items.Count; i++)
        {
            if (Rank(Items[i].Type) <= Rank(Items[i - 1].Type) || (Items[i].Type >= LazItemType.Point14) != isLayered)
                throw new CorruptDataException($"the laszip record has {Items[i].Type} after {Items[i - 1].Type}");
            if (isLayered && Items[i].Version != Items[0].Version)
                throw new CorruptDataException($"the laszip record mixes versions {Items[0].Version} and {Items[i].Version} of its items");
        }
    }

    private static int Rank(LazItemType type) => type switch
    {
        LazItemType.Point10 or LazItemType.Point14 => 0,
        LazItemType.GpsTime11 => 1,
        LazItemType.Rgb12 or LazItemType.Rgb14 or LazItemType.RgbNir14 => 2,
        LazItemType.WavePacket13 or LazItemType.WavePacket14 => 3,
        _ => 4,
    };

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
