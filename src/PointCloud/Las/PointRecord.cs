using System.Buffers.Binary;

namespace Grid.PointCloud.Las;

/// <summary>One point as a view on its record: the attributes of all formats under one name each. Those that the format lacks are 0.</summary>
public readonly ref struct PointRecord(ReadOnlySpan<byte> record, PointFormat format)
{
    private readonly ReadOnlySpan<byte> _record = record;

    /// <summary>x before scale and offset.</summary>
    public int X => BinaryPrimitives.ReadInt32LittleEndian(_record);

    /// <summary>y before scale and offset.</summary>
    public int Y => BinaryPrimitives.ReadInt32LittleEndian(_record[4..]);

    /// <summary>z before scale and offset.</summary>
    public int Z => BinaryPrimitives.ReadInt32LittleEndian(_record[8..]);

    public ushort Intensity => UInt16(12);

    /// <summary>From 1, but files hold any value: 0 to 7, or 15 in formats 6 to 10.</summary>
    public int ReturnNumber => _record[14] & (format.IsExtended ? 15 : 7);

    public int NumberOfReturns => format.IsExtended ? _record[14] >> 4 : (_record[14] >> 3) & 7;

    /// <summary>Bit 0 synthetic, 1 key point, 2 withheld, 3 overlap (formats 6 to 10).</summary>
    public int ClassificationFlags => format.IsExtended ? _record[15] & 15 : _record[15] >> 5;

    /// <summary>0 to 3.</summary>
    public int ScannerChannel => format.IsExtended ? (_record[15] >> 4) & 3 : 0;

    /// <summary>True when the mirror moved from left to right.</summary>
    public bool ScanDirection => (_record[format.IsExtended ? 15 : 14] & 0x40) != 0;

    public bool EdgeOfFlightLine => (_record[format.IsExtended ? 15 : 14] & 0x80) != 0;

    /// <summary>ASPRS class: 0 to 31, or 255 in formats 6 to 10.</summary>
    public byte Classification => format.IsExtended ? _record[16] : (byte)(_record[15] & 31);

    public byte UserData => _record[17];

    /// <summary>In degrees in formats 0 to 5, in units of 0.006 degree in formats 6 to 10.</summary>
    public short ScanAngle => format.IsExtended ? (short)UInt16(18) : (sbyte)_record[16];

    public ushort PointSource => UInt16(format.IsExtended ? 20 : 18);

    public double GpsTime => format.GpsTimeOffset < 0 ? 0 : BinaryPrimitives.ReadDoubleLittleEndian(_record[format.GpsTimeOffset..]);

    public ushort Red => Color(0);

    public ushort Green => Color(2);

    public ushort Blue => Color(4);

    public ushort Infrared => format.InfraredOffset < 0 ? (ushort)0 : UInt16(format.InfraredOffset);

    /// <summary>The wave packet's 29 bytes (LAS 1.4, table 12); empty where the format has none.</summary>
    public ReadOnlySpan<byte> WavePacket => format.HasWaveform ? _record.Slice(format.WaveformOffset, 29) : default;

    public ReadOnlySpan<byte> ExtraBytes => _record[format.BaseSize..];

    private ushort Color(int at) => format.ColorOffset < 0 ? (ushort)0 : UInt16(format.ColorOffset + at);

    private ushort UInt16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_record[at..]);
}
