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
        var picture = await documents.FindAsync(digest, http.RequestAborted) is { } file ? Rok4StyleJson.Read(file, digest).DrawLegend() : null;
        if (picture is null)
        {
            TileResponse.SetNotFound(http.Response);
            return;
        }

        http.Response.ContentType = "image/png";
        http.Response.ContentLength = picture.Length;
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(picture, http.RequestAborted);
    }
}
