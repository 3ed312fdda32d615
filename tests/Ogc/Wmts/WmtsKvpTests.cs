using Grid.Fixtures;
using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests.Wmts;

public class WmtsKvpTests
{
    /// <summary>A tile that exists: level 19 of the sample ortho.</summary>
    private const string Tile = "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=ORTHO.PARIS:2024&STYLE=normal&FORMAT=image/jpeg"
        + "&TILEMATRIXSET=PM_0_19&TILEMATRIX=19&TILEROW=180300&TILECOL=265400";

    private const string Info = "SERVICE=WMTS&REQUEST=GetFeatureInfo&VERSION=1.0.0&LAYER=ORTHO.PARIS:2024&STYLE=normal&FORMAT=image/jpeg"
        + "&TILEMATRIXSET=PM_0_19&TILEMATRIX=19&TILEROW=180300&TILECOL=265400&I=10&J=255&INFOFORMAT=text/plain";

    [Theory]
    [InlineData(Tile)]
    [InlineData("?" + Tile)]
    [InlineData("?&" + Tile)]
    [InlineData("&&" + Tile + "&")]
    [InlineData("??" + Tile)]
    [InlineData("apiKey=x?" + Tile)]
    [InlineData(Tile + "&DPI=96&MAP_RESOLUTION=96&gp-access-lib=3.4.6&apiKey=")]
    [InlineData("service=WMTS&request=getTile&version=1.0.0&layer=ORTHO.PARIS%3A2024&style=&format=image%2Fjpeg&tilematrixset=PM&tilematrix=19&tilerow=180300&tilecol=265400")]
    [InlineData("Service=wmts&Request=GetTile&Layer=ORTHO.PARIS:2024&Style=normal&Format=image/jpeg&TileMatrixSet=PM_6_16&TileMatrix=19&TileRow=180300&TileCol=265400")]
    public void Ways_of_real_clients_are_read(string query)
    {
        Assert.True(WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Compatible, out var request, out var error), error?.Text);
        var tile = Assert.IsType<GetTile>(request).Tile;
        Assert.Same(Samples.Ortho, tile.Layer);
        Assert.Equal(("19", 265400, 180300), (tile.Level.Id, tile.Col, tile.Row));
    }

    [Fact]
    public void Semicolon_of_a_format_survives()
    {
        foreach (var format in (string[])["image/x-bil;bits=32", "image%2Fx-bil%3Bbits%3D32", "image/x-bil;+bits=32"])
        {
            var limits = Samples.Elevation.Levels[0].Limits;
            var query = $"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=MNT&STYLE=normal&FORMAT={format}&TILEMATRIXSET=LAMB93_1M_MNT"
                + $"&TILEMATRIX=0&TILEROW={limits.MinRow}&TILECOL={limits.MinCol}";
            Assert.True(WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Compatible, out _, out var error), error?.Text);
        }
    }

    [Fact]
    public void Body_of_a_form_is_merged_after_the_query()
    {
        var kvp = KvpParameters.Parse("SERVICE=WMTS&A=1", "a=2&REQUEST=GetCapabilities&B=x+y%20z&c=50%");
        Assert.Equal(("1", "x y z", "50%"), (kvp["a"], kvp["b"], kvp["C"]));
        Assert.True(WmtsKvp.TryParse(kvp, Samples.Catalogue, WmtsErrorMode.Strict, out var request, out _));
        Assert.IsType<GetCapabilities>(request);
    }

    /// <summary>Code, locator and status of the OGC's test suite.</summary>
    [Theory]
    [InlineData("", "MissingParameterValue", "request", 400)]
    [InlineData("?hello", "MissingParameterValue", "request", 400)]
    [InlineData("REQUEST=GetCapabilities", "MissingParameterValue", "service", 400)]
    [InlineData("SERVICE=&REQUEST=GetCapabilities", "MissingParameterValue", "service", 400)]
    [InlineData("SERVICE=BOGUS&REQUEST=GetCapabilities", "InvalidParameterValue", "service", 400)]
    [InlineData("SERVICE=WMTS", "MissingParameterValue", "request", 400)]
    [InlineData("SERVICE=WMTS&REQUEST=GetBOGUS", "InvalidParameterValue", "request", 400)]
    [InlineData("SERVICE=WMTS&REQUEST=GetCapabilities&ACCEPTVERSIONS=2.0.0,9.9", "VersionNegotiationFailed", null, 400)]
    [InlineData("SERVICE=WMTS&REQUEST=GetCapabilities&UPDATESEQUENCE=43", "InvalidUpdateSequence", null, 400)]
    [InlineData("SERVICE=WMTS&REQUEST=GetCapabilities&UPDATESEQUENCE=soon", "InvalidUpdateSequence", null, 400)]
    [InlineData("SERVICE=WMTS&REQUEST=GetCapabilities&SECTIONS=Contents,Bogus", "InvalidParameterValue", "Sections", 400)]
    public void Wrong_requests_are_refused_by_the_book(string query, string code, string? locator, int status)
    {
        foreach (var mode in Enum.GetValues<WmtsErrorMode>())
            Refuses(query, mode, code, locator, status);
    }

    [Theory]
    [InlineData("VERSION", "version")]
    [InlineData("LAYER", "layer")]
    [InlineData("STYLE", "Style")]
    [InlineData("FORMAT", "format")]
    [InlineData("TILEMATRIXSET", "TileMatrixSet")]
    [InlineData("TILEMATRIX", "TileMatrix")]
    [InlineData("TILEROW", "TileRow")]
    [InlineData("TILECOL", "TileCol")]
    public void Missing_and_blank_tile_parameters_are_named(string parameter, string locator)
    {
        Refuses(Without(Tile, parameter), WmtsErrorMode.Strict, "MissingParameterValue", locator, 400);
        Refuses(With(Tile, parameter, ""), WmtsErrorMode.Strict, "MissingParameterValue", locator, 400);
        Refuses(Without(Info, parameter), WmtsErrorMode.Strict, "MissingParameterValue", locator, 400);
        if (parameter != "VERSION")
            Refuses(Without(Tile, parameter), WmtsErrorMode.Compatible, "MissingParameterValue", locator, 400);
    }

    [Theory]
    [InlineData("I", "I")]
    [InlineData("J", "J")]
    [InlineData("INFOFORMAT", "InfoFormat")]
    public void Missing_pixel_parameters_are_named(string parameter, string locator) =>
        Refuses(Without(Info, parameter), WmtsErrorMode.Strict, "MissingParameterValue", locator, 400);

    [Theory]
    [InlineData("VERSION", "9.0", "version")]
    [InlineData("LAYER", "BOGUS", "layer")]
    [InlineData("LAYER", "ortho.paris:2024", "layer")]
    [InlineData("STYLE", "bogus", "Style")]
    [InlineData("FORMAT", "image/png", "format")]
    [InlineData("TILEMATRIXSET", "LAMB93_10cm", "TileMatrixSet")]
    [InlineData("TILEMATRIX", "bogus", "TileMatrix")]
    [InlineData("TILEMATRIX", "22", "TileMatrix")]
    [InlineData("TILEROW", "one", "TileRow")]
    [InlineData("TILECOL", "1.5", "TileCol")]
    [InlineData("TILECOL", "99999999999999999999", "TileCol")]
    public void Bad_tile_parameters_are_named_in_either_mode(string parameter, string value, string locator)
    {
        foreach (var mode in Enum.GetValues<WmtsErrorMode>())
            Refuses(With(Tile, parameter, value), mode, "InvalidParameterValue", locator, 400);
    }

    [Theory]
    [InlineData("TILEROW", "1", "TileRow")]
    [InlineData("TILEROW", "-1", "TileRow")]
    [InlineData("TILECOL", "524287", "TileCol")]
    public void Tiles_beyond_the_limits_are_an_error_or_just_not_there(string parameter, string value, string locator)
    {
        Refuses(With(Tile, parameter, value), WmtsErrorMode.Strict, "TileOutOfRange", locator, 400);
        Refuses(With(Tile, parameter, value), WmtsErrorMode.Compatible, "Not Found", null, 404);
        Refuses(With(Info, parameter, value), WmtsErrorMode.Strict, "InvalidParameterValue", locator, 400);
    }

    [Fact]
    public void Level_of_the_set_that_the_layer_lacks_is_an_error_or_just_not_there()
    {
        Refuses(With(Tile, "TILEMATRIX", "21"), WmtsErrorMode.Strict, "InvalidParameterValue", "TileMatrix", 400);
        Refuses(With(Tile, "TILEMATRIX", "21"), WmtsErrorMode.Compatible, "Not Found", null, 404);
    }

    [Fact]
    public void Empty_style_is_the_default_one_outside_the_strict_mode()
    {
        var limits = Samples.Scan.Levels[^1].Limits;
        var query = $"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=SCAN&STYLE=&FORMAT=image/png&TILEMATRIXSET=LAMB93_10cm_6_21&TILEMATRIX=21&TILEROW={limits.MinRow}&TILECOL={limits.MinCol}";
        Assert.True(WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Compatible, out var request, out _));
        Assert.Equal("colour", ((GetTile)request).Style.Id);
    }

    [Theory]
    [InlineData("I", "256", "PointIJOutOfRange")]
    [InlineData("J", "-1", "PointIJOutOfRange")]
    [InlineData("I", "x", "InvalidParameterValue")]
    public void Pixels_outside_the_tile_are_refused(string parameter, string value, string compatible)
    {
        Refuses(With(Info, parameter, value), WmtsErrorMode.Strict, "InvalidParameterValue", parameter, 400);
        Refuses(With(Info, parameter, value), WmtsErrorMode.Compatible, compatible, parameter, 400);
    }

    [Fact]
    public void Information_is_refused_in_unknown_formats_and_for_layers_that_have_none()
    {
        Refuses(With(Info, "INFOFORMAT", "text/bogus"), WmtsErrorMode.Strict, "InvalidParameterValue", "InfoFormat", 400);
        var limits = Samples.World.Levels[0].Limits;
        Refuses(
            $"SERVICE=WMTS&REQUEST=GetFeatureInfo&VERSION=1.0.0&LAYER=WORLD&STYLE=normal&FORMAT=image/jpeg&TILEMATRIXSET=4326_0_5&TILEMATRIX=0&TILEROW={limits.MinRow}&TILECOL={limits.MinCol}&I=1&J=1&INFOFORMAT=text/plain",
            WmtsErrorMode.Strict, "OperationNotSupported", "GetFeatureInfo", 501);
    }

    [Theory]
    [InlineData("", WmtsSections.All, false, "text/xml")]
    [InlineData("&SECTIONS=All", WmtsSections.All, false, "text/xml")]
    [InlineData("&SECTIONS=Contents,ServiceProvider", WmtsSections.Contents | WmtsSections.ServiceProvider, false, "text/xml")]
    [InlineData("&ACCEPTVERSIONS=2.0.0,1.0.0", WmtsSections.All, false, "text/xml")]
    [InlineData("&ACCEPTFORMATS=text/html,application/xml", WmtsSections.All, false, "application/xml")]
    [InlineData("&ACCEPTFORMATS=text/html", WmtsSections.All, false, "text/xml")]
    [InlineData("&UPDATESEQUENCE=42", WmtsSections.All, true, "text/xml")]
    [InlineData("&UPDATESEQUENCE=41", WmtsSections.All, false, "text/xml")]
    public void Capabilities_are_negotiated(string more, WmtsSections sections, bool unchanged, string type)
    {
        Assert.True(WmtsKvp.TryParse(
            KvpParameters.Parse("SERVICE=WMTS&REQUEST=GetCapabilities" + more), Samples.Catalogue, WmtsErrorMode.Strict, out var request, out var error), error?.Text);
        Assert.Equal(new GetCapabilities(sections, unchanged, type), request);
    }

    [SchemaFact]
    public async Task Reports_of_errors_are_valid()
    {
        foreach (var query in (string[])["", "SERVICE=WMTS&REQUEST=\u0002<&>", "SERVICE=WMTS&REQUEST=GetCapabilities&ACCEPTVERSIONS=3", With(Tile, "LAYER", "%00%ED%A0%80")])
        {
            Assert.False(WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Strict, out _, out var error));
            await Judge.ValidateAsync(OwsExceptionReport.Write(error), "ows/1.1.0/owsExceptionReport.xsd");
        }

        await Judge.ValidateAsync(OwsExceptionReport.Write(OwsError.NoData), "ows/1.1.0/owsExceptionReport.xsd");
    }

    internal static string With(string query, string parameter, string value) =>
        string.Join('&', query.Split('&').Select(pair => pair.StartsWith(parameter + "=", StringComparison.Ordinal) ? $"{parameter}={value}" : pair));

    private static string Without(string query, string parameter) =>
        string.Join('&', query.Split('&').Where(pair => !pair.StartsWith(parameter + "=", StringComparison.Ordinal)));

    private static void Refuses(string query, WmtsErrorMode mode, string code, string? locator, int status)
    {
        Assert.False(WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, mode, out _, out var error), $"{mode} accepts {query}");
        Assert.Equal((code, locator, status), (error.Code, error.Locator, error.HttpStatus));
    }
}
