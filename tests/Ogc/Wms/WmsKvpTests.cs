using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Ogc.Tests.Wms;

public class WmsKvpTests
{
    private const string Map = "SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=ORTHO.PARIS:2024&STYLES=&CRS=EPSG:3857&BBOX=0,0,10,20&WIDTH=8&HEIGHT=5&FORMAT=image/png";
    private static readonly string s_info = Map.Replace("GetMap", "GetFeatureInfo") + "&QUERY_LAYERS=ORTHO.PARIS:2024&I=7&J=4&INFO_FORMAT=text/plain";
    private static readonly WmsLimits s_limits = new(5000, 4000, 2, false);

    [Theory]
    [InlineData(Map)]
    [InlineData("?&" + Map)]
    [InlineData(Map + "&DPI=96&MAP_RESOLUTION=96&FORMAT_OPTIONS=dpi:96&gp-access-lib=3.4.6&apiKey=")]
    [InlineData("request=getmap&version=1.3.0&layers=ORTHO.PARIS%3A2024&crs=epsg%3A3857&bbox=0.0,0e0,1E1,2.0e+1&width=8&height=5&format=image/png")]
    [InlineData("REQUEST=GetMap&LAYERS=ORTHO.PARIS:2024&STYLES=normal&CRS=urn:ogc:def:crs:EPSG::3857&BBOX=0,0,10,20&WIDTH=8&HEIGHT=5&FORMAT=image/png&TRANSPARENT=false")]
    public void Ways_of_real_clients_are_read(string query)
    {
        var map = Assert.IsType<GetMap>(Parse(query));
        Assert.Same(Samples.Ortho, Assert.Single(map.Layers).Layer);
        Assert.Equal(new Extent(0, 0, 10, 20), map.Extent);
        Assert.Equal((8, 5, "image/png", false), (map.Width, map.Height, map.MimeType, map.IsTransparent));
    }

    [Theory]
    [InlineData("EPSG:4326", "2.2,48.8", "48.8,2.2,48.9,2.4")]
    [InlineData("EPSG:4171", "2.2,48.8", "48.8,2.2,48.9,2.4")]
    [InlineData("EPSG:3035", "2.2,48.8", "48.8,2.2,48.9,2.4")]
    [InlineData("CRS:84", "2.2,48.8", "2.2,48.8,2.4,48.9")]
    [InlineData("IGNF:RGF93G", "2.2,48.8", "2.2,48.8,2.4,48.9")]
    [InlineData("EPSG:2154", "2.2,48.8", "2.2,48.8,2.4,48.9")]
    public void Axes_of_the_bbox_are_those_of_the_Crs(string crs, string corner, string box)
    {
        var map = (GetMap)Parse(Map.Replace("EPSG:3857", crs).Replace("0,0,10,20", box));
        Assert.Equal(corner, string.Create(CultureInfo.InvariantCulture, $"{map.Extent.MinX},{map.Extent.MinY}"));
    }

    [Fact]
    public void Layers_are_bottom_first_and_empty_styles_are_the_default_one()
    {
        var map = (GetMap)Parse(Map.Replace("LAYERS=ORTHO.PARIS:2024&STYLES=", "LAYERS=SCAN,ORTHO.PARIS:2024&STYLES=grey,"));
        Assert.Equal([("SCAN", "grey"), ("ORTHO.PARIS:2024", "normal")], map.Layers.Select(layer => (layer.Layer.Name, layer.Style.Id)));
        Assert.Equal("colour", ((GetMap)Parse(Map.Replace("LAYERS=ORTHO.PARIS:2024", "LAYERS=SCAN"))).Layers[0].Style.Id);
        Assert.Equal("colour", ((GetMap)Parse(Map.Replace("LAYERS=ORTHO.PARIS:2024&STYLES=", "LAYERS=SCAN&STYLES=inspire_common:DEFAULT"))).Layers[0].Style.Id);
    }

    [Fact]
    public void Options_of_the_picture_are_read()
    {
        var map = (GetMap)Parse(Map.Replace("image/png", "image/geotiff") + "&TRANSPARENT=TRUE&BGCOLOR=0x0A0b0C&FORMAT_OPTIONS=compression:deflate;quality:60&DPI=254&FILENAME=a.tif");
        Assert.Equal((true, 0x0A0B0C, 60, "deflate", "a.tif"), (map.IsTransparent, map.Background, map.Quality, map.Compression, map.FileName));
        Assert.Equal(0.0001, map.PixelMetres, 12);
        Assert.Equal("image/x-bil;bits=32", ((GetMap)Parse(Map.Replace("image/png", "image/x-bil;+bits=32"))).MimeType);
    }

