using System.Buffers.Binary;

namespace Grid.Frontend.Tiles;

/// <summary>
/// The header that makes a stored tile a TIFF of its own (TIFF 6.0, one strip): tiles of raw, LZW, deflate and PackBits slabs hold samples without
/// any. The stored bytes follow it untouched.
/// </summary>
public static class TiffTile
{
    /// <summary>Bytes of the header, whatever the tile.</summary>
    public const int HeaderLength = 160;

    private const int BitsAt = 148;
    private const ushort Short = 3, Long = 4;

    /// <summary>Makes the header of a tile of <paramref name="length"/> stored bytes.</summary>
    /// <param name="compression">RAW, LZW, ZIP or PKB, as in the pyramid's format.</param>
    /// <param name="isFloat">Samples of 32-bit IEEE numbers; else of 8-bit whole ones.</param>
    /// <param name="channels">1 to 4, interleaved; the second of two and the fourth of four are opacity.</param>
    /// <exception cref="ArgumentException">A compression that has no TIFF number here.</exception>
    public static byte[] Header(string compression, bool isFloat, int channels, int width, int height, int length)
    {
        var header = new byte[HeaderLength];
        "II*\0"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 8);
        var bits = (ushort)(isFloat ? 32 : 8);
        var entries = new List<(ushort Tag, ushort Type, uint Count, uint Value)>
        {
            (256, Long, 1, (uint)width),
            (257, Long, 1, (uint)height),
            // One or two of them fit in the entry.
            (258, Short, (uint)channels, channels <= 2 ? bits | ((channels == 2 ? bits : 0u) << 16) : BitsAt),
            (259, Short, 1, NumberOf(compression)),
            (262, Short, 1, channels < 3 ? 1u : 2u),
            (273, Long, 1, HeaderLength),
            (277, Short, 1, (uint)channels),
            (278, Long, 1, (uint)height),
            (279, Long, 1, (uint)length),
        };
        if (channels is 2 or 4)
            entries.Add((338, Short, 1, 2));
        entries.Add((339, Short, 1, isFloat ? 3u : 1u));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var (tag, type, count, value) = entries[i];
            var entry = header.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], count);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], value);
        }

        for (var channel = 0; channel < channels; channel++)
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(BitsAt + (2 * channel)), bits);
        return header;
    }

    private static uint NumberOf(string compression) => compression switch
    {
        "RAW" => 1,
        "LZW" => 5,
        "ZIP" => 8,
        "PKB" => 32773,
        _ => throw new ArgumentException($"Compression {compression} has no TIFF tiles: RAW, LZW, ZIP and PKB have.", nameof(compression)),
    };
}
