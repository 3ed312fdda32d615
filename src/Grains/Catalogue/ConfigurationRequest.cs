using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The body of a configuration of type WMTS-TMS, WMS-RASTER or DOWNLOAD, checked. <c>type_infos</c>, <c>metadata</c> and <c>attribution</c> are kept word for word,
/// because clients send back what they read.
/// </summary>
public sealed partial record ConfigurationRequest
{
    /// <summary>Stored tiles, as they are.</summary>
    public const string WmtsTms = "WMTS-TMS";

    /// <summary>Maps drawn from stored tiles.</summary>
    public const string WmsRaster = "WMS-RASTER";

    /// <summary>Files, as they are.</summary>
    public const string Download = "DOWNLOAD";

    private static readonly string[] s_interpolations = ["NEAREST-NEIGHBOUR", "LINEAR", "BICUBIC", "LANCZOS2", "LANCZOS3", "LANCZOS4"];

    public required string Type { get; init; }

    public required string Name { get; init; }

    public required string LayerName { get; init; }

    public required JsonObject TypeInfos { get; init; }

    public JsonNode? Metadata { get; init; }

    public JsonNode? Attribution { get; init; }

    public required IReadOnlyList<UsedPyramid> Used { get; init; }

    /// <param name="layerNamePrefix">What the layer name must begin with; null for no rule.</param>
    /// <exception cref="InvalidInputException">The body has faults; every one is listed.</exception>
    public static ConfigurationRequest Read(JsonObject body, string? layerNamePrefix)
    {
        var problems = new List<string>();
        var type = EntityMembers.Text(body, "type", 1, 64, problems);
        if (type is not (null or WmtsTms or WmsRaster or Download))
            problems.Add($"Configurations of type \"{type}\" are not supported: the supported types are {WmtsTms}, {WmsRaster} and {Download}.");
        var name = EntityMembers.Text(body, "name", 1, 255, problems) ?? Missing("name");
        var layerName = EntityMembers.Text(body, "layer_name", 1, 255, problems) ?? Missing("layer_name");
        if (layerName.Length > 0 && !LayerNamePattern().IsMatch(layerName))
            problems.Add($"The layer name \"{layerName}\" must be a letter or an underscore, then letters, digits, \"_\", \".\" and \"-\".");
        if (layerNamePrefix is { Length: > 0 } && !layerName.StartsWith(layerNamePrefix, StringComparison.Ordinal))
            problems.Add($"The layer name \"{layerName}\" must begin with \"{layerNamePrefix}\" in this datastore.");
        if (type is null)
            Missing("type");
        if (body["type_infos"] is not JsonObject infos)
        {
            problems.Add("\"type_infos\" must be an object.");
            throw new InvalidInputException(problems);
        }

        if (type == Download)
            DownloadRequest.CheckInfos(infos, problems);
        else
            CheckInfos(infos, problems);
        if (type == WmsRaster)
            CheckDrawing(infos, problems);
        CheckLinks(body["metadata"], problems);
        if (body["attribution"] is { } attribution && attribution is not JsonObject { Count: > 0 })
            problems.Add("\"attribution\" must be an object with title and url.");
        else if (body["attribution"] is JsonObject given)
            CheckAttribution(given, problems);
        var used = type == Download ? DownloadRequest.ReadUsed(infos["used_data"], problems) : ReadUsed(infos["used_data"], problems);
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
        return new ConfigurationRequest
        {
            Type = type!, Name = name, LayerName = layerName, TypeInfos = infos.DeepClone().AsObject(), Metadata = body["metadata"]?.DeepClone(),
            Attribution = body["attribution"]?.DeepClone(), Used = used,
        };

        string Missing(string member)
        {
            if (body[member] is null)
                problems.Add($"\"{member}\" is missing.");
            return "";
        }
    }

    /// <summary>Checks that keywords, where there are any, are an array of strings.</summary>
    internal static void CheckKeywords(JsonObject infos, List<string> problems)
    {
        if (infos["keywords"] is { } keywords
            && (keywords is not JsonArray words || words.Any(word => word is not JsonValue value || value.GetValueKind() != JsonValueKind.String)))
        {
            problems.Add("\"type_infos.keywords\" must be an array of strings.");
        }
    }

    private static void CheckInfos(JsonObject infos, List<string> problems)
    {
        foreach (var member in (string[])["title", "abstract"])
        {
            if (infos[member] is null)
                problems.Add($"\"type_infos.{member}\" is missing.");
            else
                EntityMembers.Text(infos, member, 1, 20_000, problems);
        }

        CheckKeywords(infos, problems);
        UsedStyles.CheckForm(infos["styles"], problems);
        CheckQuery(infos["getfeatureinfo"], problems);
        if (infos["bbox"] is { } box && BoundsOf(box) is null)
            problems.Add("\"type_infos.bbox\" must have west < east within -180 and 180 and south < north within -90 and 90, in degrees.");
    }

