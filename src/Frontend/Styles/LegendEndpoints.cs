using Grid.Frontend.Tiles;
using Grid.Grains.Catalogue;
using Grid.Imaging.Styles;

namespace Grid.Frontend.Styles;

/// <summary>
/// Legends of styles whose files name none, at <c>/legends/{digest}.png</c>: their palettes as pictures. A file never changes under its digest, so a
/// picture may be kept for ever.
/// </summary>
public static class LegendEndpoints
{
    public static void MapLegends(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/legends/{digest:regex(^[0-9a-f]{{64}}$)}.png", [HttpMethods.Get, HttpMethods.Head], AnswerAsync).ExcludeFromDescription();
        routes.MapMethods("/legends/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext http, string digest, StyleDocuments documents)
    {
        Cors.Allow(http.Response);
        if (!await TryWriteAsync(http, digest, documents, "public, max-age=31536000, immutable"))
            TileResponse.SetNotFound(http.Response);
    }

    /// <summary>Answers with the picture of a style's palette; false, with nothing written, when it has none.</summary>
    public static async Task<bool> TryWriteAsync(HttpContext http, string digest, StyleDocuments documents, string cacheControl)
    {
        if (await documents.FindAsync(digest, http.RequestAborted) is not { } file || Rok4StyleJson.Read(file, digest).DrawLegend() is not { } picture)
            return false;
        http.Response.ContentType = "image/png";
        http.Response.ContentLength = picture.Length;
        http.Response.Headers.CacheControl = cacheControl;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(picture, http.RequestAborted);
        return true;
    }
}
