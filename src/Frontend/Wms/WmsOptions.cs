using Grid.Frontend.Maps;
using Grid.Ogc;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Frontend.Wms;

/// <summary>How the map services answer. Bound from the section <c>Grid:Wms</c>.</summary>
public sealed class WmsOptions
{
    /// <summary>Title of the service and of its root layer.</summary>
    public string Title { get; set; } = "Grid";

    /// <summary>What the service offers, in a sentence.</summary>
    public string Abstract { get; set; } = "Maps drawn from published pyramids.";

    /// <summary>Keywords of the service.</summary>
    public IReadOnlyList<string>? Keywords { get; set; }

    /// <summary>Who runs the service.</summary>
    public string Provider { get; set; } = "Grid";

    /// <summary>Address of the provider's site; empty for none.</summary>
    public string ProviderSite { get; set; } = "";

    /// <summary>Mail address of the provider; empty for none.</summary>
    public string ContactEmail { get; set; } = "";

    /// <summary>Pixels across a map. Default 5,000.</summary>
    public int MaxWidth { get; set; } = 5000;

    /// <summary>Pixels down a map. Default 5,000.</summary>
    public int MaxHeight { get; set; } = 5000;

    /// <summary>Layers of one map. Default 10.</summary>
    public int MaxLayers { get; set; } = 10;

    /// <summary>The CRS that capabilities advertise, for each layer those whose area of use it touches; none takes the platform's list.</summary>
    public IReadOnlyList<string>? Crs { get; set; }

    /// <summary>Whether maps are drawn in every CRS that PROJ knows (default), or in the advertised ones only.</summary>
    public bool AnyCrs { get; set; } = true;

    /// <summary>
    /// Addresses, each with all below it, at which legends may be that GetLegendGraphic redirects to, beside those of this host. None by default: of a style whose
    /// producer put its legend elsewhere the palette is drawn, and where there is none the request is refused. Capabilities name the producer's address in any case.
    /// </summary>
    public IReadOnlyList<string>? LegendServers { get; set; }

    /// <summary>Whether parameters that the standard calls mandatory and that clients leave out (VERSION, STYLES, SERVICE) are insisted on. Default false.</summary>
    public bool Strict { get; set; }

    /// <summary>Whether capabilities are those of an INSPIRE view service even when the request does not say INSPIRE=1. Default false.</summary>
    public bool Inspire { get; set; }

    /// <summary>Address of the service's metadata record, for INSPIRE; empty for none.</summary>
    public string InspireMetadataUrl { get; set; } = "";

    /// <summary>Language of the texts in INSPIRE's capabilities, ISO 639-2/B.</summary>
    public string Language { get; set; } = "fre";

    internal static IReadOnlyList<string> DefaultCrs { get; } =
    [
        "EPSG:3857", "EPSG:4326", "CRS:84", "EPSG:4258", "EPSG:4171", "EPSG:2154", "IGNF:LAMB93", "EPSG:3034", "EPSG:3035",
        "EPSG:3942", "EPSG:3943", "EPSG:3944", "EPSG:3945", "EPSG:3946", "EPSG:3947", "EPSG:3948", "EPSG:3949", "EPSG:3950",
        "EPSG:32630", "EPSG:32631", "EPSG:32632", "EPSG:27572",
        "EPSG:5490", "EPSG:2972", "EPSG:2975", "EPSG:4471", "EPSG:4467", "EPSG:3163", "EPSG:3297", "EPSG:8903",
    ];

    internal IReadOnlyList<string> AdvertisedCrs => Crs ?? DefaultCrs;

    internal WmsLimits Limits => new(MaxWidth, MaxHeight, MaxLayers, Strict);

    internal ServiceDescription Service => new()
    {
        Title = Title, Abstract = Abstract, Keywords = Keywords ?? [], ProviderName = Provider, ProviderSite = ProviderSite,
        Contact = new ServiceContact { Email = ContactEmail },
    };

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Title))
            throw new ArgumentException("Grid:Wms:Title is empty: clients show it.");
        if (MaxWidth is < 1 or > 16_000)
            throw new ArgumentException($"Grid:Wms:MaxWidth is {MaxWidth}: 1 to 16000 are allowed.");
        if (MaxHeight is < 1 or > 16_000)
            throw new ArgumentException($"Grid:Wms:MaxHeight is {MaxHeight}: 1 to 16000 are allowed.");
        if (MaxLayers is < 1 or > 100)
            throw new ArgumentException($"Grid:Wms:MaxLayers is {MaxLayers}: 1 to 100 are allowed.");
        if (AdvertisedCrs.FirstOrDefault(name => !Tiling.Crs.TryParse(name, out _)) is { } wrong)
            throw new ArgumentException($"Grid:Wms:Crs has \"{wrong}\": names look like EPSG:2154, IGNF:LAMB93 or CRS:84.");
        AllowedAddresses.Validate("Grid:Wms:LegendServers", LegendServers);
        foreach (var (name, address) in new[] { (nameof(ProviderSite), ProviderSite), (nameof(InspireMetadataUrl), InspireMetadataUrl) })
        {
            if (address.Length > 0 && !(Uri.TryCreate(address, UriKind.Absolute, out var site) && site.Scheme is "http" or "https"))
                throw new ArgumentException($"Grid:Wms:{name} is \"{address}\": it is an http or https address, or empty.");
        }
    }
}
