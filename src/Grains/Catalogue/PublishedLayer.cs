using System.Text.Json.Nodes;

namespace Grid.Grains.Catalogue;

/// <summary>The document that frontends serve a layer from.</summary>
public static class PublishedLayer
{
    /// <summary>What a configuration takes from stored data, from its checked <c>type_infos</c>.</summary>
    public static IEnumerable<UsedPyramid> UsedIn(JsonObject infos) => infos["used_data"]!.AsArray().Select(used => new UsedPyramid(
        Guid.Parse((string)used!["stored_data"]!), used["top_level"]?.ToString() ?? "", used["bottom_level"]?.ToString() ?? ""));

    /// <summary>
    /// <c>name, title, abstract, keywords[], bounds[west, south, east, north], tile_matrix_set, styles[] (<see cref="UsedStyles.DescribeAsync"/>), pyramids[{storage_prefix,
    /// descriptor_key, descriptor{}, top_level, bottom_level}], attribution|null, metadata[], queryable, external_info{url, layers|null, query_layers|null, parameters{}|null}|null, interpolation|null,
    /// bottom_resolution|null, top_resolution|null, datastore, stored_data[]</c>.
    /// Without a bbox in the configuration the bounds are those of the data.
    /// </summary>
    public static JsonObject Describe(EntityRow configuration, IReadOnlyList<(UsedPyramid Used, JsonObject Pyramid)> pyramids, JsonArray styles)
    {
        var infos = configuration.Doc["type_infos"]!.AsObject();
        var bounds = ConfigurationRequest.BoundsOf(infos["bbox"]) ?? Union(pyramids.Select(one => one.Pyramid["bounds"]!.AsArray()));
        return new JsonObject
        {
            ["name"] = configuration.Text("layer_name"),
            ["title"] = infos["title"]?.DeepClone(),
            ["abstract"] = infos["abstract"]?.DeepClone(),
            ["keywords"] = infos["keywords"]?.DeepClone() ?? new JsonArray(),
            ["bounds"] = new JsonArray([.. bounds.Select(bound => (JsonNode)bound)]),
            ["tile_matrix_set"] = pyramids[0].Pyramid["tile_matrix_set"]?.DeepClone(),
            ["styles"] = styles,
            ["pyramids"] = new JsonArray([.. pyramids.Select(one => (JsonNode)new JsonObject
            {
                ["storage_prefix"] = one.Pyramid["storage_prefix"]?.DeepClone(),
                ["descriptor_key"] = one.Pyramid["descriptor_key"]?.DeepClone(),
                ["descriptor"] = one.Pyramid["descriptor"]?.DeepClone(),
                ["top_level"] = one.Used.TopLevel,
                ["bottom_level"] = one.Used.BottomLevel,
            })]),
            ["attribution"] = configuration.Doc["attribution"]?.DeepClone(),
            ["metadata"] = configuration.Doc["metadata"]?.DeepClone() ?? new JsonArray(),
            ["queryable"] = ExternalInfoOf(infos) is not null
                || (infos["getfeatureinfo"]?["stored_data"] is JsonValue asked && bool.TryParse(asked.ToString(), out var queryable) && queryable),
            ["external_info"] = ExternalInfoOf(infos),
            ["interpolation"] = infos["interpolation"]?.DeepClone(),
            ["bottom_resolution"] = infos["bottom_resolution"]?.DeepClone(),
            ["top_resolution"] = infos["top_resolution"]?.DeepClone(),
            ["datastore"] = configuration.Datastore.ToString(),
            ["stored_data"] = new JsonArray([.. pyramids.Select(one => one.Used.StoredData).Distinct().Select(id => (JsonNode)id.ToString())]),
        };
    }

    private static JsonObject? ExternalInfoOf(JsonObject infos) => infos["getfeatureinfo"] is JsonObject asked && asked["server_url"] is { } url
        ? new JsonObject
        {
            ["url"] = url.DeepClone(),
            ["layers"] = asked["layers"]?.DeepClone(),
            ["query_layers"] = asked["query_layers"]?.DeepClone(),
            ["parameters"] = asked["extra_query_params"]?.DeepClone(),
        }
        : null;

    private static double[] Union(IEnumerable<JsonArray> all) => all
        .Select(bounds => bounds.Select(bound => (double)bound!).ToArray())
        .Aggregate((a, b) => [Math.Min(a[0], b[0]), Math.Min(a[1], b[1]), Math.Max(a[2], b[2]), Math.Max(a[3], b[3])]);
}
