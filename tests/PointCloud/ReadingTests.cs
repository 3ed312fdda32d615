using Grid.Fixtures;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tests;

public class ReadingTests
{
    public static TheoryData<string> IntactFiles() => Samples.Files(sample => !sample.File.StartsWith("malformed/"));

    [RealDataTheory]
    [MemberData(nameof(IntactFiles))]
    public async Task Points_are_those_that_laszip_reads(string file)
    {
        var expected = Samples.Of(file);
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf(file));
        var (points, raw, canonical) = await Samples.HashAsync(reader);
        Assert.Equal((expected.Points, expected.RawHash, expected.CanonicalHash), (points, raw, canonical));
        Assert.Empty(reader.Warnings);
    }

    [RealDataTheory]
    [InlineData("ign/test_data_77055_627755_LA93_IGN69.laz")]
    [InlineData("synthetic/pf7_eb3_ch4.laz")]
    [InlineData("v3v4/pdrf10-1.5.laz")]
    public async Task Attributes_not_asked_for_are_zero_and_the_others_right(string file)
    {
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf(file));
        var format = reader.Header.PointFormat;
        var all = await Samples.RecordsAsync(reader);
        foreach (var fields in new[]
        {
            PointFields.Xy, PointFields.Z, PointFields.Classification | PointFields.Z, PointFields.GpsTime, PointFields.Color | PointFields.Flags,
            PointFields.Infrared | PointFields.Intensity, PointFields.ScanAngle | PointFields.ExtraBytes, PointFields.UserData | PointFields.PointSource,
            PointFields.Waveform,
        })
        {
            var expected = all.ToArray();
            for (var at = 0; at < expected.Length; at += format.RecordLength)
                Blank(expected.AsSpan(at, format.RecordLength), format, fields);
            var read = await Samples.RecordsAsync(reader, fields);
            Assert.True(expected.AsSpan().SequenceEqual(read), $"{fields}");
        }
    }

    [RealDataFact]
    public async Task File_is_read_by_ranges_of_a_chunk_each()
    {
        var source = new CountingSource(new FileByteSource(Samples.PathOf("v2/lone-star.laz")));
        await using var reader = await PointCloudReader.OpenAsync(source);
        Assert.Equal((11, 3), (reader.Chunks.Count, source.Reads - 1));
        using (var batch = await reader.ReadChunkAsync(7))
            Assert.Equal((350_000L, 50_000), (batch.FirstPoint, batch.Count));
        Assert.Equal(reader.Chunks[7].LengthBytes, source.LastRead);
        Assert.True(source.LargestRead < source.LengthBytes / 5);
    }

    [RealDataFact]
    public async Task Header_and_records_are_those_of_the_file()
    {
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf("ign/test_data_77055_627755_LA93_IGN69.laz"));
        var header = reader.Header;
        Assert.Equal((4, 8, 38, 72_770ul), (header.MinorVersion, header.PointFormat.Number, header.PointFormat.RecordLength, header.PointCount));
        Assert.True(header.GlobalEncoding.HasFlag(GlobalEncoding.Wkt));
        // The name holds the north-west corner in decametres, of a tile of 50 m.
        Assert.InRange(header.Min.X, 770_550, 770_600);
        Assert.InRange(header.Max.Y, 6_277_500, 6_277_550);
        Assert.Contains(reader.Records, record => record.UserId == "LASF_Projection" && record.RecordId == 2112);
        Assert.Equal(header.PointCount, header.PointsByReturn.Aggregate(0ul, (sum, count) => sum + count));

        await using var withExtended = await PointCloudReader.OpenAsync(Samples.PathOf("v3v4/1_4_w_evlr.laz"));
        var extended = Assert.Single(withExtended.ExtendedRecords);
        Assert.Equal(extended.LengthBytes, (await withExtended.ReadContentAsync(extended)).Length);
    }

    [RealDataFact]
    public async Task Reading_stops_when_its_caller_does()
    {
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf("v2/lone-star.laz"));
        await foreach (var batch in reader.ReadAsync(threads: 3))
        {
            batch.Dispose();
            break;
        }

        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in reader.ReadAsync(cancellation: cancelled.Token))
                batch.Dispose();
        });
    }

    private static void Blank(Span<byte> record, PointFormat format, PointFields fields)
    {
        foreach (var (field, offset, size) in new[]
        {
            (PointFields.Z, 8, 4), (PointFields.Intensity, 12, 2), (PointFields.Classification, 16, 1), (PointFields.UserData, 17, 1), (PointFields.ScanAngle, 18, 2),
            (PointFields.PointSource, 20, 2), (PointFields.GpsTime, 22, 8), (PointFields.Color, format.ColorOffset, 6), (PointFields.Infrared, format.InfraredOffset, 2),
            (PointFields.Waveform, format.WaveformOffset, 29), (PointFields.ExtraBytes, format.BaseSize, format.ExtraBytes),
        })
        {
            if (offset >= 0 && !fields.HasFlag(field))
                record.Slice(offset, size).Clear();
        }

        if (!fields.HasFlag(PointFields.Flags))
            record[15] &= 0x30;
    }

    private sealed class CountingSource(IByteSource inner) : IByteSource
    {
        public int Reads { get; private set; }

        public long LastRead { get; private set; }

        public long LargestRead { get; private set; }

        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
        {
            Reads++;
            LastRead = buffer.Length;
            LargestRead = Math.Max(LargestRead, buffer.Length);
            return inner.ReadAsync(offset, buffer, cancellation);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
