using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Fixtures;
using Grid.Imaging.Codecs;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

/// <summary>Palettes against <c>gdaldem color-relief</c>, and in PNG against GDAL's own expansion of palettes.</summary>
public sealed class PaletteTests
{
    private static readonly StoredTileFormat GreyPng = new(TileCompression.Png, new PixelFormat(SampleType.UInt8, 1), 256, 256, [0]);

    [RealDataTheory]
    [InlineData("hypso")]
    [InlineData("montagne_palette")]
    public void Colours_of_real_palettes_are_those_of_color_relief(string name)
    {
        using var folder = new TemporaryFolder();
        using var relief = Relief.Make(131, 101);
        var file = File.ReadAllBytes(RealData.PathOf($"styles/rok4/{name}.json"));
        var palette = Rok4StyleJson.Read(file, name).Palette!;
        var table = folder.File("colours.txt");
        File.WriteAllLines(table, palette.Colours.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Red} {c.Green} {c.Blue} {c.Alpha}")));
        var expected = Relief.Gdaldem(folder, Relief.Write(relief, folder, 1, 1), "color-relief", table, "-alpha");
        using var made = Relief.Apply(Encoding.UTF8.GetString(file), relief);
        for (var i = 0; i < made.Mask.Length; i++)
        {
            for (var c = 0; c < 4 && made.Mask[i] != 0; c++)
                Assert.True(Math.Abs(expected[(4 * i) + c] - made.Pixels[(4 * i) + c]) <= 1, $"pixel {i}, channel {c}: gdaldem has {expected[(4 * i) + c]}, here it is {made.Pixels[(4 * i) + c]}");
        }
    }

    [Fact]
    public void Steps_keep_the_lower_colour_and_ends_hold_beyond_them()
    {
        var palette = new Palette([new(10, 1, 2, 3, 4), new(20, 5, 6, 7, 8), new(20, 99, 99, 99, 99), new(30, 9, 10, 11, 12)], false, false, false);
        Assert.Equal(0x04030201u, palette.ColourOf(-5));
        Assert.Equal(0x04030201u, palette.ColourOf(19.999f));
        Assert.Equal(0x08070605u, palette.ColourOf(20));
        Assert.Equal(0x0C0B0A09u, palette.ColourOf(31));
        Assert.Equal(0x04030201u, palette.ColourOf(float.NaN));
    }

    [Fact]
    public void The_table_finds_the_entry_that_a_search_from_the_first_finds()
    {
        var random = new Random(20);
        for (var round = 0; round < 50; round++)
        {
            var values = Enumerable.Range(0, random.Next(1, 60)).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(0, 6)))).Distinct().Order().ToArray();
            var palette = new Palette(values.Select((value, i) => new PaletteColour(value, (byte)i, 0, 0, 0)), false, false, false);
            foreach (var value in values.SelectMany(v => (float[])[v, MathF.BitIncrement(v), MathF.BitDecrement(v), v + 0.3f]))
                Assert.Equal((uint)Math.Max(0, Array.FindLastIndex(values, v => v <= value)), palette.ColourOf(value));
        }
    }

    [RealDataFact]
    public void A_palette_on_stored_png_changes_the_header_and_no_pixel()
    {
        using var folder = new TemporaryFolder();
        using var picture = Pictures.Waves(256, 256, GreyPng.Pixels);
        picture.Pixels[..256].Clear();
        byte[] stored;
        using (var encoder = TileEncoder.Create(TileCompression.Png, GreyPng.Pixels, 256, 256))
            stored = encoder.Encode(picture.Pixels).ToArray();
        var style = Rok4StyleJson.Read(File.ReadAllBytes(RealData.PathOf("styles/rok4/orange.json")), "orange");
        var served = StyledTile.Make(style.ToRasterStyle()!, GreyPng, new StoredTile(stored, null), [], 1, 1, out _)!;

        var header = 33;
        Assert.Equal(stored.AsSpan(header).ToArray(), served[^(stored.Length - header)..]);
        File.WriteAllBytes(folder.File("served.png"), served);
        OutsideTools.Run("gdal_translate", "-q", "-expand", "rgba", folder.File("served.png"), folder.File("rgba.tif"));
        var expanded = OutsideTools.Samples(folder.File("rgba.tif"));
        for (var i = 0; i < 65536; i++)
        {
            var colour = picture.Pixels[i] == 0 ? style.Palette!.ColourOf(0) & 0xFFFFFF : style.Palette!.ColourOf(picture.Pixels[i]);
            Assert.Equal(colour, MemoryMarshal.Read<uint>(expanded.AsSpan(4 * i)));
        }
    }

    [Fact]
    public void Heights_come_back_from_terrain_rgb_to_half_a_step()
    {
        using var relief = Relief.Make(131, 101);
        using var made = Relief.Apply("""{ "identifier": "t", "title": "t", "terrainrgb": { "min_elevation": -10000, "step": 0.1 } }""", relief);
        var heights = MemoryMarshal.Cast<byte, float>(relief.Pixels);
        for (var i = 0; i < made.Mask.Length; i++)
        {
            var height = -10000 + (((made.Pixels[3 * i] * 65536) + (made.Pixels[(3 * i) + 1] * 256) + made.Pixels[(3 * i) + 2]) * 0.1);
            Assert.True(made.Mask[i] == 0 || Math.Abs(height - heights[i]) <= 0.0501);
        }
    }

    [Fact]
    public void One_colour_becomes_another_within_the_tolerance()
    {
        using var picture = Raster.Rent(4, 1, new PixelFormat(SampleType.UInt8, 3));
        ((byte[])[255, 255, 255, 253, 254, 255, 252, 255, 255, 7, 8, 9]).CopyTo(picture.Pixels);
        picture.Mask.Fill(255);
        picture.Mask[3] = 0;
        using var made = Relief.Apply(
            """{ "identifier": "c", "title": "c", "colorize": { "source": [255, 255, 255], "destination": [1, 2, 3, 0], "tolerance": 2 } }""", picture);
        Assert.Equal<byte>([1, 2, 3, 0, 1, 2, 3, 0, 252, 255, 255, 255, 0, 0, 0, 0], made.Pixels.ToArray());
    }
}
