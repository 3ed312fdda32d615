using System.Text.Json.Nodes;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.Clients.Tests;

/// <summary>Maps of heights, as values and in styles: judged by GDAL and gdaldem, asked for by OWSLib.</summary>
[Collection("clients")]
public sealed class ReliefTests(PublishedOrtho published, ITestOutputHelper output)
{
    [Fact]
    public async Task Values_and_styles_are_what_Gdal_makes_of_the_heights()
    {
        var found = await PublishedOrtho.ScriptAsync("relief_maps.py", published.Root, PublishedOrtho.Relief, published.ReliefSheet);
        output.WriteLine(found.ToJsonString());
        Dictionary<string, double> most = new()
        {
            ["bil"] = 0, ["asc"] = 0.0006, ["geotiff"] = 0, ["hillshade"] = 1.02, ["default"] = 0, ["hillshade-multidirectional"] = 1.02, ["slope"] = 1.01,
            ["hypsometric"] = 1.01, ["terrain-rgb"] = 0.051, ["two layers"] = 0, ["ogcapi slope"] = 1.01,
        };
        foreach (var crs in (string[])["EPSG:32631", "EPSG:3857", "EPSG:3035"])
            (most[$"values {crs}"], most[$"hillshade {crs}"]) = (0.05, 2);
        Assert.Equal(most.Keys.Order(), found.Select(one => one.Key).Order());
        Assert.All(most, bound => Assert.True((double)found[bound.Key]! <= bound.Value, $"{bound.Key}: {found[bound.Key]}, {bound.Value} is allowed"));
    }

    [PythonFact("owslib", "python3-owslib")]
    public async Task OwsLib_finds_styles_and_legends_and_draws_a_map_in_a_style()
    {
        var said = await PublishedOrtho.ScriptAsync("owslib_styles.py", published.Maps, PublishedOrtho.Relief, "slope", "EPSG:2154", "701000", "6596000", "703000", "6597000");
        Assert.Equal(["hillshade", "hillshade-multidirectional", "slope", "aspect", "hypsometric", "terrain-rgb", "normal"], said["styles"]!.AsArray().Select(one => (string)one!));
        Assert.Equal("89504e470d0a1a0a", (string?)said["picture"]);
        var legends = said["legends"]!.AsObject();
        Assert.Equal(["aspect", "hypsometric", "slope"], legends.Select(one => one.Key).Order());
        Assert.All(legends, one => Assert.Equal(one.Value!["said"]!.ToJsonString(), one.Value!["is"]!.ToJsonString()));
    }

    [Fact]
    public async Task Legends_are_had_by_GetLegendGraphic_too_and_heights_without_colours_are_no_picture()
    {
        using var http = new HttpClient();
        using var legend = await http.GetAsync($"{published.Maps}?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&LAYER=relief&STYLE=slope&FORMAT=image/png");
        Assert.Equal("image/png", legend.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Style hillshade of layer relief has no legend.", await TextAsync("REQUEST=GetLegendGraphic&LAYER=relief", 404));
        Assert.Contains("StyleNotDefined", await TextAsync("REQUEST=GetLegendGraphic&LAYER=relief&STYLE=none", 400));
        const string Map = "VERSION=1.3.0&CRS=EPSG:2154&BBOX=701000,6596000,703000,6597000&WIDTH=200&HEIGHT=100";
        Assert.Contains("values of 32 bits, not colours", await TextAsync($"REQUEST=GetMap&{Map}&LAYERS=relief&STYLES=normal&FORMAT=image/png", 400));
        Assert.Contains("cannot be drawn on one another", await TextAsync($"REQUEST=GetMap&{Map}&LAYERS=relief,relief&STYLES=slope,normal&FORMAT=image/geotiff", 400));
        Assert.Contains("StyleNotDefined", await TextAsync($"REQUEST=GetMap&{Map}&LAYERS=relief&STYLES=no&FORMAT=image/png", 400));

        // Values are told whatever the style is.
        var info = JsonNode.Parse(await http.GetStringAsync(
            $"{published.Maps}?SERVICE=WMS&REQUEST=GetFeatureInfo&{Map}&LAYERS=relief&STYLES=hillshade&QUERY_LAYERS=relief&INFO_FORMAT=application/json&I=10&J=10"))!;
        Assert.InRange((double)info["features"]![0]!["properties"]!["band_1"]!, 250, 1350);

        async Task<string> TextAsync(string query, int status)
        {
            using var answer = await http.GetAsync($"{published.Maps}?SERVICE=WMS&{query}");
            Assert.Equal(status, (int)answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }
    }
}
