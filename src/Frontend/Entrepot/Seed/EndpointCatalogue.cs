using System.Text.Json.Nodes;

namespace Grid.Frontend.Entrepot.Seed;

/// <summary>
/// The endpoints that Grid serves, under the ids and technical names by which clients of the Géoplateforme know them. Of one type the open one
/// comes first: clients take the first. URLs are paths, made absolute in answers.
/// </summary>
public static class EndpointCatalogue
{
    public sealed record Endpoint(Guid Id, string Name, string TechnicalName, string Type, bool Open, IReadOnlyList<(string Type, string Path)> Urls)
    {
        public JsonArray UrlsJson => [.. Urls.Select(url => new JsonObject { ["type"] = url.Type, ["url"] = url.Path })];
    }

    public static IReadOnlyList<Endpoint> All { get; } =
    [
        new(new Guid("ae032611-13eb-4a18-8d04-9b7604a031cc"), "Service public WMTS/TMS", "gpf-rok4-server-wmts-tms", "WMTS-TMS", true,
            [("WMTS", "/wmts"), ("TMS", "/tms/1.0.0")]),
        new(new Guid("ae042611-13eb-4a18-8d04-9b7604a031cc"), "Service public WMS Raster", "gpf-rok4-server-wms-raster", "WMS-RASTER", true,
            [("WMS", "/wms-r")]),
        new(new Guid("ae052611-13eb-4a18-8d04-9b7604a031cc"), "Service public de téléchargement", "gpf-download", "DOWNLOAD", true,
            [("DOWNLOAD", "/telechargement")]),
    ];
}
