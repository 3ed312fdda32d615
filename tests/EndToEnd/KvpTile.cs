namespace Grid.EndToEnd.Tests;

/// <summary>A GetTile request in key-value pairs, to be changed pair by pair.</summary>
public sealed record KvpTile(string Layer, string Format, string Set, string Level, long Col, long Row)
{
    /// <summary>A tile in the middle of a pyramid's finest level.</summary>
    public static KvpTile InTheMiddle(StoredPyramid pyramid, string layer, string format) => Of(pyramid, layer, format, pyramid.Levels[^1]);

    /// <summary>A tile in the middle of a level.</summary>
    public static KvpTile Of(StoredPyramid pyramid, string layer, string format, string level)
    {
        var limits = pyramid.Limits(level);
        return new KvpTile(
            layer, format, (string)pyramid.Descriptor["tile_matrix_set"]!, level, (limits.MinCol + limits.MaxCol) / 2, (limits.MinRow + limits.MaxRow) / 2);
    }

    /// <summary>The request below the server's root; a change with a null value leaves the pair out.</summary>
    public string Address(params (string Name, string? Value)[] changes) => "/wmts?" + Pairs(changes);

    public string Pairs(params (string Name, string? Value)[] changes)
    {
        var pairs = new Dictionary<string, string?>
        {
            ["SERVICE"] = "WMTS", ["REQUEST"] = "GetTile", ["VERSION"] = "1.0.0", ["LAYER"] = Layer, ["STYLE"] = "normal", ["FORMAT"] = Format,
            ["TILEMATRIXSET"] = Set, ["TILEMATRIX"] = Level, ["TILEROW"] = Row.ToString(), ["TILECOL"] = Col.ToString(),
        };
        foreach (var (name, value) in changes)
            pairs[name] = value;
        return string.Join('&', pairs.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
    }
}
