using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Layers;
using Grid.Frontend.Maps;
using Grid.Frontend.Tiles;
using Grid.Frontend.Wmts;
using Grid.Ogc;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;

namespace Grid.Frontend.Tms;

/// <summary>TMS 1.0.0 below <c>/tms</c>; rows are numbered from the top, as the Géoplateforme does.</summary>
public sealed class TmsEndpoints(PublishedLayers layers, TileResponse tiles, PublicAddress address, WmtsOptions options)
{
    /// <summary>What this service says where there is no tile.</summary>
    public const string NoData = "No data found.";

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var tms = routes.ServiceProvider.GetRequiredService<TmsEndpoints>();
        routes.MapMethods("/tms/{**path}", [HttpMethods.Get, HttpMethods.Head], tms.AnswerAsync).ExcludeFromDescription();
        routes.MapMethods("/tms/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        return routes;
    }

    /// <summary>Ends an answer that <see cref="TileResponse.TryWriteAsync"/> has begun: with this service's own error when there is no tile.</summary>
    public async Task AnswerTileAsync(HttpContext http, ValueTask<bool> written)
    {
        try
        {
            if (await written)
                return;
            http.Response.Headers.ContentDisposition = default;
            TileResponse.SetNotFound(http.Response);
            await ErrorAsync(http, StatusCodes.Status404NotFound, NoData);
        }
        catch (Exception failure) when (tiles.TrySetUnavailable(http, failure))
        {
            http.Response.Headers.ContentDisposition = default;
            await ErrorAsync(http, StatusCodes.Status503ServiceUnavailable, TileResponse.Unavailable);
        }
    }

    private Task AnswerAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        var current = layers.Current;
        // The path without "/tms"; a raw value would hold escapes.
        var path = http.Request.Path.Value.AsSpan(4);
        var request = TmsPath.Parse(path, current, TmsPath.StyleOf(http.Request.QueryString.Value));
        if (request.Resource == TmsResource.Tile)
        {
            if (KvpParameters.Parse(http.Request.QueryString.Value).TryGet("FILENAME", out var fileName))
                http.Response.Headers.ContentDisposition = MapAnswers.Attachment(fileName);
            return AnswerTileAsync(http, tiles.TryWriteAsync(http.Features, request.Tile, request.Style!));
        }

        var root = address.Of(http) + "/tms";
        var service = new ServiceDescription { Title = options.Title, Abstract = options.Abstract, ProviderName = options.Provider };
        return request.Resource switch
        {
            TmsResource.Services => DocumentAsync(http, TmsDocuments.XmlMimeType, TmsDocuments.Services(service, root)),
            TmsResource.TileMapService => DocumentAsync(http, TmsDocuments.XmlMimeType, TmsDocuments.TileMapService(service, current, root)),
            TmsResource.TileMap => DocumentAsync(http, TmsDocuments.XmlMimeType, TmsDocuments.TileMap(request.Layer!, request.Style!, root)),
            TmsResource.MetadataJson => DocumentAsync(http, "application/json", TmsDocuments.MetadataJson(request.Layer!, request.Style!, root)),
            TmsResource.GdalDescription => GdalDescription.Write(request.Layer!, request.Style!, root) is { } description
                ? DocumentAsync(http, TmsDocuments.XmlMimeType, description)
                : ErrorAsync(http, StatusCodes.Status404NotFound, $"Layer {request.Layer!.Name} cannot be described to GDAL: its levels do not halve, or its tiles are no pictures."),
            _ => ErrorAsync(http, request.Status, request.Error ?? "No resource has this address."),
        };
    }

    private static Task DocumentAsync(HttpContext http, string contentType, byte[] body) => new KeptDocument(body).WriteAsync(http, contentType);

    private static Task ErrorAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return WriteAsync(http, TmsDocuments.XmlMimeType, TmsDocuments.Error(message));
    }

    private static async Task WriteAsync(HttpContext http, string contentType, byte[] body)
    {
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
