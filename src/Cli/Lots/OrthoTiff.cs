using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Grid.Cli.Lots;

/// <summary>
/// Writes one uncompressed RGB GeoTIFF in EPSG:2154, in strips (TIFF 6.0; OGC 19-008r4, annex B for the keys). The header comes first and rows
/// follow in order, so that nothing is held but what the caller holds.
/// </summary>
internal sealed class OrthoTiff : IDisposable
{
    private const int RowsPerStrip = 16;
    private const int Channels = 3;
    private const ushort Short = 3, Long = 4, Ascii = 2, Double = 12;
    private readonly FileStream _file;

    /// <param name="west">Easting of the left edge, metres.</param>
    /// <param name="north">Northing of the upper edge, metres.</param>
    /// <exception cref="ArgumentOutOfRangeException">The samples would pass the 4 GiB of a classic TIFF.</exception>
    internal OrthoTiff(string path, int width, int height, double west, double north, double pixelMeters, byte nodata)
    {
        var bytes = (long)width * height * Channels;
        if (bytes > uint.MaxValue - (1 << 20))
            throw new ArgumentOutOfRangeException(nameof(width), $"{width} x {height} pixels pass the 4 GiB of one TIFF.");
        var header = Header(width, height, west, north, pixelMeters, nodata);
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        _file.Write(header);
    }

    /// <summary>Appends whole rows, <c>[row, col, red green blue]</c>.</summary>
    internal void Write(ReadOnlySpan<byte> rows) => _file.Write(rows);

    public void Dispose() => _file.Dispose();

    private static byte[] Header(int width, int height, double west, double north, double pixelMeters, byte nodata)
    {
        var strips = (height + RowsPerStrip - 1) / RowsPerStrip;
        var entries = new List<(ushort Tag, ushort Type, int Count, byte[] Value)>
        {
            (256, Long, 1, Longs(width)),
            (257, Long, 1, Longs(height)),
            (258, Short, 3, Shorts(8, 8, 8)),
            (259, Short, 1, Shorts(1)),
            (262, Short, 1, Shorts(2)),
            (273, Long, strips, new byte[4 * strips]),
            (277, Short, 1, Shorts(Channels)),
            (278, Long, 1, Longs(RowsPerStrip)),
            (279, Long, strips, new byte[4 * strips]),
            (284, Short, 1, Shorts(1)),
            (33550, Double, 3, Doubles(pixelMeters, pixelMeters, 0)),
            (33922, Double, 6, Doubles(0, 0, 0, west, north, 0)),

            // Version 1.1.0 and four keys: projected model, pixel is area, citation, EPSG:2154.
            (34735, Short, 20, Shorts(1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 1026, 34737, 22, 0, 3072, 0, 1, 2154)),
            (34737, Ascii, 23, Encoding.ASCII.GetBytes("RGF93 v1 / Lambert-93|\0")),
        };
        var nodataText = Encoding.ASCII.GetBytes(nodata.ToString(CultureInfo.InvariantCulture) + "\0");
        entries.Add((42113, Ascii, nodataText.Length, nodataText));

        var valuesAt = 8 + 2 + (12 * entries.Count) + 4;
        var pixelsAt = valuesAt + entries.Where(entry => entry.Value.Length > 4).Sum(entry => (entry.Value.Length + 1) & ~1);
        pixelsAt = (pixelsAt + 15) & ~15;
        FillStrips(entries.First(entry => entry.Tag == 273).Value, entries.First(entry => entry.Tag == 279).Value, pixelsAt, width, height);

        var header = new byte[pixelsAt];
        "II*\0"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var (tag, type, count, value) = entries[i];
            var entry = header.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], count);
            if (value.Length <= 4)
            {
                value.CopyTo(entry[8..]);
                continue;
            }

            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], valuesAt);
            value.CopyTo(header, valuesAt);
            valuesAt += (value.Length + 1) & ~1;
        }

        return header;
    }

    private static void FillStrips(byte[] offsets, byte[] lengths, int pixelsAt, int width, int height)
    {
        long offset = pixelsAt;
        for (var strip = 0; strip < offsets.Length / 4; strip++)
        {
            var length = (uint)((long)width * Channels * Math.Min(RowsPerStrip, height - (strip * RowsPerStrip)));
            BinaryPrimitives.WriteUInt32LittleEndian(offsets.AsSpan(strip * 4), (uint)offset);
            BinaryPrimitives.WriteUInt32LittleEndian(lengths.AsSpan(strip * 4), length);
            offset += length;
        }
    }

    private static byte[] Shorts(params ushort[] values)
    {
        var bytes = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), values[i]);
        return bytes;
    }

    private static byte[] Longs(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Doubles(params double[] values)
    {
        var bytes = new byte[values.Length * 8];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * 8), values[i]);
        return bytes;
    }
}
