using System.IO.Compression;

namespace Grid.Frontend.Tiles;

/// <summary>A document kept as it is sent, plain and gzip.</summary>
public sealed class KeptDocument(byte[] plain)
{
    private readonly Lazy<byte[]> _gzip = new(() => Compress(plain));

    /// <summary>Answers with the document, or 304 when the client has the one of this tag.</summary>
    public static async Task WriteAsync(HttpContext http, Func<KeptDocument> document, string contentType, string etag)
    {
        var response = http.Response;
        response.ContentType = contentType;
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.ETag = etag;
        if (EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var gzip = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        var body = gzip ? document()._gzip.Value : document().Plain;
        if (gzip)
            response.Headers.ContentEncoding = "gzip";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(body, http.RequestAborted);
    }

    private byte[] Plain => plain;

    private static byte[] Compress(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
            gzip.Write(content);
        return output.ToArray();
    }
}
