using Microsoft.Extensions.Options;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>The address under which clients know this host, for the absolute URLs in answers.</summary>
public sealed class PublicAddress(IOptions<EntrepotOptions> options)
{
    /// <summary>
    /// The configured address, else the request's own scheme and host (behind a proxy the host's forwarded-headers middleware has set them);
    /// no slash at the end.
    /// </summary>
    public string Of(HttpContext http) => options.Value.PublicUrl is { Length: > 0 } configured
        ? configured.TrimEnd('/')
        : $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}".TrimEnd('/');

    /// <summary>An absolute URL; <paramref name="path"/> may be absolute already.</summary>
    public string Absolute(HttpContext http, string path) =>
        path.StartsWith('/') ? Of(http) + path : path;
}
