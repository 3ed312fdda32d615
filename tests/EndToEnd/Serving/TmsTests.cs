using System.Net;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>TMS: its documents, the same tiles as WMTS with rows from the top, and its own form of errors.</summary>
[Collection("grid")]
public sealed class TmsTests(SharedGrid shared)
{
    private string Tile => $"/tms/1.0.0/{shared.Tile.Layer}/{shared.Tile.Level}/{shared.Tile.Col}/{shared.Tile.Row}.png";

    [Fact]
    public async Task Tile_is_that_of_the_WMTS_and_is_validated_alike()
    {
        using var tile = await shared.Http.GetAsync(Tile);
        Assert.Equal(await shared.Http.GetByteArrayAsync(shared.Tile.Address()), await tile.Content.ReadAsByteArrayAsync());
        Assert.Equal("image/png", tile.Content.Headers.ContentType?.ToString());
        using var again = new HttpRequestMessage(HttpMethod.Get, Tile);
        again.Headers.IfNoneMatch.Add(tile.Headers.ETag!);
        using var known = await shared.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var head = await shared.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Tile));
        Assert.Equal(tile.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Documents_lead_from_the_service_to_the_tiles()
    {
        var service = XDocument.Parse(await shared.Http.GetStringAsync("/tms/1.0.0"));
        var map = service.Descendants("TileMap").Single(one => ((string?)one.Attribute("href"))!.EndsWith("/" + shared.Tile.Layer, StringComparison.Ordinal));
        var layer = XDocument.Parse(await shared.Http.GetStringAsync(new Uri((string)map.Attribute("href")!).PathAndQuery));
        Assert.Equal("image/png", (string?)layer.Descendants("TileFormat").Single().Attribute("mime-type"));
        var set = layer.Descendants("TileSet").Single(one => (string?)one.Attribute("order") == shared.Tile.Level);
        Assert.InRange(shared.Tile.Col, (long)set.Attribute("mincol")!, (long)set.Attribute("maxcol")!);
        Assert.InRange(shared.Tile.Row, (long)set.Attribute("minrow")!, (long)set.Attribute("maxrow")!);

        var metadata = JsonNode.Parse(await shared.Http.GetStringAsync($"/tms/1.0.0/{shared.Tile.Layer}/metadata.json"))!;
        var template = (string)metadata["tiles"]![0]!;
        var address = template.Replace("{z}", shared.Tile.Level).Replace("{x}", shared.Tile.Col.ToString()).Replace("{y}", shared.Tile.Row.ToString());
        Assert.NotEmpty(await shared.Http.GetByteArrayAsync(new Uri(address).PathAndQuery));
    }

    [Theory]
    [InlineData("/tms/1.0.0", "Accept-Encoding")]
    [InlineData("/tms/1.0.0/ortho/metadata.json", "Accept-Encoding")]
    [InlineData("/ogcapi/collections?f=json", "Accept, Accept-Encoding")]
    [InlineData("/ogcapi?f=html", "Accept, Accept-Encoding")]
    public async Task Documents_come_compressed_to_who_wants_that_and_not_again_to_who_has_them(string address, string vary)
    {
        var plain = await shared.Http.GetStringAsync(address);
        using var handler = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip };
        using var http = new HttpClient(handler) { BaseAddress = shared.Http.BaseAddress };
        Assert.Equal(plain, await http.GetStringAsync(address));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.AcceptEncoding.Add(new("gzip"));
        using var packed = await shared.Http.SendAsync(request);
        Assert.Equal(("gzip", vary), (packed.Content.Headers.ContentEncoding.Single(), string.Join(", ", packed.Headers.Vary)));
        Assert.True(packed.Headers.CacheControl!.NoCache);
        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.AcceptEncoding.Add(new("gzip"));
        again.Headers.IfNoneMatch.Add(packed.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await shared.Http.SendAsync(again)).StatusCode);
        using var head = await shared.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, address));
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(plain), head.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("/tms/2.0.0", 400)]
    [InlineData("/tms/1.0.0/nothing", 400)]
    [InlineData("/tms/1.0.0/ortho/40/1/1.png", 400)]
    [InlineData("/tms/1.0.0/ortho/19/1/1.jpg", 400)]
    [InlineData("/tms/1.0.0/ortho/19/one/1.png", 400)]
    [InlineData("/tms/1.0.0/ortho/19/1/1.png", 404)]
    [InlineData("/tms/1.0.0/ortho/21/1/1.png", 404)]
    [InlineData("/tms/1.0.0/ortho/metadata.xml", 404)]
    public async Task Errors_have_the_form_of_TMS(string address, int status)
    {
        using var answer = await shared.Http.GetAsync(address);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("text/xml", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var error = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
        Assert.Equal("TileMapServerError", error.Name.LocalName);
        Assert.NotEmpty(error.Element("Message")!.Value);
    }
}
