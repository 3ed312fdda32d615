using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>Styles on the fly: statics of a datastore, and a pyramid of heights that GDAL reads through the services in several of them.</summary>
[Collection("grid")]
public sealed class StyleTests(SharedGrid shared) : IDisposable
{
    private const int Side = 500;
    private const double Cell = 10, Left = 700_000, Top = 6_600_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-styles-").FullName;

    [Fact]
    public async Task Gdal_reads_the_hillshade_of_a_served_relief_as_it_makes_it_itself()
    {
        var relief = await ReliefAsync();
        var upload = await shared.Producer.UploadAsync(Path.Combine(_folder, "lot"), "relief");
        var pyramid = await shared.Producer.BuildAsync(upload, "relief", new JsonObject { ["compression"] = "zip", ["tms"] = "2154_10m" });
        await shared.Producer.PublishAsync(pyramid, "relief", new JsonObject
        {
            ["styles"] = new JsonArray("hillshade", "terrain-rgb", "normal", "slope"), ["getfeatureinfo"] = new JsonObject { ["stored_data"] = true },
        });

        // Whole tiles meet in the middle of what is compared: a seam would be a line of differences.
        var capabilities = $"{shared.Http.BaseAddress}wmts?SERVICE=WMTS&REQUEST=GetCapabilities";
        var made = await BandAsync(relief, "gdaldem", ["hillshade", relief, Temporary("gdaldem.tif"), "-q"], "gdaldem.tif");
        var served = await BandAsync(relief, "gdal_translate", ["-q", "-b", "1", "-projwin", $"{Left}", $"{Top}", $"{Left + (Side * Cell)}", $"{Top - (Side * Cell)}",
            $"WMTS:{capabilities},layer=relief,style=hillshade", Temporary("served.tif")], "served.tif");
        for (var i = 0; i < made.Length; i++)
        {
            if (made[i] != 0)
                Assert.True(Math.Abs(((made[i] - 1) * 255.0 / 254) - served[i]) <= 1.01, $"pixel {i % Side},{i / Side}: gdaldem has {made[i]}, the service {served[i]}");
        }

        var stored = StoredPyramid.Read(shared.Grid, pyramid);
        var tile = KvpTile.InTheMiddle(stored, "relief", "image/png");
        await ShowsHeightsAsync(tile, relief);
        await AnswersAsync(tile);
    }

    [Fact]
    public async Task Command_line_publishes_heights_in_the_styles_that_it_is_given()
    {
        await ReliefAsync();
        (await shared.Grid.DeliverAsync(Path.Combine(_folder, "lot"), "shaded", "--compression", "zip", "--style", "hillshade", "normal")).Expect();
        foreach (var service in (string[])["wmts?SERVICE=WMTS", "wms-r?SERVICE=WMS&VERSION=1.3.0"])
        {
            var layer = XDocument.Parse(await shared.Http.GetStringAsync($"/{service}&REQUEST=GetCapabilities")).Descendants()
                .Single(one => one.Name.LocalName == "Layer" && one.Elements().Any(name => name.Name.LocalName is "Identifier" or "Name" && name.Value == "shaded"));
            Assert.Equal(["hillshade", "normal"], layer.Elements().Where(one => one.Name.LocalName == "Style").Select(style => style.Elements().First(name => name.Name.LocalName is "Identifier" or "Name").Value));
        }
    }

