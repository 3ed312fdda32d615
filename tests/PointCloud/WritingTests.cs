using System.Text.Json;
using Grid.Fixtures;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tests;

public class WritingTests
{
    /// <summary>Samples that LASzip or its equals wrote, by its own rules.</summary>
    public static TheoryData<string> FilesByLaszip() => Samples.Files(IsByLaszip);

    public static TheoryData<int, int, int> Formats()
    {
        var data = new TheoryData<int, int, int>();
        for (var format = 0; format <= 10; format++)
        {
            for (var minor = format >= 6 ? 4 : 3; minor <= (format >= 6 ? 5 : 4); minor++)
                data.Add(format, minor, format % 3 * 2);
        }

        return data;
    }

    [RealDataTheory]
    [MemberData(nameof(FilesByLaszip))]
    public async Task Points_written_again_have_the_bytes_that_laszip_wrote(string file)
    {
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf(file));
        var original = await File.ReadAllBytesAsync(Samples.PathOf(file));
        var varies = reader.Chunks.Count > 1 && reader.Chunks.SkipLast(1).Any(chunk => chunk.Count != reader.Chunks[0].Count) || file.StartsWith("copc/");
        using var output = new MemoryStream();
        await using var writer = await PointCloudWriter.CreateAsync(
            output, reader.Header with { MinorVersion = HasVersion4(original) ? 5 : reader.Header.MinorVersion }, reader.Records,
            new PointCloudWriterOptions { ChunkSize = varies ? 0 : ChunkSize(original) });
        await foreach (var batch in reader.ReadAsync())
        {
            await writer.WriteAsync(batch.Records);
            if (varies)
                await writer.EndChunkAsync();
            batch.Dispose();
        }

        await writer.FinishAsync();
        var written = output.ToArray();
        Assert.Equal(reader.Chunks.Select(chunk => chunk.LengthBytes), writer.Chunks.Select(chunk => chunk.LengthBytes));
        foreach (var (theirs, ours) in reader.Chunks.Zip(writer.Chunks))
        {
            Assert.True(
                original.AsSpan((int)theirs.Offset, (int)theirs.LengthBytes).SequenceEqual(written.AsSpan((int)ours.Offset, (int)ours.LengthBytes)),
                $"chunk {ours.Index} differs");
        }

        int table = (int)(writer.Chunks[^1].Offset + writer.Chunks[^1].LengthBytes), last = (int)(reader.Chunks[^1].Offset + reader.Chunks[^1].LengthBytes);
        Assert.Equal(written.AsSpan(table).ToArray(), original.AsSpan(last, Math.Min(written.Length - table, original.Length - last)).ToArray());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_format_is_read_as_it_was_written(int format, int minor, int extraBytes)
    {
        var seed = (format * 100) + minor;
        var records = Clouds.Random(format, extraBytes, 3001, seed);
        foreach (var (chunkSize, compressed) in new[] { (1000, true), (3001, true), (1, true), (0, true), (50_000, true), (50_000, false) })
        {
            var (file, _) = await Clouds.WriteAsync(records, format, extraBytes, chunkSize, [1, 513, 514, 2000], compressed, minor, extended: minor >= 4);
            await using var reader = await Clouds.OpenAsync(file);
            Assert.Empty(reader.Warnings);
            Assert.Equal(compressed, reader.IsCompressed);
            Assert.Equal(3001ul, reader.Header.PointCount);
            var read = await Samples.RecordsAsync(reader);
            Assert.True(records.AsSpan().SequenceEqual(read), $"seed {seed}, chunks of {chunkSize}");
            Assert.Equal("content"u8.ToArray(), Assert.Single(reader.Records).Content.ToArray());
            if (minor >= 4)
                Assert.Equal(new byte[70_000], await reader.ReadContentAsync(Assert.Single(reader.ExtendedRecords)));
        }
    }

    [Fact]
    public async Task Number_of_threads_changes_no_byte()
    {
        var records = Clouds.Random(7, 2, 20_000, seed: 5);
        var (alone, _) = await Clouds.WriteAsync(records, 7, 2, 1500, threads: 1);
        var (together, _) = await Clouds.WriteAsync(records, 7, 2, 1500, threads: 7);
        Assert.Equal(alone, together);
        await using var reader = await Clouds.OpenAsync(alone);
        Assert.Equal(records, await Samples.RecordsAsync(reader, threads: 1));
        Assert.Equal(records, await Samples.RecordsAsync(reader, threads: 5));
    }

