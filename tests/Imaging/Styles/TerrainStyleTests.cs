using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

/// <summary>Hillshade, slope and aspect against <c>gdaldem</c> on the same heights, holes without data included.</summary>
public sealed class TerrainStyleTests
{
    private const int Width = 131, Height = 101;

    [Theory]
    [InlineData("""{ "zenith": 45, "azimuth": 315 }""", "-az 315 -alt 45")]
    [InlineData("""{ "zenith": 20, "azimuth": 100, "z_factor": 3 }""", "-az 100 -alt 20 -z 3")]
    [InlineData("""{ "azimuth": [225, 270, 315, 360] }""", "-multidirectional -alt 45")]
    public void Hillshades_are_those_of_gdaldem(string estompage, string arguments)
    {
        using var folder = new TemporaryFolder();
        using var relief = Relief.Make(Width, Height);
        var expected = Relief.Gdaldem(folder, Relief.Write(relief, folder, 25, 25), ["hillshade", "-compute_edges", .. arguments.Split(' ')]);
        using var made = Relief.Apply($$"""{ "identifier": "h", "title": "h", "estompage": {{estompage}} }""", relief);
        // gdaldem has 1 to 255 for what is 0 to 255 here, and 0 for no data.
        Compare(made, expected, (gdal, ours) => Math.Abs(((gdal - 1) * 255 / 254) - ours) <= 1.01, nodata: 0);
    }

    [Theory]
    [InlineData("degree", "H", "")]
    [InlineData("pourcent", "H", "-p")]
    [InlineData("degree", "Z", "-alg ZevenbergenThorne")]
    public void Slopes_are_those_of_gdaldem(string unit, string algorithm, string arguments)
    {
        using var folder = new TemporaryFolder();
        using var relief = Relief.Make(Width, Height);
        var expected = Relief.Gdaldem(folder, Relief.Write(relief, folder, 20, 30), ["slope", "-compute_edges", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        using var made = Relief.Apply(
            $$"""{ "identifier": "s", "title": "s", "pente": { "unit": "{{unit}}", "algo": "{{algorithm}}", "slope_max": 255 } }""", relief, 20, 30);
        Compare(made, expected, (gdal, ours) => Math.Abs(Math.Min(gdal, 255) - ours) <= 0.51, nodata: -9999);
    }

    [Fact]
    public void Aspects_are_those_of_gdaldem()
    {
        using var folder = new TemporaryFolder();
        using var relief = Relief.Make(Width, Height);
        var expected = Relief.Gdaldem(folder, Relief.Write(relief, folder, 25, 25), "aspect", "-compute_edges");
        using var made = Relief.Apply("""{ "identifier": "a", "title": "a", "exposition": { "min_slope": 0 } }""", relief);
        Compare(made, expected, (gdal, ours) => Math.Abs((gdal * 255 / 360) - ours) is <= 0.51 or >= 254, nodata: -9999);
    }

    [Fact]
    public void Ground_flatter_than_the_least_slope_has_the_palettes_colour_of_flat_ground()
    {
        using var relief = Relief.Make(Width, Height);
        using var made = Relief.Apply(
            """
            { "identifier": "a", "title": "a", "exposition": { "min_slope": 1, "aspect_nodata": -1 },
              "palette": { "colours": [ { "value": -1, "red": 9, "green": 8, "blue": 7, "alpha": 6 }, { "value": 0, "red": 200, "green": 0, "blue": 0, "alpha": 255 } ] } }
            """, relief);
        Assert.Equal<byte>([9, 8, 7, 6], PixelAt(made, 29, 59));
        Assert.Equal<byte>([200, 0, 0, 255], PixelAt(made, 5, 5));
    }

    [Theory]
    [InlineData("""{ "zenith": 45, "azimuth": 315 }""")]
    [InlineData("""{ "azimuth": [225, 315] }""")]
    public void Vectors_and_single_pixels_give_the_same_bytes(string estompage)
    {
        using var relief = Relief.Make(Width, Height);
        var style = $$"""{ "identifier": "h", "title": "h", "estompage": {{estompage}} }""";
        using var whole = Relief.Apply(style, relief);
        // Windows of one pixel have no room for a vector.
        for (var y = 0; y < whole.Height; y += 7)
        {
            for (var x = 0; x < whole.Width; x++)
            {
                using var window = Raster.Rent(3, 3, relief.Format);
                for (var line = 0; line < 3; line++)
                {
                    relief.Pixels.Slice((((y + line) * Width) + x) * 4, 12).CopyTo(window.Pixels[(line * 12)..]);
                    relief.Mask.Slice(((y + line) * Width) + x, 3).CopyTo(window.Mask[(line * 3)..]);
                }

                using var one = Relief.Apply(style, window);
                Assert.Equal(PixelAt(whole, x, y), PixelAt(one, 0, 0));
            }
        }
    }

    [Fact]
    public void A_value_that_is_no_number_is_no_data_and_reaches_no_neighbour()
    {
        using var relief = Relief.Make(Width, Height);
        using var made = Relief.Apply("""{ "identifier": "h", "title": "h", "estompage": {} }""", relief);
        using var spoilt = Relief.Make(Width, Height);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(spoilt.Pixels);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == Relief.Nodata)
                values[i] = float.NaN;
        }

        spoilt.Mask.Fill(255);
        spoilt.IsFull = true;
        using var same = Relief.Apply("""{ "identifier": "h", "title": "h", "estompage": {} }""", spoilt);
        Assert.Equal(made.Mask.ToArray(), same.Mask.ToArray());
        Assert.Equal(made.Pixels.ToArray(), same.Pixels.ToArray());
    }

    private static byte[] PixelAt(Raster raster, int x, int y) =>
        raster.Pixels.Slice(((y * raster.Width) + x) * raster.Format.Channels, raster.Format.Channels).ToArray();

    private static void Compare(Raster made, float[] expected, Func<double, double, bool> agree, double nodata)
    {
        var shown = 0;
        for (var y = 0; y < made.Height; y++)
        {
            for (var x = 0; x < made.Width; x++)
            {
                var at = (y * made.Width) + x;
                double gdal = expected[((y + 1) * Width) + x + 1], ours = made.Pixels[at];
                Assert.True((made.Mask[at] == 0) == (gdal == nodata), $"pixel {x},{y}: gdaldem has {gdal}, the mask here is {made.Mask[at]}");
                if (made.Mask[at] == 0)
                    continue;
                shown++;
                Assert.True(agree(gdal, ours), $"pixel {x},{y}: gdaldem has {gdal}, here it is {ours}");
            }
        }

        Assert.True(shown > made.Mask.Length / 2);
    }
}
