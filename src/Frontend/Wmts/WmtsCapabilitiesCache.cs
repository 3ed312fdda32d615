using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Tiles;
using Grid.Ogc;
using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;

namespace Grid.Frontend.Wmts;

/// <summary>
/// Capabilities as bytes, plain and gzip, made once for each catalogue and address. They go with their catalogue: nothing is invalidated.
/// </summary>
public sealed class WmtsCapabilitiesCache(PublicAddress address, WmtsOptions options)
{
    // Host names come from requests: a client that invents them must not fill the memory.
    private const int MaxVariants = 64;

    private readonly ConditionalWeakTable<LayerCatalogue, ConcurrentDictionary<(string Address, WmtsSections Sections, bool Inspire), KeptDocument>> _documents = [];

    private ServiceDescription Service => new()
    {
        Title = options.Title,
        Abstract = options.Abstract,
        ProviderName = options.Provider,
        ProviderSite = options.ProviderSite,
    };

    /// <summary>Answers a GetCapabilities request, or 304 when the client has the document.</summary>
    public Task WriteAsync(HttpContext http, LayerCatalogue layers, GetCapabilities request)
    {
        var document = request.IsUnchanged
            ? new KeptDocument(WmtsCapabilities.WriteUnchanged(layers))
            : Find(layers, address.Of(http), request.Sections, request.IsInspire || options.Inspire);
        return document.WriteAsync(http, request.MimeType + "; charset=utf-8");
    }

    private KeptDocument Find(LayerCatalogue layers, string root, WmtsSections sections, bool inspire)
    {
        var variants = _documents.GetOrCreateValue(layers);
        if (variants.TryGetValue((root, sections, inspire), out var known))
            return known;
        var document = new KeptDocument(WmtsCapabilities.Write(
            Service, layers, new WmtsAddresses($"{root}/wmts", $"{root}/wmts/1.0.0", root), sections,
            inspire ? new InspireDescription(options.InspireMetadataUrl, options.Language) : null));
        if (variants.Count < MaxVariants)
            variants.TryAdd((root, sections, inspire), document);
        return document;
    }
}
