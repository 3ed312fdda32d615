using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Grains.Catalogue;

/// <summary>Reads members of request bodies leniently in spelling and strictly in type; each fault adds one sentence.</summary>
public static class EntityMembers
{
    /// <summary>A text member within lengths (characters); null when it is absent or faulty.</summary>
    public static string? Text(JsonObject body, string member, int least, int most, ICollection<string> problems)
    {
        if (body[member] is not { } node)
            return null;
        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            var text = value.GetValue<string>();
            if (text.Length >= least && text.Length <= most && !text.Contains('\0'))
                return text;
            problems.Add($"\"{member}\" has {text.Length} characters: {least} to {most} are allowed.");
            return null;
        }

        problems.Add($"\"{member}\" must be a string.");
        return null;
    }

    /// <summary>A boolean member, also written "true", "True" or "false"; null when it is absent or faulty.</summary>
    public static bool? Flag(JsonObject body, string member, ICollection<string> problems)
    {
        if (body[member] is not { } node)
            return null;
        if (node is JsonValue value && bool.TryParse(value.ToString(), out var flag))
            return flag;
        problems.Add($"\"{member}\" must be true or false.");
        return null;
    }

    /// <summary>An id member; null when it is absent or faulty.</summary>
    public static Guid? Id(JsonNode? node, string member, ICollection<string> problems)
    {
        if (node is null)
            return null;
        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.String && Guid.TryParse(value.GetValue<string>(), out var id))
            return id;
        problems.Add($"\"{member}\" must be a UUID.");
        return null;
    }

    /// <summary>Copies a text member, or removes it where the patch has null.</summary>
    public static void CopyText(JsonObject patch, JsonObject doc, string member, int least, int most, ICollection<string> problems)
    {
        if (IsRemoval(patch, member))
            doc.Remove(member);
        else if (Text(patch, member, least, most, problems) is { } text)
            doc[member] = text;
    }

    /// <summary>Copies a boolean member.</summary>
    public static void CopyFlag(JsonObject patch, JsonObject doc, string member, ICollection<string> problems)
    {
        if (Flag(patch, member, problems) is { } flag)
            doc[member] = flag;
    }

    /// <summary>Replaces an object member as a whole, or removes it where the patch has null.</summary>
    public static void CopyObject(JsonObject patch, JsonObject doc, string member, ICollection<string> problems)
    {
        if (IsRemoval(patch, member))
            doc.Remove(member);
        else if (patch[member] is JsonObject value)
            doc[member] = value.DeepClone();
        else if (patch.ContainsKey(member))
            problems.Add($"\"{member}\" must be an object.");
    }

    private static bool IsRemoval(JsonObject patch, string member) => patch.ContainsKey(member) && patch[member] is null;
}
