using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Las;

/// <summary>
/// How a point record is laid out: one of the LAS point data record formats 0 to 10 (LAS 1.4 R15, § 2.6), and extra bytes behind it. Offsets are in bytes
/// from the record's start; -1 where a format lacks the attribute.
/// </summary>
public sealed record PointFormat
{
    private static readonly int[] _baseSizes = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

    /// <exception cref="ArgumentOutOfRangeException">There is no such format, or the record is shorter than it.</exception>
    public PointFormat(int number, int recordLength)
    {
        if (number is < 0 or > 10)
            throw new ArgumentOutOfRangeException(nameof(number), number, "point formats are 0 to 10");
        if (recordLength < _baseSizes[number] || recordLength > ushort.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(recordLength), recordLength, $"records of point format {number} have {_baseSizes[number]} to 65535 bytes");
        (Number, RecordLength) = (number, recordLength);
    }

    /// <summary>0 to 10.</summary>
    public int Number { get; }

    /// <summary>Bytes of a record, extra bytes included.</summary>
    public int RecordLength { get; }

    /// <summary>True of formats 6 to 10: 15 returns, 256 classes, scanner channels, fine scan angles, always a GPS time.</summary>
    public bool IsExtended => Number >= 6;

    public bool HasWaveform => Number is 4 or 5 or 9 or 10;

    /// <summary>Offset of the GPS time, an f64.</summary>
    public int GpsTimeOffset => IsExtended ? 22 : Number is 0 or 2 ? -1 : 20;

    /// <summary>Offset of red, green and blue, each a u16.</summary>
    public int ColorOffset => Number switch { 2 => 20, 3 or 5 => 28, 7 or 8 or 10 => 30, _ => -1 };

    /// <summary>Offset of near infrared, a u16.</summary>
    public int InfraredOffset => Number is 8 or 10 ? 36 : -1;

    /// <summary>Offset of the wave packet, 29 bytes.</summary>
    public int WaveformOffset => HasWaveform ? BaseSize - Waves.Size : -1;

    /// <summary>Bytes of the format without extra bytes, and so the offset of those.</summary>
    public int BaseSize => _baseSizes[Number];

    public int ExtraBytes => RecordLength - BaseSize;

    /// <summary>The layout without extra bytes.</summary>
    public static PointFormat Of(int number) => new(number, number is >= 0 and <= 10 ? _baseSizes[number] : 0);
}
