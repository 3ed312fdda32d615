using System.Text.Json.Nodes;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.Clients.Tests;

/// <summary>GDAL and OWSLib as clients of OGC API – Tiles and – Maps, and GDAL as a client of tiles that are drawn in another set.</summary>
[Collection("clients")]
public sealed class OgcApiTests(PublishedOrtho ortho, ITestOutputHelper output)
{
    private string Api => $"{ortho.Root}/ogcapi";

    [Fact]
    public async Task Gdals_driver_reads_the_pixels_of_the_lot_as_maps()
    {
        var compared = await PublishedOrtho.ScriptAsync("gdal_api.py", Api, PublishedOrtho.Png, ortho.Lot);
        output.WriteLine(compared.ToJsonString());
        Assert.True((int)compared["pixels"]! > 50_000);
        Assert.True((double)compared["difference"]! < 4, compared.ToJsonString());
    }

    [Fact]
    public async Task Tiles_are_those_of_the_Wmts()
    {
        using var http = new HttpClient();
        var tile = await http.GetByteArrayAsync($"{Api}/collections/ortho_jpg90/map/tiles/PM/10/351/518");
        Assert.Equal(await http.GetByteArrayAsync($"{ortho.Root}/wmts/1.0.0/ortho_jpg90/normal/PM_0_19/10/351/518.jpg"), tile);
        Assert.Equal(tile, await http.GetByteArrayAsync($"{Api}/collections/ortho_jpg90/styles/normal/map/tiles/PM/10/351/518"));
    }

    [PythonFact("owslib", "python3-owslib")]
    public async Task OwsLib_walks_from_the_landing_page_to_a_collection()
    {
        var said = await PublishedOrtho.ScriptAsync("owslib_api.py", Api, PublishedOrtho.Jpeg);
        Assert.Equal("Grid", (string?)said["title"]);
        Assert.Equal([PublishedOrtho.Jpeg, PublishedOrtho.Png], Texts(said["collections"]));
        Assert.Contains("http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/core", Texts(said["conformance"]));
        Assert.Contains("http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core", Texts(said["conformance"]));
        Assert.Equal(["alternate", "map", "self", "styles", "tilesets-map"], Texts(said["links"]));
        Assert.Contains("/collections/{collectionId}/map", Texts(said["paths"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/conformance")]
    [InlineData("/api")]
    [InlineData("/collections")]
    [InlineData("/collections/ortho_png")]
    [InlineData("/collections/ortho_png/styles")]
    [InlineData("/collections/ortho_png/map/tiles")]
    [InlineData("/collections/ortho_png/styles/normal/map/tiles/PM")]
    [InlineData("/tileMatrixSets")]
    [InlineData("/tileMatrixSets/PM")]
    public async Task Documents_are_Json_and_well_formed_Html_and_their_links_lead_somewhere(string path)
    {
        using var http = new HttpClient();
        var document = JsonNode.Parse(await http.GetStringAsync(Api + path + "?f=json"))!;
        using var asBrowser = new HttpRequestMessage(HttpMethod.Get, Api + path);
        asBrowser.Headers.Accept.ParseAdd("text/html,application/xhtml+xml");
        using var page = await http.SendAsync(asBrowser);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("<!DOCTYPE html>", await page.Content.ReadAsStringAsync());
        foreach (var link in document["links"]?.AsArray().Where(link => link!["templated"] is null) ?? [])
        {
            using var followed = await http.GetAsync((string)link!["href"]!);
            Assert.True(followed.IsSuccessStatusCode, $"{link["rel"]} {link["href"]}: {(int)followed.StatusCode}");
            Assert.Equal(((string)link["type"]!).Split(';')[0], followed.Content.Headers.ContentType!.MediaType);
        }
    }

    [Theory]
    [InlineData("/collections/none", 404)]
    [InlineData("/collections/ortho_png/map/tiles/PM/19/0/0", 404)]
    [InlineData("/collections/ortho_png/map/tiles/4326", 404)]
    [InlineData("/collections/ortho_png/styles/none/map", 404)]
    [InlineData("/collections/ortho_png/map?width=0", 400)]
    [InlineData("/collections/ortho_png/map?bbox=1,2,3", 400)]
    [InlineData("/collections/ortho_png/map?crs=EPSG:9999999", 400)]
    [InlineData("/collections/ortho_png/map?f=bmp", 400)]
    [InlineData("/collections/ortho_png/map?f=bil", 400)]
    [InlineData("/collections?bbox=a,b,c,d", 400)]
    [InlineData("/collections?f=yaml", 400)]
    public async Task Faults_have_a_status_and_a_sentence(string path, int status)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(Api + path);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.NotEmpty((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["description"]!);
    }

    [Fact]
    public async Task Map_takes_its_size_from_its_box_and_tells_where_it_is()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"{Api}/collections/ortho_jpg90/map?bbox=2.32,48.92,2.324,48.922&crs=http://www.opengis.net/def/crs/EPSG/0/4326&width=400&f=jpeg&filename=carte.jpg");
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("<http://www.opengis.net/def/crs/EPSG/0/4326>", answer.Headers.GetValues("Content-Crs").Single());
        Assert.StartsWith("48.92,2.32,", answer.Headers.GetValues("Content-Bbox").Single());
        Assert.Equal("carte.jpg", answer.Content.Headers.ContentDisposition!.FileNameStar);
        var file = Path.Combine(Directory.CreateTempSubdirectory("grid-map-").FullName, "map.jpg");
        await File.WriteAllBytesAsync(file, await answer.Content.ReadAsByteArrayAsync());
        Assert.Contains("Size is 400, 200", (await Programs.RunAsync("gdalinfo", [file])).Expect());
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task Collections_are_found_by_place()
    {
        using var http = new HttpClient();
        Assert.Equal(2, (int)JsonNode.Parse(await http.GetStringAsync($"{Api}/collections?bbox=2,48,3,49"))!["numberMatched"]!);
        Assert.Equal(0, (int)JsonNode.Parse(await http.GetStringAsync($"{Api}/collections?bbox=-3,44,-2,45"))!["numberMatched"]!);
    }

    [Theory]
    [InlineData(PublishedOrtho.Png)]
    [InlineData(PublishedOrtho.Jpeg)]
    public async Task Tiles_of_a_set_that_the_layer_is_not_stored_in_are_drawn(string layer)
    {
        var compared = await PublishedOrtho.ScriptAsync("gdal_layer.py", $"WMTS:{ortho.Capabilities},layer={layer},tilematrixset=LAMB93_10cm_1_20", ortho.Lot, "bilinear");
        output.WriteLine(compared.ToJsonString());
        Assert.True((double)compared["difference"]! < 4, compared.ToJsonString());
        var info = (await Programs.RunAsync("gdalinfo", ["--config", "GDAL_ENABLE_WMS_CACHE", "NO", $"WMTS:{ortho.Capabilities},layer={layer},tilematrixset=LAMB93_10cm_1_20"])).Expect();
        Assert.Contains("Lambert-93", info);
    }

    private static IEnumerable<string> Texts(JsonNode? items) => items!.AsArray().Select(item => (string)item!);
}
