using System.Net.Http.Headers;
using System.Text;

namespace Grid.Frontend.Pages;

/// <summary>
/// The web pages: <c>/</c>, <c>/map</c>, <c>/viewer3d</c>, <c>/builds</c>, <c>/data</c>, <c>/operations</c> and their assets under <c>/assets</c>. Everything
/// comes from this server; the Content-Security-Policy lets a browser load nothing from elsewhere and run no inline script.
/// </summary>
public static class PageEndpoints
{
    /// <summary>Content-Security-Policy of every page (W3C CSP Level 3).</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly (string Route, string File)[] Pages =
        [("/", "index.html"), ("/map", "map.html"), ("/viewer3d", "viewer3d.html"), ("/builds", "builds.html"), ("/data", "data.html"), ("/operations", "operations.html")];

    private static readonly byte[] NotBuilt = Encoding.UTF8.GetBytes(
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Grid: pages not built</title>
        <h1>The web pages are not built</h1>
        <p>The services run; only these pages are missing. Build them with Node 20 or newer, then load this page again:</p>
        <pre>cd src/Frontend/web
        npm ci
        npm run build</pre></html>

        """);

    /// <summary>Maps the pages and their assets.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="folder">The built pages; null looks beside the host's content root and the program.</param>
    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder endpoints, PageFolder? folder = null)
    {
        folder ??= PageFolder.Locate(endpoints.ServiceProvider.GetRequiredService<IWebHostEnvironment>().ContentRootPath);
        foreach (var (route, file) in Pages)
            endpoints.MapMethods(route, ReadMethods, context => WriteAsync(context, folder, file)).ExcludeFromDescription();
        endpoints.MapMethods("/assets/{name}", ReadMethods, context => WriteAsync(context, folder, $"assets/{context.GetRouteValue("name")}"))
            .ExcludeFromDescription();
        endpoints.MapMethods("/robots.txt", ReadMethods, context => WriteAsync(context, folder, "robots.txt")).ExcludeFromDescription();
        return endpoints;
    }

    private static async Task WriteAsync(HttpContext context, PageFolder folder, string name)
    {
        var response = context.Response;
        SetSecurityHeaders(response.Headers);
        if (folder.Find(name) is not { } file)
        {
            response.Headers.CacheControl = "no-store";
            if (folder.IsBuilt || !name.EndsWith(".html", StringComparison.Ordinal))
            {
                response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.ContentType = "text/html; charset=utf-8";
            response.ContentLength = NotBuilt.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
                await response.Body.WriteAsync(NotBuilt, context.RequestAborted);
            return;
        }

        var compressed = file.Brotli is not null && AcceptsBrotli(context.Request);
        var etag = compressed ? file.BrotliETag : file.ETag;
        response.Headers.ETag = etag;
        response.Headers.CacheControl = file.Hashed ? "public, max-age=31536000, immutable" : "no-cache";
        if (file.Brotli is not null)
            response.Headers.Vary = "Accept-Encoding";
        if (Matches(context.Request, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var bytes = compressed ? file.Brotli! : file.Bytes;
        if (compressed)
            response.Headers.ContentEncoding = "br";
        response.ContentType = file.ContentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static void SetSecurityHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }

    private static bool AcceptsBrotli(HttpRequest request) => request.Headers.AcceptEncoding
        .SelectMany(line => line?.Split(',') ?? [])
        .Any(part => StringWithQualityHeaderValue.TryParse(part, out var coding) && coding.Value == "br" && coding.Quality is not 0);

    private static bool Matches(HttpRequest request, string etag) => request.Headers.IfNoneMatch
        .SelectMany(line => line?.Split(',') ?? [])
        .Select(tag => tag.Trim())
        .Any(tag => tag == "*" || tag == etag || (tag.StartsWith("W/", StringComparison.Ordinal) && tag[2..] == etag));
}
