using System.Text.Json.Nodes;

namespace Grid.Ogc.OgcApi;

/// <summary>The definition of the API in OpenAPI 3.0.</summary>
public static class OgcApiDefinition
{
    public static JsonObject Write(ServiceDescription service, string root)
    {
        var paths = new JsonObject();
        Path("/", "getLandingPage", "The landing page");
        Path("/conformance", "getConformance", "What this API conforms to");
        Path("/collections", "getCollections", "The layers", Query("bbox", "Four numbers in CRS84: only layers that touch them"));
        Path("/collections/{collectionId}", "getCollection", "One layer");
        Path("/collections/{collectionId}/styles", "getStyles", "The styles of a layer");
        Path("/collections/{collectionId}/map", "getMap", "A map of a layer", MapParameters());
        Path("/collections/{collectionId}/styles/{styleId}/map", "getStyledMap", "A map of a layer in a style", MapParameters());
        Path("/collections/{collectionId}/map/tiles", "getTilesets", "The tilesets of a layer");
        Path("/collections/{collectionId}/map/tiles/{tileMatrixSetId}", "getTileset", "One tileset of a layer");
        Path("/collections/{collectionId}/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", "getTile", "A tile of a layer");
        Path("/collections/{collectionId}/styles/{styleId}/map/tiles", "getStyledTilesets", "The tilesets of a layer in a style");
        Path("/collections/{collectionId}/styles/{styleId}/map/tiles/{tileMatrixSetId}", "getStyledTileset", "One tileset of a layer in a style");
        Path("/collections/{collectionId}/styles/{styleId}/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", "getStyledTile", "A tile of a layer in a style");
        Path("/tileMatrixSets", "getTileMatrixSets", "The tile matrix sets");
        Path("/tileMatrixSets/{tileMatrixSetId}", "getTileMatrixSet", "One tile matrix set");
        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject { ["title"] = service.Title, ["description"] = service.Abstract, ["version"] = "1.0.0" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = root }),
            ["paths"] = paths,
        };

        void Path(string path, string id, string summary, params JsonObject[] query)
        {
            var parameters = new JsonArray();
            foreach (var part in path.Split('/'))
            {
                if (part is ['{', .., '}'])
                    parameters.Add(Parameter(part[1..^1], "path", part is "{tileRow}" or "{tileCol}" ? "integer" : "string", null, isRequired: true));
            }

            foreach (var one in query)
                parameters.Add(one);
            parameters.Add(Query("f", "The form of the answer"));
            paths[path] = new JsonObject
            {
                ["get"] = new JsonObject
                {
                    ["operationId"] = id, ["summary"] = summary, ["parameters"] = parameters,
                    ["responses"] = new JsonObject
                    {
                        ["200"] = new JsonObject { ["description"] = summary },
                        ["400"] = new JsonObject { ["description"] = "A parameter has a wrong value" },
                        ["404"] = new JsonObject { ["description"] = "There is no such resource" },
                    },
                },
            };
        }
    }

    private static JsonObject[] MapParameters() =>
    [
        Query("bbox", "Four numbers in the CRS of bbox-crs; absent: the whole layer"),
        Query("bbox-crs", "CRS84, or the map's own"),
        Query("crs", "CRS of the map; absent: the layer's own"),
        Query("width", "Pixels across", "integer"),
        Query("height", "Pixels down", "integer"),
        Query("bgcolor", "0xRRGGBB"),
        Query("transparent", "Whether the map is transparent where there is no data", "boolean"),
        Query("mm-per-pixel", "Size of a pixel of the screen", "number"),
        Query("filename", "Name under which the map is to be saved"),
    ];

    private static JsonObject Query(string name, string description, string type = "string") => Parameter(name, "query", type, description, isRequired: false);

    private static JsonObject Parameter(string name, string place, string type, string? description, bool isRequired)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["required"] = isRequired, ["schema"] = new JsonObject { ["type"] = type } };
        if (description is not null)
            parameter["description"] = description;
        return parameter;
    }
}
