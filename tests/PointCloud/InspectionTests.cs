using System.Buffers.Binary;
using System.Text;
using Grid.Cli.Lots.Lidar;
using Grid.Fixtures;
using Grid.PointCloud.Inspection;
using Grid.PointCloud.Las;
using Grid.PointCloud.Terrain;

namespace Grid.PointCloud.Tests;

public sealed class InspectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-inspection-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Sound_block_has_no_finding()
    {
        var files = await LidarLot.GenerateAsync(_folder, new LidarLotOptions { Columns = 2, Rows = 2, SideMeters = 100, Density = 6 });
        var infos = await VerifyAsync(files);
        Assert.Empty(infos.SelectMany(info => info.Findings).Select(finding => finding.Sentence));
        Assert.Empty(Compare(infos));
        Assert.All(infos, info => Assert.InRange(info.Density.Pulses, 5, 14));
    }

    [Fact]
    public async Task Twice_the_same_file_overlaps_and_missing_tiles_are_told()
    {
        var files = await LidarLot.GenerateAsync(_folder, new LidarLotOptions { Columns = 3, Rows = 3, SideMeters = 50, Density = 6, PointFormat = 6 });
        var again = Path.Combine(_folder, "again.laz");
        File.Copy(files[0], again);
        var other = (await LidarLot.GenerateAsync(Path.Combine(_folder, "other"), new LidarLotOptions { Columns = 1, Rows = 1, SideMeters = 50, Density = 6, Seed = 2, PointFormat = 7 }))[0];
        var findings = Compare(await VerifyAsync([.. files.Where((_, i) => i != 4), again, other]));
        Assert.Contains(findings, finding => finding is { Severity: CloudSeverity.Error, Kind: CloudFindingKind.Duplicate } && finding.Files.Contains("again.laz"));
        Assert.Contains(findings, finding => finding.Kind == CloudFindingKind.Gap && finding.Sentence.StartsWith("1 tile(s) of 50 x 50") && finding.Sentence.Contains("650050,6869900"));
        Assert.Contains(findings, finding => finding.Kind == CloudFindingKind.Format && finding.Sentence.Contains("point format 7"));
        Assert.Contains(findings, finding => finding is { Severity: CloudSeverity.Warning, Kind: CloudFindingKind.Duplicate });
    }

    [Fact]
    public async Task Header_that_contradicts_the_points_is_told_with_the_point()
    {
        var records = new byte[1000 * 30];
        for (var i = 0; i < 1000; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(records.AsSpan(i * 30), i);
            BinaryPrimitives.WriteInt32LittleEndian(records.AsSpan((i * 30) + 4), i % 10);
            (records[(i * 30) + 14], records[(i * 30) + 16]) = (0x11, 2);
        }

        (records[(400 * 30) + 14], records[(500 * 30) + 16]) = (0x13, 77);
        var (file, _) = await Clouds.WriteAsync(records, 6, 0, 300);
        // The greatest x of the header, and the points of the second return.
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(179), 9.50);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(263), 5);
        var info = await CloudInspector.VerifyAsync(new StreamByteSource(new MemoryStream(file), "tile.laz"));
        AssertFinding(info, CloudSeverity.Error, CloudFindingKind.Bounds, 3, 952);
        AssertFinding(info, CloudSeverity.Warning, CloudFindingKind.Returns, 1, 400);
        AssertFinding(info, CloudSeverity.Warning, CloudFindingKind.Classes, 1, 500);
        AssertFinding(info, CloudSeverity.Error, CloudFindingKind.CrsMissing, null, null);
        Assert.Contains(info.Findings, finding => finding.Sentence.Contains("announces 5 points of return 2, it holds 0"));
        Assert.Contains(info.Findings, finding => finding.Kind == CloudFindingKind.Times);
    }

    [Fact]
    public async Task Damaged_chunks_are_named_and_the_others_read()
    {
        var files = await LidarLot.GenerateAsync(_folder, new LidarLotOptions { Columns = 1, Rows = 1, SideMeters = 200, Density = 4 });
        var bytes = await File.ReadAllBytesAsync(files[0]);
        PointChunk damaged;
        await using (var reader = await PointCloudReader.OpenAsync(files[0]))
            damaged = reader.Chunks[2];
        // The sizes of the chunk's layers.
        bytes.AsSpan((int)damaged.Offset + 42, 12).Fill(0xEE);
        var info = await CloudInspector.VerifyAsync(new StreamByteSource(new MemoryStream(bytes), "damaged.laz"));
        var finding = Assert.Single(info.Findings, finding => finding.Severity == CloudSeverity.Error);
        Assert.Equal((CloudFindingKind.Unreadable, 2, damaged.FirstPoint), (finding.Kind, finding.Chunk, finding.Point));
        Assert.StartsWith("damaged.laz: chunk 2:", finding.Sentence);
        Assert.True(info.Classes.Values.Sum() == (long)info.Header.PointCount - damaged.Count);
    }

    [Theory]
    [InlineData("EPSG:2154", "EPSG:2154", 0)]
    [InlineData("EPSG:2154", "EPSG:2975", 1)]
    [InlineData(null, "EPSG:2154", 0)]
    public void Files_in_another_crs_than_declared_or_usual_are_told(string? declared, string odd, int expected)
    {
        CloudInfo Of(string name, string crs) => new(name, new LasHeader { PointFormat = PointFormat.Of(6), Scale = new Xyz(0.01, 0.01, 0.01) }, crs, default, default, 0);
        var findings = BlockInspector.Compare([Of("a", "EPSG:2154"), Of("b", "EPSG:2154"), Of("c", odd)], declared, (a, b) => a == b);
        Assert.Equal(expected, findings.Count(finding => finding is { Kind: CloudFindingKind.CrsDifferent, Severity: CloudSeverity.Error }));
    }

    [Fact]
    public void Pairs_of_many_files_on_one_place_are_told_by_a_few_sentences_and_a_number()
    {
        const int Files = 700, Places = 7;
        const int Same = Places * (Files / Places * ((Files / Places) - 1) / 2), Pairs = Files * (Files - 1) / 2;
        var header = new LasHeader { PointFormat = PointFormat.Of(6), Scale = new Xyz(0.01, 0.01, 0.01), PointCount = 1 };
        var findings = Compare([.. Enumerable.Range(0, Files).Select(i => new CloudInfo($"{i}.laz", header, null, new Xyz(i % Places * 2, 0, 0), new Xyz(100, 100, 10), 0))]);
        foreach (var (kind, pairs) in new[] { (CloudFindingKind.Duplicate, Same), (CloudFindingKind.Overlap, Pairs - Same) })
        {
            var told = findings.Where(finding => finding.Kind == kind).ToList();
            Assert.Equal(BlockInspector.MaxOfAKind + 1, told.Count);
            Assert.StartsWith($"{pairs - BlockInspector.MaxOfAKind} more findings of the kind {kind}, the first of them: ", told[^1].Sentence);
            Assert.Equal(BlockInspector.MaxOfAKind, told[^1].Files.Count);
        }
    }

    [Fact]
    public void Crs_is_read_of_wkt_and_of_geotiff_keys()
    {
        var keys = new byte[8 * 4];
        foreach (var (i, value) in new ushort[] { 1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 2154, 4096, 0, 1, 5720 }.Index())
            BinaryPrimitives.WriteUInt16LittleEndian(keys.AsSpan(i * 2), value);
        var header = new LasHeader { PointFormat = PointFormat.Of(3), Scale = new Xyz(1, 1, 1) };
        var ofKeys = new VariableLengthRecord("LASF_Projection", 34735, "", keys);
        var ofText = new VariableLengthRecord("LASF_Projection", 2112, "", Encoding.ASCII.GetBytes("PROJCS[\"x\"]\0garbage"));
        Assert.Equal("EPSG:2154+5720", CloudCrs.Of(header, [ofKeys]));
        Assert.Equal("EPSG:2154+5720", CloudCrs.Of(header, [ofText, ofKeys]));
        Assert.Equal("PROJCS[\"x\"]", CloudCrs.Of(header with { GlobalEncoding = GlobalEncoding.Wkt }, [ofText, ofKeys]));
        Assert.Null(CloudCrs.Of(header, []));
    }

    [Theory]
    [InlineData("EPSG:2154", "EPSG:2154")]
    [InlineData("EPSG:2154+5720", "EPSG:2154")]
    [InlineData("COMPD_CS[\"a + [b]\",PROJCS[\"x]\",GEOGCS[\"y\"]],VERT_CS[\"z\"]]", "PROJCS[\"x]\",GEOGCS[\"y\"]]")]
    [InlineData("PROJCS[\"x\"]", "PROJCS[\"x\"]")]
    [InlineData("COMPD_CS[", "COMPD_CS[")]
    public void Plane_part_of_a_crs_is_told_from_its_heights(string crs, string expected) => Assert.Equal(expected, CloudCrs.PlaneOf(crs));

    public static TheoryData<string> DamagedFiles() => Samples.Files(sample => sample.File.StartsWith("malformed/") && !sample.File.EndsWith("s-ct-minus1.laz"));

    [RealDataTheory]
    [MemberData(nameof(DamagedFiles))]
    public async Task Damaged_files_are_refused_or_told(string file)
    {
        try
        {
            var info = await CloudInspector.VerifyAsync(new FileByteSource(Samples.PathOf(file)));
            Assert.NotEmpty(info.Findings);
            Assert.All(info.Findings, finding => Assert.Contains(Path.GetFileName(file), finding.Sentence));
        }
        catch (InvalidPointCloudException refused)
        {
            Assert.Contains(Path.GetFileName(file), refused.Message);
        }
    }

    private static async Task<List<CloudInfo>> VerifyAsync(IReadOnlyList<string> files)
    {
        var infos = new List<CloudInfo>();
        foreach (var file in files)
            infos.Add(await CloudInspector.VerifyAsync(new FileByteSource(file)));
        return infos;
    }

    [Fact]
    public void Headers_beyond_all_measure_stop_neither_the_search_for_holes_nor_fill_the_memory()
    {
        var header = new LasHeader { PointFormat = PointFormat.Of(6), Scale = new Xyz(0.01, 0.01, 0.01), PointCount = 1 };
        Xyz[] corners = [new(1e300, 0, 0), new(0, -1e300, 0), new(1e15, 5, 0), new(50, 50, 0), new(0, 0, 0), new(50, 0, 0), new(0, 50, 0)];
        foreach (var far in corners.Take(3))
        {
            var occupancy = new Occupancy(header with { Min = new Xyz(0, Math.Min(far.Y, 0), 0), Max = new Xyz(Math.Max(1, far.X), 1, 0) }, 10);
            occupancy.Add(0, 0);
            Assert.Equal(1, occupancy.Covered);
        }

        var infos = corners.Select((corner, i) => new CloudInfo($"{i}", header, null, corner, corner with { X = corner.X + 50, Y = corner.Y + 50 }, 0));
        Assert.DoesNotContain(Compare([.. infos]), finding => finding.Severity == CloudSeverity.Error);
        Assert.Throws<ArgumentException>(() => TerrainTile.Covering([header with { Max = new Xyz(1e12, 1e12, 0) }]));
    }

    private static IReadOnlyList<CloudFinding> Compare(IReadOnlyList<CloudInfo> infos) => BlockInspector.Compare(infos, null, (a, b) => a == b);

    private static void AssertFinding(CloudInfo info, CloudSeverity severity, CloudFindingKind kind, int? chunk, long? point) =>
        Assert.Contains(info.Findings, finding => finding.Severity == severity && finding.Kind == kind && finding.Chunk == chunk && finding.Point == point);
}
