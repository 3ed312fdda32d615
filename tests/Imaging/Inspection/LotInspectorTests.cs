using Grid.Imaging.Inspection;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Inspection;

public sealed class LotInspectorTests
{
    private const string Crs = "EPSG:2154";

    [Fact]
    public void Block_of_like_dalles_shows_nothing() => Assert.Empty(LotInspector.Compare(Block(4, 4), Crs));

    [Fact]
    public void Lambert_93_of_either_authority_is_one_crs() => Assert.Empty(LotInspector.Compare(Block(2, 2), "IGNF:LAMB93"));

    [Fact]
    public void Missing_and_different_crs_name_the_file()
    {
        var lot = Block(2, 2);
        lot[1] = lot[1] with { CrsAuthority = null, CrsName = null };
        lot[2] = lot[2] with { CrsAuthority = "EPSG:32631" };
        var findings = LotInspector.Compare(lot, Crs);
        Assert.Equal([FindingKind.CrsDifferent, FindingKind.CrsMissing], findings.Select(finding => finding.Kind));
        Assert.Equal(["1-0.tif"], findings.Single(finding => finding.Kind == FindingKind.CrsMissing).Files);
        Assert.Contains("EPSG:32631", findings[0].Sentence);
    }

    [Fact]
    public void Odd_one_out_is_told_against_what_most_have()
    {
        var lot = Block(3, 3);
        lot[4] = lot[4] with { Sample = StoredSample.UInt16, BitsPerSample = 16 };
        var finding = Assert.Single(LotInspector.Compare(lot, Crs));
        Assert.Equal((FindingSeverity.Error, FindingKind.Sample), (finding.Severity, finding.Kind));
        Assert.Contains("UInt16", finding.Sentence);
        Assert.Contains("8 of the lot's 9", finding.Sentence);
    }

    [Fact]
    public void Hole_inside_the_block_is_found_and_a_bay_is_not()
    {
        var lot = Block(5, 5);
        lot.RemoveAt(12);
        lot.RemoveAt(0);
        var finding = Assert.Single(LotInspector.Compare(lot, Crs));
        Assert.Equal(FindingKind.Gap, finding.Kind);
        Assert.Contains("200,700 to 300,800", finding.Sentence);
    }

    [Fact]
    public void Overlap_slit_misalignment_and_duplicate_are_told_with_their_size()
    {
        Assert.Contains("10 x 1000 pixels", Only(FindingKind.Overlap, Dalle("a", 0, 0), Dalle("b", 99, 0)));
        Assert.Contains("3 column(s)", Only(FindingKind.Gap, Dalle("a", 0, 0), Dalle("b", 100.3, 0)));
        Assert.Contains("0.40 column", Only(FindingKind.Misaligned, Dalle("a", 0, 0), Dalle("b", 100.04, 200)));
        Assert.Contains("same rectangle", Only(FindingKind.Duplicate, Dalle("a", 0, 0), Dalle("b", 0, 0)));
    }

    [Fact]
    public void Hundred_thousand_rasters_are_compared_without_comparing_each_with_each() =>
        Assert.Empty(LotInspector.Compare(Block(400, 250), Crs));

    [Fact]
    public void Many_rasters_on_one_place_are_compared_without_comparing_each_with_each()
    {
        const int Count = 20_000;
        List<RasterInfo> twins = [.. Enumerable.Range(0, Count).Select(i => Dalle($"{i}.tif", 0, 0))];
        var findings = LotInspector.Compare(twins, Crs);
        Assert.Equal(LotInspector.MaxOfAKind + 1, findings.Count);
        Assert.StartsWith($"{Count - 1 - LotInspector.MaxOfAKind} more findings of the kind Duplicate, the first of them: 0.tif and 51.tif cover", findings[^1].Sentence);
        Assert.Equal(LotInspector.MaxOfAKind, findings[^1].Files.Count);

        // A pixel beside one another: nearly all pairs overlap, and none is the same rectangle twice.
        List<RasterInfo> heap = [.. Enumerable.Range(0, Count).Select(i => Dalle($"{i}.tif", i % 200 * 0.1, i / 200 * 0.1))];
        findings = LotInspector.Compare(heap, Crs);
        Assert.All(findings, finding => Assert.Equal(FindingKind.Overlap, finding.Kind));
        Assert.StartsWith("0.tif and 1.tif overlap by 999 x 1000 pixels", findings[0].Sentence);
        Assert.StartsWith($"{Count - 1 + 1} more findings of the kind Overlap", findings[^1].Sentence);

        // A small one beside them makes many squares to look for holes in, of which each of the others covers all.
        heap.Add(Dalle("small.tif", 120, -100) with { Grid = new PixelGrid(120, -100, 0.1, 0.1, 2, 2) });
        Assert.All(LotInspector.Compare(heap, Crs), finding => Assert.Equal(FindingKind.Overlap, finding.Kind));
    }

    [Fact]
    public void Tree_of_rectangles_finds_what_a_search_through_all_finds()
    {
        var random = new Random(7);
        List<Extent> extents = [.. Enumerable.Range(0, 1000).Select(_ => (X: random.NextDouble() * 100, Y: random.NextDouble() * 100))
            .Select(at => new Extent(at.X, at.Y, at.X + (random.NextDouble() * 9), at.Y + (random.NextDouble() * 9)))];
        var tree = new RectangleTree(extents);
        for (var i = 0; i < 200; i++)
        {
            var asked = extents[i].Grow(i % 5);
            Assert.Equal(Enumerable.Range(0, extents.Count).Where(j => extents[j].Intersects(asked)), tree.Find(asked).Order());
        }

        Assert.Empty(new RectangleTree([]).Find(extents[0]));
    }

    private static string Only(FindingKind kind, params RasterInfo[] rasters)
    {
        var finding = Assert.Single(LotInspector.Compare(rasters, Crs));
        Assert.Equal(kind, finding.Kind);
        Assert.Contains("b", finding.Files);
        return finding.Sentence;
    }

    private static List<RasterInfo> Block(int cols, int rows) =>
        [.. Enumerable.Range(0, cols * rows).Select(i => Dalle($"{i % cols}-{i / cols}.tif", i % cols * 100, 1000 - (i / cols * 100)))];

    private static RasterInfo Dalle(string name, double west, double north) => new()
    {
        Name = name,
        Driver = "GTiff",
        Width = 1000,
        Height = 1000,
        Bands = 3,
        Sample = StoredSample.UInt8,
        BitsPerSample = 8,
        Colour = ColourModel.Rgb,
        Nodata = [null, null, null],
        Mask = MaskKind.None,
        BlockWidth = 1000,
        BlockHeight = 16,
        CrsName = "RGF93 v1 / Lambert-93",
        CrsAuthority = Crs,
        Orientation = Orientation.NorthUp,
        Grid = new PixelGrid(west, north, 0.1, 0.1, 1000, 1000),
    };
}
