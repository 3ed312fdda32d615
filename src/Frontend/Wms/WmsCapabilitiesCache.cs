using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Maps;
using Grid.Frontend.Tiles;
using Grid.Ogc;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;

namespace Grid.Frontend.Wms;

/// <summary>
/// Capabilities as bytes, made once for each catalogue, address and form. They go with their catalogue; the boxes of a layer in the advertised CRS are
/// kept with the layer, since layers that do not change pass from one catalogue to the next.
/// </summary>
public sealed class WmsCapabilitiesCache(PublicAddress address, WmsOptions options, MapCrsRegister register)
{
    // Host names come from requests: a client that invents them must not fill the memory.
    private const int MaxVariants = 64;

    private readonly ConditionalWeakTable<LayerCatalogue, ConcurrentDictionary<(string Address, bool Inspire), KeptDocument>> _documents = [];
    private readonly ConditionalWeakTable<ServedLayer, IReadOnlyList<LayerBox>> _boxes = [];
    private readonly Lazy<IReadOnlyList<MapCrs>> _advertised = new(() => [.. options.AdvertisedCrs.Select(register.Find).OfType<MapCrs>()]);

    /// <summary>Answers a GetCapabilities request, or 304 when the client has the document.</summary>
    public Task WriteAsync(HttpContext http, LayerCatalogue layers, GetWmsCapabilities request) =>
        Find(layers, address.Of(http), http.Request.Path.Value!, request.IsInspire || options.Inspire).WriteAsync(http, WmsCapabilities.MimeType);

    /// <summary>The CRS that a layer is advertised in, with its rectangle there: first its own, then those of the list whose area of use it touches.</summary>
    public IReadOnlyList<LayerBox> BoxesOf(ServedLayer layer) => _boxes.GetValue(layer, one =>
    {
        var own = register.Find(one.Set.Crs);
        return
        [
            .. _advertised.Value.Prepend(own).OfType<MapCrs>().DistinctBy(crs => crs.Crs.Name)
                .Select(crs => (Crs: crs, Box: MapCrsRegister.BoxOf(one.Bounds, crs)))
                .Where(pair => pair.Box is not null).Select(pair => new LayerBox(pair.Crs, pair.Box!.Value)),
        ];
    });

    private KeptDocument Find(LayerCatalogue layers, string root, string path, bool inspire)
    {
        var variants = _documents.GetOrCreateValue(layers);
        if (variants.TryGetValue((root + path, inspire), out var known))
            return known;
        var everywhere = _advertised.Value.Where(crs => layers.Layers.All(layer => BoxesOf(layer).Any(box => box.Crs == crs))).ToList();
        var document = new KeptDocument(WmsCapabilities.Write(
            options.Service, layers, BoxesOf, everywhere, options.Limits, root + path, root, inspire ? new InspireDescription(options.InspireMetadataUrl, options.Language) : null));
        if (variants.Count < MaxVariants)
            variants.TryAdd((root + path, inspire), document);
        return document;
    }
}
