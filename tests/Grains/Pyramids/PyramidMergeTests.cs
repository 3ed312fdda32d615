using Grid.Imaging.Slabs;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Tests.Pyramids;

/// <summary>Merges and rebuilt upper levels, judged by builds from nothing and by sums over single pixels.</summary>
public sealed class PyramidMergeTests : IDisposable
{
    private const int Samples = 256 * 256 * 3;

    private readonly BuildScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("zip", "zip", "zip")]
    [InlineData("png", "zip", "png")]
    [InlineData("zip", "zip", "raw")]
    public async Task The_bottom_of_a_merge_is_that_of_a_build_of_both_lots(string lower, string upper, string made)
    {
        await using var silo = await _scene.StartSiloAsync();
        var under = await BuildScene.BuildAsync(silo, Order("under", lower));
        var over = await BuildScene.BuildAsync(silo, Order("over", upper) with { Sources = _scene.Newer() });
        await BuildScene.BuildAsync(silo, Order("union", made) with { Sources = [.. Order("union", made).Sources, .. _scene.Newer()] });

        var merged = await BuildScene.BuildAsync(silo, Merge("merged", made, (over, "over"), (under, "under")));

        Assert.Equal(Bottom(await _scene.SlabsAsync("union")), Bottom(await _scene.SlabsAsync("merged")));
        Assert.Equal(lower == made, merged.SlabsTakenOver > 0);
        Assert.Equal((await _scene.SlabsAsync("union")).Keys, (await _scene.SlabsAsync("merged")).Keys);
        if (lower != made || upper != made)
            return;
        IReadOnlyDictionary<string, string> top = await _scene.SlabsAsync("over"), all = await _scene.SlabsAsync("merged");
        var alone = (await _scene.SlabsAsync("under")).Where(slab => !top.ContainsKey(slab.Key)).ToList();
        Assert.NotEmpty(alone);
        Assert.All(alone, slab => Assert.Equal(slab.Value, all[slab.Key]));
    }

    [Fact]
    public async Task Multiplied_pixels_are_products_and_replaced_slabs_are_the_upper_ones()
    {
        await using var silo = await _scene.StartSiloAsync();
        var under = await BuildScene.BuildAsync(silo, Order("under", "zip"));
        var over = await BuildScene.BuildAsync(silo, Order("over", "zip") with { Sources = _scene.Newer() });
        await BuildScene.BuildAsync(silo, Merge("product", "zip", (over, "over"), (under, "under")) with { MergeMethod = "MULTIPLY" });
        var replaced = await BuildScene.BuildAsync(silo, Merge("replaced", "zip", (over, "over"), (under, "under")) with { MergeMethod = "REPLACE" });

        Assert.Equal(0, replaced.SlabsTotal);
        IReadOnlyDictionary<string, string> lower = await _scene.SlabsAsync("under"), upper = await _scene.SlabsAsync("over");
        Assert.All(await _scene.SlabsAsync("replaced"), slab => Assert.Equal(upper.TryGetValue(slab.Key, out var top) ? top : lower[slab.Key], slab.Value));
        var compared = 0;
        foreach (var path in upper.Keys.Where(path => path.StartsWith("/DATA/18/", StringComparison.Ordinal) && lower.ContainsKey(path)))
        {
            var (a, aMask) = Tile("over", path);
            var (b, bMask) = Tile("under", path);
            var (product, _) = Tile("product", path);
            for (var i = 0; i < Samples; i++)
            {
                if (aMask[i / 3] == 0 || bMask[i / 3] == 0)
                    continue;
                Assert.InRange(product[i] - (a[i] * b[i] / 255.0), -0.51, 0.51);
                compared++;
            }
        }

        Assert.True(compared > 10_000);
    }

    [Fact]
    public async Task A_merge_is_bound_to_its_box_and_levels()
    {
        await using var silo = await _scene.StartSiloAsync();
        var under = await BuildScene.BuildAsync(silo, Order("under", "zip"));
        var over = await BuildScene.BuildAsync(silo, Order("over", "zip") with { Sources = _scene.Newer() });
        var box = over.Pyramid!.Bounds;

        var merged = await BuildScene.BuildAsync(silo, Merge("merged", "zip", (over, "over"), (under, "under")) with { Bbox = box, TopLevel = "15", BottomLevel = "17" });

        Assert.Equal(["15", "16", "17"], merged.Pyramid!.Levels);
        var slabs = await _scene.SlabsAsync("merged");
        Assert.All(slabs.Keys, path => Assert.Matches("^/(DATA|MASK)/1[567]/", path));
        Assert.InRange(slabs.Count, 1, (await _scene.SlabsAsync("under")).Keys.Count(path => path.Contains("/15/") || path.Contains("/16/") || path.Contains("/17/")) - 1);
    }

    [Fact]
    public async Task A_merge_is_bound_to_a_polygon_by_whole_slabs()
    {
        await using var silo = await _scene.StartSiloAsync();
        var under = await BuildScene.BuildAsync(silo, Order("under", "zip"));
        var over = await BuildScene.BuildAsync(silo, Order("over", "zip") with { Sources = _scene.Newer() });
        var (west, south, east, north) = (under.Pyramid!.Bounds[0], under.Pyramid.Bounds[1], under.Pyramid.Bounds[2], under.Pyramid.Bounds[3]);
        var triangle = FormattableString.Invariant($"POLYGON(({west} {south}, {east} {south}, {west} {north}, {west} {south}))");

        await BuildScene.BuildAsync(silo, Merge("merged", "zip", (over, "over"), (under, "under")) with { Area = triangle, TopLevel = "18", BottomLevel = "18" });

        var area = new NetTopologySuite.IO.WKTReader().Read(triangle);
        IReadOnlyDictionary<string, string> merged = await _scene.SlabsAsync("merged"), all = await _scene.SlabsAsync("under");
        int inside = 0, outside = 0;
        foreach (var path in all.Keys.Where(path => path.StartsWith("/DATA/18/", StringComparison.Ordinal)))
        {
            Assert.True(SlabNaming.TryParseFileKey(path.AsSpan(1), out _, out var slab));
            double Longitude(long col) => (col / Math.Pow(2, 18) * 360) - 180;
            double Latitude(long row) => Math.Atan(Math.Sinh(Math.PI * (1 - (row / Math.Pow(2, 17))))) * 180 / Math.PI;
            var place = area.Factory.ToGeometry(new NetTopologySuite.Geometries.Envelope(Longitude(slab.Col), Longitude(slab.Col + 1), Latitude(slab.Row), Latitude(slab.Row + 1)));
            var share = place.Intersection(area).Area / place.Area;
            if (share > 0.02)
                Assert.Contains(path, merged.Keys);
            else if (share == 0)
                Assert.DoesNotContain(path, merged.Keys);
            inside += share > 0.02 ? 1 : 0;
            outside += share == 0 ? 1 : 0;
        }

        Assert.True(inside > 3 && outside > 3, $"{inside} slabs inside, {outside} outside");
    }

    [Theory]
    [InlineData("PM", "18", "16", "0")]
    [InlineData("LAMB93", "16", "15", "3")]
    public async Task Upper_levels_made_anew_are_those_that_were_there(string set, string bottom, string reference, string top)
    {
        await using var silo = await _scene.StartSiloAsync();
        var order = Order("whole", "zip") with { TileMatrixSet = set, BottomLevel = bottom, TopLevel = top };
        var whole = await BuildScene.BuildAsync(silo, order);

        var headed = await BuildScene.BuildAsync(silo, order with
        {
            PyramidName = "headed",
            StoragePrefix = "pyramids/headed",
            Sources = [],
            Former = BuildScene.Former(whole, "whole"),
            KeptLevel = reference,
            SampleFormat = "UINT8",
            Channels = 3,
            Nodata = [255],
        });

        Assert.Equal(await _scene.SlabsAsync("whole"), await _scene.SlabsAsync("headed"));
        Assert.Equal(whole.Pyramid!.Descriptor.Replace("whole/", "*/", StringComparison.Ordinal), headed.Pyramid!.Descriptor.Replace("headed/", "*/", StringComparison.Ordinal));
        Assert.True(headed.SlabsTotal > 0 && headed.SlabsTakenOver > 0);
    }

    private PyramidBuildOrder Order(string name, string compression) => _scene.Order(name) with { Compression = compression, Mask = true };

    private PyramidBuildOrder Merge(string name, string compression, params (PyramidBuildProgress Built, string Name)[] pyramids) => Order(name, compression) with
    {
        Sources = [],
        BottomLevel = null,
        SampleFormat = "UINT8",
        Channels = 3,
        Nodata = [255],
        Merged = [.. pyramids.Select(pyramid => BuildScene.Former(pyramid.Built, pyramid.Name))],
    };

    private static Dictionary<string, string> Bottom(IReadOnlyDictionary<string, string> slabs) =>
        slabs.Where(slab => slab.Key.Contains("/18/")).ToDictionary(slab => slab.Key, slab => slab.Value);

    private (byte[] Pixels, byte[] Mask) Tile(string name, string path)
    {
        byte[] pixels = new byte[Samples], mask = new byte[256 * 256];
        new SlabReader(File.ReadAllBytes(_scene.PathOf($"pyramids/{name}/{name}{path}"))).TryDecode(0, pixels);
        new SlabReader(File.ReadAllBytes(_scene.PathOf($"pyramids/{name}/{name}{path.Replace("/DATA/", "/MASK/", StringComparison.Ordinal)}"))).TryDecode(0, mask);
        return (pixels, mask);
    }
}
