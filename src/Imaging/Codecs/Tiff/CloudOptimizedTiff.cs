using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Imaging.Codecs.Zlib;

namespace Grid.Imaging.Codecs.Tiff;

/// <summary>Where a raster lies and what its empty pixels hold.</summary>
/// <param name="OriginX">West edge of the first column; <paramref name="OriginY"/> is the north edge of the first row.</param>
/// <param name="Cell">Side of a pixel, in the unit of the CRS.</param>
/// <param name="Epsg">Code of the projected CRS.</param>
public readonly record struct HeightPlace(double OriginX, double OriginY, double Cell, int Epsg, float Nodata);

/// <summary>
/// Writes heights as a Cloud-Optimized GeoTIFF (OGC 21-026): tiles of 512 pixels, Adobe deflate behind the floating-point predictor (TIFF Technical Note 3),
/// overviews each half as wide whose pixels are means of those that have data; directories first, then the smallest overview's tiles, the raster's own last. The same
/// pixels make the same bytes.
/// </summary>
public static class CloudOptimizedTiff
{
    /// <summary>So many first bytes of a file hold what <see cref="ReadPlace"/> looks for, whatever the raster's size.</summary>
    public const int HeadBytes = 1 << 15;

    private const int TileSize = 512;
    private const ushort Short = 3, Long = 4, Ascii = 2, Double = 12;

    /// <summary>Bytes before a tile, its length, and behind it, its last four again: readers that trust <see cref="Structure"/> save requests by them.</summary>
    private const int Leader = 4, Trailer = 4;

    /// <summary>What readers find behind the header: all directories come before any pixel, and how tiles follow each other (GDAL's COG driver, "header ghost area").</summary>
    private const string Structure =
        "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n ";

