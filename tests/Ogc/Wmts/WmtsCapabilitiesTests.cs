using System.Globalization;
using System.Xml.Linq;
using Grid.Fixtures;
using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests.Wmts;

public class WmtsCapabilitiesTests
{
    private const string Schema = "wmts/1.0/wmtsGetCapabilities_response.xsd";

    private static readonly XNamespace s_wmts = "http://www.opengis.net/wmts/1.0";
    private static readonly XNamespace s_ows = "http://www.opengis.net/ows/1.1";
    private static readonly XNamespace s_xlink = "http://www.w3.org/1999/xlink";

    private static byte[] Whole => WmtsCapabilities.Write(Samples.Service, Samples.Catalogue, Samples.Addresses);

    [SchemaFact]
    public Task Whole_document_is_valid() => Judge.ValidateAsync(Whole, Schema);

    [SchemaTheory]
    [InlineData("")]
    [InlineData("https://catalogue.example/csw?id=1&v=2")]
    public async Task Document_of_Inspire_is_valid_and_names_the_default_style_as_it_wants(string metadata)
    {
        var document = WmtsCapabilities.Write(Samples.Service, Samples.Catalogue, Samples.Addresses, inspire: new InspireDescription(metadata, "fre"));
        await Judge.ValidateAsync(document, "inspire/inspire_vs_ows11/1.0/inspire_vs_ows11.xsd");
        var root = Read(document);
        Assert.Equal(metadata.Length > 0, root.Descendants(XName.Get("ResponseLanguage", "http://inspire.ec.europa.eu/schemas/common/1.0")).Any());
        foreach (var layer in root.Descendants(s_wmts + "Layer"))
            Assert.Equal(InspireDescription.Style, (string?)layer.Elements(s_wmts + "Style").Single(style => (string?)style.Attribute("isDefault") == "true").Element(s_ows + "Identifier"));
        Assert.Equal(Samples.Scan.DefaultStyle, Samples.Scan.FindStyle(InspireDescription.Style));
    }

    [Fact]
    public void Layers_say_where_their_metadata_are_and_whom_they_come_from()
    {
        var links = Read(Whole).Descendants(s_wmts + "Layer").ToDictionary(
            layer => (string)layer.Element(s_ows + "Identifier")!, layer => layer.Elements(s_ows + "Metadata").Select(link => (string)link.Attribute(s_xlink + "href")!));
        Assert.Equal(["https://catalogue.example/?id=1&f=xml"], links["SCAN"]);
        Assert.Equal(["https://grid.example/?a=1&b=2"], links[Samples.Ortho.Name]);
    }

    [SchemaTheory]
    [InlineData(WmtsSections.Contents)]
    [InlineData(WmtsSections.ServiceIdentification | WmtsSections.ServiceProvider)]
    [InlineData(WmtsSections.OperationsMetadata)]
    [InlineData(WmtsSections.None)]
    [InlineData(WmtsSections.Themes)]
    public async Task Parts_of_the_document_are_valid_and_no_others_are_written(WmtsSections sections)
    {
        var document = WmtsCapabilities.Write(Samples.Service, Samples.Catalogue, Samples.Addresses, sections);
        await Judge.ValidateAsync(document, Schema);
        var names = Read(document).Elements().Select(element => element.Name.LocalName).Where(name => name != "ServiceMetadataURL");
        Assert.Equal(
            Enum.GetValues<WmtsSections>().Where(section => section is not (WmtsSections.All or WmtsSections.None or WmtsSections.Themes) && sections.HasFlag(section))
                .Select(section => section.ToString()),
            names);
    }

    [SchemaFact]
    public async Task Document_for_a_client_that_has_it_is_a_bare_root()
    {
        var document = WmtsCapabilities.WriteUnchanged(Samples.Catalogue);
        await Judge.ValidateAsync(document, Schema);
        var root = Read(document);
        Assert.Empty(root.Elements());
        Assert.Equal("42", root.Attribute("updateSequence")!.Value);
    }

