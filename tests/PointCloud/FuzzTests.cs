using Grid.Fixtures;

namespace Grid.PointCloud.Tests;

/// <summary>Good files with a byte changed, bytes cut or a number overwritten: each ends as points or as a typed error. Bounded: about two thousand files.</summary>
public class FuzzTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly PointCloudLimits _limits = new() { ChunkBytes = 16 << 20, RecordBytes = 16 << 20 };

    [Fact]
    public async Task Changed_files_of_every_format_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var format = 0; format <= 10; format++)
        {
            foreach (var chunkSize in new[] { 100, 0, 1000 })
            {
                var (file, _) = await Clouds.WriteAsync(
                    Clouds.Random(format, 2, 300, seed), format, 2, chunkSize, [50, 51], minor: format < 6 ? 3 : 4 + random.Next(2), extended: format >= 6);
                for (var i = 0; i < 30; i++)
                    await ReadAsync(Change(file, random), $"seed {seed}, format {format}, chunks of {chunkSize}, change {i}");
            }
        }
    }

    [RealDataFact]
    public async Task Changed_real_files_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (var sample in Samples.All.Where(sample => new FileInfo(Samples.PathOf(sample.File)).Length < 80_000))
        {
            var file = await File.ReadAllBytesAsync(Samples.PathOf(sample.File));
            for (var i = 0; i < 12; i++)
                await ReadAsync(Change(file, random), $"seed {seed}, {sample.File}, change {i}");
        }
    }

    [Fact]
    public async Task Cut_file_is_refused_wherever_it_is_cut()
    {
        foreach (var format in new[] { 1, 7 })
        {
            var (file, _) = await Clouds.WriteAsync(Clouds.Random(format, 1, 120, seed: 4), format, 1, 50, minor: format < 6 ? 2 : 4, extended: format >= 6);
            var table = BitConverter.ToInt64(file, (int)BitConverter.ToUInt32(file, 96));
            for (var length = 0; length < file.Length; length += length > table ? 7_001 : 1)
            {
                // Where only the table is lost, the points are whole: they are read.
                var isRead = await ReadAsync(file[..length], $"format {format} cut to {length}");
                Assert.True(!isRead || length >= table, $"format {format} cut to {length} bytes was read");
            }
        }
    }

    private static byte[] Change(byte[] file, Random random)
    {
        var changed = file.ToArray();
        switch (random.Next(4))
        {
            case 0:
                return changed[..random.Next(changed.Length)];
            case 1:
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                changed[random.Next(Math.Min(changed.Length, 700))] = (byte)random.Next(256);
                break;
            default:
                var at = random.Next(changed.Length - 4);
                BitConverter.TryWriteBytes(changed.AsSpan(at), random.Next(2) == 0 ? -1 : random.Next());
                break;
        }

        return changed;
    }

    private static async Task<bool> ReadAsync(byte[] file, string what)
    {
        try
        {
            await using var reader = await PointCloudReader.OpenAsync(new StreamByteSource(new MemoryStream(file), "changed.laz"), _limits);
            foreach (var record in reader.ExtendedRecords)
                await reader.ReadContentAsync(record);
            long points = 0;
            await foreach (var batch in reader.ReadAsync())
            {
                points += batch.Count;
                batch.Dispose();
            }

            Assert.Equal((long)reader.Header.PointCount, points);
            return true;
        }
        catch (InvalidPointCloudException refused)
        {
            Assert.StartsWith("changed.laz: ", refused.Message);
            return false;
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{what}: {error.GetType().Name}", error);
        }
    }
}
