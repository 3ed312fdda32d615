using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.Clients.Tests;

/// <summary>GDAL, OWSLib and QGIS as clients of the map service, and its pixels against GDAL's warp of the same pyramid.</summary>
[Collection("clients")]
public sealed class WmsTests(PublishedOrtho ortho, ITestOutputHelper output)
{
    [Theory]
    [InlineData(PublishedOrtho.Png)]
    [InlineData(PublishedOrtho.Jpeg)]
    public async Task Maps_in_many_Crs_are_Gdals_warp_of_the_pyramid(string layer)
    {
        string[] crs = ["EPSG:2154", "IGNF:LAMB93", "EPSG:3857", "EPSG:4326", "CRS:84", "EPSG:4171", "EPSG:3035", "EPSG:3034", "EPSG:32631", "EPSG:32630", "EPSG:3949", "EPSG:27572", "EPSG:25831"];
        var compared = await PublishedOrtho.ScriptAsync("wms_pixels.py", [ortho.Root, layer, "0.2986", .. crs.Select(name => $"{name}@2.319816,48.926610")]);
        output.WriteLine(compared.ToJsonString());
        foreach (var (name, map) in compared)
        {
            Assert.True((double)map!["difference"]! < 2, $"{name}: {map}");

            // The lot lies outside UTM zone 30, whose area of use ends at the Greenwich meridian.
            Assert.Equal(name.StartsWith("EPSG:32630", StringComparison.Ordinal) ? 0 : 90_000, (int)map["pixels"]!);
        }
    }

    /// <summary>Some of the places lie on the rim of the area of use of their CRS, beyond which maps show nothing.</summary>
    [Fact]
    public async Task Maps_overseas_and_at_the_rims_of_areas_of_use_are_Gdals_warp_of_the_pyramid()
    {
        (string Crs, string Place, bool IsRim)[] maps =
        [
            ("EPSG:5490", "-61.0,14.6", false), ("EPSG:2972", "-52.9,4.6", false), ("EPSG:2975", "55.5,-21.1", false), ("EPSG:4471", "45.15,-12.8", false),
            ("EPSG:4467", "-56.3,46.9", false), ("EPSG:3163", "165.5,-21.4", false), ("EPSG:3297", "-149.5,-17.6", false), ("EPSG:32701", "-176.2,-13.3", false),
            ("EPSG:2154", "9.5,42.1", false), ("EPSG:27572", "-1.5,43.4", false), ("EPSG:32631", "6.0,0.3", true), ("EPSG:2975", "57.0,-18.28", true), ("EPSG:4171", "10.38,45.0", true),
            ("EPSG:4326", "165.5,-21.4", false), ("EPSG:3857", "-176.2,-13.3", false), ("CRS:84", "-149.5,-17.6", false),
        ];
        var compared = await PublishedOrtho.ScriptAsync("wms_pixels.py", [ortho.Root, await ortho.WorldAsync([.. maps.Select(map => map.Place).Distinct()]), "19.1093", .. maps.Select(map => $"{map.Crs}@{map.Place}")]);
        output.WriteLine(compared.ToJsonString());
        foreach (var (crs, place, isRim) in maps)
        {
            var map = compared[$"{crs}@{place}"]!;
            Assert.True((double)map["difference"]! < 2, $"{crs}: {map}");
            Assert.InRange((int)map["pixels"]!, isRim ? 40_000 : 90_000, isRim ? 50_000 : 90_000);
        }
    }

    [Fact]
    public async Task Wms_driver_reads_the_pixels_of_the_lot()
    {
        var compared = await PublishedOrtho.ScriptAsync("gdal_maps.py", ortho.Maps, PublishedOrtho.Png, ortho.Lot);
        output.WriteLine(compared.ToJsonString());
        Assert.True((double)compared["difference"]! < 3, compared.ToJsonString());
        Assert.True((int)compared["pixels"]! > 50_000);
    }

