using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>Query parameters as the Entrepôt's clients really write them.</summary>
public static class RequestQuery
{
    /// <summary>
    /// A list in any of its spellings: <c>x=a&amp;x=b</c>, <c>x[]=a&amp;x[]=b</c>, <c>x[0]=a&amp;x[1]=b</c>, <c>x=a,b</c>. Blank items are dropped.
    /// </summary>
    public static IReadOnlyList<string> List(this IQueryCollection query, string name)
    {
        var items = new List<string>();
        foreach (var (key, values) in query)
        {
            if (!IsSpellingOf(name, key))
                continue;
            foreach (var value in values)
                items.AddRange((value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }

        return items;
    }

    /// <summary>The first value of a parameter, or null when it is absent or empty.</summary>
    public static string? Text(this IQueryCollection query, string name) =>
        query.TryGetValue(name, out var values) && values.Count > 0 && !string.IsNullOrEmpty(values[0]) ? values[0] : null;

    /// <summary>A boolean, leniently: <c>true</c>, <c>True</c>, <c>1</c>, <c>"false"</c>…; null when absent or not one.</summary>
    public static bool? Flag(this IQueryCollection query, string name) => query.Text(name) is { } text ? LenientBoolean.Parse(text) : null;

    /// <summary>The pairs of <c>name[key]=value</c>, for example <c>tags[theme]=ortho</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Pairs(this IQueryCollection query, string name)
    {
        foreach (var (key, values) in query)
        {
            if (key.Length > name.Length + 2 && key.StartsWith(name, StringComparison.Ordinal) && key[name.Length] == '[' && key[^1] == ']')
                yield return new(key[(name.Length + 1)..^1], values.Count > 0 ? values[0] ?? "" : "");
        }
    }

    /// <summary>A whole number within limits, or the default when the parameter is absent.</summary>
    /// <exception cref="InvalidInputException">Not a number, or out of the limits.</exception>
    public static int Number(this IQueryCollection query, string name, int @default, int min, int max)
    {
        if (query.Text(name) is not { } text)
            return @default;
        return int.TryParse(text, out var number) && number >= min && number <= max
            ? number
            : throw new InvalidInputException($"{name}={text}: a whole number from {min} to {max} is expected.");
    }

    private static bool IsSpellingOf(string name, string key)
    {
        if (!key.StartsWith(name, StringComparison.Ordinal))
            return false;
        var rest = key.AsSpan(name.Length);
        return rest.IsEmpty || (rest[0] == '[' && rest[^1] == ']' && !rest[1..^1].ContainsAnyExceptInRange('0', '9'));
    }
}

/// <summary>Booleans as clients in Python, PHP and JavaScript write them.</summary>
public static class LenientBoolean
{
    public static bool? Parse(string text) => text.Trim().Trim('"').ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => null,
    };
}
