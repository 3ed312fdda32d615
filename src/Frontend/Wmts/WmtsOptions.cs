using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Frontend.Wmts;

/// <summary>How the tile services answer. Bound from the section <c>Grid:Wmts</c>.</summary>
public sealed class WmtsOptions
{
    /// <summary>
    /// Compatible (default): beyond the limits 404, as production clients expect. Strict: 400 TileOutOfRange and all parameters mandatory,
    /// as the OGC's test suite wants.
    /// </summary>
    public WmtsErrorMode ErrorMode { get; set; } = WmtsErrorMode.Compatible;

    /// <summary>Title of the services in their capabilities.</summary>
    public string Title { get; set; } = "Grid";

    /// <summary>What the services offer, in a sentence.</summary>
    public string Abstract { get; set; } = "Tiles of published pyramids.";

    /// <summary>Who runs the services.</summary>
    public string Provider { get; set; } = "Grid";

    /// <summary>Address of the provider's site; empty for none.</summary>
    public string ProviderSite { get; set; } = "";

    /// <summary>
    /// Tile matrix sets in which every raster layer is served beside its own, for example PM for layers in Lambert-93: their tiles are drawn when they are
    /// asked for, which costs a hundred times what a stored tile does. None by default.
    /// </summary>
    public IReadOnlyList<string>? ExtraTileMatrixSets { get; set; }

    /// <summary>Whether capabilities are those of an INSPIRE view service even when the request does not say INSPIRE=1. Default false.</summary>
    public bool Inspire { get; set; }

    /// <summary>Address of the service's metadata record, for INSPIRE; empty for none.</summary>
    public string InspireMetadataUrl { get; set; } = "";

    /// <summary>Language of the texts in INSPIRE's capabilities, ISO 639-2/B.</summary>
    public string Language { get; set; } = "fre";

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (!Enum.IsDefined(ErrorMode))
            throw new ArgumentException($"Grid:Wmts:ErrorMode is {ErrorMode}: it is Compatible or Strict.");
        if (string.IsNullOrWhiteSpace(Title))
            throw new ArgumentException("Grid:Wmts:Title is empty: clients show it.");
        if (ExtraTileMatrixSets?.FirstOrDefault(name => TileMatrixSets.Find(name) is null) is { } unknown)
            throw new ArgumentException($"Grid:Wmts:ExtraTileMatrixSets has \"{unknown}\": it is no tile matrix set that Grid knows.");
        foreach (var (name, address) in new[] { (nameof(ProviderSite), ProviderSite), (nameof(InspireMetadataUrl), InspireMetadataUrl) })
        {
            if (address.Length > 0 && !(Uri.TryCreate(address, UriKind.Absolute, out var site) && site.Scheme is "http" or "https"))
                throw new ArgumentException($"Grid:Wmts:{name} is \"{address}\": it is an http or https address, or empty.");
        }
    }
}