    [PythonFact("owslib", "python3-owslib")]
    public async Task OwsLib_finds_the_layer_and_gets_a_map_and_values_of_it()
    {
        var said = await PublishedOrtho.ScriptAsync("owslib_maps.py", ortho.Maps, PublishedOrtho.Png, "EPSG:2154", "650110", "6869810", "650210", "6869860");
        Assert.Equal(PublishedOrtho.Png, (string?)said["title"]);
        Assert.Contains("EPSG:2154", said["crs"]!.AsArray().Select(one => (string)one!));
        Assert.Equal(["ortho", "été"], said["keywords"]!.AsArray().Select(one => (string)one!));
        Assert.Equal(["GetCapabilities", "GetFeatureInfo", "GetMap"], said["operations"]!.AsArray().Select(one => (string)one!));
        Assert.Contains("image/x-bil;bits=32", said["formats"]!.AsArray().Select(one => (string)one!));
        Assert.Equal("89504e470d0a1a0a", (string?)said["picture"]);
        Assert.Contains("capabilities list the layers", (string?)said["refused"]);

        var expected = await PublishedOrtho.ScriptAsync("mean_colour.py", ortho.Lot, "EPSG:2154", "650160.0", "6869834.5", "650160.5", "6869835.0");
        var properties = said["values"]!["features"]![0]!["properties"]!;
        for (var band = 0; band < 3; band++)
            Assert.InRange((double)properties[$"band_{band + 1}"]!, (double)expected["mean"]![band]! - 40, (double)expected["mean"]![band]! + 40);
    }

    [PythonFact("qgis", "python3-qgis")]
    public async Task Qgis_draws_the_layer_with_the_colours_of_the_lot()
    {
        string[] box = ["650100", "6869780", "650220", "6869900"];
        var drawn = await PublishedOrtho.ScriptAsync("qgis_layer.py", [ortho.Maps, PublishedOrtho.Png, "", "-", "image/png", .. box, "EPSG:2154"]);
        Assert.True((bool)drawn["valid"]!);
        Assert.Equal(1.0, (double)drawn["drawn"]!);
        var compared = await PublishedOrtho.ScriptAsync("mean_colour.py", [ortho.Lot, "EPSG:2154", .. box]);
        for (var band = 0; band < 3; band++)
            Assert.InRange((double)drawn["mean"]![band]!, (double)compared["mean"]![band]! - 6, (double)compared["mean"]![band]! + 6);
    }

