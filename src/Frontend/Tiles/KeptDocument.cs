using System.IO.Compression;
using System.Security.Cryptography;

namespace Grid.Frontend.Tiles;

/// <summary>
/// A document kept as it is sent, plain and gzip. Its ETag is a digest: what a document says also comes from settings and the address it was asked at,
/// which change without any layer changing.
/// </summary>
public sealed class KeptDocument(byte[] plain)
{
    private readonly Lazy<byte[]> _gzip = new(() => Compress(plain));
    private readonly string _digest = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12));

    /// <summary>Answers with the document, or 304 when the client has it.</summary>
    /// <param name="vary">What else of a request decides on the document, beside <c>Accept-Encoding</c>.</param>
    public async Task WriteAsync(HttpContext http, string contentType, string? vary = null)
    {
        var response = http.Response;
        var isGzip = http.Request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);
        var etag = isGzip ? $"\"{_digest}-gzip\"" : $"\"{_digest}\"";
        response.ContentType = contentType;
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.Vary = vary is null ? "Accept-Encoding" : $"{vary}, Accept-Encoding";
        response.Headers.ETag = etag;
        if (EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var body = isGzip ? _gzip.Value : plain;
        if (isGzip)
            response.Headers.ContentEncoding = "gzip";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static byte[] Compress(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
            gzip.Write(content);
        return output.ToArray();
    }
}