    /// <summary>Encodes a raster of one float32 channel, row by row from the north.</summary>
    /// <exception cref="ArgumentException">The heights are not width × height, or there are more than fit a TIFF of 4 GiB.</exception>
    public static byte[] Encode(ReadOnlySpan<float> heights, int width, int height, HeightPlace place)
    {
        if (heights.Length != (long)width * height || width <= 0)
            throw new ArgumentException($"{heights.Length} heights do not make {width} x {height} pixels");
        if (heights.Length > 600_000_000)
            throw new ArgumentException($"{width} x {height} heights do not fit a TIFF of 4 GiB");
        var levels = new List<(float[] Heights, int Width, int Height)> { (heights.ToArray(), width, height) };
        while (levels[^1].Width > TileSize || levels[^1].Height > TileSize)
            levels.Add(Halve(levels[^1], place.Nodata));

        var tiles = levels.ConvertAll(level => EncodeTiles(level, place.Nodata));
        var directories = new List<List<(ushort Tag, ushort Type, int Count, byte[] Value)>>();
        for (var i = 0; i < levels.Count; i++)
            directories.Add(Directory(levels[i].Width, levels[i].Height, tiles[i].Count, isOverview: i > 0, place));

        var structure = Encoding.ASCII.GetBytes($"GDAL_STRUCTURAL_METADATA_SIZE={Structure.Length:000000} bytes\n{Structure}");
        var at = Even(8 + structure.Length);
        var starts = new List<int>();
        foreach (var directory in directories)
        {
            starts.Add(at);
            at = Even(at + 2 + (12 * directory.Count) + 4 + directory.Where(entry => entry.Value.Length > 4).Sum(entry => Even(entry.Value.Length)));
        }

        // Places of the tiles, the smallest level's first.
        long end = at;
        for (var i = levels.Count - 1; i >= 0; i--)
        {
            var offsets = directories[i].First(entry => entry.Tag == 324).Value;
            var lengths = directories[i].First(entry => entry.Tag == 325).Value;
            for (var tile = 0; tile < tiles[i].Count; tile++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(offsets.AsSpan(tile * 4), (uint)(end + Leader));
                BinaryPrimitives.WriteUInt32LittleEndian(lengths.AsSpan(tile * 4), (uint)tiles[i][tile].Length);
                end += Leader + tiles[i][tile].Length + Trailer;
            }
        }

        var file = new byte[end];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), starts[0]);
        structure.CopyTo(file, 8);
        for (var i = 0; i < directories.Count; i++)
            WriteDirectory(file, starts[i], directories[i], i + 1 < starts.Count ? starts[i + 1] : 0);
        for (var i = levels.Count - 1; i >= 0; i--)
        {
            foreach (var tile in tiles[i])
            {
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), tile.Length);
                tile.CopyTo(file, at + Leader);
                tile.AsSpan(tile.Length - Trailer).CopyTo(file.AsSpan(at + Leader + tile.Length));
                at += Leader + tile.Length + Trailer;
            }
        }

        return file;
    }

    /// <summary>Size and place of a raster that <see cref="Encode"/> wrote.</summary>
    /// <param name="head">The file's first <see cref="HeadBytes"/>, or all of a smaller one.</param>
    /// <exception cref="ArgumentException">They are not those of such a file.</exception>
    public static (int Width, int Height, HeightPlace Place) ReadPlace(ReadOnlySpan<byte> head)
    {
        int width = 0, height = 0, epsg = 0;
        double cell = 0, originX = 0, originY = 0;
        var nodata = 0f;
        var at = head.Length > 8 && head.StartsWith("II*\0"u8) ? BinaryPrimitives.ReadInt32LittleEndian(head[4..]) : -1;
        for (var entry = 0; at > 0 && at < head.Length - 2 && entry < BinaryPrimitives.ReadUInt16LittleEndian(head[at..]); entry++)
        {
            var start = at + 2 + (12 * entry);
            if (start + 12 > head.Length)
                break;
            var value = BinaryPrimitives.ReadInt32LittleEndian(head[(start + 8)..]);
            var count = BinaryPrimitives.ReadInt32LittleEndian(head[(start + 4)..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(head[start..]))
            {
                case 256:
                    width = value;
                    break;
                case 257:
                    height = value;
                    break;
                case 33550 when Holds(head, value, 8):
                    cell = BinaryPrimitives.ReadDoubleLittleEndian(head[value..]);
                    break;
                case 33922 when Holds(head, value, 48):
                    (originX, originY) = (BinaryPrimitives.ReadDoubleLittleEndian(head[(value + 24)..]), BinaryPrimitives.ReadDoubleLittleEndian(head[(value + 32)..]));
                    break;
                case 34735 when Holds(head, value, 32):
                    epsg = BinaryPrimitives.ReadUInt16LittleEndian(head[(value + 30)..]);
                    break;
                case 42113 when count > 4 && Holds(head, value, count):
                    nodata = float.Parse(Encoding.ASCII.GetString(head.Slice(value, count - 1)), CultureInfo.InvariantCulture);
                    break;
            }
        }

        return width > 0 && height > 0 && cell > 0
            ? (width, height, new HeightPlace(originX, originY, cell, epsg, nodata))
            : throw new ArgumentException($"{head.Length} bytes are not the first ones of a Cloud-Optimized GeoTIFF of heights");

        static bool Holds(ReadOnlySpan<byte> head, int from, int length) => from > 0 && length <= head.Length - from;
    }

    private static int Even(int length) => (length + 1) & ~1;

    private static (float[] Heights, int Width, int Height) Halve((float[] Heights, int Width, int Height) level, float nodata)
    {
        int width = (level.Width + 1) / 2, height = (level.Height + 1) / 2;
        var halved = new float[width * height];
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                double sum = 0;
                var count = 0;
                for (var y = 2 * row; y < Math.Min((2 * row) + 2, level.Height); y++)
                {
                    for (var x = 2 * column; x < Math.Min((2 * column) + 2, level.Width); x++)
                    {
                        var value = level.Heights[(y * level.Width) + x];
                        if (value == nodata)
                            continue;
                        sum += value;
                        count++;
                    }
                }

                halved[(row * width) + column] = count == 0 ? nodata : (float)(sum / count);
            }
        }

        return (halved, width, height);
    }

    private static List<byte[]> EncodeTiles((float[] Heights, int Width, int Height) level, float nodata)
    {
        using var encoder = new ZlibEncoder();
        var encoded = new List<byte[]>();
        var samples = new float[TileSize];
        var rows = new byte[TileSize * TileSize * 4];
        for (var top = 0; top < level.Height; top += TileSize)
        {
            for (var left = 0; left < level.Width; left += TileSize)
            {
                for (var y = 0; y < TileSize; y++)
                {
                    samples.AsSpan().Fill(nodata);
                    if (top + y < level.Height)
                        level.Heights.AsSpan(((top + y) * level.Width) + left, Math.Min(TileSize, level.Width - left)).CopyTo(samples);
                    Predict(samples, rows.AsSpan(y * TileSize * 4, TileSize * 4));
                }

                encoded.Add(encoder.Encode(rows).ToArray());
            }
        }

        return encoded;
    }

    // All first bytes of a row's samples, then all second ones, the most significant first; each byte then less the one before.
    private static void Predict(ReadOnlySpan<float> samples, Span<byte> row)
    {
        var bits = MemoryMarshal.Cast<float, uint>(samples);
        var width = samples.Length;
        for (var i = 0; i < width; i++)
        {
            var sample = bits[i];
            (row[i], row[width + i], row[(2 * width) + i], row[(3 * width) + i]) = ((byte)(sample >> 24), (byte)(sample >> 16), (byte)(sample >> 8), (byte)sample);
        }

        for (var i = row.Length - 1; i > 0; i--)
            row[i] -= row[i - 1];
    }

    private static List<(ushort Tag, ushort Type, int Count, byte[] Value)> Directory(int width, int height, int tiles, bool isOverview, HeightPlace place)
    {
        var entries = new List<(ushort Tag, ushort Type, int Count, byte[] Value)>
        {
            (254, Long, 1, Longs(isOverview ? 1 : 0)),
            (256, Long, 1, Longs(width)),
            (257, Long, 1, Longs(height)),
            (258, Short, 1, Shorts(32)),
            (259, Short, 1, Shorts(8)),
            (262, Short, 1, Shorts(1)),
            (277, Short, 1, Shorts(1)),
            (317, Short, 1, Shorts(3)),
            (322, Long, 1, Longs(TileSize)),
            (323, Long, 1, Longs(TileSize)),
            (324, Long, tiles, new byte[tiles * 4]),
            (325, Long, tiles, new byte[tiles * 4]),
            (339, Short, 1, Shorts(3)),
        };
        if (!isOverview)
        {
            entries.Add((33550, Double, 3, Doubles(place.Cell, place.Cell, 0)));
            entries.Add((33922, Double, 6, Doubles(0, 0, 0, place.OriginX, place.OriginY, 0)));
            // A projected CRS by its code, pixels that are areas (OGC 19-008r4, § 7.1 and annex C).
            entries.Add((34735, Short, 16, Shorts(1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, checked((ushort)place.Epsg))));
        }

        var nodata = Encoding.ASCII.GetBytes(place.Nodata.ToString(CultureInfo.InvariantCulture) + "\0");
        entries.Add((42113, Ascii, nodata.Length, nodata));
        return entries;
    }

    private static void WriteDirectory(byte[] file, int at, List<(ushort Tag, ushort Type, int Count, byte[] Value)> entries, int next)
    {
        var span = file.AsSpan(at);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)entries.Count);
        var valuesAt = 2 + (12 * entries.Count) + 4;
        for (var i = 0; i < entries.Count; i++)
        {
            var (tag, type, count, value) = entries[i];
            var entry = span.Slice(2 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], count);
            if (value.Length <= 4)
            {
                value.CopyTo(entry[8..]);
                continue;
            }

            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], at + valuesAt);
            value.CopyTo(span[valuesAt..]);
            valuesAt += Even(value.Length);
        }

        BinaryPrimitives.WriteInt32LittleEndian(span[(2 + (12 * entries.Count))..], next);
    }

    private static byte[] Shorts(params ReadOnlySpan<ushort> values) => MemoryMarshal.AsBytes(values).ToArray();

    private static byte[] Longs(int value) => BitConverter.GetBytes(value);

    private static byte[] Doubles(params ReadOnlySpan<double> values) => MemoryMarshal.AsBytes(values).ToArray();
}
