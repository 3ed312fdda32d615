using System.Xml.Linq;
using Grid.Fixtures;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Ogc.Tests.Wms;

public class WmsDocumentsTests
{
    private static readonly XNamespace s_wms = "http://www.opengis.net/wms";

    [SchemaFact]
    public async Task Capabilities_are_valid() => await Judge.ValidateAsync(Write(null), "wms/1.3.0/capabilities_1_3_0.xsd");

    [SchemaFact]
    public async Task Capabilities_of_nothing_are_valid() => await Judge.ValidateAsync(
        WmsCapabilities.Write(Samples.Service, LayerCatalogue.Empty, _ => [], [], new WmsLimits(10, 10, 1, false), Samples.Root, Samples.Root), "wms/1.3.0/capabilities_1_3_0.xsd");

    [SchemaTheory]
    [InlineData("")]
    [InlineData("https://catalogue.example/csw?id=1&v=2")]
    public async Task Capabilities_of_Inspire_are_valid(string metadata) =>
        await Judge.ValidateAsync(Write(new InspireDescription(metadata, "fre")), "inspire/inspire_vs/1.0/inspire_vs.xsd");

    [SchemaFact]
    public async Task Exceptions_are_valid() => await Judge.ValidateAsync(
        WmsExceptionReport.Write(new WmsError("InvalidCRS", "crs", "a < b & \u0001")), "wms/1.3.0/exceptions_1_3_0.xsd");

    [Fact]
    public void Boxes_are_in_the_axis_order_of_their_Crs()
    {
        var layer = Layers().First(layer => (string?)layer.Element(s_wms + "Name") == Samples.Ortho.Name);
        var boxes = layer.Elements(s_wms + "BoundingBox").ToDictionary(box => (string)box.Attribute("CRS")!, box => (double)box.Attribute("minx")!);
        Assert.Equal(48.83, boxes["EPSG:4326"]);
        Assert.Equal(2.2, boxes["CRS:84"]);
    }

    [Fact]
    public void Layers_have_what_clients_look_for()
    {
        var layers = Layers().ToDictionary(layer => (string?)layer.Element(s_wms + "Name") ?? "");
        var scan = layers["SCAN"];
        Assert.Equal(["colour", "grey"], scan.Elements(s_wms + "Style").Select(style => (string)style.Element(s_wms + "Name")!));
        Assert.NotNull(scan.Element(s_wms + "MetadataURL"));
        Assert.Equal("0", (string?)scan.Attribute("queryable"));
        Assert.Equal("1", (string?)layers[Samples.Ortho.Name].Attribute("queryable"));

        // Levels 6 to 21 of a set whose finest pixel is 10 cm: 0.1 m and 3,276.8 m, at 0.28 mm a pixel.
        Assert.Equal(0.1 / 0.00028, (double)scan.Element(s_wms + "MinScaleDenominator")!, 1e-6);
        Assert.Equal(3276.8 / 0.00028, (double)scan.Element(s_wms + "MaxScaleDenominator")!, 1e-3);
    }

    private static IEnumerable<XElement> Layers()
    {
        using var stream = new MemoryStream(Write(null));
        return [.. XDocument.Load(stream).Descendants(s_wms + "Layer")];
    }

    private static byte[] Write(InspireDescription? inspire)
    {
        var register = new KnownCrs();
        MapCrs[] all = [register.Find("EPSG:4326")!, register.Find("CRS:84")!];
        return WmsCapabilities.Write(
            Samples.Service, Samples.Catalogue,
            layer => [.. all.Select(crs => new LayerBox(crs, new Extent(layer.Bounds.West, layer.Bounds.South, layer.Bounds.East, layer.Bounds.North)))],
            all, new WmsLimits(5000, 4000, 2, false), Samples.Root + "/wms-r", Samples.Root, inspire);
    }
}