    [Theory]
    [InlineData("LAYERS=ORTHO.PARIS:2024", "LAYERS=none", "LayerNotDefined", "layers")]
    [InlineData("LAYERS=ORTHO.PARIS:2024", "LAYERS=SCAN,SCAN,SCAN", "InvalidParameterValue", "layers")]
    [InlineData("STYLES=", "STYLES=hill", "StyleNotDefined", "styles")]
    [InlineData("STYLES=", "STYLES=normal,normal", "StyleNotDefined", "styles")]
    [InlineData("EPSG:3857", "EPSG:9999999", "InvalidCRS", "crs")]
    [InlineData("EPSG:3857", "AUTO2:42001", "InvalidCRS", "crs")]
    [InlineData("BBOX=0,0,10,20", "BBOX=10,0,0,20", "InvalidParameterValue", "bbox")]
    [InlineData("BBOX=0,0,10,20", "BBOX=0,0,0,20", "InvalidParameterValue", "bbox")]
    [InlineData("BBOX=0,0,10,20", "BBOX=0,0,10", "InvalidParameterValue", "bbox")]
    [InlineData("BBOX=0,0,10,20", "BBOX=0,0,NaN,20", "InvalidParameterValue", "bbox")]
    [InlineData("BBOX=0,0,10,20", "BBOX=", "MissingParameterValue", "bbox")]
    [InlineData("WIDTH=8", "WIDTH=0", "InvalidParameterValue", "width")]
    [InlineData("HEIGHT=5", "HEIGHT=4001", "InvalidParameterValue", "height")]
    [InlineData("image/png", "image/bmp", "InvalidFormat", "format")]
    [InlineData("&FORMAT=image/png", "", "MissingParameterValue", "format")]
    [InlineData("image/png", "image/png&TRANSPARENT=maybe", "InvalidParameterValue", "transparent")]
    [InlineData("image/png", "image/png&BGCOLOR=red", "InvalidParameterValue", "bgcolor")]
    [InlineData("image/png", "image/png&DPI=0", "InvalidParameterValue", "dpi")]
    [InlineData("image/png", "image/png&FORMAT_OPTIONS=quality:101", "InvalidParameterValue", "format_options")]
    [InlineData("image/png", "image/png&FORMAT_OPTIONS=compression:lzma", "InvalidParameterValue", "format_options")]
    [InlineData("REQUEST=GetMap", "REQUEST=GetBogus", "OperationNotSupported", "request")]
    [InlineData("&REQUEST=GetMap", "", "MissingParameterValue", "request")]
    [InlineData("SERVICE=WMS", "SERVICE=WFS", "InvalidParameterValue", "service")]
    public void Faults_have_the_codes_of_the_standard(string part, string instead, string code, string locator)
    {
        var error = Refuse(Map.Replace(part, instead));
        Assert.Equal((code, locator, 400), (error.Code, error.Locator, error.HttpStatus));
    }

    [Theory]
    [InlineData("VERSION=1.3.0", "VERSION=1.1.1")]
    [InlineData("&CRS=", "&SRS=")]
    [InlineData("VERSION=1.3.0&REQUEST=GetMap", "REQUEST=GetMap&VERSION=1.1.0")]
    public void Requests_of_version_1_1_1_are_told_that_it_ended(string part, string instead)
    {
        var error = Refuse(Map.Replace(part, instead));
        Assert.Contains("January 2024", error.Text);
        Assert.Contains("VERSION=1.3.0", error.Text);
    }

