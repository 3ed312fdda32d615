using System.Buffers.Binary;
using System.Text;

namespace Grid.PointCloud.Las;

/// <summary>Where things lie in a file, from its header.</summary>
/// <param name="PointOffset">Of the first point, or of LAZ's pointer to the chunk table.</param>
internal readonly record struct LasLayout(int HeaderSize, long PointOffset, uint VlrCount, long ExtendedOffset, uint ExtendedCount, bool IsCompressed)
{
    /// <summary>Of the chunk table; known to writers, once they have written it.</summary>
    public long? TablePosition { get; init; }
}

/// <summary>Reads and writes the public header block (LAS 1.4 R15, § 2.4, and the older versions).</summary>
internal static class LasHeaderCodec
{
    /// <summary>Bytes of the longest header that a version defines.</summary>
    public const int LongestHeader = 393;

    private const int CompressedBit = 0x80, ExperimentalBit = 0x40;

    /// <summary>Reads a header from a file's first bytes.</summary>
    /// <exception cref="CorruptDataException">It is no header, or one that contradicts itself or the file's length.</exception>
    public static (LasHeader Header, LasLayout Layout) Read(ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < 227 || !bytes.StartsWith("LASF"u8))
            throw new CorruptDataException(bytes.Length < 4 || bytes.StartsWith("LASF"u8)
                ? $"the file ends after {fileLength} bytes, within the header"
                : "the file does not begin with \"LASF\"");
        int major = bytes[24], minor = bytes[25];
        if (major != 1 || minor > 5)
            throw new CorruptDataException($"LAS version {major}.{minor} is not one of 1.0 to 1.5");
        int headerSize = UInt16(bytes, 94), defined = LasHeader.SizeOf(minor), least = Math.Min(defined, 375);
        if (headerSize < least || bytes.Length < least)
            throw new CorruptDataException($"the header of LAS 1.{minor} has {defined} bytes, this one {Math.Min(headerSize, bytes.Length)}");

        long pointOffset = UInt32(bytes, 96);
        if (pointOffset < headerSize || pointOffset > fileLength)
            throw new CorruptDataException($"the points begin at byte {pointOffset}: they may from {headerSize}, the header's end, to {fileLength}, the file's");

