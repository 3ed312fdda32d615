using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests.Wmts;

public class WmtsRestTests
{
    [Fact]
    public void Addresses_of_the_templates_are_read()
    {
        Assert.True(WmtsRest.TryParse("/1.0.0/WMTSCapabilities.xml", Samples.Catalogue, out var request, out _));
        Assert.Equal(new GetCapabilities(WmtsSections.All, false, "application/xml"), request);

        Assert.True(WmtsRest.TryParse("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400.jpg", Samples.Catalogue, out request, out _));
        var tile = Assert.IsType<GetTile>(request).Tile;
        Assert.Equal(("ORTHO.PARIS:2024", "19", 265400, 180300), (tile.Layer.Name, tile.Level.Id, tile.Col, tile.Row));

        Assert.True(WmtsRest.TryParse("1.0.0/ORTHO.PARIS:2024/normal/PM/19/180300/265400/7/9.json", Samples.Catalogue, out request, out _));
        var info = Assert.IsType<GetFeatureInfo>(request);
        Assert.Equal((9, 7, "application/json"), (info.I, info.J, info.InfoFormat));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.0.0")]
    [InlineData("2.0.0/WMTSCapabilities.xml")]
    [InlineData("1.0.0/BOGUS/normal/PM_0_19/19/180300/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/bogus/PM_0_19/19/180300/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/4326/19/180300/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/20/180300/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/x/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400.png")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/1/265400.jpg")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400/7/256.json")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400/7/9.pdf")]
    [InlineData("1.0.0/ORTHO.PARIS:2024/normal/PM_0_19/19/180300/265400/7/9/1/2/3/4.json")]
    public void Other_addresses_are_not_found(string path)
    {
        Assert.False(WmtsRest.TryParse(path, Samples.Catalogue, out _, out var error));
        Assert.Equal(404, error.HttpStatus);
    }
}
