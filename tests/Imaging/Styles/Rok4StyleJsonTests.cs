using System.Text;
using Grid.Fixtures;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

public sealed class Rok4StyleJsonTests
{
    [RealDataFact]
    public void Every_style_of_rok4_is_read()
    {
        var files = Directory.GetFiles(RealData.PathOf("styles/rok4"), "*.json").Where(file => !file.Contains("schema", StringComparison.Ordinal)).ToList();
        var styles = files.Select(file => Rok4StyleJson.Read(File.ReadAllBytes(file), Path.GetFileName(file))).ToDictionary(style => style.Identifier);
        Assert.Equal(files.Count, styles.Count);
        Assert.Equal(["DEFAULT", "normal"], styles.Values.Where(style => style.IsIdentity).Select(style => style.Identifier).Order(StringComparer.Ordinal));
        var relief = new PixelFormat(SampleType.Float32, 1);
        var picture = new PixelFormat(SampleType.UInt8, 3);
        Assert.Equal(new PixelFormat(SampleType.UInt8, 4), styles["hypso"].ToRasterStyle()!.OutputOf(relief));
        Assert.Equal(new PixelFormat(SampleType.UInt8, 1), styles["pente"].ToRasterStyle()!.OutputOf(relief));
        Assert.Equal(new PixelFormat(SampleType.UInt8, 4), styles["white_to_alpha"].ToRasterStyle()!.OutputOf(picture));
        Assert.Null(styles["white_to_alpha"].ToRasterStyle()!.OutputOf(relief));
        Assert.Contains("takes 1 channel, not 3", styles["montagne"].WhyNot(picture));
        Assert.Null(styles["montagne"].WhyNot(relief));
        Assert.Equal("https://data.geopf.fr/annexes/ressources/legendes/LEGEND.jpg", styles["normal"].Legend!.Url);
    }

    [Fact]
    public void The_styles_of_every_datastore_are_read() => Assert.Equal(
        ["aspect", "hillshade", "hillshade-multidirectional", "hypsometric", "normal", "slope", "terrain-rgb"],
        DefaultStyles.All.Select(style => Rok4StyleJson.Read(style.File, style.Name).Identifier));

    [Theory]
    [InlineData("""[]""", "a style is a JSON object")]
    [InlineData("""{ "title": "t" }""", "f.json: identifier is missing")]
    [InlineData("""{ "identifier": "a b", "title": "t" }""", "f.json: identifier is \"a b\": letters")]
    [InlineData("""{ "identifier": "a" }""", "title is missing")]
    [InlineData("""{ "identifier": "a", "title": "t", "pente": { "unit": "radian" } }""", "pente.unit is \"radian\": degree, pourcent are allowed")]
    [InlineData("""{ "identifier": "a", "title": "t", "pente": { "algo": 7 } }""", "pente.algo is 7: a text is expected")]
    [InlineData("""{ "identifier": "a", "title": "t", "estompage": { "zenith": 91 } }""", "estompage.zenith is 91: numbers from 0 to 90 are allowed")]
    [InlineData("""{ "identifier": "a", "title": "t", "estompage": { "azimuth": [1] } }""", "estompage.azimuth has 1 items: 2 to 16 are allowed")]
    [InlineData("""{ "identifier": "a", "title": "t", "estompage": {}, "pente": {} }""", "estompage and pente exclude each other")]
    [InlineData("""{ "identifier": "a", "title": "t", "terrainrgb": {}, "palette": {} }""", "terrainrgb and palette exclude each other")]
    [InlineData("""{ "identifier": "a", "title": "t", "palette": { "colours": [] } }""", "palette.colours has 0 items")]
    [InlineData("""{ "identifier": "a", "title": "t", "palette": { "colours": [ { "value": 0, "red": 300 } ] } }""", "palette.colours[0].red is 300: whole numbers from 0 to 255 are allowed")]
    [InlineData("""{ "identifier": "a", "title": "t", "palette": { "colours": [ { "value": 1e999, "red": 3 } ] } }""", "palette.colours[0].value is 1e999")]
    [InlineData("""{ "identifier": "a", "title": "t", "palette": { "no_alpha": "yes", "colours": [1] } }""", "palette.no_alpha is \"yes\": true or false is expected")]
    [InlineData("""{ "identifier": "a", "title": "t", "terrainrgb": { "step": 0 } }""", "terrainrgb.step is 0")]
    [InlineData("""{ "identifier": "a", "title": "t", "colorize": { "destination": [1, 2] } }""", "colorize.destination has 2 items: 3 to 4 are allowed")]
    [InlineData("""{ "identifier": "a", "title": "t", "legend": { "url": "javascript:alert(1)" } }""", "legend.url is \"javascript:alert(1)\": http and https addresses are allowed")]
    [InlineData("""{ "identifier": "a", """, "f.json: not JSON")]
    public void A_fault_names_the_file_the_key_the_value_and_what_is_allowed(string json, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<InvalidStyleException>(() => Rok4StyleJson.Read(Encoding.UTF8.GetBytes(json), "f.json")).Message);

    [Fact]
    public void A_file_beyond_its_bounds_is_refused() =>
        Assert.Contains("bytes", Assert.Throws<InvalidStyleException>(() => Rok4StyleJson.Read(new byte[Rok4StyleJson.MaxBytes + 1], "f.json")).Message);
}
