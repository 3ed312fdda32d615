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
    public async Task Gdals_driver_reads_the_pixels_of_the_lot_as_maps_and_as_tiles()
    {
        var compared = await PublishedOrtho.ScriptAsync("gdal_api.py", Api, PublishedOrtho.Png, ortho.Lot);
        output.WriteLine(compared.ToJsonString());
        foreach (var api in (string[])["MAP", "TILES", "TILES PM"])
        {
            Assert.True((int)compared[api]!["pixels"]! > 50_000);
            Assert.True((double)compared[api]!["difference"]! < 4, compared.ToJsonString());
        }

        Assert.Equal("WGS 84 / Pseudo-Mercator", (string?)compared["TILES PM"]!["crs"]);
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
        Assert.Superset(new HashSet<string> { PublishedOrtho.Jpeg, PublishedOrtho.Png, PublishedOrtho.Relief }, Texts(said["collections"]).ToHashSet());
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
    [InlineData("/tileMatrixSets/4326")]
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

    [Fact]
    public async Task Every_tileset_of_a_collection_is_where_the_list_says_and_whole_ones_have_the_limits_of_the_layer()
    {
        using var http = new HttpClient();
        var listed = JsonNode.Parse(await http.GetStringAsync($"{Api}/collections/ortho_jpg90/map/tiles"))!["tilesets"]!.AsArray();
        Assert.Equal(6, listed.Count);
        foreach (var (id, links) in listed.Select(one => ((string)one!["tileMatrixSetId"]!, one["links"]!.AsArray())))
        {
            var (self, scheme) = (JsonNode.Parse(await http.GetStringAsync((string)links[0]!["href"]!))!, JsonNode.Parse(await http.GetStringAsync((string)links[1]!["href"]!))!);
            Assert.Equal(id, (string?)self["tileMatrixSetId"]);
            Assert.Equal(id, (string?)scheme["id"]);
            Assert.Equal(id is not ("PM" or "4326" or "LAMB93_10cm"), self["tileMatrixSetLimits"]!.AsArray().All(level => (int)level!["minTileCol"]! == 0));
        }
    }

    [Theory]
    [InlineData("/collections/none", 404)]
    [InlineData("/collections/ortho_png/map/tiles/PM/19/0/0", 404)]
    [InlineData("/collections/ortho_png/map/tiles/LAMB93_5cm", 404)]
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

    [Theory]
    [InlineData("/ogcapi/collections/ortho_jpg90/map/tiles/PM/10/351/518?filename=carte.jpg")]
    [InlineData("/wmts/1.0.0/ortho_jpg90/normal/PM_0_19/10/351/518.jpg?FileName=carte.jpg")]
    [InlineData("/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=ortho_jpg90&STYLE=normal&FORMAT=image/jpeg&TILEMATRIXSET=PM&TILEMATRIX=10&TILEROW=351&TILECOL=518&filename=carte.jpg")]
    [InlineData("/tms/1.0.0/ortho_jpg90/10/518/351.jpg?filename=carte.jpg")]
    public async Task Tiles_are_saved_under_the_name_asked_for(string address)
    {
        using var http = new HttpClient();
        using var tile = await http.GetAsync(ortho.Root + address);
        Assert.Equal(200, (int)tile.StatusCode);
        Assert.Equal("carte.jpg", tile.Content.Headers.ContentDisposition!.FileNameStar);
        using var hole = await http.GetAsync((ortho.Root + address).Replace("518", "519", StringComparison.Ordinal));
        Assert.Equal(404, (int)hole.StatusCode);
        Assert.Null(hole.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task Collections_are_found_by_place()
    {
        using var http = new HttpClient();
        var here = JsonNode.Parse(await http.GetStringAsync($"{Api}/collections?bbox=2,48,3,49"))!["collections"]!.AsArray().Select(one => (string)one!["id"]!).ToList();
        Assert.Contains(PublishedOrtho.Png, here);
        Assert.DoesNotContain(PublishedOrtho.Relief, here);
        Assert.DoesNotContain(PublishedOrtho.Png, await http.GetStringAsync($"{Api}/collections?bbox=-3,44,-2,45"));
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
