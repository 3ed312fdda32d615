using System.Xml.Linq;
using Grid.Ogc.Downloads;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;
using Grid.Ogc.Wms;
using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Ogc.Tests;

/// <summary>One producer's text that XML cannot hold must not take a document of everybody's layers away.</summary>
public class LegalXmlTests
{
    private const string Bad = "a\u0001b\ud800c\ufffe", Mended = "a\ufffdb\ufffdc\ufffd";

    private static readonly LegendImage s_image = new("https://tiles.example/" + Bad, Bad, 20, 30);

    private static readonly ServedLayer s_layer = new("SCAN", Samples.Set("PM"), Samples.Levels("PM", 0, 3, new Extent(0, 0, 1000, 1000)), "image/png", "png")
    {
        Bounds = new GeographicBounds(0, 0, 0.01, 0.01),
        Title = Bad,
        Abstract = Bad,
        Keywords = [Bad],
        Metadata = [new MetadataUrl(Bad, Bad, Bad)],
        Attribution = new LayerAttribution(Bad, Bad, s_image),
        Styles = [new LayerStyle("grey", Bad, true, s_image) { Abstract = Bad }],
    };

    public static TheoryData<string, byte[]> Documents => new()
    {
        { "WMS", WmsCapabilities.Write(Samples.Service, new LayerCatalogue([s_layer], 1), _ => [], [], new WmsLimits(10, 10, 1, false), Samples.Root, Samples.Root) },
        { "WMTS", WmtsCapabilities.Write(Samples.Service, new LayerCatalogue([s_layer], 1), Samples.Addresses) },
        { "TMS", TmsDocuments.TileMap(s_layer, s_layer.DefaultStyle, Samples.Root) },
        { "download", new DownloadFeed(Bad, Bad, Bad, Bad, default, 1, 10, 1, [new DownloadEntry(Bad, Bad, Bad, 1, Bad, default, Bad, null)]).WriteAtom() },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void What_Xml_cannot_hold_is_replaced(string name, byte[] document)
    {
        using var stream = new MemoryStream(document);
        var root = XDocument.Load(stream).Root!;
        Assert.True(root.DescendantsAndSelf().Any(element => element.Value == Mended || element.Attributes().Any(attribute => attribute.Value == Mended)), name);
    }
}
