using System.Collections.Concurrent;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Tiles;
using Grid.Ogc;
using Grid.Ogc.Wmts;

namespace Grid.Frontend.Wmts;

/// <summary>
/// Capabilities as bytes, plain and gzip, made once for each catalogue and address. They go with their catalogue: nothing is invalidated.
/// </summary>
public sealed class WmtsCapabilitiesCache(PublicAddress address, WmtsOptions options)
{
    // Host names come from requests: a client that invents them must not fill the memory.
    private const int MaxVariants = 64;

    private readonly ConditionalWeakTable<LayerCatalogue, ConcurrentDictionary<(string Address, WmtsSections Sections), Document>> _documents = [];

    private ServiceDescription Service => new()
    {
        Title = options.Title,
        Abstract = options.Abstract,
        ProviderName = options.Provider,
        ProviderSite = options.ProviderSite,
    };

    /// <summary>Answers a GetCapabilities request, or 304 when the client has the document.</summary>
    public async Task WriteAsync(HttpContext http, LayerCatalogue layers, GetCapabilities request)
    {
        var response = http.Response;
        response.ContentType = request.MimeType + "; charset=utf-8";
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.Vary = "Accept-Encoding";
        var document = request.IsUnchanged ? new Document(WmtsCapabilities.WriteUnchanged(layers)) : Find(layers, address.Of(http), request.Sections);
        var etag = $"\"{layers.UpdateSequence:x}-{(int)request.Sections:x}\"";
        response.Headers.ETag = etag;
        if (EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var gzip = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        var body = gzip ? document.Gzip : document.Plain;
        if (gzip)
            response.Headers.ContentEncoding = "gzip";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.Body.WriteAsync(body, http.RequestAborted);
    }

    private Document Find(LayerCatalogue layers, string root, WmtsSections sections)
    {
        var variants = _documents.GetOrCreateValue(layers);
        if (variants.TryGetValue((root, sections), out var known))
            return known;
        var document = new Document(WmtsCapabilities.Write(Service, layers, new WmtsAddresses($"{root}/wmts", $"{root}/wmts/1.0.0", root), sections));
        if (variants.Count < MaxVariants)
            variants.TryAdd((root, sections), document);
        return document;
    }

    private sealed class Document(byte[] plain)
    {
        private readonly Lazy<byte[]> _gzip = new(() => Compress(plain));

        public byte[] Plain => plain;

        public byte[] Gzip => _gzip.Value;

        private static byte[] Compress(byte[] content)
        {
            using var output = new MemoryStream();
            using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
                gzip.Write(content);
            return output.ToArray();
        }
    }
}
