using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Layers;
using Grid.Frontend.Maps;
using Grid.Frontend.Tiles;
using Grid.Frontend.Wms;
using Grid.Interfaces.Maps;
using Grid.Ogc;
using Grid.Ogc.OgcApi;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Frontend.OgcApi;

/// <summary>OGC API – Tiles and – Maps below <c>/ogcapi</c>: one collection a layer name, of tiles, maps or both. Documents as JSON and HTML.</summary>
public sealed class OgcApiEndpoints(
    PublishedLayers layers, TileResponse tiles, MapAnswers maps, WmsCapabilitiesCache boxes, MapCrsRegister register, PublicAddress address, WmsOptions options)
{
    private const string Prefix = "/ogcapi";

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<OgcApiEndpoints>();
        routes.MapMethods(Prefix + "/{**path}", [HttpMethods.Get, HttpMethods.Head], api.AnswerAsync).ExcludeFromDescription();
        routes.MapMethods(Prefix + "/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        return routes;
    }

    private Task AnswerAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        var kvp = KvpParameters.Parse(http.Request.QueryString.Value);
        var root = address.Of(http) + Prefix;
        string[] path = [.. (http.Request.Path.Value ?? "")[Prefix.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries)];
        return path switch
        {
            [] => DocumentAsync(http, kvp, OgcApiDocuments.Landing(options.Service, root)),
            ["conformance"] => DocumentAsync(http, kvp, OgcApiDocuments.Conformance(root)),
            ["api"] => DefinitionAsync(http, kvp, root),
            ["api", "all-collections"] => DocumentAsync(http, kvp, Values(Names())),
            ["api", "tileMatrixSets"] => DocumentAsync(http, kvp, Values(Sets().Select(set => set.Id))),
            ["api", "styles"] => DocumentAsync(http, kvp, Values(Collections().SelectMany(collection => collection.Layer.Styles).Select(style => style.Id).Distinct())),
            ["tileMatrixSets"] => DocumentAsync(http, kvp, OgcApiDocuments.TileMatrixSetList(Sets(), root)),
            ["tileMatrixSets", var id] when (TileMatrixSets.Find(id) ?? Sets().FirstOrDefault(set => set.Id == id)) is { } set => DocumentAsync(http, kvp, OgcApiDocuments.TileMatrixSet(set, root)),
            ["collections"] => CollectionsAsync(http, kvp, root),
            ["collections", var id, .. var rest] when Find(id) is { } collection => CollectionAsync(http, kvp, root, collection, rest),
            _ => NotFoundAsync(http),
        };
    }

    private Task CollectionAsync(HttpContext http, KvpParameters kvp, string root, OgcApiCollection collection, string[] path)
    {
        LayerStyle? style = null;
        if (path is ["styles", var name, .. var styled])
        {
            if ((style = collection.Layer.FindStyle(name)) is null)
                return NotFoundAsync(http);
            path = styled;
        }

        return path switch
        {
            [] when style is null => DocumentAsync(http, kvp, OgcApiDocuments.Collection(collection, root)),
            ["styles"] when style is null => DocumentAsync(http, kvp, OgcApiDocuments.Styles(collection, root)),
            ["map"] when collection.Maps is PublishedLayer layer => MapAsync(http, kvp, layer, style ?? layer.DefaultStyle),
            ["map", "tiles"] when collection.Tiles is not null => DocumentAsync(http, kvp, OgcApiDocuments.Tilesets(collection, style, root)),
            ["map", "tiles", var set] when collection.Tiles is { } layer && SetOf(layer, set) is { } served =>
                DocumentAsync(http, kvp, OgcApiDocuments.Tileset(collection, style, served, root)),
            ["map", "tiles", var set, var level, var row, var col] when collection.Tiles is { } layer && SetOf(layer, set)?.FindLevel(level) is { } found =>
                TileAsync(http, kvp, layer, found, style ?? layer.DefaultStyle, row, col),
            _ => NotFoundAsync(http),
        };
    }

    private Task CollectionsAsync(HttpContext http, KvpParameters kvp, string root)
    {
        if (!MapQuery.TryParseBounds(kvp, out var bounds, out var error))
            return ErrorAsync(http, error);
        var shown = Collections().Where(collection => bounds is not { } box || Touch(collection.Layer.Bounds, box)).ToList();
        return DocumentAsync(http, kvp, OgcApiDocuments.Collections(shown, root));
    }

    private async Task MapAsync(HttpContext http, KvpParameters kvp, PublishedLayer layer, LayerStyle style)
    {
        var accepted = OgcApiDocuments.MapFormats.Select(format => format.MimeType)
            .FirstOrDefault(type => http.Request.Headers.Accept.ToString().Contains(type, StringComparison.OrdinalIgnoreCase))
            ?? (layer.Format.SampleFormat == "FLOAT32" && style.Document is null ? "image/geotiff" : null);
        if (!MapQuery.TryParse(kvp, layer, register, options.Limits, accepted, MapCrsRegister.BoxOf, out var map, out var error))
        {
            await ErrorAsync(http, error);
            return;
        }

        var order = WmsEndpoints.OrderOf(map, WmsEndpoints.IsShown(layer, map) ? [layer.InMap(style)] : []);
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers["Content-Crs"] = $"<{map.Crs.Crs.Uri}>";
        var (minFirst, minSecond, maxFirst, maxSecond) = map.Crs.Ordered(map.Extent);
        http.Response.Headers["Content-Bbox"] = string.Create(CultureInfo.InvariantCulture, $"{minFirst},{minSecond},{maxFirst},{maxSecond}");
        if (await maps.TryWriteAsync(http, order, [layer], map.FileName) is { } failure)
            await ErrorAsync(http, new OgcApiError(failure.HttpStatus, failure.IsRequest ? "InvalidParameterValue" : "NoApplicableCode", failure.Text));
    }

    private async Task TileAsync(HttpContext http, KvpParameters kvp, ServedLayer layer, ServedLevel level, LayerStyle style, string rowText, string colText)
    {
        if (!long.TryParse(rowText, NumberStyles.None, CultureInfo.InvariantCulture, out var row)
            || !long.TryParse(colText, NumberStyles.None, CultureInfo.InvariantCulture, out var col) || !level.Limits.Contains(col, row))
        {
            await NotFoundAsync(http);
            return;
        }

        var tile = new TileAddress(layer, level, col, row);
        var fileName = kvp.TryGet("filename", out var name) ? name : null;
        if (level is not PublishedLevel)
        {
            if (await maps.TryWriteAsync(http, DrawnTile.OrderOf(tile, style), [(PublishedLayer)layer], fileName) is { } failure)
                await ErrorAsync(http, new OgcApiError(failure.HttpStatus, "NoApplicableCode", failure.Text));
            return;
        }

        if (fileName is not null)
            http.Response.Headers.ContentDisposition = MapAnswers.Attachment(fileName);
        try
        {
            if (await tiles.TryWriteAsync(http.Features, tile, style))
                return;
            http.Response.Headers.ContentDisposition = default;

            // 20-057 § 8.2: a tile without data is an answer without content.
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            http.Response.Headers.CacheControl = TileResponse.NotFoundCacheControl;
        }
        catch (Exception failure) when (tiles.TrySetUnavailable(http, failure))
        {
            http.Response.Headers.ContentDisposition = default;
            await ErrorAsync(http, new OgcApiError(StatusCodes.Status503ServiceUnavailable, "NoApplicableCode", TileResponse.Unavailable));
        }
    }

    private OgcApiCollection? Find(string name)
    {
        var tiles = layers.Current.TryFind(name, out var stored) ? stored : null;
        var drawn = layers.Maps.TryFind(name, out var map) ? map : null;
        return (tiles ?? drawn) is { } layer ? new OgcApiCollection(tiles, drawn, [.. boxes.BoxesOf(layer).Select(box => box.Crs)]) : null;
    }

    // A layer may be withdrawn between its name and itself.
    private IEnumerable<OgcApiCollection> Collections() => Names().Select(Find).OfType<OgcApiCollection>();

    private IEnumerable<string> Names() =>
        layers.Current.Layers.Concat(layers.Maps.Layers).Select(layer => layer.Name).Distinct().Order(StringComparer.Ordinal);

    private IEnumerable<TileMatrixSet> Sets() => layers.Current.Layers.SelectMany(OgcApiDocuments.SetsOf).Select(set => set.Set).DistinctBy(set => set.Id).OrderBy(set => set.Id, StringComparer.Ordinal);

    private static ServedSet? SetOf(ServedLayer layer, string name) => OgcApiDocuments.SetsOf(layer).FirstOrDefault(set => set.Set.Id == name);

    private static bool Touch(GeographicBounds a, GeographicBounds b) => a.West < b.East && b.West < a.East && a.South < b.North && b.South < a.North;

    private static JsonObject Values(IEnumerable<string> values) => new()
    {
        ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]),
    };

    private static Task DocumentAsync(HttpContext http, KvpParameters kvp, JsonObject document, string type = OgcApiJson)
    {
        // Browsers ask for HTML before anything; programs that say nothing get JSON.
        var form = kvp.TryGet("f", out var asked) ? asked : http.Request.Headers.Accept.ToString().StartsWith("text/html", StringComparison.OrdinalIgnoreCase) ? "html" : "json";
        return form.ToLowerInvariant() switch
        {
            "html" or "text/html" => new KeptDocument(OgcApiHtml.Write(document, "Grid")).WriteAsync(http, "text/html; charset=utf-8", "Accept"),
            "json" or OgcApiJson => new KeptDocument(Encoding.UTF8.GetBytes(document.ToJsonString())).WriteAsync(http, type, "Accept"),
            _ => ErrorAsync(http, new OgcApiError(StatusCodes.Status400BadRequest, "InvalidParameterValue", $"Parameter f is \"{form}\": documents are json or html.")),
        };
    }

    private const string OgcApiJson = "application/json";

    private Task DefinitionAsync(HttpContext http, KvpParameters kvp, string root) =>
        DocumentAsync(http, kvp, OgcApiDefinition.Write(options.Service, root), "application/vnd.oai.openapi+json;version=3.0");

    private static Task NotFoundAsync(HttpContext http) => ErrorAsync(http, new OgcApiError(StatusCodes.Status404NotFound, "NotFound", "No resource has this address."));

    private static Task ErrorAsync(HttpContext http, OgcApiError error)
    {
        http.Response.StatusCode = error.HttpStatus;
        return WriteAsync(http, OgcApiJson, Encoding.UTF8.GetBytes(new JsonObject { ["code"] = error.Code, ["description"] = error.Description }.ToJsonString()));
    }

    private static async Task WriteAsync(HttpContext http, string type, byte[] body)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.Vary = "Accept";
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
