using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Catalogue;

/// <summary>What is special to configurations of type DOWNLOAD: texts in several languages, and stored data under names of their own.</summary>
internal static partial class DownloadRequest
{
    private static readonly string[] s_dataTypes = ["PYRAMID-3D-COPC", "ROK4-PYRAMID-RASTER"];

    /// <summary>Checks title, abstract and keywords. Texts are strings, or objects of strings by language (ISO 639-1).</summary>
    public static void CheckInfos(JsonObject infos, List<string> problems)
    {
        foreach (var member in (string[])["title", "abstract"])
        {
            if (infos[member] is null)
                problems.Add($"\"type_infos.{member}\" is missing.");
            else if (TextOf(infos[member]) is not { Length: > 0 and <= 20_000 })
                problems.Add($"\"type_infos.{member}\" must be a text of 1 to 20000 characters, or an object of such texts by language, for example {{\"fr\": \"…\"}}.");
        }

        ConfigurationRequest.CheckKeywords(infos, problems);
    }

    /// <summary>The stored data, each under a <c>sub_name</c> that no other has.</summary>
    public static IReadOnlyList<UsedPyramid> ReadUsed(JsonNode? node, List<string> problems)
    {
        if (node is not JsonArray { Count: >= 1 and <= 100 } items)
        {
            problems.Add("\"type_infos.used_data\" must be an array of 1 to 100 objects {stored_data, sub_name}.");
            return [];
        }

        var used = new List<UsedPyramid>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var one = item as JsonObject;
            var id = EntityMembers.Id(one?["stored_data"], "stored_data", problems);
            var name = one?["sub_name"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
            if (one?["stored_data"] is null)
                problems.Add("\"stored_data\" is missing in \"type_infos.used_data\".");
            if (name.Length is 0 or > 255 || !SubNamePattern().IsMatch(name))
                problems.Add("\"sub_name\" in \"type_infos.used_data\" must be 1 to 255 letters, digits, \"_\", \".\" and \"-\", not beginning with \".\".");
            else if (!names.Add(name))
                problems.Add($"The sub_name \"{name}\" is used twice in \"type_infos.used_data\".");
            if (id is { } known)
                used.Add(new UsedPyramid(known, "", ""));
        }

        return used;
    }

    /// <summary>Checks that each stored data is usable and has files: COPC, or the GeoTIFFs that are kept with a pyramid of a terrain model.</summary>
    /// <exception cref="InvalidInputException">Some are not; every fault is listed.</exception>
    public static async Task CheckAsync(CatalogueStore store, Guid datastore, IReadOnlyList<UsedPyramid> used)
    {
        var problems = new List<string>();
        foreach (var one in used)
        {
            var row = await store.FindAsync(EntityTable.StoredData, one.StoredData);
            if (row is null || row.Datastore != datastore || row.Status == StoredDataStatus.Deleted)
                problems.Add($"There is no stored data {one.StoredData} in this datastore.");
            else if (!s_dataTypes.Contains(row.Text("type")))
                problems.Add($"The stored data {one.StoredData} is of type {row.Text("type")}: a configuration of type {ConfigurationRequest.Download} takes {string.Join(" and ", s_dataTypes)}.");
            else if (row.Doc["type_infos"] is null || row.Status is not (StoredDataStatus.Generated or StoredDataStatus.Modifying))
                problems.Add($"The stored data {one.StoredData} is {row.Status}: it must be GENERATED or MODIFYING.");
            else if (row.Doc["type_infos"]!["files"] is null)
                problems.Add($"The stored data {one.StoredData} has no file to download: its pyramid was not made of a terrain model's tiles.");
        }

        if (problems.Count > 0)
            throw new InvalidInputException(problems);
    }

    /// <summary>
    /// The document that frontends serve a resource from: <c>name, title, abstract, keywords[], pyramids[{storage_prefix, name, title, crs, bounds[4], points,
    /// files[]}], datastore, stored_data[]</c>, points null where there are none, files as the two <c>DescriptionOf</c> of <see cref="PyramidVersions"/> have them.
    /// </summary>
    public static JsonObject Describe(EntityRow configuration, IReadOnlyList<(UsedPyramid Used, JsonObject Pyramid)> pyramids)
    {
        var infos = configuration.Doc["type_infos"]!.AsObject();
        var used = infos["used_data"]!.AsArray();
        return new JsonObject
        {
            ["name"] = configuration.Text("layer_name"),
            ["title"] = TextOf(infos["title"]),
            ["abstract"] = TextOf(infos["abstract"]),
            ["keywords"] = infos["keywords"]?.DeepClone() ?? new JsonArray(),
            ["pyramids"] = new JsonArray([.. pyramids.Select((one, i) => (JsonNode)new JsonObject
            {
                ["storage_prefix"] = one.Pyramid["storage_prefix"]?.DeepClone(),
                ["name"] = used[i]!["sub_name"]!.DeepClone(),
                ["title"] = TextOf(used[i]!["title"]) ?? TextOf(infos["title"]),
                ["crs"] = one.Pyramid["crs"]?.DeepClone(),
                ["bounds"] = one.Pyramid["bounds"]?.DeepClone(),
                ["points"] = one.Pyramid["points"]?.DeepClone(),
                ["files"] = one.Pyramid["files"]?.DeepClone() ?? new JsonArray(),
            })]),
            ["datastore"] = configuration.Datastore.ToString(),
            ["stored_data"] = new JsonArray([.. pyramids.Select(one => one.Used.StoredData).Distinct().Select(id => (JsonNode)id.ToString())]),
        };
    }

    /// <summary>A text, French first where there are several languages; null when it is none.</summary>
    private static string? TextOf(JsonNode? node) => node switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonObject { Count: > 0 } texts when texts.All(text => text.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String) =>
            (string?)(texts["fr"] ?? texts.First().Value),
        _ => null,
    };

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9_.-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubNamePattern();
}
