using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests.Wmts;

public class FeatureInfoTests
{
    private static readonly PixelValues s_pixel = new("A<&>B", "EPSG:2154", 700000.5, 6600000.25, [12, 255, 0], 0);

    private static readonly PixelValues s_height = new("MNT", "EPSG:2154", 1, 2, [123.456], 2);

    [Fact]
    public void Values_are_written_in_each_format()
    {
        Assert.Contains("Band 2: 255\n", Encoding.UTF8.GetString(FeatureInfo.Write(s_pixel, "text/plain")), StringComparison.Ordinal);
        Assert.Contains("Band 1: 123.46\n", Encoding.UTF8.GetString(FeatureInfo.Write(s_height, "text/plain")), StringComparison.Ordinal);

        var xml = XDocument.Load(new MemoryStream(FeatureInfo.Write(s_pixel, "text/xml"))).Root!;
        Assert.Equal("A<&>B", xml.Attribute("layer")!.Value);
        Assert.Equal(["12", "255", "0"], xml.Elements("Value").Select(value => value.Value));

        using var json = JsonDocument.Parse(FeatureInfo.Write(s_height, "application/json"));
        Assert.Equal(123.46, json.RootElement.GetProperty("features")[0].GetProperty("properties").GetProperty("band_1").GetDouble());

        var html = XDocument.Parse(Encoding.UTF8.GetString(FeatureInfo.Write(s_pixel, "text/html")));
        Assert.Equal("A<&>B", html.Descendants("caption").Single().Value);
    }

    [Fact]
    public void Absence_of_data_is_said_in_each_format()
    {
        var nothing = s_pixel with { Values = [] };
        Assert.Contains("No data", Encoding.UTF8.GetString(FeatureInfo.Write(nothing, "text/plain")), StringComparison.Ordinal);
        Assert.Contains("no data", Encoding.UTF8.GetString(FeatureInfo.Write(nothing, "text/html")), StringComparison.Ordinal);
        Assert.Equal("""{"type":"FeatureCollection","features":[]}""", Encoding.UTF8.GetString(FeatureInfo.Write(nothing, "application/json")));
        Assert.Throws<ArgumentException>(() => FeatureInfo.Write(nothing, "text/csv"));
    }

    [Fact]
    public void Pixel_centre_is_half_a_pixel_inside_the_tile()
    {
        var level = Samples.Elevation.Levels[^1];
        var extent = level.Matrix.TileExtent(2735, 21093);
        var (x, y) = new TileAddress(Samples.Elevation, level, 2735, 21093).PixelCentre(0, 255);
        Assert.Equal((extent.MinX + 0.5, extent.MinY + 0.5), (x, y));
    }
}
