using System.Xml.Linq;
using Grid.Ogc.Ows;
using Grid.Ogc.Tests.Wms;
using Grid.Ogc.Wms;
using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Ogc.Tests;

/// <summary>Layers under the harmonised names of INSPIRE's types.</summary>
public sealed class InspireTests
{
    private const string Orthoimage = "OI.OrthoimageCoverage";

    private static readonly InspireDescription s_inspire = new("https://catalogue.example/csw?id=1", "fre");

    private static readonly ServedLayer s_ortho = Layer("ORTHO.2024", ["photo", Orthoimage]);
    private static readonly ServedLayer s_infrared = Layer("ORTHO.IRC", [Orthoimage]);
    private static readonly ServedLayer s_heights = Layer("EL.GridCoverage", []);
    private static readonly ServedLayer s_map = Layer("SCAN.25", ["carte"]);

    [Theory]
    [InlineData(Orthoimage)]
    [InlineData("EL.GridCoverage")]
    [InlineData("HY.PhysicalWaters.Waterbodies")]
    [InlineData("TN.RoadTransportNetwork.RoadLink")]
    [InlineData("LC.LandCoverRaster")]
    public void Harmonised_names_are_known_by_their_theme_and_form(string name) => Assert.True(InspireNames.Is(name));

    [Theory]
    [InlineData("ORTHOIMAGERY.ORTHOPHOTOS")]
    [InlineData("OI")]
    [InlineData("OI.")]
    [InlineData("OI.ORTHO")]
    [InlineData("oi.OrthoimageCoverage")]
    [InlineData("OI.orthoimageCoverage")]
    [InlineData("XX.OrthoimageCoverage")]
    [InlineData("OI.Orthoimage Coverage")]
    public void Other_names_are_none(string name) => Assert.False(InspireNames.Is(name));

