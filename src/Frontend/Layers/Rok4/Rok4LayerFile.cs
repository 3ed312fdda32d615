using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Imaging.Gdal;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Frontend.Layers.Rok4;

/// <summary>
/// A layer file of ROK4's server (rok4/server, <c>layer.schema.json</c>) as the document that layers are served from. Descriptors come with the places of their
/// slabs in the group of stores in place of those that ROK4's tools wrote.
/// </summary>
/// <param name="read">Reads a file by its address or key.</param>
internal sealed class Rok4LayerFile(string name, JsonObject file, StoreAddress stores, Func<string, CancellationToken, Task<byte[]>> read)
{
    private static readonly double[] s_world = [-180, -90, 180, 90];

    /// <summary>Whether the layer is served as tiles: unless WMTS, TMS and OGC API are all off.</summary>
    public bool IsOfTiles => IsOn("wmts") || IsOn("tms") || IsOn("ogcapi");

    /// <summary>Whether it is served as maps.</summary>
    public bool IsOfMaps => IsOn("wms");

    /// <summary>Ids of the styles, the default one first.</summary>
    public IReadOnlyList<string> Styles => [.. (file["styles"] as JsonArray ?? []).Select(style => (string)style!)];

    /// <summary>The document, without its styles.</summary>
    /// <exception cref="FormatException">The file, or a descriptor that it names, breaks its form.</exception>
    public async Task<JsonObject> DescribeAsync(CancellationToken cancellation)
    {
        var pyramids = new JsonArray();
        var boxes = new List<Extent>();
        foreach (var used in file["pyramids"] as JsonArray ?? throw new FormatException("\"pyramids\" is missing: an array is expected."))
        {
            var key = stores.KeyOf((string?)used!["path"] ?? throw new FormatException("a pyramid has no \"path\"."));
            var descriptor = JsonNode.Parse(await read(key, cancellation))!.AsObject();
            var prefix = Place(descriptor, key);
            var (top, bottom) = ((string?)used["top_level"], (string?)used["bottom_level"]);
            boxes.Add(ExtentOf(PyramidDescriptorJson.Read(System.Text.Encoding.UTF8.GetBytes(descriptor.ToJsonString())), bottom));
            pyramids.Add(new JsonObject { ["storage_prefix"] = prefix, ["descriptor_key"] = key, ["descriptor"] = descriptor, ["top_level"] = top, ["bottom_level"] = bottom });
        }

        var info = file["get_feature_info"];
        return new JsonObject
        {
            ["name"] = name,
            ["title"] = file["title"]?.DeepClone() ?? name,
            ["abstract"] = file["abstract"]?.DeepClone(),
            ["keywords"] = file["keywords"]?.DeepClone() ?? new JsonArray(),
            ["bounds"] = new JsonArray([.. BoundsOf(boxes).Select(bound => (JsonNode)bound)]),
            ["tile_matrix_set"] = pyramids[0]?["descriptor"]?["tile_matrix_set"]?.DeepClone(),
            ["pyramids"] = pyramids,
            ["attribution"] = file["attribution"]?.DeepClone(),
            ["metadata"] = file["metadata"]?.DeepClone() ?? new JsonArray(),
            ["queryable"] = info is not null,
            ["external_info"] = (string?)info?["type"] == "EXTERNALWMS" ? ExternalOf(info) : null,
            ["interpolation"] = (string?)file["resampling"] is { } kernel ? kernel.Replace("_", "", StringComparison.Ordinal).Replace("lanczos3", "lanczos", StringComparison.Ordinal) : null,
        };
    }

    private static JsonObject ExternalOf(JsonNode info) => new()
    {
        ["url"] = info["url"]?.DeepClone(),
        ["layers"] = info["layers"]?.DeepClone(),
        ["query_layers"] = info["query_layers"]?.DeepClone(),
        ["parameters"] = (string?)info["extra_query_params"] is { Length: > 0 } extra
            ? new JsonObject(extra.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).DistinctBy(pair => pair[0])
                .Select(pair => KeyValuePair.Create(pair[0], (JsonNode?)(pair.Length > 1 ? pair[1] : ""))))
            : null,
    };

    /// <summary>Writes into a descriptor where its slabs are in the group of stores; returns what keys of slabs in folders begin with.</summary>
    private string Place(JsonObject descriptor, string key)
    {
        var store = StoreGroup.PrefixOf(StoreGroup.NameIn(key)).TrimEnd('/');
        var folder = key[(store.Length + 1)..];
        folder = folder.Contains('/', StringComparison.Ordinal) ? folder[..folder.LastIndexOf('/')] : "";
        foreach (var level in descriptor["levels"]?.AsArray() ?? [])
        {
            var storage = level?["storage"]?.AsObject() ?? throw new FormatException($"{key}: a level has no \"storage\".");
            if ((string?)storage["type"] == "FILE")
            {
                foreach (var member in (string[])["image_directory", "mask_directory"])
                {
                    if ((string?)storage[member] is { } directory)
                        storage[member] = Normalised($"{folder}/{directory}", key);
                }

                continue;
            }

            var container = (string?)(storage["bucket_name"] ?? storage["container_name"] ?? storage["pool_name"]) ?? "";
            foreach (var member in (string[])["image_prefix", "mask_prefix"])
            {
                if ((string?)storage[member] is { } prefix)
                    storage[member] = stores.KeyIn(container, prefix) ?? throw new FormatException($"{key}: its slabs are in {container}, which is no foreign store of Grid:Storage:Others.");
            }
        }

        return store;
    }

    /// <summary>A path below the store's root, without steps up or in place.</summary>
    private static string Normalised(string path, string key)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                throw new FormatException($"{key}: its slabs are outside the store.");
        }

        return string.Join('/', parts);
    }

    private static Extent ExtentOf(PyramidDescriptor descriptor, string? bottom)
    {
        var set = TileMatrixSets.Find(descriptor.TileMatrixSet) ?? throw new FormatException($"tile matrix set {descriptor.TileMatrixSet} is not known: put its file into Grid:Rok4:TileMatrixSets.");
        var level = descriptor.Levels.FirstOrDefault(one => one.Id == bottom) ?? descriptor.Levels.MaxBy(one => set.PositionOf(one.Id))!;
        var matrix = set.Find(level.Id) ?? throw new FormatException($"{set.Id} has no level {level.Id}.");
        var limits = level.Limits;
        return CrsExtent.ToWgs84(matrix.TileExtent(limits.MinCol, limits.MinRow, limits.MaxCol - limits.MinCol + 1, limits.MaxRow - limits.MinRow + 1), Crs.Parse(set.Crs).GdalName);
    }

    private double[] BoundsOf(List<Extent> boxes)
    {
        if (file["bbox"] is JsonObject box)
            return [.. ((string[])["west", "south", "east", "north"]).Select(edge => (double?)box[edge] ?? throw new FormatException($"\"bbox\" has no \"{edge}\"."))];
        var all = boxes.Aggregate((a, b) => a.Union(b));
        return [Math.Max(all.MinX, s_world[0]), Math.Max(all.MinY, s_world[1]), Math.Min(all.MaxX, s_world[2]), Math.Min(all.MaxY, s_world[3])];
    }

    // rok4/pytools writes "authorized", the server reads "enabled".
    private bool IsOn(string service) => file[service] is not JsonObject asked || (asked["enabled"] ?? asked["authorized"]) is not JsonValue value
        || value.GetValueKind() != JsonValueKind.False;
}