    [SchemaFact]
    public async Task Document_without_layers_and_without_rest_is_valid()
    {
        var document = WmtsCapabilities.Write(
            new ServiceDescription { Title = "T", ProviderName = "P" }, LayerCatalogue.Empty, new WmtsAddresses("http://localhost:1/wmts", null));
        await Judge.ValidateAsync(document, Schema);
        Assert.DoesNotContain("RESTful", System.Text.Encoding.UTF8.GetString(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_have_one_default_style_and_all_identifiers_are_unique()
    {
        var contents = Read(Whole).Element(s_wmts + "Contents")!;
        var layers = contents.Elements(s_wmts + "Layer").ToArray();
        Assert.Equal(Samples.Catalogue.Layers.Count, layers.Select(Identifier).Distinct().Count());
        foreach (var layer in layers)
            Assert.Single(layer.Elements(s_wmts + "Style"), style => style.Attribute("isDefault")!.Value == "true");
        var sets = contents.Elements(s_wmts + "TileMatrixSet").Select(Identifier).ToArray();
        Assert.Equal(sets.Distinct(), sets);
        foreach (var expected in (string[])["PM", "PM_0_19", "LAMB93_10cm", "LAMB93_10cm_6_21", "LAMB93_1M_MNT_0_8", "4326_0_5", "WGS84G_2_5"])
            Assert.Contains(expected, sets);
        foreach (var link in layers.Elements(s_wmts + "TileMatrixSetLink"))
            Assert.Contains(link.Element(s_wmts + "TileMatrixSet")!.Value, sets);
    }

    [Fact]
    public void Limits_name_the_levels_that_have_a_second_row_and_column()
    {
        var layers = Read(Whole).Descendants(s_wmts + "Layer").ToDictionary(Identifier);
        foreach (var layer in Samples.Catalogue.Layers)
        {
            Assert.Equal(
                layer.Levels.Where(level => level.Limits is { MaxRow: > 0, MaxCol: > 0 })
                    .Select(level => (level.Id, level.Limits.MinRow, level.Limits.MaxRow, level.Limits.MinCol, level.Limits.MaxCol)),
                layers[layer.Name].Descendants(s_wmts + "TileMatrixLimits").Select(limits => (
                    limits.Element(s_wmts + "TileMatrix")!.Value, Number(limits, "MinTileRow"), Number(limits, "MaxTileRow"),
                    Number(limits, "MinTileCol"), Number(limits, "MaxTileCol"))));
        }

        static long Number(XElement limits, string name) => long.Parse(limits.Element(s_wmts + name)!.Value, CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("PM", "urn:ogc:def:crs:EPSG::3857", "-20037508.3427892 20037508.3427892")]
    [InlineData("4326", "urn:ogc:def:crs:EPSG::4326", "90 -180")]
    [InlineData("WGS84G", "urn:ogc:def:crs:OGC:1.3:CRS84", "-180 90")]
    [InlineData("LAMB93_10cm", "urn:ogc:def:crs:EPSG::2154", "0 12000000")]
    public void Corners_follow_the_axis_order_of_the_crs(string id, string crs, string corner)
    {
        var set = Read(Whole).Descendants(s_wmts + "TileMatrixSet").Single(set => set.Element(s_ows + "Identifier")?.Value == id);
        Assert.Equal(crs, set.Element(s_ows + "SupportedCRS")!.Value);
        Assert.Equal(corner, set.Elements(s_wmts + "TileMatrix").First().Element(s_wmts + "TopLeftCorner")!.Value);
    }

    [Fact]
    public void Scale_denominators_are_the_standard_ones()
    {
        var set = Read(Whole).Descendants(s_wmts + "TileMatrixSet").Single(set => set.Element(s_ows + "Identifier")?.Value == "PM_0_19");
        var scales = set.Descendants(s_wmts + "ScaleDenominator").Select(scale => double.Parse(scale.Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(20, scales.Length);
        Assert.InRange(scales[0], 559082264.0287177, 559082264.0287179);
    }

    [Fact]
    public void Addresses_are_those_that_the_host_gave()
    {
        var root = Read(Whole);
        var gets = root.Descendants(s_ows + "Get").Select(get => (get.Value, get.Attribute(s_xlink + "href")!.Value)).ToArray();
        Assert.Equal(3, gets.Count(get => get == ("KVP", Samples.Root + "/wmts?")));
        Assert.Contains(("RESTful", Samples.Root + "/wmts/1.0.0/WMTSCapabilities.xml"), gets);
        Assert.Equal(Samples.Root + "/wmts/1.0.0/WMTSCapabilities.xml", root.Element(s_wmts + "ServiceMetadataURL")!.Attribute(s_xlink + "href")!.Value);
        var templates = root.Descendants(s_wmts + "ResourceURL").Select(resource => resource.Attribute("template")!.Value).ToArray();
        Assert.Contains(Samples.Root + "/wmts/1.0.0/ORTHO.PARIS%3A2024/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.jpg", templates);
        Assert.Contains(Samples.Root + "/wmts/1.0.0/MNT/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}/{J}/{I}.json", templates);
    }

    [Fact]
    public async Task Gdal_reads_the_layer_at_its_place_and_resolution()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("capabilities.xml", Whole);
        var info = await Judge.RunAsync("gdalinfo", $"WMTS:{file},layer=ORTHO.PARIS:2024,tilematrixset=PM_0_19");
        Assert.Contains("Pixel Size = (0.298582141738", info, StringComparison.Ordinal);
        Assert.Contains("EPSG\",3857", info, StringComparison.Ordinal);
        Assert.Contains("Upper Left  (  244", info, StringComparison.Ordinal);
        info = await Judge.RunAsync("gdalinfo", $"WMTS:{file},layer=SCAN");
        Assert.Contains("Pixel Size = (0.1", info, StringComparison.Ordinal);
        Assert.Contains("EPSG\",2154", info, StringComparison.Ordinal);
        info = await Judge.RunAsync("gdalinfo", $"WMTS:{file},layer=WORLD");
        Assert.Contains("Upper Left  (-180.0000000,  90.0000000)", info, StringComparison.Ordinal);
        info = await Judge.RunAsync("gdalinfo", $"WMTS:{file},layer=WORLD_IGN");
        Assert.Contains("Upper Left  ( -1", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owslib_reads_layers_sets_limits_and_addresses()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("capabilities.xml", Whole);
        var script = folder.Write("read.py", """
            import sys
            from owslib.wmts import WebMapTileService
            w = WebMapTileService('http://localhost/wmts?', xml=open(sys.argv[1], 'rb').read())
            print(w.identification.title, '|', w.provider.name, '|', w.provider.contact.email)
            layer = w['ORTHO.PARIS:2024']
            print(layer.title, layer.boundingBoxWGS84, layer.formats, layer.infoformats, list(layer.styles), layer.styles['normal']['isDefault'])
            link = layer.tilematrixsetlinks['PM_0_19']
            limits = link.tilematrixlimits['19']
            print(limits.mintilerow, limits.maxtilerow, limits.mintilecol, limits.maxtilecol)
            matrix = w.tilematrixsets['PM_0_19'].tilematrix['19']
            print(matrix.topleftcorner, matrix.matrixwidth, matrix.scaledenominator)
            print(w.buildTileRequest('ORTHO.PARIS:2024', 'normal', 'image/jpeg', 'PM_0_19', '19', 180000, 265000))
            print(w.buildTileResource('ORTHO.PARIS:2024', 'normal', 'image/jpeg', 'PM_0_19', '19', 180000, 265000))
            """u8.ToArray());
        var lines = (await Judge.RunAsync("/usr/bin/python3", script, file)).Split('\n');
        Assert.Equal("Tuiles & <orthophotos> | Collectivité d'Outre-Mer | sig@example.org", lines[0]);
        Assert.Equal(
            "Ortho de Paris & environs (2.2, 48.83, 2.4, 48.93) ['image/jpeg'] ['text/plain', 'text/xml', 'text/html', 'application/json'] ['normal'] True", lines[1]);
        var bottom = Samples.Ortho.Levels[^1].Limits;
        Assert.Equal($"{bottom.MinRow} {bottom.MaxRow} {bottom.MinCol} {bottom.MaxCol}", lines[2]);
        Assert.StartsWith("(-20037508.3427892, 20037508.3427892) 524288 1066.36479", lines[3], StringComparison.Ordinal);
        var tile = WmtsKvp.TryParse(Ows.KvpParameters.Parse(lines[4]), TilesAnywhere(), WmtsErrorMode.Strict, out var request, out var error);
        Assert.True(tile, error?.Text);
        Assert.Equal((265000, 180000), (((GetTile)request!).Tile.Col, ((GetTile)request).Tile.Row));
        var path = Uri.UnescapeDataString(lines[5].Split("/wmts/")[1]);
        Assert.True(WmtsRest.TryParse(path, TilesAnywhere(), out request, out error), error?.Text);
        Assert.Equal((265000, 180000), (((GetTile)request).Tile.Col, ((GetTile)request).Tile.Row));
    }

    private static LayerCatalogue TilesAnywhere() => new(
        [new ServedLayer("ORTHO.PARIS:2024", Samples.Set("PM"), Samples.Levels("PM", 0, 19, new Tiling.Extent(-2e7, -2e7, 2e7, 2e7)), "image/jpeg", "jpg") { Bounds = default }], 1);

    private static string Identifier(XElement element) => element.Element(s_ows + "Identifier")!.Value;

    private static XElement Read(byte[] document) => XDocument.Load(new MemoryStream(document)).Root!;
}