    [Fact]
    public void Strict_mode_insists_on_what_the_standard_calls_mandatory()
    {
        var strict = s_limits with { IsStrict = true };
        Assert.Equal("version", Refuse(Map.Replace("VERSION=1.3.0&", ""), strict).Locator);
        Assert.Equal("styles", Refuse(Map.Replace("STYLES=&", ""), strict).Locator);
        Assert.Equal("service", Refuse("REQUEST=GetCapabilities", strict).Locator);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&VERSION=0.0.0")]
    [InlineData("&VERSION=1.1.1")]
    [InlineData("&VERSION=100.0.0&FORMAT=bogus")]
    public void Capabilities_are_given_whatever_version_is_asked_for(string more) =>
        Assert.IsType<GetWmsCapabilities>(Parse("SERVICE=WMS&REQUEST=GetCapabilities" + more));

    [Theory]
    [InlineData("42", "CurrentUpdateSequence")]
    [InlineData("43", "InvalidUpdateSequence")]
    [InlineData("41", null)]
    public void Update_sequences_are_negotiated(string sequence, string? code)
    {
        var query = "SERVICE=WMS&REQUEST=GetCapabilities&UPDATESEQUENCE=" + sequence;
        if (code is null)
            Parse(query);
        else
            Assert.Equal(code, Refuse(query).Code);
    }

    [Theory]
    [InlineData("QUERY_LAYERS=ORTHO.PARIS:2024", "QUERY_LAYERS=SCAN", "LayerNotDefined")]
    [InlineData("LAYERS=ORTHO.PARIS:2024", "LAYERS=SCAN", "LayerNotQueryable")]
    [InlineData("QUERY_LAYERS=ORTHO.PARIS:2024", "QUERY_LAYERS=ORTHO.PARIS:2024,ORTHO.PARIS:2024,ORTHO.PARIS:2024", "InvalidParameterValue")]
    [InlineData("I=7", "I=8", "InvalidPoint")]
    [InlineData("J=4", "J=-1", "InvalidPoint")]
    [InlineData("text/plain", "text/rtf", "InvalidFormat")]
    [InlineData("&INFO_FORMAT=text/plain", "", "MissingParameterValue")]
    [InlineData("&I=7", "&X=7", "InvalidParameterValue")]
    public void Queries_have_codes_of_their_own(string part, string instead, string code) => Assert.Equal(code, Refuse(s_info.Replace(part, instead)).Code);

    [Fact]
    public void Query_of_a_pixel_is_read_without_the_maps_format()
    {
        var info = Assert.IsType<GetMapInfo>(Parse(s_info.Replace("&FORMAT=image/png", "")));
        Assert.Equal((7, 4, "text/plain"), (info.I, info.J, info.InfoFormat));
        Assert.Same(Samples.Ortho, Assert.Single(info.Layers));
    }

    [Fact]
    public void Blank_picture_in_place_of_an_error_is_as_the_request_says()
    {
        var blank = WmsKvp.PictureOfError(KvpParameters.Parse(Map.Replace("EPSG:3857", "EPSG:0") + "&EXCEPTIONS=BLANK&BGCOLOR=0xFF0000"), s_limits, out var showsError);
        Assert.False(showsError);
        Assert.Equal((8, 5, "image/png", 0xFF0000), (blank!.Width, blank.Height, blank.MimeType, blank.Background));
        Assert.NotNull(WmsKvp.PictureOfError(KvpParameters.Parse(Map + "&EXCEPTIONS=inimage"), s_limits, out showsError));
        Assert.True(showsError);
        Assert.Null(WmsKvp.PictureOfError(KvpParameters.Parse(Map + "&EXCEPTIONS=XML"), s_limits, out _));
        Assert.Null(WmsKvp.PictureOfError(KvpParameters.Parse(Map.Replace("WIDTH=8", "WIDTH=x") + "&EXCEPTIONS=BLANK"), s_limits, out _));
    }

    private static WmsRequest Parse(string query)
    {
        Assert.True(WmsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, new KnownCrs(), s_limits, out var request, out var error), error?.Text);
        return request;
    }

    private static WmsError Refuse(string query, WmsLimits? limits = null)
    {
        Assert.False(WmsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, new KnownCrs(), limits ?? s_limits, out _, out var error));
        return error;
    }
}

/// <summary>The CRS of the project's own table, in the axis order that it states.</summary>
internal sealed class KnownCrs : IMapCrsRegister
{
    public MapCrs? Find(string name) => Crs.TryParse(name, out var crs) && crs.Code is not ("9999999" or "0") && crs.Authority != "AUTO2"
        ? new MapCrs(crs, crs.GdalName, crs.IsLatitudeFirst, crs.MetersPerUnit)
        : null;
}
