using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Grid.Interfaces.Processings;

/// <summary>
/// Checks parameter values against the JSON schemas of a processing. The subset: <c>type</c> (string, integer, number, boolean, array),
/// <c>enum</c>, <c>minimum</c>, <c>maximum</c>, <c>pattern</c>, <c>maxLength</c>, <c>items</c>, <c>minItems</c>, <c>maxItems</c>.
/// </summary>
public static class ParameterConstraints
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The value in the type that <paramref name="schema"/> wants. Clients write levels as numbers or strings and numbers and booleans as
    /// strings, so those are converted; anything else that does not fit adds a sentence to <paramref name="problems"/> and gives null.
    /// </summary>
    public static JsonNode? Read(string name, JsonNode? value, JsonObject schema, ICollection<string> problems)
    {
        var type = (string?)schema["type"] ?? "string";
        if (type == "array")
            return ReadArray(name, value, schema, problems);
        if (value is not JsonValue scalar)
        {
            problems.Add($"The parameter \"{name}\" must be of type {type}.");
            return null;
        }

        var text = scalar.GetValueKind() == JsonValueKind.String ? scalar.GetValue<string>() : scalar.ToJsonString();
        return type switch
        {
            "string" => ReadText(name, text, schema, problems),
            "boolean" => ReadBoolean(name, text, problems),
            "integer" => ReadNumber(name, text, schema, whole: true, problems),
            "number" => ReadNumber(name, text, schema, whole: false, problems),
            _ => throw new InvalidOperationException($"The schema of the parameter \"{name}\" has the unknown type \"{type}\"."),
        };
    }

    private static JsonArray? ReadArray(string name, JsonNode? value, JsonObject schema, ICollection<string> problems)
    {
        JsonNode?[] items = value switch
        {
            JsonArray array => [.. array],
            JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String => [.. scalar.GetValue<string>().Split(',').Select(part => (JsonNode)part.Trim())],
            JsonValue scalar => [scalar],
            _ => [],
        };
        var least = (int?)schema["minItems"] ?? 0;
        var most = (int?)schema["maxItems"] ?? int.MaxValue;
        if (items.Length < least || items.Length > most)
        {
            problems.Add($"The parameter \"{name}\" has {items.Length} values: {least} to {most} are allowed.");
            return null;
        }

        var before = problems.Count;
        var read = new JsonArray();
        foreach (var item in items)
            read.Add(Read(name, item, schema["items"]!.AsObject(), problems));
        return problems.Count == before ? read : null;
    }

    private static JsonNode? ReadText(string name, string text, JsonObject schema, ICollection<string> problems)
    {
        if (schema["enum"] is JsonArray allowed)
        {
            if (allowed.FirstOrDefault(one => text.Equals((string?)one, StringComparison.OrdinalIgnoreCase)) is { } match)
                return JsonValue.Create((string?)match);
            problems.Add($"The parameter \"{name}\" is \"{Shorten(text)}\": allowed are {string.Join(", ", allowed.Select(one => (string?)one))}.");
            return null;
        }

        if (text.Length > ((int?)schema["maxLength"] ?? 1024)
            || (schema["pattern"] is { } pattern && !Regex.IsMatch(text, (string)pattern!, RegexOptions.CultureInvariant, PatternTimeout)))
        {
            problems.Add($"The parameter \"{name}\" is \"{Shorten(text)}\": it must match {(string?)schema["pattern"] ?? "at most 1024 characters"}.");
            return null;
        }

        return JsonValue.Create(text);
    }

    private static JsonNode? ReadBoolean(string name, string text, ICollection<string> problems)
    {
        if (bool.TryParse(text, out var flag))
            return JsonValue.Create(flag);
        problems.Add($"The parameter \"{name}\" is \"{Shorten(text)}\": allowed are true and false.");
        return null;
    }

    private static JsonNode? ReadNumber(string name, string text, JsonObject schema, bool whole, ICollection<string> problems)
    {
        var kind = whole ? "a whole number" : "a number";
        var range = (schema["minimum"], schema["maximum"]) switch
        {
            ({ } least, { } most) => $" from {least} to {most}",
            ({ } least, null) => $" from {least} on",
            (null, { } most) => $" up to {most}",
            _ => "",
        };
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            && (!whole || number == Math.Floor(number))
            && number >= (schema["minimum"]?.Deserialize<double>() ?? double.MinValue)
            && number <= (schema["maximum"]?.Deserialize<double>() ?? double.MaxValue))
        {
            return whole ? JsonValue.Create((long)number) : JsonValue.Create(number);
        }

        problems.Add($"The parameter \"{name}\" is \"{Shorten(text)}\": it must be {kind}{range}.");
        return null;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
