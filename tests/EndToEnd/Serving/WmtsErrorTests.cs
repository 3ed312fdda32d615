namespace Grid.EndToEnd.Tests.Serving;

/// <summary>What is wrong in a request is told in an exception report that names the parameter.</summary>
[Collection("grid")]
public sealed class WmtsErrorTests(SharedGrid shared)
{
    [Theory]
    [InlineData("SERVICE", null, "MissingParameterValue", "service")]
    [InlineData("SERVICE", "WFS", "InvalidParameterValue", "service")]
    [InlineData("REQUEST", null, "MissingParameterValue", "request")]
    [InlineData("REQUEST", "GetMap", "InvalidParameterValue", "request")]
    [InlineData("VERSION", "2.0.0", "InvalidParameterValue", "version")]
    [InlineData("LAYER", null, "MissingParameterValue", "layer")]
    [InlineData("LAYER", "nothing", "InvalidParameterValue", "layer")]
    [InlineData("STYLE", null, "MissingParameterValue", "style")]
    [InlineData("STYLE", "dark", "InvalidParameterValue", "style")]
    [InlineData("FORMAT", null, "MissingParameterValue", "format")]
    [InlineData("FORMAT", "image/jpeg", "InvalidParameterValue", "format")]
    [InlineData("TILEMATRIXSET", null, "MissingParameterValue", "tilematrixset")]
    [InlineData("TILEMATRIXSET", "LAMB93_10cm", "InvalidParameterValue", "tilematrixset")]
    [InlineData("TILEMATRIX", null, "MissingParameterValue", "tilematrix")]
    [InlineData("TILEMATRIX", "40", "InvalidParameterValue", "tilematrix")]
    [InlineData("TILEROW", null, "MissingParameterValue", "tilerow")]
    [InlineData("TILEROW", "north", "InvalidParameterValue", "tilerow")]
    [InlineData("TILECOL", null, "MissingParameterValue", "tilecol")]
    [InlineData("TILECOL", "99999999999999999999", "InvalidParameterValue", "tilecol")]
    public async Task Bad_parameter_is_named(string parameter, string? value, string code, string locator)
    {
        var error = await ServiceError.GetAsync(shared.Http, shared.Tile.Address((parameter, value)));
        Assert.Equal(400, error.Status);
        Assert.Equal("text/xml", error.Type);
        Assert.Equal(code, error.Code);
        Assert.Equal(locator, error.Locator, ignoreCase: true);
        if (value is not null)
            Assert.Contains(value, error.Text);
    }

    [Theory]
    [InlineData("TILEROW", "0")]
    [InlineData("TILECOL", "-1")]
    [InlineData("TILEMATRIX", "21")]
    public async Task Place_without_data_is_not_found(string parameter, string value)
    {
        var error = await ServiceError.GetAsync(shared.Http, shared.Tile.Address((parameter, value)));
        Assert.Equal(404, error.Status);
    }

    [Theory]
    [InlineData("/wmts", 400)]
    [InlineData("/wmts?", 400)]
    [InlineData("/wmts?nonsense", 400)]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&ACCEPTVERSIONS=2.0.0", 400)]
    [InlineData("/wmts/1.0.0/nothing/normal/PM/19/1/1.png", 404)]
    [InlineData("/wmts/2.0.0/WMTSCapabilities.xml", 404)]
    [InlineData("/wmts/1.0.0/..%2f..%2fsecrets.json", 404)]
    public async Task Request_that_is_none_is_refused_in_the_services_own_form(string address, int status) =>
        Assert.Equal(status, (await ServiceError.GetAsync(shared.Http, address)).Status);

    [Fact]
    public async Task Layer_that_cannot_be_queried_says_so()
    {
        var error = await ServiceError.GetAsync(shared.Http, shared.Tile.Address(("REQUEST", "GetFeatureInfo"), ("I", "0"), ("J", "0"), ("INFOFORMAT", "text/plain")));
        Assert.Equal((501, "OperationNotSupported"), (error.Status, error.Code));
    }
}
