using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc.Wms;

/// <summary>Another WMS that knows what is at the places of a layer, in place of the layer's own values (ROK4's EXTERNALWMS).</summary>
/// <param name="Url">Its address; what its query says stays, unless a request says otherwise.</param>
/// <param name="Layers">The layers of its map; null for those of the address, or else the layer's own name.</param>
/// <param name="QueryLayers">The layers that it is to tell of; null for those of its map.</param>
/// <param name="Parameters">More parameters for it.</param>
public sealed record ExternalInfo(string Url, string? Layers, string? QueryLayers, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>The address of its answer for a pixel of a map (06-042 § 7.4).</summary>
    /// <param name="layer">The layer's name here.</param>
    /// <param name="crs">CRS of the map.</param>
    /// <param name="extent">Outer edges of the map; x is easting or longitude.</param>
    public Uri AddressOf(string layer, MapCrs crs, Extent extent, int width, int height, int i, int j, string infoFormat, int featureCount)
    {
        var mark = Url.IndexOf('?', StringComparison.Ordinal);
        var query = mark < 0 ? "" : Url[(mark + 1)..].Trim('&');
        var known = KvpParameters.Parse(query);
        var (minFirst, minSecond, maxFirst, maxSecond) = crs.Ordered(extent);
        var shown = Layers ?? known["LAYERS"] ?? layer;
        Dictionary<string, string> asked = new(StringComparer.OrdinalIgnoreCase)
        {
            ["SERVICE"] = "WMS", ["VERSION"] = "1.3.0", ["REQUEST"] = "GetFeatureInfo", ["LAYERS"] = shown, ["QUERY_LAYERS"] = QueryLayers ?? known["QUERY_LAYERS"] ?? shown,
            ["STYLES"] = known["STYLES"] ?? "", ["FORMAT"] = "image/png", ["CRS"] = crs.Crs.Name,
            ["BBOX"] = string.Create(CultureInfo.InvariantCulture, $"{minFirst},{minSecond},{maxFirst},{maxSecond}"),
            ["WIDTH"] = Text(width), ["HEIGHT"] = Text(height), ["I"] = Text(i), ["J"] = Text(j), ["INFO_FORMAT"] = infoFormat, ["FEATURE_COUNT"] = Text(featureCount),
        };
        foreach (var (name, value) in Parameters)
            asked.TryAdd(name, value);
        var kept = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Where(pair => !asked.ContainsKey(Uri.UnescapeDataString(pair.Split('=')[0])));
        var added = asked.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}");
        return new Uri($"{(mark < 0 ? Url : Url[..mark])}?{string.Join('&', kept.Concat(added))}");

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