    [Fact]
    public async Task Every_format_is_what_it_says()
    {
        using var http = new HttpClient();
        foreach (var (format, driver) in new[] { ("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WEBP"), ("image/tiff", "GTiff"), ("image/geotiff", "GTiff") })
        {
            var file = Path.Combine(Directory.CreateTempSubdirectory("grid-map-").FullName, "map");
            await File.WriteAllBytesAsync(file, await http.GetByteArrayAsync(Map(PublishedOrtho.Png, format)));
            var info = JsonNode.Parse((await Programs.RunAsync("gdalinfo", ["-json", file])).Expect())!;
            Assert.Equal(driver, (string?)info["driverShortName"]);
            Assert.Equal(["160", "80"], info["size"]!.AsArray().Select(side => side!.ToString()));
            Assert.Equal(format == "image/geotiff", info["coordinateSystem"]?["wkt"]?.ToString().Contains("Lambert-93") == true);
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task Known_maps_are_not_sent_again_and_forms_are_read_as_queries_are()
    {
        using var http = new HttpClient();
        using var first = await http.GetAsync(Map(PublishedOrtho.Jpeg, "image/jpeg"));
        Assert.Equal("*", first.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var again = new HttpRequestMessage(HttpMethod.Get, Map(PublishedOrtho.Jpeg, "image/jpeg"));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await http.SendAsync(again);
        Assert.Equal(304, (int)second.StatusCode);

        var query = Map(PublishedOrtho.Jpeg, "image/jpeg").Split('?')[1];
        using var posted = await http.PostAsync(ortho.Maps + "/wms?SERVICE=WMS", new StringContent(query, null, "application/x-www-form-urlencoded"));
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await posted.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Outside_the_data_maps_are_transparent_or_have_the_colour_asked_for()
    {
        using var http = new HttpClient();
        var far = Map(PublishedOrtho.Png, "image/png").Replace("BBOX=650120,6869820,650200,6869860", "BBOX=100000,6100000,100080,6100040", StringComparison.Ordinal);
        foreach (var (more, bands) in new[] { ("&TRANSPARENT=TRUE", "0,0,0,0"), ("&BGCOLOR=0x102030", "16,32,48"), ("", "255,255,255") })
        {
            var file = Path.Combine(Directory.CreateTempSubdirectory("grid-map-").FullName, "map.png");
            await File.WriteAllBytesAsync(file, await http.GetByteArrayAsync(far + more));
            var info = JsonNode.Parse((await Programs.RunAsync("gdalinfo", ["-json", "-mm", file])).Expect())!;
            Assert.Equal(bands, string.Join(',', info["bands"]!.AsArray().Select(band => band!["computedMax"]!.GetValue<double>().ToString(CultureInfo.InvariantCulture))));
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("BLANK", "", 1)]
    [InlineData("INIMAGE", "", 1)]
    [InlineData("INIMAGE", "&TRANSPARENT=TRUE", 2)]
    [InlineData("INIMAGE", "&BGCOLOR=0x102030", 3)]
    public async Task Errors_are_pictures_where_they_are_wanted_so(string exceptions, string more, int bands)
    {
        using var http = new HttpClient();
        var wrong = Map("none", "image/png").Replace("WIDTH=160&HEIGHT=80", "WIDTH=400&HEIGHT=200", StringComparison.Ordinal);
        using var answer = await http.GetAsync($"{wrong}&EXCEPTIONS={exceptions}{more}");
        Assert.Equal((200, "image/png"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        var file = Path.Combine(Directory.CreateTempSubdirectory("grid-map-").FullName, "map.png");
        await File.WriteAllBytesAsync(file, await answer.Content.ReadAsByteArrayAsync());
        var info = JsonNode.Parse((await Programs.RunAsync("gdalinfo", ["-json", "-mm", file])).Expect())!;
        Assert.Equal("400,200", string.Join(',', info["size"]!.AsArray().Select(side => side!.ToString())));
        Assert.Equal(bands, info["bands"]!.AsArray().Count);
        Assert.Equal(exceptions == "BLANK" ? 255 : 0, (double)info["bands"]![0]!["computedMin"]!);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        // Heights are no picture, which shows only when the map is drawn.
        using var heights = await http.GetAsync($"{Map(PublishedOrtho.Relief, "image/png").Replace("STYLES=", "STYLES=normal", StringComparison.Ordinal)}&EXCEPTIONS={exceptions}{more}");
        Assert.Equal("image/png", heights.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Map_whose_layers_need_more_tiles_than_a_map_may_hold_is_refused_and_one_layer_of_it_is_drawn()
    {
        using var http = new HttpClient();
        foreach (var (layers, status) in new[] { (PublishedOrtho.Png, 200), ($"{PublishedOrtho.Png},{PublishedOrtho.Jpeg},{PublishedOrtho.Png}", 400) })
        {
            var whole = Map(layers, "image/jpeg").Replace("BBOX=650120,6869820,650200,6869860&WIDTH=160&HEIGHT=80", "BBOX=650000,6869680,650320,6870000&WIDTH=1600&HEIGHT=1600", StringComparison.Ordinal);
            using var answer = await http.GetAsync(whole);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal(status, (int)answer.StatusCode);
            if (status == 400)
                Assert.Contains("MiB are allowed for a map", text);
        }
    }

    private string Map(string layer, string format) =>
        $"{ortho.Maps}?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={layer}&STYLES=&CRS=EPSG:2154&BBOX=650120,6869820,650200,6869860&WIDTH=160&HEIGHT=80&FORMAT={format}";
}
