using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Frontend.Layers;
using Grid.Frontend.Tiles;

namespace Grid.Frontend.Tests.Layers;

public sealed class PublishedLayerReaderTests
{
    [Fact]
    public void A_document_gives_its_levels_between_top_and_bottom()
    {
        var layer = Read(Document());
        Assert.Equal(["11", "12"], layer.Levels.Select(level => level.Id).Order());
        Assert.Equal(("a", "image/png", 7L, 3), (layer.Name, layer.MimeType, layer.Version, layer.Channels));
        Assert.Equal("a", layer.Title);
        Assert.Null(layer.Attribution);
    }

    [Theory]
    [InlineData("pyramids", "[]")]
    [InlineData("bounds", "[1,2,3]")]
    [InlineData("bounds", "\"everywhere\"")]
    [InlineData("pyramids/0/top_level", "\"77\"")]
    [InlineData("pyramids/0/descriptor", "{}")]
    [InlineData("pyramids/0/descriptor/tile_matrix_set", "\"NOWHERE\"")]
    [InlineData("pyramids/0/descriptor/levels/0/storage/image_directory", "\"../../etc\"")]
    public void Documents_that_are_not_ours_are_refused_by_name(string member, string value)
    {
        var document = Document();
        var path = member.Split('/');
        var owner = path[..^1].Aggregate(document, (node, step) => int.TryParse(step, out var i) ? node[i]! : node[step]!);
        owner[path[^1]] = JsonNode.Parse(value);
        Assert.ThrowsAny<FormatException>(() => Read(document));
    }

    [Theory]
    [InlineData("\"1-2-3-4\"", true, true)]
    [InlineData("W/\"1-2-3-4\"", true, true)]
    [InlineData("\"x\", W/\"y\" ,\"1-2-3-4\"", true, true)]
    [InlineData("\"1-2-3-5\", 1-2-3-4", false, false)]
    [InlineData("*", false, true)]
    [InlineData("", false, false)]
    public void Entity_tags_are_compared_weakly_over_a_list(string header, bool byName, bool withAny)
    {
        Assert.Equal(byName, EntityTags.Match(header, "\"1-2-3-4\"", any: false));
        Assert.Equal(withAny, EntityTags.Match(header, "\"1-2-3-4\"", any: true));
    }

    private static PublishedLayer Read(JsonNode document)
    {
        using var parsed = JsonDocument.Parse(document.ToJsonString());
        return PublishedLayerReader.Read("a", 7, parsed.RootElement);
    }

    private static JsonNode Document()
    {
        var levels = new JsonArray([.. new[] { "10", "11", "12" }.Select(id => JsonNode.Parse("""
            {"id":"LEVEL","tiles_per_width":16,"tiles_per_height":16,"tile_limits":{"min_row":1,"max_row":2,"min_col":3,"max_col":4},
             "storage":{"type":"FILE","image_directory":"p/DATA/LEVEL","path_depth":2}}
            """.Replace("LEVEL", id)))]);
        return new JsonObject
        {
            ["styles"] = new JsonArray(new JsonObject { ["id"] = "normal", ["title"] = "As stored" }),
            ["bounds"] = new JsonArray(1.0, 48.0, 2.0, 49.0),
            ["pyramids"] = new JsonArray(new JsonObject
            {
                ["storage_prefix"] = "pyramids/p",
                ["top_level"] = "11",
                ["descriptor"] = new JsonObject
                {
                    ["tile_matrix_set"] = "PM",
                    ["format"] = "TIFF_PNG_UINT8",
                    ["raster_specifications"] = JsonNode.Parse("""{"channels":3,"nodata":"255,255,255","photometric":"rgb","interpolation":"bicubic"}"""),
                    ["levels"] = levels,
                },
            }),
        };
    }
}
