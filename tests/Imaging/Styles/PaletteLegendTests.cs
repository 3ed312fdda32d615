using Grid.Fixtures;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

public sealed class PaletteLegendTests
{
    [RealDataFact]
    public void A_real_palette_has_a_line_a_colour_and_none_for_what_is_transparent()
    {
        var style = Rok4StyleJson.Read(File.ReadAllBytes(RealData.PathOf("styles/rok4/montagne.json")), "montagne");
        // 30 to 34, 35 to 39, 40 to 44 and 45 to 90 degrees; the rest is transparent.
        var (width, height) = style.LegendSize!.Value;
        Assert.Equal((4 * 20) + 8, height);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("legend.png"), style.DrawLegend()!);
        var samples = OutsideTools.Samples(folder.File("legend.png"));
        Assert.Equal(width * height * 4, samples.Length);
        foreach (var (line, colour) in ((int, byte[])[])[(0, [200, 137, 187, 255]), (1, [225, 0, 0, 255]), (2, [243, 148, 25, 255]), (3, [242, 229, 0, 255])])
            Assert.Equal(colour, samples.AsSpan((((4 + (20 * line) + 10) * width) + 10) * 4, 4).ToArray());
        Assert.Contains((byte)255, Enumerable.Range(0, 20).SelectMany(y => Enumerable.Range(40, width - 40).Select(x => samples[(((y + 4) * width) + x) * 4 + 3])));
    }

    [Fact]
    public void Many_colours_are_thinned_and_a_style_without_palette_has_no_picture()
    {
        var palette = new Palette(Enumerable.Range(0, 300).Select(i => new PaletteColour(i, (byte)i, 1, 2, 255)), false, false, false);
        Assert.Equal((16 * 20) + 8, PaletteLegend.SizeOf(palette)!.Value.Height);
        Assert.Null(Rok4StyleJson.Read("""{ "identifier": "h", "title": "h", "estompage": {} }"""u8.ToArray(), "h").DrawLegend());
    }
}
