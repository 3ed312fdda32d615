using Grid.Imaging.Gdal;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Gdal;

public sealed class CrsTests
{
    [Theory]
    [InlineData("IGNF:LAMB93", "EPSG:2154", true)]
    [InlineData("epsg:2154", "EPSG:2154", true)]
    [InlineData("EPSG:4326", "OGC:CRS84", true)]
    [InlineData("EPSG:2154", "EPSG:3857", false)]
    [InlineData("EPSG:32631", "EPSG:32632", false)]
    [InlineData("EPSG:27572", "EPSG:2154", false)]
    public void Same_crs_is_told_whatever_its_name(string a, string b, bool same) => Assert.Equal(same, CrsComparison.SameCrs(a, b));

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("http://127.0.0.1/crs")]
    [InlineData("EPSG:99999999")]
    [InlineData("")]
    public void Text_that_names_no_crs_is_refused(string text) => Assert.Throws<UnknownCrsException>(() => new GdalCoordinateTransform(text, "EPSG:4326"));

    [Fact]
    public void Points_go_where_gdaltransform_sends_them()
    {
        double[] x = [652000, 100000, 1200000], y = [6862000, 6100000, 7100000];
        var truth = Enumerable.Range(0, 3).Select(i => GdalTool.Transform("EPSG:2154", "EPSG:3857", x[i], y[i])).ToArray();
        using var transform = new GdalCoordinateTransform("EPSG:2154", "EPSG:3857");
        transform.Transform(x, y);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(truth[i].X, x[i], 1e-3);
            Assert.Equal(truth[i].Y, y[i], 1e-3);
        }
    }

    [Fact]
    public void Point_without_an_image_becomes_not_a_number()
    {
        double[] x = [0, 2], y = [95, 48];
        using var transform = new GdalCoordinateTransform("EPSG:4326", "EPSG:3857");
        transform.Transform(x, y);
        Assert.True(double.IsNaN(x[0]) && double.IsNaN(y[0]));
        Assert.Equal(2 * 111319.490793, x[1], 1e-3);
    }

    [Fact]
    public void Extent_encloses_its_bowed_edges()
    {
        // The southern edge of a Lambert-93 rectangle around 3 degrees east is lowest at its ends, the northern one highest there too.
        var wgs84 = CrsExtent.ToWgs84(new Extent(100_000, 6_100_000, 1_200_000, 7_100_000), "EPSG:2154");
        var middle = GdalTool.Transform("EPSG:2154", "EPSG:4326", 700_000, 7_100_000);
        var corner = GdalTool.Transform("EPSG:2154", "EPSG:4326", 100_000, 7_100_000);
        Assert.InRange(wgs84.MaxY, Math.Max(middle.Y, corner.Y) - 1e-6, 90);
        Assert.InRange(wgs84.MinX, -10, -4);
        Assert.InRange(wgs84.MaxX, 9, 12);
    }

    [Fact]
    public void Images_of_many_rectangles_are_those_of_each()
    {
        // Dalles of Lambert-93 from end to end, all of France, and a place that has no image.
        List<Extent> extents = [.. Enumerable.Range(0, 100).Select(i => new Extent(100_000 + (11_000 * i), 6_100_000 + (9_000 * i), 101_000 + (11_000 * i), 6_101_000 + (9_000 * i)))];
        extents.Add(new Extent(100_000, 6_100_000, 1_200_000, 7_100_000));
        var images = CrsExtent.Images(extents, "EPSG:2154", "EPSG:3857", 2);
        Assert.All(extents.Zip(images), pair =>
        {
            var whole = CrsExtent.Transform(pair.First, "EPSG:2154", "EPSG:3857");
            var tolerance = 1e-5 * whole.Width;
            Assert.Equal(whole.MinX, pair.Second.Image.MinX, tolerance);
            Assert.Equal(whole.MinY, pair.Second.Image.MinY, tolerance);
            Assert.Equal(whole.MaxX, pair.Second.Image.MaxX, tolerance);
            Assert.Equal(whole.MaxY, pair.Second.Image.MaxY, tolerance);
            Assert.Null(pair.Second.Failure);
            Assert.False(pair.Second.IsTorn);
        });
        // New Zealand's grid of the continental shelf, across the 180th meridian.
        Assert.True(Assert.Single(CrsExtent.Images([new Extent(3_500_000, 7_000_000, 3_700_000, 7_100_000)], "EPSG:3851", "EPSG:3857", 1)).IsTorn);
        Assert.NotNull(Assert.Single(CrsExtent.Images([new Extent(10, 91, 11, 92)], "EPSG:4326", "EPSG:3857", 1)).Failure);
    }
}
