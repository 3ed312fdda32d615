using System.Diagnostics.CodeAnalysis;

namespace Grid.Ogc.Ows;

/// <summary>
/// Parameters in key-value pairs as OWS services read them (OWS Common 06-121r3 § 11.5.2): names in any case, the first of equal names wins,
/// unknown names are there but nobody asks for them. Reads the ways of real clients: <c>?</c> repeated or followed by <c>&amp;</c>, empty pairs,
/// <c>+</c> for a space, and broken percent signs, which stay as they are. A <c>;</c> is part of its value (<c>image/x-bil;bits=32</c>).
/// </summary>
public sealed class KvpParameters
{
    /// <summary>Pairs beyond this number are not read.</summary>
    public const int MaxPairs = 200;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the text held at least one pair.</summary>
    public bool HasPairs => _values.Count > 0;

    /// <summary>Reads a raw query string and, merged after it, the body of a form (<c>application/x-www-form-urlencoded</c>).</summary>
    public static KvpParameters Parse(ReadOnlySpan<char> query, ReadOnlySpan<char> form = default)
    {
        var parameters = new KvpParameters();
        parameters.Add(query);
        parameters.Add(form);
        return parameters;
    }

    /// <summary>The decoded value of a name, possibly empty, or null when it is absent.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>A value that is neither absent nor blank.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value) =>
        _values.TryGetValue(name, out value) && !string.IsNullOrWhiteSpace(value);

    private void Add(ReadOnlySpan<char> text)
    {
        text = text.TrimStart('?');
        foreach (var range in text.SplitAny('&', '?'))
        {
            var pair = text[range];
            var equals = pair.IndexOf('=');
            if (equals <= 0 || _values.Count >= MaxPairs)
                continue;
            _values.TryAdd(Decode(pair[..equals]), Decode(pair[(equals + 1)..]));
        }
    }

    private static string Decode(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? Uri.UnescapeDataString(text.ToString().Replace('+', ' ')) : text.ToString();
}
