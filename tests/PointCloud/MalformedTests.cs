using Grid.Fixtures;
using Grid.PointCloud.Terrain;
using Grid.PointCloud.Tests.Octree;

namespace Grid.PointCloud.Tests;

public class MalformedTests
{
    /// <summary>File, chunk at fault (-1 the file as a whole), and a part of the reason.</summary>
    public static TheoryData<string, int, string> Refused() => new()
    {
        { "1.2-no-points.las", 0, "not all in the file" },
        { "1.2-with-color-clipped.las", 0, "not all in the file" },
        { "garbage_nVariableLength.las", -1, "1069128089 variable length records" },
        { "broken_coder.laz", -1, "coder 15" },
        { "broken_compressor.laz", -1, "compressor 16" },
        { "broken_size.laz", -1, "version 6 of Point10" },
        { "broken_type.laz", -1, "item type 22" },
        { "broken_version.laz", -1, "version 6 of Point10" },
        { "Semis_2022_0906_6665_LA93_IGN69_nok.laz", -1, "the header of LAS 1.4 has 375 bytes, this one 0" },
        { "s-truncated60.laz", 1, "the file ends" },
        { "s-npoints-too-many.laz", 2, "end within point" },
        { "s-bitflip.laz", 1, "layer" },
        { "s-layer-size-huge.laz", 0, "its layers end after" },
        { "s-chunk-count-huge.laz", 0, "it says that it holds" },
        { "s-no-laszip-vlr.laz", -1, "there is no laszip record" },
        { "s-item-size31.laz", -1, "Point14 has 31 bytes: it has 30" },
        { "s-chunksize3.laz", -1, "1024 points in chunks of 3, the chunk table has 4 chunks" },
    };

