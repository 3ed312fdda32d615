namespace Grid.Frontend.Operations;

/// <summary>The services that the public calls, as a set.</summary>
[Flags]
public enum PublicServices
{
    None = 0,
    Wmts = 1,
    Tms = 2,
    Wms = 4,
    OgcApi = 8,
    Download = 16,
    Tiles3D = 32,
    Ept = 64,
    All = Wmts | Tms | Wms | OgcApi | Download | Tiles3D | Ept,
}

/// <summary>Which services this grid offers. Bound from the section <c>Grid:Services</c>; read again when the configuration is.</summary>
public sealed class ServiceOptions
{
    /// <summary>Whether <c>/wmts</c> answers. Default true. What is off here, no administrator can switch on.</summary>
    public bool Wmts { get; set; } = true;

    /// <summary>Whether <c>/tms</c> answers. Default true.</summary>
    public bool Tms { get; set; } = true;

    /// <summary>Whether <c>/wms-r</c> answers. Default true.</summary>
    public bool Wms { get; set; } = true;

    /// <summary>Whether <c>/ogcapi</c> answers. Default true.</summary>
    public bool OgcApi { get; set; } = true;

    /// <summary>Whether <c>/telechargement</c> answers. Default true.</summary>
    public bool Download { get; set; } = true;

    /// <summary>Whether <c>/3dtiles</c> answers. Default true.</summary>
    public bool Tiles3D { get; set; } = true;

    /// <summary>Whether <c>/ept</c> answers. Default true.</summary>
    public bool Ept { get; set; } = true;

    /// <summary>The services that are offered.</summary>
    internal PublicServices Offered => (Wmts ? PublicServices.Wmts : 0) | (Tms ? PublicServices.Tms : 0) | (Wms ? PublicServices.Wms : 0)
        | (OgcApi ? PublicServices.OgcApi : 0) | (Download ? PublicServices.Download : 0) | (Tiles3D ? PublicServices.Tiles3D : 0) | (Ept ? PublicServices.Ept : 0);
}

/// <summary>Where each service lies and what it is called.</summary>
public static class PublicServiceNames
{
    private static readonly (PublicServices Service, string Name, string Title, string Path)[] s_all =
    [
        (PublicServices.Wmts, "wmts", "WMTS", "/wmts"),
        (PublicServices.Tms, "tms", "TMS", "/tms"),
        (PublicServices.Wms, "wms", "WMS", "/wms-r"),
        (PublicServices.OgcApi, "ogcapi", "OGC API", "/ogcapi"),
        (PublicServices.Download, "download", "download", "/telechargement"),
        (PublicServices.Tiles3D, "3dtiles", "3D Tiles", "/3dtiles"),
        (PublicServices.Ept, "ept", "Entwine Point Tiles", "/ept"),
    ];

    /// <summary>Each service, its name in addresses and tables, its title and the path that it lies below.</summary>
    public static IReadOnlyList<(PublicServices Service, string Name, string Title, string Path)> All => s_all;

    /// <summary>The service of a name; none of an unknown one.</summary>
    public static PublicServices Find(string name) => Array.Find(s_all, one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Service;

    /// <summary>The service that a request is for, with its title; none for pages, the API and operators' addresses.</summary>
    public static (PublicServices Service, string Title) Of(PathString path)
    {
        foreach (var one in s_all)
        {
            if (path.StartsWithSegments(one.Path) || (one.Service == PublicServices.Download && path.StartsWithSegments("/chunk/telechargement")))
                return (one.Service, one.Title);
        }

        return default;
    }
}
