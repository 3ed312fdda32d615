using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Grid.Ogc.Tms;

namespace Grid.Ogc.Tests.Tms;

public class TmsTests
{
    private const string Root = Samples.Root + "/tms";

    [Theory]
    [InlineData("", TmsResource.Services)]
    [InlineData("/", TmsResource.Services)]
    [InlineData("1.0.0", TmsResource.TileMapService)]
    [InlineData("/1.0.0/", TmsResource.TileMapService)]
    [InlineData("1.0.0/SCAN", TmsResource.TileMap)]
    [InlineData("1.0.0/SCAN/metadata.json", TmsResource.MetadataJson)]
    [InlineData("1.0.0/SCAN/gdal.xml", TmsResource.GdalDescription)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/265400/180300.jpg", TmsResource.Tile)]
    public void Addresses_are_read(string path, TmsResource resource)
    {
        var request = TmsPath.Parse(path, Samples.Catalogue);
        Assert.Equal((resource, 200), (request.Resource, request.Status));
        if (resource == TmsResource.Tile)
            Assert.Equal(("19", 265400, 180300), (request.Tile.Level.Id, request.Tile.Col, request.Tile.Row));
    }

    [Theory]
    [InlineData("2.0.0/SCAN", 400)]
    [InlineData("1.0.0/BOGUS", 400)]
    [InlineData("1.0.0/BOGUS/1/2/3.png", 400)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/99/265400/180300.jpg", 400)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/21/265400/180300.jpg", 404)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/265400/180300.png", 400)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/265400/180300", 400)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/x/180300.jpg", 400)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/1/1.jpg", 404)]
    [InlineData("1.0.0/ORTHO.PARIS:2024/19/-1/1.jpg", 404)]
    [InlineData("1.0.0/SCAN/other.xml", 404)]
    [InlineData("1.0.0/SCAN/1/2/3/4/5/6/7/8.png", 404)]
    public void Other_addresses_are_refused_with_a_sentence(string path, int status)
    {
        var request = TmsPath.Parse(path, Samples.Catalogue);
        Assert.Equal((TmsResource.None, status), (request.Resource, request.Status));
        var error = XDocument.Load(new MemoryStream(TmsDocuments.Error(request.Error!))).Root!;
        Assert.Equal("TileMapServerError", error.Name);
        Assert.Equal(request.Error, error.Element("Message")!.Value);
    }

    [Fact]
    public void Services_lead_to_layers_and_layers_to_tiles()
    {
        var services = Read(TmsDocuments.Services(Samples.Service, Root));
        Assert.Equal(Root + "/1.0.0/", services.Element("TileMapService")!.Attribute("href")!.Value);

        var service = Read(TmsDocuments.TileMapService(Samples.Service, Samples.Catalogue, Root));
        Assert.Equal(["Title", "Abstract", "KeywordList", "ContactInformation", "TileMaps"], service.Elements().Select(element => element.Name.LocalName));
        var maps = service.Descendants("TileMap").ToArray();
        Assert.Equal(Samples.Catalogue.Layers.Count, maps.Length);
        var href = maps.Single(map => map.Attribute("title")!.Value.StartsWith("Ortho", StringComparison.Ordinal)).Attribute("href")!.Value;
        Assert.Equal(Root + "/1.0.0/ORTHO.PARIS%3A2024", href);

        var map = Read(TmsDocuments.TileMap(Samples.Ortho, LayerStyle.Normal, Root));
        Assert.Equal(
            ["Title", "Abstract", "KeywordList", "Attribution", "SRS", "BoundingBox", "Origin", "TileFormat", "TileSets"], map.Elements().Select(element => element.Name.LocalName));
        Assert.Equal("EPSG:3857", map.Element("SRS")!.Value);
        Assert.Equal("© Grid & amis", map.Element("Attribution")!.Element("Title")!.Value);
        Assert.Equal("https://grid.example/logo.png", (string?)map.Descendants("Logo").Single().Attribute("href"));
        var scan = Read(TmsDocuments.TileMap(Samples.Scan, Samples.Scan.DefaultStyle, Root));
        Assert.Equal("ISO19115:2003", (string?)scan.Element("Metadata")!.Attribute("type"));
        var sets = map.Descendants("TileSet").ToArray();
        Assert.Equal(20, sets.Length);
        Assert.Equal(href + "/19", sets[^1].Attribute("href")!.Value);
        Assert.Equal("19", sets[^1].Attribute("order")!.Value);
        Assert.Equal(0.29858214173897, double.Parse(sets[^1].Attribute("units-per-pixel")!.Value, CultureInfo.InvariantCulture), 1e-12);
        Assert.Equal(-20037508.3427892, double.Parse(map.Element("Origin")!.Attribute("y")!.Value, CultureInfo.InvariantCulture), 1e-6);
    }

    [Fact]
    public void Tilejson_names_zooms_bounds_and_tiles()
    {
        using var json = JsonDocument.Parse(TmsDocuments.MetadataJson(Samples.Ortho, LayerStyle.Normal, Root));
        var root = json.RootElement;
        Assert.Equal("3.0.0", root.GetProperty("tilejson").GetString());
        Assert.Equal("xyz", root.GetProperty("scheme").GetString());
        Assert.Equal((0, 19), (root.GetProperty("minzoom").GetInt32(), root.GetProperty("maxzoom").GetInt32()));
        Assert.Equal([2.2, 48.83, 2.4, 48.93], root.GetProperty("bounds").EnumerateArray().Select(number => number.GetDouble()));
        Assert.Equal(Root + "/1.0.0/ORTHO.PARIS%3A2024/{z}/{x}/{y}.jpg", root.GetProperty("tiles")[0].GetString());
        Assert.Equal("<a href=\"https://grid.example/?a=1&amp;b=2\">© Grid &amp; amis</a>", root.GetProperty("attribution").GetString());
        Assert.Equal("jpg", root.GetProperty("format").GetString());
    }

    [Fact]
    public async Task Gdal_opens_the_description_at_the_right_place()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("gdal.xml", GdalDescription.Write(Samples.Ortho, LayerStyle.Normal, Root)!);
        using var info = JsonDocument.Parse(await Judge.RunAsync("gdalinfo", "-json", file));
        var transform = info.RootElement.GetProperty("geoTransform").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        Assert.Equal(0.29858214173897, transform[1], 1e-12);
        Assert.True(transform[0] <= 244904 && transform[3] >= 6260214);
        var size = info.RootElement.GetProperty("size").EnumerateArray().Select(number => number.GetInt64()).ToArray();
        Assert.True(transform[0] + (size[0] * transform[1]) >= 267168 && transform[3] + (size[1] * transform[5]) <= 6243320);
        Assert.Equal(3, info.RootElement.GetProperty("bands").GetArrayLength());
        var overviews = info.RootElement.GetProperty("bands")[0].GetProperty("overviews");
        var smallest = overviews[overviews.GetArrayLength() - 1].GetProperty("size").EnumerateArray().Max(number => number.GetInt32());
        Assert.InRange(smallest, 256, 512);
    }

    [Fact]
    public void Layers_that_gdal_cannot_read_this_way_have_no_description() => Assert.Null(GdalDescription.Write(Samples.Elevation, LayerStyle.Normal, Root));

    private static XElement Read(byte[] document) => XDocument.Load(new MemoryStream(document)).Root!;
}
