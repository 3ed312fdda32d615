using System.Buffers.Binary;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tests;

/// <summary>Clouds made by random numbers, with all that a file may legally hold and real ones seldom do.</summary>
internal static class Clouds
{
    /// <summary>
    /// Records of a format: four scanner channels, returns beyond their number, jumps over the whole range of integers, times that repeat, go back and are
    /// no numbers, attributes that rest for long and then change.
    /// </summary>
    public static byte[] Random(int format, int extraBytes, int count, int seed)
    {
        var layout = new PointFormat(format, PointFormat.Of(format).RecordLength + extraBytes);
        var random = new Random(seed);
        var records = new byte[count * layout.RecordLength];
        int x = 0, y = 0, z = 0;
        double time = 300_000_000;
        for (var i = 0; i < count; i++)
        {
            var record = records.AsSpan(i * layout.RecordLength, layout.RecordLength);
            if (i > 0)
                records.AsSpan((i - 1) * layout.RecordLength, layout.RecordLength).CopyTo(record);
            var jumps = random.Next(50) == 0;
            x = jumps ? random.Next(int.MinValue, int.MaxValue) : unchecked(x + random.Next(-300, 300));
            y = jumps ? random.Next(int.MinValue, int.MaxValue) : unchecked(y + random.Next(-20, 20));
            z = random.Next(9) == 0 ? random.Next() : unchecked(z + random.Next(-3, 3));
            BinaryPrimitives.WriteInt32LittleEndian(record, x);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], y);
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], z);
            // Any byte of the rest, a few at a time; long runs without a change in between.
            for (var changes = i / 200 % 2 == 0 ? random.Next(6) : 0; changes > 0; changes--)
                record[random.Next(12, layout.RecordLength)] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(4));
            if (layout.GpsTimeOffset >= 0)
                BinaryPrimitives.WriteDoubleLittleEndian(record[layout.GpsTimeOffset..], Next(random, ref time));
        }

        return records;
    }

    /// <summary>Writes a cloud; returns the file and the records.</summary>
    /// <param name="chunkSize">0 for chunks that end at <paramref name="chunkEnds"/>.</param>
    public static async Task<(byte[] File, byte[] Records)> WriteAsync(
        byte[] records, int format, int extraBytes, int chunkSize, int[]? chunkEnds = null, bool compressed = true, int minor = 4, bool extended = false,
        int threads = 2)
    {
        var layout = new PointFormat(format, PointFormat.Of(format).RecordLength + extraBytes);
        var header = new LasHeader { MinorVersion = minor, PointFormat = layout, Scale = new Xyz(0.01, 0.01, 0.01), GeneratingSoftware = "Grid tests" };
        using var output = new MemoryStream();
        await using var writer = await PointCloudWriter.CreateAsync(
            output, header, [new VariableLengthRecord("Grid", 7, "a record", "content"u8.ToArray())],
            new PointCloudWriterOptions { IsCompressed = compressed, ChunkSize = chunkSize, Threads = threads });
        var done = 0;
        foreach (var end in chunkSize == 0 ? [.. chunkEnds ?? [], records.Length / layout.RecordLength] : new[] { records.Length / layout.RecordLength })
        {
            await writer.WriteAsync(records.AsMemory((done * layout.RecordLength)..(end * layout.RecordLength)));
            if (chunkSize == 0)
                await writer.EndChunkAsync();
            done = end;
        }

        if (extended)
            await writer.WriteExtendedAsync(new VariableLengthRecord("Grid", 8, "behind the points", new byte[70_000]));
        await writer.FinishAsync();
        return (output.ToArray(), records);
    }

    public static Task<PointCloudReader> OpenAsync(byte[] file) => PointCloudReader.OpenAsync(new StreamByteSource(new MemoryStream(file), "cloud.laz"));

    private static double Next(Random random, ref double time)
    {
        time += random.Next(12) switch
        {
            0 => 0,
            1 => -5000,
            2 => 0.001 * random.Next(600),
            3 => 1e7,
            _ => 0.00001,
        };
        return random.Next(40) switch
        {
            0 => double.NaN,
            1 => double.NegativeInfinity,
            2 => -0.0,
            3 => BitConverter.Int64BitsToDouble(random.NextInt64()),
            _ => time,
        };
    }
}