    [Fact]
    public void One_layer_of_a_type_has_the_name_of_the_type_in_both_services()
    {
        var layers = new LayerCatalogue([s_ortho, s_heights, s_map], 1);
        Assert.Equal(["EL.GridCoverage", Orthoimage, "SCAN.25"], NamesOf(Wms(layers, s_inspire)).Order(StringComparer.Ordinal));
        Assert.Equal(["EL.GridCoverage", Orthoimage, "SCAN.25"], NamesOf(Wmts(layers, s_inspire)).Order(StringComparer.Ordinal));
        Assert.Equal(["EL.GridCoverage", "ORTHO.2024", "SCAN.25"], NamesOf(Wms(layers, null)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Several_layers_of_a_type_have_their_own_names_behind_it()
    {
        var layers = new LayerCatalogue([s_ortho, s_infrared], 1);
        Assert.Equal([$"{Orthoimage}.ORTHO.2024", $"{Orthoimage}.ORTHO.IRC"], NamesOf(Wms(layers, s_inspire)));
        Assert.Equal([$"{Orthoimage}.ORTHO.2024", $"{Orthoimage}.ORTHO.IRC"], NamesOf(Wmts(layers, s_inspire)));
        Assert.True(layers.TryFind($"{Orthoimage}.ORTHO.IRC", out var layer));
        Assert.Same(s_infrared, layer);
        Assert.Equal([s_ortho, s_infrared], layers.FindAll(Orthoimage));
    }

    [Fact]
    public void A_layers_own_name_goes_before_what_another_is_called()
    {
        var other = Layer("HEIGHTS", ["EL.GridCoverage"]);
        var layers = new LayerCatalogue([other, s_heights], 1);
        Assert.True(layers.TryFind("EL.GridCoverage", out var layer));
        Assert.Same(s_heights, layer);
        Assert.Same(s_heights, Assert.Single(layers.FindAll("EL.GridCoverage")));
        Assert.True(layers.TryFind("EL.GridCoverage.HEIGHTS", out layer));
        Assert.Same(other, layer);
    }

    [Fact]
    public void Default_styles_are_named_after_the_type()
    {
        var layers = new LayerCatalogue([s_ortho, s_map], 1);
        foreach (var document in new[] { Wms(layers, s_inspire), Wmts(layers, s_inspire) })
        {
            var names = document.Descendants().Where(element => element.Name.LocalName == "Style")
                .Select(style => style.Elements().First(element => element.Name.LocalName is "Name" or "Identifier").Value);
            Assert.Equal([$"{Orthoimage}.Default", InspireDescription.Style], names.Order(StringComparer.Ordinal));
        }

        Assert.Same(s_ortho.DefaultStyle, s_ortho.FindStyle($"{Orthoimage}.Default"));
        Assert.Same(s_ortho.DefaultStyle, s_ortho.FindStyle(InspireDescription.Style));
        Assert.Null(s_map.FindStyle($"{Orthoimage}.Default"));
    }

    [Fact]
    public void Tiles_and_maps_are_asked_for_by_the_names_of_the_documents()
    {
        var layers = new LayerCatalogue([s_ortho, s_infrared, s_heights], 1);
        var level = s_ortho.Levels[^1];
        var tile = $"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={Orthoimage}.ORTHO.2024&STYLE={Orthoimage}.Default&FORMAT=image/jpeg&TILEMATRIXSET=PM"
            + $"&TILEMATRIX={level.Id}&TILEROW={level.Limits.MinRow}&TILECOL={level.Limits.MinCol}";
        Assert.Equal(TileQueryOutcome.Tile, WmtsTileQuery.Parse(tile, layers, out var address, out _));
        Assert.Same(s_ortho, address.Layer);
        Assert.True(WmtsRest.TryParseTile($"1.0.0/{Orthoimage}.ORTHO.2024/{Orthoimage}.Default/PM/{level.Id}/{level.Limits.MinRow}/{level.Limits.MinCol}.jpg", layers, out address, out _));
        Assert.Same(s_ortho, address.Layer);

        const string Query = $"SERVICE=WMS&VERSION=1.3.0&REQUEST=GetFeatureInfo&LAYERS={Orthoimage}&STYLES={Orthoimage}.Default&CRS=EPSG:3857&BBOX=0,0,10,20&WIDTH=8&HEIGHT=5"
            + $"&QUERY_LAYERS={Orthoimage}&I=1&J=1&INFO_FORMAT=text/plain";
        Assert.True(WmsKvp.TryParse(KvpParameters.Parse(Query), layers, new KnownCrs(), new WmsLimits(100, 100, 2, false), out var request, out var error), error?.Text);
        var info = Assert.IsType<GetMapInfo>(request);
        Assert.Equal([s_ortho, s_infrared], info.Map.Layers.Select(drawn => drawn.Layer));
        Assert.Equal([s_ortho, s_infrared], info.Layers);
        Assert.False(WmsKvp.TryParse(KvpParameters.Parse(Query), layers, new KnownCrs(), new WmsLimits(100, 100, 1, false), out _, out error));
        Assert.Equal("layers", error.Locator);
    }

    private static ServedLayer Layer(string name, string[] keywords) => new(
        name, Samples.Set("PM"), Samples.Levels("PM", 0, 19, new Extent(244904, 6243320, 267168, 6260214)), "image/jpeg", "jpg")
    {
        Keywords = keywords, Bounds = new GeographicBounds(2.2, 48.83, 2.4, 48.93), IsQueryable = true,
    };

    private static XDocument Wmts(LayerCatalogue layers, InspireDescription? inspire) =>
        Read(WmtsCapabilities.Write(Samples.Service, layers, Samples.Addresses, inspire: inspire));

    private static XDocument Wms(LayerCatalogue layers, InspireDescription? inspire) =>
        Read(WmsCapabilities.Write(Samples.Service, layers, _ => [], [], new WmsLimits(10, 10, 1, false), Samples.Root + "/wms-r", Samples.Root, inspire));

    private static XDocument Read(byte[] document)
    {
        using var stream = new MemoryStream(document);
        return XDocument.Load(stream);
    }

    /// <summary>The layers' names, of WMS without the root's, which has none.</summary>
    private static IEnumerable<string> NamesOf(XDocument document) => document.Descendants().Where(element => element.Name.LocalName == "Layer")
        .Select(layer => layer.Elements().FirstOrDefault(element => element.Name.LocalName is "Name" or "Identifier")?.Value).OfType<string>();
}
