using System.Buffers.Binary;
using Grid.PointCloud;
using Grid.PointCloud.Las;

namespace Grid.Benchmarks.Lidar;

/// <summary>
/// Clouds like an aerial survey's, the same at every run: strips of scan lines over hills with trees and houses, several returns a pulse, intensities, scan
/// angles and times as a scanner makes them, classes, and colours where the format has them.
/// </summary>
internal static class LidarLot
{
    private static readonly int[] _formats = [1, 3, 6, 7, 8];

    /// <summary>Writes a file of each format that is not there yet; returns their paths.</summary>
    public static async Task<IReadOnlyList<string>> MakeAsync(string folder, int points)
    {
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var format in _formats)
        {
            var file = Path.Combine(folder, $"format-{format}-{points}.laz");
            files.Add(file);
            if (File.Exists(file))
                continue;
            var records = Records(PointFormat.Of(format), points);
            await using (var output = File.Create(file + ".part"))
            {
                var header = new LasHeader
                {
                    MinorVersion = format >= 6 ? 4 : 2,
                    PointFormat = PointFormat.Of(format),
                    Scale = new Xyz(0.01, 0.01, 0.01),
                    Offset = new Xyz(650_000, 6_860_000, 0),
                };
                await using var writer = await PointCloudWriter.CreateAsync(output, header, []);
                await writer.WriteAsync(records);
                await writer.FinishAsync();
            }

            File.Move(file + ".part", file, overwrite: true);
        }

        return files;
    }

    private static byte[] Records(PointFormat format, int count)
    {
        var records = new byte[(long)count * format.RecordLength];
        var random = new Random(20_000);
        var time = 250_000_000.0;
        int done = 0, line = 0;
        while (done < count)
        {
            line++;
            for (var step = 0; step < 900 && done < count; step++)
            {
                time += 2.5e-6 + (random.Next(4) == 0 ? 1e-7 : 0);
                var sweep = line % 2 == 0 ? step : 899 - step;
                double x = (sweep * 0.55) + (random.NextDouble() * 0.06), y = (line * 0.5) + (sweep * 0.0004) + (random.NextDouble() * 0.05);
                var ground = (12 * Math.Sin(x * 0.013)) + (9 * Math.Cos(y * 0.017)) + (2 * Math.Sin((x + y) * 0.11)) + 180 + (random.NextDouble() * 0.04);
                var isTree = Math.Sin(x * 0.07) * Math.Cos(y * 0.05) > 0.35;
                var isHouse = !isTree && Math.Sin(x * 0.045) * Math.Sin(y * 0.06) > 0.8;
                var returns = isTree ? 1 + random.Next(4) : 1;
                for (var r = 1; r <= returns && done < count; r++, done++)
                {
                    var isGround = !isHouse && (r == returns || !isTree);
                    var height = isHouse ? 7 + (0.1 * (sweep % 40)) : isGround ? 0 : 14 * (returns - r + random.NextDouble()) / returns;
                    var shade = (int)(120 + (60 * Math.Sin(x * 0.3) * Math.Cos(y * 0.2)) + random.Next(30));
                    Put(records.AsSpan(done * format.RecordLength, format.RecordLength), format, (int)(x * 100), (int)(y * 100), (int)((ground + height) * 100),
                        shade * 8 / (r + 1), r, returns, isHouse ? 6 : isGround ? 2 : height > 1.5 ? 5 : 4, (450 - sweep) * 8, line % 2, line / 2000, time, shade);
                }
            }
        }

        return records;
    }

    private static void Put(
        Span<byte> record, PointFormat format, int x, int y, int z, int intensity, int r, int n, int @class, int angle, int direction, int strip, double time, int shade)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, x);
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], y);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], z);
        BinaryPrimitives.WriteUInt16LittleEndian(record[12..], (ushort)intensity);
        if (format.IsExtended)
        {
            record[14] = (byte)((n << 4) | r);
            record[15] = (byte)(direction << 6);
            record[16] = (byte)@class;
            BinaryPrimitives.WriteInt16LittleEndian(record[18..], (short)angle);
            BinaryPrimitives.WriteUInt16LittleEndian(record[20..], (ushort)(100 + strip));
        }
        else
        {
            record[14] = (byte)((direction << 6) | (n << 3) | r);
            record[15] = (byte)@class;
            record[16] = (byte)(angle / 167);
            BinaryPrimitives.WriteUInt16LittleEndian(record[18..], (ushort)(100 + strip));
        }

        if (format.GpsTimeOffset >= 0)
            BinaryPrimitives.WriteDoubleLittleEndian(record[format.GpsTimeOffset..], time);
        for (var channel = 0; channel < 3 && format.ColorOffset >= 0; channel++)
            BinaryPrimitives.WriteUInt16LittleEndian(record[(format.ColorOffset + (2 * channel))..], (ushort)((shade + (channel * 9)) << 8));
        if (format.InfraredOffset >= 0)
            BinaryPrimitives.WriteUInt16LittleEndian(record[format.InfraredOffset..], (ushort)((255 - shade) << 8));
    }
}
