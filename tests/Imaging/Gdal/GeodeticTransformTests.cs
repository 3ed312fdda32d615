using System.Globalization;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Tests.Gdal;

/// <summary>Heights and places as <c>gdaltransform</c> gives them.</summary>
public class GeodeticTransformTests
{
    private static readonly double[][] Places = [[648123.45, 6862345.67, 131.5], [101234.5, 6845678.9, 12], [1035000, 6290000, 1850.25]];

    [Theory]
    [InlineData("EPSG:2154")]
    [InlineData("EPSG:2154+5720")]
    [InlineData("EPSG:5698")]
    public void Places_are_PROJs_and_heights_go_through_the_best_grid_that_it_has(string crs)
    {
        using var transform = new GeodeticTransform(crs, Places[0][0], Places[0][1]);
        var (x, y, z) = Columns();
        transform.Transform(x, y, z);
        var horizontal = Run(["-s_srs", "EPSG:2154", "-t_srs", "+proj=longlat +datum=WGS84"], Places);
        // With its own grid for the system, PROJ goes the whole way; otherwise it is asked for the grid of the earth.
        var grid = transform.HasExactHeights ? "fr_ign_RAF20.tif" : "egm96_15.gtx";
        Assert.Contains(grid, transform.Heights);
        var heights = Run(["-ct", $"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=vgridshift +grids={grid} +multiplier=1 +step +proj=unitconvert +xy_in=rad +xy_out=deg"], horizontal);
        for (var i = 0; i < Places.Length; i++)
        {
            Assert.Equal(horizontal[i][0], x[i], 1e-9);
            Assert.Equal(horizontal[i][1], y[i], 1e-9);
            Assert.Equal(heights[i][2], z[i], 1e-4);
            Assert.InRange(z[i] - Places[i][2], 42, 56);
        }
    }

    [Theory]
    [InlineData("EPSG:2154+5720", "NGF-IGN69 made ellipsoidal")]
    [InlineData("EPSG:2154", "NGF-IGN69, which the CRS does not state but the place suggests, made ellipsoidal")]
    public void Sentence_says_what_heights_were_taken_for(string crs, string beginning)
    {
        using var transform = new GeodeticTransform(crs, Places[0][0], Places[0][1]);
        Assert.StartsWith(beginning, transform.Heights);
        Assert.Equal(transform.HasExactHeights, !transform.Heights.Contains("to about a metre: PROJ has not fr_ign_RAF20.tif"));
    }

    [Fact]
    public void Heights_in_feet_become_metres()
    {
        using var transform = new GeodeticTransform("EPSG:2991+6360", 500000, 300000);
        double[] x = [500000, 500000], y = [300000, 300000], z = [0, 1000];
        transform.Transform(x, y, z);
        Assert.Equal(304.8006, z[1] - z[0], 0.0001);
    }

    [Fact]
    public void Grid_that_the_operator_names_is_taken()
    {
        using var transform = new GeodeticTransform("EPSG:2154", Places[0][0], Places[0][1], "egm96_15.gtx");
        Assert.EndsWith("made ellipsoidal by the grid egm96_15.gtx", transform.Heights);
        Assert.Throws<GdalException>(() => new GeodeticTransform("EPSG:2154", Places[0][0], Places[0][1], "/no/such/grid.tif"));
    }

    [Fact]
    public void Grid_of_the_height_system_is_taken_as_soon_as_PROJ_has_it()
    {
        // An undulation that no other grid has, linear between the grid's points.
        static double Undulation(double longitude, double latitude) => 44 + (0.5 * (longitude + 6)) + (0.25 * (latitude - 41));
        var folder = Directory.CreateTempSubdirectory("grid-proj-").FullName;
        File.WriteAllBytes(Path.Combine(folder, "fr_ign_RAF20.tif"), HeightGridFile.Of(-6, 52, 1, 17, 12, Undulation));
        // The first use of GDAL finds it.
        using (new GeodeticTransform("EPSG:2154", Places[0][0], Places[0][1]))
        {
        }

        var paths = GeodeticNative.Paths();
        try
        {
            GeodeticNative.SetPaths([folder, .. paths]);
            using var transform = new GeodeticTransform("EPSG:2154", Places[0][0], Places[0][1]);
            Assert.Equal("NGF-IGN69, which the CRS does not state but the place suggests, made ellipsoidal by the grid fr_ign_RAF20.tif", transform.Heights);
            Assert.True(transform.HasExactHeights);
            var (x, y, z) = Columns();
            transform.Transform(x, y, z);
            for (var i = 0; i < Places.Length; i++)
                Assert.Equal(Places[i][2] + Undulation(x[i], y[i]), z[i], 1e-4);
        }
        finally
        {
            GeodeticNative.SetPaths(paths);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Systems_that_are_not_projected_are_refused() =>
        Assert.Throws<UnknownCrsException>(() => new GeodeticTransform("EPSG:4326", 2, 48));

    [Fact]
    public void Point_without_a_place_becomes_NaN()
    {
        using var transform = new GeodeticTransform("EPSG:2154", Places[0][0], Places[0][1]);
        double[] x = [double.NaN, Places[0][0]], y = [0, Places[0][1]], z = [0, 0];
        transform.Transform(x, y, z);
        Assert.True(double.IsNaN(x[0] + y[0] + z[0]));
        Assert.True(double.IsFinite(x[1] + y[1] + z[1]));
    }

    private static (double[] X, double[] Y, double[] Z) Columns() =>
        ([.. Places.Select(place => place[0])], [.. Places.Select(place => place[1])], [.. Places.Select(place => place[2])]);

    private static double[][] Run(string[] arguments, double[][] places)
    {
        var folder = Directory.CreateTempSubdirectory("grid-imaging-");
        try
        {
            var input = Path.Combine(folder.FullName, "places.txt");
            File.WriteAllLines(input, places.Select(place => string.Join(' ', place.Select(number => number.ToString("R", CultureInfo.InvariantCulture)))));
            var output = OutsideTools.Run("sh", ["-c", "input=$1; shift; gdaltransform \"$@\" <\"$input\"", "sh", input, .. arguments]);
            return [.. from line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries) select line.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