    [RealDataTheory]
    [MemberData(nameof(Refused))]
    public async Task Damaged_file_is_refused_with_its_name_the_chunk_and_the_reason(string file, int chunk, string reason)
    {
        var refused = await Assert.ThrowsAsync<InvalidPointCloudException>(async () =>
        {
            await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf("malformed/" + file));
            await Samples.HashAsync(reader);
        });
        Assert.Equal(file, refused.File);
        Assert.Equal(chunk < 0 ? null : chunk, refused.Chunk);
        Assert.Contains(reason, refused.Reason);
        Assert.StartsWith(file, refused.Message);
    }

    [RealDataTheory]
    [InlineData("bad_vlr_count.las", "3 variable length records, but only 2")]
    [InlineData("bad-geotiff-keys.las", null)]
    [InlineData("1.2-empty-geotiff-vlrs.las", null)]
    [InlineData("s-ct-minus1.laz", null)]
    [InlineData("s-ct-interrupted.laz", "no chunk table")]
    [InlineData("s-ct-zeroed.laz", "chunk table")]
    [InlineData("s-ct-version7.laz", "version 7")]
    public async Task File_whose_points_are_whole_is_read_with_a_warning(string file, string? warning)
    {
        var expected = Samples.Of("malformed/" + file);
        await using var reader = await PointCloudReader.OpenAsync(Samples.PathOf("malformed/" + file));
        var (points, raw, _) = await Samples.HashAsync(reader);
        Assert.Equal((expected.Points, expected.RawHash), (points, raw));
        if (warning is null)
            Assert.Empty(reader.Warnings);
        else
            Assert.Contains(warning, Assert.Single(reader.Warnings));
    }

    [RealDataTheory]
    [InlineData("bad_vlr_count.las")]
    [InlineData("bad-geotiff-keys.las")]
    [InlineData("1.2-empty-geotiff-vlrs.las")]
    [InlineData("s-ct-minus1.laz")]
    [InlineData("s-ct-interrupted.laz")]
    [InlineData("s-ct-zeroed.laz")]
    [InlineData("s-ct-version7.laz")]
    public async Task File_whose_points_are_whole_is_built_as_a_sound_one(string file)
    {
        var built = await BuildAsync("malformed/" + file);
        // What is derived from a sound file has its bytes.
        if (file.StartsWith("s-ct", StringComparison.Ordinal))
            Assert.Equal((await BuildAsync("v2/autzen_trim.laz")).Bytes, built.Bytes);
        await using var plain = await PointCloudReader.OpenAsync(Samples.PathOf("malformed/" + file));
        await using var copc = await Octrees.OpenAsync(built);
        Assert.Equal(Places(await Samples.RecordsAsync(plain), plain.Header.PointFormat.RecordLength), (await Octrees.SortedRecordsAsync(copc)).Select(record => record[..28]).Order(StringComparer.Ordinal));

        var check = await TiledClouds.CheckAsync(await TiledClouds.TileAsync(copc));
        Assert.Empty(check.Findings);
        Assert.Equal(Samples.Of("malformed/" + file).Points, check.Points);

        await using var terrain = await TerrainCloud.OpenAsync(Samples.PathOf("malformed/" + file));
        terrain.CheckBounds();
        var tile = TerrainTile.Covering([terrain.Header])[0];
        var models = await TerrainModels.ComputeAsync(tile, [terrain], new TerrainOptions { Steps = [tile.Side / 100], SurfaceClasses = [1, 2, 5, 6] });
        Assert.Equal(3, models.Rasters.Count);

        static Task<Octrees.Built> BuildAsync(string sample) => Octrees.BuildAsync([() => new FileByteSource(Samples.PathOf(sample))], Octrees.Small with { LeafPoints = 5000, CellPoints = 30_000, MemoryPoints = 60_000 });

        static IEnumerable<string> Places(byte[] records, int length) =>
            Octrees.Sorted(records, length).Select(record => record[..28]).Order(StringComparer.Ordinal);
    }

    [RealDataFact]
    public async Task Chunks_beside_a_damaged_one_are_read()
    {
        await using var damaged = await PointCloudReader.OpenAsync(Samples.PathOf("malformed/s-bitflip.laz"));
        await using var whole = await PointCloudReader.OpenAsync(Samples.PathOf("v3v4/pdrf6-1.4.laz"));
        foreach (var chunk in new[] { 0, 2, 3 })
        {
            using var points = await damaged.ReadChunkAsync(chunk);
            using var expected = await whole.ReadChunkAsync(chunk);
            Assert.Equal(expected.Records.ToArray(), points.Records.ToArray());
        }
    }

    [Fact]
    public async Task Lost_chunk_table_of_layered_chunks_is_made_anew_and_of_varying_pointwise_chunks_refused()
    {
        foreach (var (format, size) in new[] { (6, 100), (6, 0), (3, 100), (3, 0) })
        {
            var (file, records) = await Clouds.WriteAsync(Clouds.Random(format, 3, 450, seed: 1), format, 3, size, chunkEnds: [100, 250]);
            // The table's version.
            var table = BitConverter.ToInt64(file, (int)BitConverter.ToUInt32(file, 96));
            file[table] = 9;
            if ((format, size) == (3, 0))
            {
                var refused = await Assert.ThrowsAsync<InvalidPointCloudException>(() => Clouds.OpenAsync(file));
                Assert.Contains("vary in size and cannot be found without it", refused.Reason);
                continue;
            }

            await using var reader = await Clouds.OpenAsync(file);
            Assert.Contains("version 9", Assert.Single(reader.Warnings));
            Assert.Equal(format == 6, reader.HasRandomAccess);
            Assert.Equal(records, await Samples.RecordsAsync(reader));
            // Backwards too.
            using var second = await reader.ReadChunkAsync(1);
            using var first = await reader.ReadChunkAsync(0);
            Assert.Equal(records.AsSpan(0, first.Records.Length), first.Records.Span);
            Assert.Equal(records.AsSpan(first.Records.Length, second.Records.Length), second.Records.Span);
        }
    }

    [Theory]
    [InlineData(247, -1)]
    [InlineData(247, 1_000_000_000_000)]
    [InlineData(247, 0)]
    [InlineData(235, -5)]
    [InlineData(96, 0xFFFFFFFF)]
    public async Task Impossible_number_in_the_header_is_refused(int offset, long number)
    {
        var (file, _) = await Clouds.WriteAsync(Clouds.Random(7, 0, 300, seed: 2), 7, 0, 100, extended: true);
        BitConverter.GetBytes(number).AsSpan(0, offset == 96 ? 4 : 8).CopyTo(file.AsSpan(offset));
        await Assert.ThrowsAsync<InvalidPointCloudException>(async () =>
        {
            await using var reader = await Clouds.OpenAsync(file);
            await Samples.RecordsAsync(reader);
        });
    }

    [Fact]
    public async Task Chunk_beyond_the_limits_is_refused_before_memory_is_taken_for_it()
    {
        var (file, _) = await Clouds.WriteAsync(Clouds.Random(6, 0, 1000, seed: 3), 6, 0, 1000);
        await using var reader = await PointCloudReader.OpenAsync(
            new StreamByteSource(new MemoryStream(file), "cloud.laz"), new PointCloudLimits { ChunkBytes = 29_999 });
        var refused = await Assert.ThrowsAsync<InvalidPointCloudException>(() => reader.ReadChunkAsync(0));
        Assert.Equal("cloud.laz: chunk 0: 1000 points of 30 bytes, from " + reader.Chunks[0].LengthBytes + ": a chunk may have 29999 bytes", refused.Message);
    }
}