        var formatByte = bytes[104];
        if ((formatByte & ExperimentalBit) != 0)
            throw new CorruptDataException("the compression is an experimental one from before LASzip's first release");
        var header = new LasHeader
        {
            MinorVersion = minor,
            FileSourceId = UInt16(bytes, 4),
            GlobalEncoding = (GlobalEncoding)UInt16(bytes, 6),
            ProjectId = new Guid(bytes.Slice(8, 16)),
            SystemIdentifier = Text(bytes.Slice(26, 32)),
            GeneratingSoftware = Text(bytes.Slice(58, 32)),
            CreationDay = UInt16(bytes, 90),
            CreationYear = UInt16(bytes, 92),
            PointFormat = Format(formatByte & 0x3F, UInt16(bytes, 105)),
            PointCount = Count(bytes, minor),
            PointsByReturn = Returns(bytes, minor),
            Scale = new Xyz(Double(bytes, 131), Double(bytes, 139), Double(bytes, 147)),
            Offset = new Xyz(Double(bytes, 155), Double(bytes, 163), Double(bytes, 171)),
            Max = new Xyz(Double(bytes, 179), Double(bytes, 195), Double(bytes, 211)),
            Min = new Xyz(Double(bytes, 187), Double(bytes, 203), Double(bytes, 219)),
            TimeOffset = minor >= 5 && headerSize >= LongestHeader && bytes.Length >= LongestHeader
                ? (Double(bytes, 375), Double(bytes, 383), UInt16(bytes, 391))
                : default,
        };
        if (header.PointCount > long.MaxValue / ushort.MaxValue)
            throw new CorruptDataException($"a count of {header.PointCount} points is impossible");
        var hasExtended = minor >= 4;
        return (header, new LasLayout(
            headerSize, pointOffset, UInt32(bytes, 100),
            hasExtended ? (long)Math.Min(UInt64(bytes, 235), long.MaxValue) : 0, hasExtended ? UInt32(bytes, 243) : 0, (formatByte & CompressedBit) != 0));
    }

    /// <summary>Writes a header; its <see cref="LasHeader.UserBytes"/> follow. Counts that 32 bits or older formats cannot hold are 0 in the legacy fields.</summary>
    public static byte[] Write(LasHeader header, LasLayout layout, long waveformOffset)
    {
        var bytes = new byte[header.DefinedSize];
        var span = bytes.AsSpan();
        "LASF"u8.CopyTo(span);
        Put16(span, 4, header.FileSourceId);
        Put16(span, 6, (ushort)header.GlobalEncoding);
        header.ProjectId.TryWriteBytes(span.Slice(8, 16));
        (span[24], span[25]) = (1, (byte)header.MinorVersion);
        PutText(span.Slice(26, 32), header.SystemIdentifier);
        PutText(span.Slice(58, 32), header.GeneratingSoftware);
        Put16(span, 90, (ushort)header.CreationDay);
        Put16(span, 92, (ushort)header.CreationYear);
        Put16(span, 94, (ushort)layout.HeaderSize);
        Put32(span, 96, (uint)layout.PointOffset);
        Put32(span, 100, layout.VlrCount);
        span[104] = (byte)(header.PointFormat.Number | (layout.IsCompressed ? CompressedBit : 0));
        Put16(span, 105, (ushort)header.PointFormat.RecordLength);
        var isLegacy = !header.PointFormat.IsExtended && header.PointCount <= uint.MaxValue;
        Put32(span, 107, isLegacy ? (uint)header.PointCount : 0);
        for (var i = 0; i < 5; i++)
            Put32(span, 111 + (4 * i), isLegacy ? (uint)header.PointsByReturn[i] : 0);
        ReadOnlySpan<double> numbers =
        [
            header.Scale.X, header.Scale.Y, header.Scale.Z, header.Offset.X, header.Offset.Y, header.Offset.Z,
            header.Max.X, header.Min.X, header.Max.Y, header.Min.Y, header.Max.Z, header.Min.Z,
        ];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(span[(131 + (8 * i))..], numbers[i]);
        if (header.MinorVersion >= 3)
            Put64(span, 227, (ulong)waveformOffset);
        if (header.MinorVersion >= 4)
        {
            Put64(span, 235, (ulong)layout.ExtendedOffset);
            Put32(span, 243, layout.ExtendedCount);
            Put64(span, 247, header.PointCount);
            for (var i = 0; i < 15; i++)
                Put64(span, 255 + (8 * i), header.PointsByReturn[i]);
        }

        if (header.MinorVersion >= 5)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(span[375..], header.TimeOffset.Max);
            BinaryPrimitives.WriteDoubleLittleEndian(span[383..], header.TimeOffset.Min);
            Put16(span, 391, header.TimeOffset.Offset);
        }

        return bytes;
    }

    /// <summary>A fixed field's characters up to its first zero; what follows may be anything.</summary>
    public static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Writes characters into a fixed field, cut where it ends.</summary>
    public static void PutText(Span<byte> field, string text)
    {
        field.Clear();
        Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }

    private static PointFormat Format(int number, int recordLength)
    {
        try
        {
            return new PointFormat(number, recordLength);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new CorruptDataException($"point format {number} with records of {recordLength} bytes: {error.Message}");
        }
    }

    private static ulong Count(ReadOnlySpan<byte> bytes, int minor)
    {
        ulong legacy = UInt32(bytes, 107), count = minor >= 4 ? UInt64(bytes, 247) : 0;
        return count == 0 ? legacy : count;
    }

    private static ulong[] Returns(ReadOnlySpan<byte> bytes, int minor)
    {
        var returns = new ulong[15];
        for (var i = 0; i < 15; i++)
            returns[i] = minor >= 4 ? UInt64(bytes, 255 + (8 * i)) : i < 5 ? UInt32(bytes, 111 + (4 * i)) : 0;
        return returns;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static double Double(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]);

    private static void Put16(Span<byte> bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], value);

    private static void Put32(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);

    private static void Put64(Span<byte> bytes, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
}