    [Fact]
    public async Task Statics_are_created_listed_replaced_used_and_deleted()
    {
        var api = shared.Producer.Api;
        var statics = $"{shared.Producer.Datastore}/statics";
        Assert.Superset(
            new HashSet<string> { "hillshade", "slope", "aspect", "hypsometric", "terrain-rgb", "normal" },
            (await api.ListAsync(statics, default)).Select(one => (string)one!["name"]!).ToHashSet());

        var path = Temporary("white.json");
        await File.WriteAllTextAsync(path, """{ "identifier": "no_white", "title": "White is transparent", "legend": { "format": "image/png", "url": "http://localhost/legend.png", "width": 7, "height": 9 }, "colorize": { "tolerance": 3 } }""");
        var created = await CreateAsync("?name=no_white&type=ROK4-STYLE", path);
        Assert.Equal("ROK4-STYLE", (string?)created["type"]);
        Assert.Equal("no_white", (string?)created["type_infos"]!["identifier"]);
        Assert.Equal("http://localhost/legend.png", (string?)created["type_infos"]!["legend_url"]);
        var id = (string)created["_id"]!;

        await shared.Producer.PublishAsync(shared.Pyramid, "whiteless", new JsonObject { ["styles"] = new JsonArray(id, "normal") });
        var capabilities = XDocument.Parse(await shared.Http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities"));
        XNamespace ows = "http://www.opengis.net/ows/1.1", wmts = "http://www.opengis.net/wmts/1.0";
        var layer = capabilities.Descendants(wmts + "Layer").Single(one => (string?)one.Element(ows + "Identifier") == "whiteless");
        Assert.Equal([("no_white", "true"), ("normal", "false")], layer.Elements(wmts + "Style").Select(style => ((string)style.Element(ows + "Identifier")!, (string)style.Attribute("isDefault")!)));
        Assert.Equal("http://localhost/legend.png", (string?)layer.Descendants(wmts + "LegendURL").Single().Attribute(XName.Get("href", "http://www.w3.org/1999/xlink")));
        var styled = shared.Tile with { Layer = "whiteless" };
        Assert.Equal("image/png", (await shared.Http.GetAsync(styled.Address(("STYLE", "no_white")))).Content.Headers.ContentType!.MediaType);

        Assert.Equal(409, await StatusAsync(HttpMethod.Delete, $"{statics}/{id}", null));
        var heights = Temporary("relief.json");
        await File.WriteAllTextAsync(heights, """{ "identifier": "relief", "title": "r", "estompage": {} }""");
        Assert.Equal(409, await StatusAsync(HttpMethod.Put, $"{statics}/{id}", heights));
        var faulty = Temporary("faulty.json");
        await File.WriteAllTextAsync(faulty, """{ "identifier": "f", "title": "f", "palette": { "colours": [ { "value": 1, "red": 999 } ] } }""");
        Assert.Contains("faulty.json: palette.colours[0].red is 999: whole numbers from 0 to 255", await TextAsync(HttpMethod.Post, $"{statics}?name=faulty&type=ROK4-STYLE", faulty));
        Assert.Contains("GEOSERVER-STYLE", await TextAsync(HttpMethod.Post, $"{statics}?name=sld&type=GEOSERVER-STYLE", path));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => shared.Producer.PublishAsync(shared.Pyramid, "shaded", new JsonObject { ["styles"] = new JsonArray("hillshade", "nowhere") }));
        Assert.Contains("Style hillshade shows values: it takes 1 channel, not 3.", refused.Message);
        Assert.Contains("There is no static \"nowhere\"", refused.Message);

        var unused = await CreateAsync("?name=unused&type=ROK4-STYLE", heights);
        Assert.Equal(204, await StatusAsync(HttpMethod.Delete, $"{statics}/{unused["_id"]}", null));
        Assert.Equal(404, await StatusAsync(HttpMethod.Get, $"{statics}/{unused["_id"]}", null));
        Assert.Equal(await File.ReadAllTextAsync(path), await TextAsync(HttpMethod.Get, $"{statics}/{id}/file", null));
    }

