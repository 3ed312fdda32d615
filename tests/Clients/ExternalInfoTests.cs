using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>Layers whose places another server knows: what it is asked, what of it is passed on, and what is not.</summary>
[Collection("clients")]
public sealed class ExternalInfoTests(PublishedOrtho published)
{
    private const string Place = "VERSION=1.3.0&CRS=EPSG:4326&BBOX=48.92,2.32,48.924,2.326&WIDTH=300&HEIGHT=200";

    [PythonFact("owslib", "python3-owslib")]
    public async Task OwsLib_gets_what_the_other_server_says_by_Wms_and_the_tile_service_asks_it_too()
    {
        using var producer = await GridProducer.OfAsync(published.Grid);
        var known = new JsonObject
        {
            ["server_url"] = published.Neighbour.Address + "wms?map=land&STYLES=plain", ["layers"] = "parcels", ["extra_query_params"] = new JsonObject { ["language"] = "fre" },
        };
        foreach (var type in (string[])["WMS-RASTER", "WMTS-TMS"])
            await producer.PublishAsync(published.Pyramid, "land", new JsonObject { ["getfeatureinfo"] = known.DeepClone() }, type);

        var said = await PublishedOrtho.ScriptAsync("owslib_maps.py", published.Maps, "land", "EPSG:4326", "2.32", "48.92", "2.326", "48.924");
        var asked = said["values"]!["features"]![0]!["properties"]!;
        Assert.Equal(
            ("land", "plain", "parcels", "parcels", "fre", "EPSG:4326", "100", "50", "application/json"),
            (Text("map"), Text("STYLES"), Text("LAYERS"), Text("QUERY_LAYERS"), Text("language"), Text("CRS"), Text("I"), Text("J"), Text("INFO_FORMAT")));
        Assert.Equal(48.92, double.Parse(Text("BBOX").Split(',')[0], System.Globalization.CultureInfo.InvariantCulture), 1e-9);

        using var http = new HttpClient();
        asked = JsonNode.Parse(await http.GetStringAsync(
            $"{published.Root}/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetFeatureInfo&LAYER=land&STYLE=normal&FORMAT=image/jpeg&TILEMATRIXSET=PM&TILEMATRIX=10&TILEROW=351&TILECOL=518&I=7&J=9&INFOFORMAT=application/json"))!["features"]![0]!["properties"]!;
        Assert.Equal(("EPSG:3857", "256", "7", "9"), (Text("CRS"), Text("WIDTH"), Text("I"), Text("J")));

        using var together = await http.GetAsync($"{published.Maps}?SERVICE=WMS&REQUEST=GetFeatureInfo&{Place}&LAYERS=land,ortho_png&STYLES=&QUERY_LAYERS=land,ortho_png&INFO_FORMAT=text/plain&I=1&J=1");
        Assert.Contains("asked for alone", await together.Content.ReadAsStringAsync());

        string Text(string name) => (string)asked[name]!;
    }

    [Theory]
    [InlineData("elsewhere", "answered with status 302")]
    [InlineData("endless", "sent more than")]
    [InlineData("program", "answered with application/octet-stream")]
    public async Task What_no_good_server_says_is_not_passed_on(string path, string reason)
    {
        using var producer = await GridProducer.OfAsync(published.Grid);
        await producer.PublishAsync(published.Pyramid, path, new JsonObject { ["getfeatureinfo"] = new JsonObject { ["server_url"] = published.Neighbour.Address + path } }, "WMS-RASTER");
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"{published.Maps}?SERVICE=WMS&REQUEST=GetFeatureInfo&{Place}&LAYERS={path}&STYLES=&QUERY_LAYERS={path}&INFO_FORMAT=application/json&I=1&J=1");
        Assert.Equal(502, (int)answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user@127.0.0.1/")]
    public async Task Servers_that_the_platform_does_not_allow_are_refused(string server)
    {
        using var producer = await GridProducer.OfAsync(published.Grid);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => producer.PublishAsync(
            published.Pyramid, "refused", new JsonObject { ["getfeatureinfo"] = new JsonObject { ["server_url"] = server } }, "WMS-RASTER"));
        Assert.Contains("the platform asks", refused.Message);
    }
}
