using System.Buffers.Binary;
using System.Security.Cryptography;
using Grid.Fixtures;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tests;

/// <summary>
/// The folder of point-cloud samples and what LASzip 3.5.1 read from each: the table "Reference decode" of its SOURCES.md, with the hash of all records and
/// that of canonical 39-byte records.
/// </summary>
internal static class Samples
{
    public sealed record Reference(string File, long Points, string Outcome, string RawHash, string CanonicalHash);

    public static IReadOnlyList<Reference> All { get; } = RealData.Root is null ? [] : [.. Read()];

    public static Reference Of(string file) => All.Single(sample => sample.File == file);

    public static TheoryData<string> Files(Func<Reference, bool> choice)
    {
        var files = new TheoryData<string>();
        foreach (var sample in All.Where(choice))
            files.Add(sample.File);
        return files;
    }

    public static string PathOf(string file) => RealData.PathOf(Path.Combine("pointcloud", file));

    /// <summary>Reads a file to its end; returns the number of its points, and the hash of their records, "-" of none.</summary>
    public static async Task<(long Points, string RawHash, string CanonicalHash)> HashAsync(PointCloudReader reader, int threads = 0)
    {
        using var raw = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var canonical = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long points = 0;
        await foreach (var batch in reader.ReadAsync(threads: threads))
        {
            Assert.Equal(points, batch.FirstPoint);
            raw.AppendData(batch.Records.Span);
            canonical.AppendData(Canonical(batch));
            points += batch.Count;
            batch.Dispose();
        }

        return (points, points == 0 ? "-" : Convert.ToHexStringLower(raw.GetHashAndReset()), points == 0 ? "-" : Convert.ToHexStringLower(canonical.GetHashAndReset()));
    }

    /// <summary>The records of all points, one after another.</summary>
    public static async Task<byte[]> RecordsAsync(PointCloudReader reader, PointFields fields = PointFields.All, int threads = 0)
    {
        var records = new MemoryStream();
        await foreach (var batch in reader.ReadAsync(fields, threads))
        {
            records.Write(batch.Records.Span);
            batch.Dispose();
        }

        return records.ToArray();
    }

    private static byte[] Canonical(PointBatch batch)
    {
        var bytes = new byte[batch.Count * 39];
        for (var i = 0; i < batch.Count; i++)
        {
            var point = batch[i];
            var to = bytes.AsSpan(i * 39, 39);
            BinaryPrimitives.WriteInt32LittleEndian(to, point.X);
            BinaryPrimitives.WriteInt32LittleEndian(to[4..], point.Y);
            BinaryPrimitives.WriteInt32LittleEndian(to[8..], point.Z);
            BinaryPrimitives.WriteUInt16LittleEndian(to[12..], point.Intensity);
            to[14] = (byte)point.ReturnNumber;
            to[15] = (byte)point.NumberOfReturns;
            to[16] = (byte)(point.ClassificationFlags | (point.ScanDirection ? 16 : 0) | (point.EdgeOfFlightLine ? 32 : 0) | (point.ScannerChannel << 6));
            to[17] = point.Classification;
            BinaryPrimitives.WriteInt16LittleEndian(to[18..], point.ScanAngle);
            to[20] = point.UserData;
            BinaryPrimitives.WriteUInt16LittleEndian(to[21..], point.PointSource);
            BinaryPrimitives.WriteDoubleLittleEndian(to[23..], point.GpsTime);
            BinaryPrimitives.WriteUInt16LittleEndian(to[31..], point.Red);
            BinaryPrimitives.WriteUInt16LittleEndian(to[33..], point.Green);
            BinaryPrimitives.WriteUInt16LittleEndian(to[35..], point.Blue);
            BinaryPrimitives.WriteUInt16LittleEndian(to[37..], point.Infrared);
        }

        return bytes;
    }

    private static IEnumerable<Reference> Read() =>
        from line in File.ReadLines(PathOf("SOURCES.md")).SkipWhile(line => !line.StartsWith("## Reference decode")).TakeWhile(line => !line.StartsWith("## File hashes"))
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        where cells.Length == 7 && cells[1].EndsWith(".las") | cells[1].EndsWith(".laz")
        select new Reference(cells[1], long.Parse(cells[2]), cells[3], cells[4], cells[5]);
}
