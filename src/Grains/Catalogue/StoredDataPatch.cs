using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Catalogue;

/// <summary>Which members of stored data a producer may change, and what is allowed in them. Other members are ignored.</summary>
public static class StoredDataPatch
{
    /// <summary>Positions that an extent may have in all.</summary>
    public const int MaxPositions = 5000;

    /// <exception cref="InvalidInputException">A member has a wrong type or size.</exception>
    public static void Apply(JsonObject patch, Dictionary<string, object?> columns, JsonObject doc)
    {
        var problems = new List<string>();
        if (EntityMembers.Text(patch, "name", 1, 255, problems) is { } name)
            columns["name"] = name;
        EntityMembers.CopyText(patch, doc, "description", 0, 10_000, problems);
        EntityMembers.CopyFlag(patch, doc, "open", problems);
        EntityMembers.CopyFlag(patch, doc, "public_activity", problems);
        EntityMembers.CopyObject(patch, doc, "extra", problems);
        EntityMembers.CopyObject(patch, doc, "edition", problems);
        if (patch["extent"] is JsonObject extent)
        {
            var positions = CountPositions(extent["coordinates"] ?? extent["geometries"] ?? extent["geometry"] ?? extent["features"]);
            if (positions > MaxPositions)
                problems.Add($"The extent has {positions} positions: at most {MaxPositions} are allowed.");
        }

        EntityMembers.CopyObject(patch, doc, "extent", problems);
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
    }

    private static int CountPositions(JsonNode? node) => node switch
    {
        JsonArray { Count: > 0 } array when array[0] is JsonValue value && value.GetValueKind() == JsonValueKind.Number => 1,
        JsonArray array => array.Sum(CountPositions),
        JsonObject parts => parts.Sum(member => CountPositions(member.Value)),
        _ => 0,
    };
}