    [Fact]
    public async Task Nobody_is_sent_to_a_legend_on_a_server_that_the_platform_does_not_allow()
    {
        var own = new Uri(shared.Http.BaseAddress!, "map").ToString();
        Dictionary<string, string> legends = new()
        {
            ["elsewhere"] = "https://elsewhere.example/legend.png", ["beside"] = "http://localhost:1/allowed-not/legend.png",
            ["allowed"] = "http://localhost:1/allowed/legend.png", ["own"] = own,
        };
        var ids = new JsonArray();
        foreach (var (name, url) in legends)
        {
            var path = Temporary($"{name}.json");
            await File.WriteAllTextAsync(path, $$"""{ "identifier": "{{name}}", "title": "t", "legend": { "format": "image/png", "url": "{{url}}", "width": 7, "height": 9 }, "colorize": { "tolerance": 3 } }""");
            ids.Add((string)(await CreateAsync($"?name={name}&type=ROK4-STYLE", path))["_id"]!);
        }

        await shared.Producer.PublishAsync(shared.Pyramid, "legends", new JsonObject { ["styles"] = ids }, "WMS-RASTER");
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = shared.Http.BaseAddress };
        foreach (var (name, url) in legends)
        {
            using var answer = await http.GetAsync($"/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&LAYER=legends&STYLE={name}&FORMAT=image/png");
            var isAllowed = name is "allowed" or "own";
            Assert.Equal(isAllowed ? HttpStatusCode.Redirect : HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(isAllowed ? url : null, answer.Headers.Location?.ToString());
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Terrain-RGB of a tile gives the heights back, and GetFeatureInfo tells them whatever the style.</summary>
    private async Task ShowsHeightsAsync(KvpTile tile, string relief)
    {
        var png = Temporary("terrain.png");
        await File.WriteAllBytesAsync(png, await shared.Http.GetByteArrayAsync(tile.Address(("STYLE", "terrain-rgb"))));
        var colour = (await Programs.RunAsync("gdallocationinfo", ["-valonly", png, "200", "100"])).Expect().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
        var height = -10_000 + (((colour[0] * 65536) + (colour[1] * 256) + colour[2]) * 0.1);
        var (x, y) = (((tile.Col * 256) + 200.5) * Cell, 12_000_000 - (((tile.Row * 256) + 100.5) * Cell));
        var truth = double.Parse((await Programs.RunAsync("gdallocationinfo", ["-valonly", "-geoloc", relief, x.ToString(CultureInfo.InvariantCulture), y.ToString(CultureInfo.InvariantCulture)])).Expect(), CultureInfo.InvariantCulture);
        Assert.Equal(truth, height, 0.051);
        var info = await shared.Http.GetStringAsync(tile.Address(("STYLE", "hillshade"), ("REQUEST", "GetFeatureInfo"), ("I", "200"), ("J", "100"), ("INFOFORMAT", "application/json")));
        Assert.Equal(truth, (double)JsonNode.Parse(info)!["features"]![0]!["properties"]!["band_1"]!, 0.006);
    }

    private async Task AnswersAsync(KvpTile tile)
    {
        // Legends that the platform draws are where the capabilities say, of the size that they say.
        XNamespace ows = "http://www.opengis.net/ows/1.1", wmts = "http://www.opengis.net/wmts/1.0";
        var legend = XDocument.Parse(await shared.Http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities")).Descendants(wmts + "Style")
            .Single(style => (string?)style.Element(ows + "Identifier") == "slope").Element(wmts + "LegendURL")!;
        var picture = await shared.Http.GetByteArrayAsync((string)legend.Attribute(XName.Get("href", "http://www.w3.org/1999/xlink"))!);
        Assert.Equal(((int)legend.Attribute("width")!, (int)legend.Attribute("height")!), (BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20))));

        // A style has one format, in every way to ask for it.
        Assert.Equal(HttpStatusCode.BadRequest, (await shared.Http.GetAsync(tile.Address(("STYLE", "normal")))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await shared.Http.GetAsync(tile.Address(("STYLE", "normal"), ("FORMAT", "image/x-bil;bits=32")))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await shared.Http.GetAsync(tile.Address(("STYLE", "hillshade"), ("FORMAT", "image/x-bil;bits=32")))).StatusCode);
        var shaded = await shared.Http.GetByteArrayAsync(tile.Address(("STYLE", "hillshade")));
        Assert.Equal(shaded, await shared.Http.GetByteArrayAsync($"/wmts/1.0.0/relief/hillshade/{tile.Set}/{tile.Level}/{tile.Row}/{tile.Col}.png"));
        Assert.Equal(shaded, await shared.Http.GetByteArrayAsync($"/tms/1.0.0/relief/{tile.Level}/{tile.Col}/{tile.Row}.png"));
        Assert.NotEqual(shaded, await shared.Http.GetByteArrayAsync($"/tms/1.0.0/relief/{tile.Level}/{tile.Col}/{tile.Row}.png?style=terrain-rgb"));
        Assert.Equal(HttpStatusCode.NotFound, (await shared.Http.GetAsync((tile with { Col = tile.Col + 900 }).Address(("STYLE", "hillshade")))).StatusCode);
        var metadata = JsonNode.Parse(await shared.Http.GetStringAsync("/tms/1.0.0/relief/metadata.json?style=terrain-rgb"))!;
        Assert.Equal(("mapbox", "png"), ((string?)metadata["encoding"], (string?)metadata["format"]));
        Assert.EndsWith(".png?style=terrain-rgb", (string?)metadata["tiles"]![0]);
        using var again = new HttpRequestMessage(HttpMethod.Get, tile.Address(("STYLE", "hillshade")));
        var first = await shared.Http.GetAsync(tile.Address(("STYLE", "hillshade")));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await shared.Http.SendAsync(again)).StatusCode);
    }

    /// <summary>A lot of one sheet of hills, aligned with the pixels of the tile matrix set; returns its file.</summary>
    private async Task<string> ReliefAsync()
    {
        var values = new float[Side * Side];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            values[i] = (float)(800 + (300 * Math.Sin(x * 0.03)) + (200 * Math.Cos(y * 0.04)) + (15 * Math.Sin((x + (2 * y)) * 0.31)));
        }

        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        await File.WriteAllBytesAsync(Temporary("relief.bin"), bytes);
        await File.WriteAllTextAsync(Temporary("relief.hdr"), $"ENVI\nsamples = {Side}\nlines = {Side}\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\n", Encoding.ASCII);
        var lot = Directory.CreateDirectory(Path.Combine(_folder, "lot")).FullName;
        var relief = Path.Combine(lot, "relief.tif");
        (await Programs.RunAsync("gdal_translate", ["-q", "-a_srs", "EPSG:2154", "-a_ullr", $"{Left}", $"{Top}", $"{Left + (Side * Cell)}", $"{Top - (Side * Cell)}", Temporary("relief.bin"), relief])).Expect();
        return relief;
    }

    private async Task<byte[]> BandAsync(string relief, string program, string[] arguments, string result)
    {
        (await Programs.RunAsync(program, arguments, new Dictionary<string, string> { ["GDAL_DEFAULT_WMS_CACHE_PATH"] = _folder, ["HOME"] = _folder })).Expect();
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "ENVI", Temporary(result), Temporary(result + ".flat")])).Expect();
        var samples = await File.ReadAllBytesAsync(Temporary(result + ".flat"));
        Assert.Equal(Side * Side, samples.Length);
        return samples;
    }

    private async Task<JsonNode> CreateAsync(string query, string file) =>
        JsonNode.Parse(await TextAsync(HttpMethod.Post, $"{shared.Producer.Datastore}/statics{query}", file))!;

    private async Task<int> StatusAsync(HttpMethod method, string path, string? file) => (int)(await SendAsync(method, path, file)).StatusCode;

    private async Task<string> TextAsync(HttpMethod method, string path, string? file) => await (await SendAsync(method, path, file)).Content.ReadAsStringAsync();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? file)
    {
        using var request = new HttpRequestMessage(method, $"/api/{path}");
        request.Headers.Authorization = new("Bearer", await shared.Producer.Api.TokenAsync(default));
        if (file is not null)
            request.Content = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(file)), "file", Path.GetFileName(file) } };
        return await shared.Http.SendAsync(request);
    }

    private string Temporary(string name) => Path.Combine(_folder, name);
}
