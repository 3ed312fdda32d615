using System.Text.Json.Nodes;

namespace Grid.Ogc.OgcApi;

/// <summary>Names of relations between the resources of OGC APIs.</summary>
internal static class Relations
{
    private const string Ogc = "http://www.opengis.net/def/rel/ogc/1.0/";

    public const string Conformance = Ogc + "conformance";
    public const string Data = Ogc + "data";
    public const string Map = Ogc + "map";
    public const string Styles = Ogc + "styles";
    public const string MapTilesets = Ogc + "tilesets-map";
    public const string TilingScheme = Ogc + "tiling-scheme";
    public const string TilingSchemes = Ogc + "tiling-schemes";
}

/// <summary>A link of an OGC API document.</summary>
internal static class OgcApiLink
{
    public const string Json = "application/json";

    public static JsonObject Of(string relation, string href, string type, string title, bool isTemplated = false)
    {
        var link = new JsonObject { ["rel"] = relation, ["href"] = href, ["type"] = type, ["title"] = title };
        if (isTemplated)
            link["templated"] = true;
        return link;
    }

    /// <summary>A document's links to itself in both of its forms.</summary>
    public static JsonArray Self(string address, string title) =>
    [
        Of("self", address + "?f=json", Json, title),
        Of("alternate", address + "?f=html", "text/html", title + " (HTML)"),
    ];
}
