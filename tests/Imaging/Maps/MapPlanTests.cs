using System.Globalization;
using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Imaging.Resampling;
using Grid.Imaging.Tests.Gdal;
using Grid.Tiling;
using Xunit.Abstractions;

namespace Grid.Imaging.Tests.Maps;

/// <summary>Maps against gdalwarp's of the same pixels, and what decides which level and which pixels they show.</summary>
public sealed class MapPlanTests(ITestOutputHelper output)
{
    private static readonly PixelFormat Rgb = new(SampleType.UInt8, 3);

    /// <summary>CRS of France, of its overseas and of Europe, at places among them the rims of their areas of use.</summary>
    public static TheoryData<string, string, double, double> Places => new()
    {
        { "PM", "EPSG:2154", 2.32, 48.92 },
        { "PM", "EPSG:2154", 9.5, 42.1 },
        { "PM", "EPSG:4326", 2.32, 48.92 },
        { "PM", "EPSG:3857", -4.8, 48.4 },
        { "PM", "EPSG:3035", 7.7, 48.6 },
        { "PM", "EPSG:27572", -1.5, 43.4 },
        { "PM", "EPSG:32631", 5.99, 45.2 },
        { "PM", "EPSG:3950", 2.4, 50.9 },
        { "PM", "EPSG:5490", -61.0, 14.6 },
        { "PM", "EPSG:2972", -52.9, 4.6 },
        { "PM", "EPSG:2975", 55.5, -21.1 },
        { "PM", "EPSG:4471", 45.15, -12.8 },
        { "PM", "EPSG:4467", -56.3, 46.9 },
        { "PM", "EPSG:3163", 165.5, -21.4 },
        { "PM", "EPSG:3297", -149.5, -17.6 },
        { "PM", "EPSG:3031", 140.0, -66.66 },
        { "RGR92UTM40S_10cm", "EPSG:4326", 55.5, -21.1 },
        { "LAMB93_10cm", "EPSG:3857", 8.2, 48.97 },
        { "4326", "EPSG:2154", -4.7, 48.1 },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Maps_agree_with_gdalwarp(string set, string crs, double longitude, double latitude)
    {
        var scene = new MapScene(set, longitude, latitude, ["17"], Rgb);
        var frame = Around(scene, crs, 360);
        foreach (var (interpolation, theirs) in new[] { (Interpolation.Linear, "bilinear"), (Interpolation.Bicubic, "cubic"), (Interpolation.Nearest, "near") })
        {
            using var ours = scene.Draw(MapPlan.Make(scene.Pyramid, frame, interpolation)!, threads: 2);
            var (expected, alpha) = Warped(scene, frame, theirs);
            double sum = 0;
            long count = 0, disagreed = 0;
            for (var i = 0; i < ours.Mask.Length; i++)
            {
                if ((ours.Mask[i] != 0) != (alpha[i] != 0))
                    disagreed++;
                if (ours.Mask[i] == 0 || alpha[i] == 0)
                    continue;
                for (var c = 0; c < 3; c++)
                    sum += Math.Abs(ours.Pixels[(3 * i) + c] - expected[(3 * i) + c]);
                count += 3;
            }

            output.WriteLine($"{crs} {theirs}: mean difference {sum / count:F3} over {count / 3} pixels, masks differ in {disagreed}");
            Assert.True(count > 100_000);
            Assert.InRange(sum / count, 0, 2);
            Assert.InRange(disagreed, 0, 4 * 360 * 3);
        }
    }

    [Fact]
    public void Coarsest_level_that_is_fine_enough_is_chosen_and_none_is_enlarged_where_a_finer_one_is()
    {
        var scene = new MapScene("PM", 2.32, 48.92, ["15", "16", "17", "18"], Rgb);
        var middle = scene.Pyramid.Levels[^1].Extent;
        double x = (middle.MinX + middle.MaxX) / 2, y = (middle.MinY + middle.MaxY) / 2;
        foreach (var (resolution, level) in new[] { (0.59716, "18"), (0.6, "18"), (1.19, "18"), (1.195, "17"), (2.38, "17"), (2.389, "16"), (50, "15"), (0.1, "18") })
        {
            var frame = new MapFrame("EPSG:3857", new Extent(x - (50 * resolution), y - (50 * resolution), x + (50 * resolution), y + (50 * resolution)), 100, 100);
            Assert.Equal(level, MapPlan.Make(scene.Pyramid, frame, Interpolation.Linear)!.Level.Matrix.Id);
        }

        // In degrees, pixels are half as wide again down as across: the finer side decides.
        double[] longitude = [x], latitude = [y];
        using (var transform = CoordinateTransforms.Rent("EPSG:3857", "EPSG:4326"))
            transform!.Transform(longitude, latitude);
        var cell = 1.1944 / 111319.49079327358;
        var degrees = new MapFrame(
            "EPSG:4326", new Extent(longitude[0] - (50 * cell), latitude[0] - (50 * cell), longitude[0] + (50 * cell), latitude[0] + (50 * cell)), 100, 100);
        Assert.Equal("17", MapPlan.Make(scene.Pyramid, degrees, Interpolation.Linear)!.Level.Matrix.Id);
    }

    [Fact]
    public void Nothing_is_drawn_outside_the_area_of_use_of_the_maps_Crs()
    {
        // Réunion's UTM 40 S reaches from 51.83 to 58.24 degrees east.
        var used = CrsDefinition.Find("EPSG:2975")!.AreaOfUse!.Value;
        var scene = new MapScene("PM", 58.24, -21.4, ["12"], Rgb, tilesAcross: 8);
        var level = scene.Pyramid.Levels[0];
        var box = CrsExtent.Image(level.Extent, scene.Crs, "EPSG:2975", out _);
        Assert.InRange(used.MaxX, box.MinX, box.MaxX);

        var frame = new MapFrame("EPSG:2975", box, 500, 500);
        using var drawn = scene.Draw(MapPlan.Make(scene.Pyramid, frame, Interpolation.Linear)!);
        var rim = (int)((used.MaxX - box.MinX) / frame.CellX);
        Assert.All(Enumerable.Range(0, 500), row => Assert.False(drawn.Mask.Slice((row * 500) + rim + 1, 500 - rim - 1).ContainsAnyExcept((byte)0)));
        Assert.NotEqual(0, drawn.Mask[(250 * 500) + rim - 2]);
        Assert.Null(MapPlan.Make(scene.Pyramid, new MapFrame("EPSG:2154", new Extent(0, 6_000_000, 100, 6_000_100), 100, 100), Interpolation.Linear));
    }

    [Fact]
    public void Tiles_that_are_not_there_are_gaps_and_the_rest_is_drawn()
    {
        var scene = new MapScene("PM", 2.32, 48.92, ["17"], Rgb);
        var level = scene.Pyramid.Levels[0];
        scene.Lose("17", new TilePlace(level.Limits.MinCol + 1, level.Limits.MinRow + 1));
        using var whole = scene.Whole(level);
        Assert.False(whole.IsFull);
        Assert.Equal(0, whole.Mask[(300 * 1024) + 300]);
        Assert.Equal(255, whole.Mask[(300 * 1024) + 200]);
        Assert.Equal(1024 * 1024 - (256 * 256), whole.Mask.ToArray().Count(one => one != 0));
    }

    [Fact]
    public void Second_map_of_a_place_fetches_no_tile_again_and_has_the_same_bytes()
    {
        var scene = new MapScene("PM", 2.32, 48.92, ["17"], Rgb);
        var frame = Around(scene, "EPSG:2154", 300);
        using var first = scene.Draw(MapPlan.Make(scene.Pyramid, frame, Interpolation.Bicubic)!);
        var fetched = scene.Fetched;
        using var second = scene.Draw(MapPlan.Make(scene.Pyramid, frame, Interpolation.Bicubic)!, threads: 4);
        Assert.InRange(fetched, 9, 16);
        Assert.Equal(fetched, scene.Fetched);
        Assert.True(first.Pixels.SequenceEqual(second.Pixels));
        Assert.True(first.Mask.SequenceEqual(second.Mask));
    }

    [Fact]
    public void Decoded_tiles_stay_within_their_budget()
    {
        var scene = new MapScene("PM", 2.32, 48.92, ["17"], Rgb, tilesAcross: 24);
        using var whole = scene.Whole(scene.Pyramid.Levels[0]);
        Assert.True(whole.IsFull);
        Assert.Equal(576, scene.Fetched);
        Assert.InRange(scene.Decoded.Bytes, 60L << 20, 64L << 20);
    }

    private static MapFrame Around(MapScene scene, string crs, int side)
    {
        var level = scene.Pyramid.Levels[0].Extent;
        double x = (level.MinX + level.MaxX) / 2, y = (level.MinY + level.MaxY) / 2;
        var half = level.Width * 0.36;
        var box = CrsExtent.Image(new Extent(x - half, y - half, x + half, y + half), scene.Crs, crs, out _);
        return new MapFrame(crs, box, side, side);
    }

    private static (byte[] Pixels, byte[] Alpha) Warped(MapScene scene, MapFrame frame, string kernel)
    {
        using var folder = new RasterFolder();
        var level = scene.Pyramid.Levels[0];
        using (var whole = scene.Whole(level))
            File.WriteAllBytes(folder.File("source.tif"), MapImage.Write(whole, new MapFrame(scene.Crs, level.Extent, whole.Width, whole.Height), new MapOutput(MapFormat.GeoTiff), null));
        GdalTool.Run(
            "gdalwarp", "-q", "-t_srs", frame.Crs, "-r", kernel, "-et", "0", "-dstalpha", "-te", Text(frame.Extent.MinX), Text(frame.Extent.MinY), Text(frame.Extent.MaxX),
            Text(frame.Extent.MaxY), "-ts", Text(frame.Width), Text(frame.Height), folder.File("source.tif"), folder.File("warped.tif"));
        var samples = GdalTool.Samples(folder.File("warped.tif"));
        byte[] pixels = new byte[samples.Length / 4 * 3], alpha = new byte[samples.Length / 4];
        for (var i = 0; i < alpha.Length; i++)
        {
            samples.AsSpan(4 * i, 3).CopyTo(pixels.AsSpan(3 * i));
            alpha[i] = samples[(4 * i) + 3];
        }

        return (pixels, alpha);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