    [Fact]
    public async Task Header_tells_counts_bounds_and_times_of_the_points()
    {
        var records = new byte[2 * 30];
        BitConverter.TryWriteBytes(records.AsSpan(0), -5);
        BitConverter.TryWriteBytes(records.AsSpan(30), 700);
        BitConverter.TryWriteBytes(records.AsSpan(4), 12);
        (records[14], records[44]) = (0x21, 0x22);
        BitConverter.TryWriteBytes(records.AsSpan(22), 3.5);
        var (file, _) = await Clouds.WriteAsync(records, 6, 0, 100, minor: 5);
        await using var reader = await Clouds.OpenAsync(file);
        Assert.Equal(2ul, reader.Header.PointCount);
        Assert.Equal([1, 1, 0, 0], reader.Header.PointsByReturn.Take(4));
        Assert.Equal((-0.05, 7.0, 0.12), (reader.Header.Min.X, reader.Header.Max.X, Math.Round(reader.Header.Max.Y, 9)));
        Assert.Equal((3.5, 0.0), (reader.Header.TimeOffset.Max, reader.Header.TimeOffset.Min));
        Assert.True(reader.Header.GlobalEncoding.HasFlag(GlobalEncoding.Wkt));
    }

    [Fact]
    public async Task Stream_that_cannot_seek_gets_the_table_at_its_end()
    {
        var records = Clouds.Random(3, 0, 2500, seed: 8);
        var (seekable, _) = await Clouds.WriteAsync(records, 3, 0, 1000);
        await using var first = await Clouds.OpenAsync(seekable);
        using var output = new MemoryStream();
        await using (var writer = await PointCloudWriter.CreateAsync(new ForwardStream(output), first.Header, [], new PointCloudWriterOptions { ChunkSize = 1000 }))
        {
            await writer.WriteAsync(records);
            await writer.FinishAsync();
        }

        await using var reader = await Clouds.OpenAsync(output.ToArray());
        Assert.Empty(reader.Warnings);
        Assert.Equal(records, await Samples.RecordsAsync(reader));
    }

    [Fact]
    public async Task File_without_points_is_written_and_read()
    {
        foreach (var format in new[] { 1, 7 })
        {
            var (file, _) = await Clouds.WriteAsync([], format, 0, 1000);
            await using var reader = await Clouds.OpenAsync(file);
            Assert.Empty(reader.Chunks);
            Assert.Empty(await Samples.RecordsAsync(reader));
        }
    }

    [LazPerfFact]
    public async Task Laz_perf_reads_what_we_write()
    {
        using var folder = new Folder();
        var expected = new Dictionary<string, string>();
        foreach (var format in new[] { 0, 1, 2, 3, 6, 7, 8 })
        {
            foreach (var (extra, chunkSize) in new[] { (0, 700), (3, 50_000), (2, 0) })
            {
                var (file, records) = await Clouds.WriteAsync(
                    Clouds.Random(format, extra, 2000, (format * 10) + extra), format, extra, chunkSize, [300, 301, 1500], minor: format < 6 ? 2 : 4);
                var path = Path.Combine(folder.Path, $"{format}-{extra}.laz");
                await File.WriteAllBytesAsync(path, file);
                expected[path] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(records));
            }
        }

        var run = (await Programs.RunAsync("node", [LazPerfFactAttribute.Script, "0", .. expected.Keys])).Expect();
        var read = run.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(file => file.GetProperty("file").GetString()!, file => file.GetProperty("sha256").GetString()!);
        Assert.Equal(expected, read);
    }

    private static int ChunkSize(byte[] file) => BitConverter.ToInt32(file, LaszipContent(file) + 12);

    /// <summary>Our writer has item version 4 in LAS 1.5 only.</summary>
    private static bool HasVersion4(byte[] file) => BitConverter.ToInt16(file, LaszipContent(file) + 38) == 4;

    private static int LaszipContent(byte[] file) => file.AsSpan().IndexOf("laszip encoded"u8) - 2 + VariableLengthRecord.HeaderBytes;

    private static bool IsByLaszip(Samples.Reference sample) =>
        sample.Points > 0 && sample.Outcome == "ok" && sample.File.EndsWith(".laz") && sample.File.Split('/')[0] is "v2" or "v3v4" or "ign" or "synthetic" or "copc";

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("grid-points-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    private sealed class ForwardStream(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