    private static void CheckQuery(JsonNode? query, List<string> problems)
    {
        if (query is null)
            return;
        if (query is not JsonObject asked)
        {
            problems.Add("\"type_infos.getfeatureinfo\" must be {\"stored_data\": true} or {\"server_url\", \"layers\", \"query_layers\", \"extra_query_params\"}.");
            return;
        }

        if (asked["server_url"] is { } url && !IsWebAddress(url))
            problems.Add("\"type_infos.getfeatureinfo.server_url\" must be an http or https address.");
        foreach (var member in (string[])["layers", "query_layers"])
            EntityMembers.Text(asked, member, 1, 2000, problems);
        if (asked["extra_query_params"] is { } more
            && (more is not JsonObject { Count: <= 50 } parameters || parameters.Any(one => one.Value is not JsonValue value || value.GetValueKind() != JsonValueKind.String)))
        {
            problems.Add("\"type_infos.getfeatureinfo.extra_query_params\" must be an object of at most 50 strings.");
        }
    }

    private static void CheckDrawing(JsonObject infos, List<string> problems)
    {
        if (EntityMembers.Text(infos, "interpolation", 1, 64, problems) is { } interpolation && !s_interpolations.Contains(interpolation))
            problems.Add($"\"type_infos.interpolation\" is \"{interpolation}\": it is one of {string.Join(", ", s_interpolations)}.");
        double? finest = Resolution("bottom_resolution"), coarsest = Resolution("top_resolution");
        if (finest > coarsest)
            problems.Add($"\"type_infos.bottom_resolution\" {finest} is coarser than \"top_resolution\" {coarsest}.");

        double? Resolution(string member)
        {
            if (infos[member] is not { } node)
                return null;
            if (node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.Deserialize<double>() is > 0 and < double.PositiveInfinity and var resolution)
                return resolution;
            problems.Add($"\"type_infos.{member}\" must be a number over 0: metres across a pixel.");
            return null;
        }
    }

    /// <summary>West, south, east, north of a bbox, or null when it is not one.</summary>
    public static double[]? BoundsOf(JsonNode? box)
    {
        if (box is not JsonObject members)
            return null;
        var bounds = new double[4];
        string[] names = ["west", "south", "east", "north"];
        for (var side = 0; side < 4; side++)
        {
            if (members[names[side]] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
                return null;
            bounds[side] = value.Deserialize<double>();
        }

        return bounds[0] < bounds[2] && bounds[1] < bounds[3] && bounds[0] >= -180 && bounds[2] <= 180 && bounds[1] >= -90 && bounds[3] <= 90
            ? bounds
            : null;
    }

    private static void CheckLinks(JsonNode? metadata, List<string> problems)
    {
        if (metadata is null)
            return;
        if (metadata is not JsonArray links || links.Any(link => link is not JsonObject parts || !IsWebAddress(parts["url"])))
            problems.Add("\"metadata\" must be an array of {format, url, type} whose url is an http or https address.");
    }

    private static void CheckAttribution(JsonObject attribution, List<string> problems)
    {
        EntityMembers.Text(attribution, "title", 1, 1000, problems);
        if (attribution["title"] is null)
            problems.Add("\"attribution.title\" is missing.");
        if (!IsWebAddress(attribution["url"]))
            problems.Add("\"attribution.url\" must be an http or https address.");
        if (attribution["logo"] is { } logo && (logo is not JsonObject parts || !IsWebAddress(parts["url"])))
            problems.Add("\"attribution.logo.url\" must be an http or https address.");
    }

    private static bool IsWebAddress(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String
        && Uri.TryCreate(value.GetValue<string>(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static IReadOnlyList<UsedPyramid> ReadUsed(JsonNode? node, List<string> problems)
    {
        if (node is not JsonArray { Count: >= 1 and <= 100 } items)
        {
            problems.Add("\"type_infos.used_data\" must be an array of 1 to 100 objects {stored_data, bottom_level, top_level}.");
            return [];
        }

        var used = new List<UsedPyramid>();
        foreach (var item in items)
        {
            if (item is not JsonObject one)
            {
                problems.Add("\"type_infos.used_data\" must hold objects {stored_data, bottom_level, top_level}.");
                continue;
            }

            var id = EntityMembers.Id(one["stored_data"], "stored_data", problems);
            if (one["stored_data"] is null)
                problems.Add("\"stored_data\" is missing in \"type_infos.used_data\".");
            if (Level(one, "bottom_level") is { } bottom && Level(one, "top_level") is { } top && id is not null)
                used.Add(new UsedPyramid(id.Value, top, bottom));
        }

        return used;

        string? Level(JsonObject one, string member)
        {
            if (one[member] is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number)
                return value.ToString();
            problems.Add($"\"{member}\" is missing in \"type_infos.used_data\".");
            return null;
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LayerNamePattern();
}

/// <summary>The levels that a configuration takes from one pyramid, both inclusive.</summary>
public sealed record UsedPyramid(Guid StoredData, string TopLevel, string BottomLevel);
