using Microsoft.Extensions.Primitives;

namespace Grid.Frontend.Tiles;

/// <summary>Open services answer any origin, errors and 304 included, and preflight requests without a token.</summary>
public static class Cors
{
    /// <summary>Headers that scripts of other origins may read.</summary>
    public const string Exposed = "Content-Crs, Link, Content-Range, Retry-After, ETag";

    private static readonly StringValues s_any = "*";
    private static readonly StringValues s_exposed = Exposed;

    /// <summary>Sets the headers on an answer of an open service.</summary>
    public static void Allow(HttpResponse response) => Allow(response.Headers);

    /// <summary>Sets the headers on an answer of an open service.</summary>
    public static void Allow(IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = s_any;
        headers.AccessControlExposeHeaders = s_exposed;
    }

    /// <summary>Answers a preflight request.</summary>
    public static Task PreflightAsync(HttpContext http)
    {
        Allow(http.Response);
        http.Response.Headers.AccessControlAllowMethods = "GET, HEAD, POST, OPTIONS";
        http.Response.Headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders.Count > 0
            ? http.Request.Headers.AccessControlRequestHeaders
            : "*";
        http.Response.Headers.AccessControlMaxAge = "86400";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
