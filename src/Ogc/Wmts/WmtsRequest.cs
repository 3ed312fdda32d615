namespace Grid.Ogc.Wmts;

/// <summary>A WMTS 1.0.0 request (07-057r7) that is valid for the catalogue it was read against.</summary>
public abstract record WmtsRequest
{
    private protected WmtsRequest()
    {
    }
}

/// <summary>A request for the capabilities.</summary>
/// <param name="Sections">The parts to write.</param>
/// <param name="IsUnchanged">True when the client's update sequence is ours: the document is then a root without content.</param>
/// <param name="MimeType"><c>text/xml</c> or <c>application/xml</c>, as negotiated.</param>
/// <param name="IsInspire">Whether the INSPIRE form of the document was asked for.</param>
public sealed record GetCapabilities(WmtsSections Sections, bool IsUnchanged, string MimeType, bool IsInspire = false) : WmtsRequest;

/// <summary>A request for a tile within the limits of its layer.</summary>
/// <param name="FileName">Name under which browsers are to save the tile; null for none.</param>
public sealed record GetTile(TileAddress Tile, LayerStyle Style, string? FileName = null) : WmtsRequest;

/// <summary>A request for the values of a pixel of a tile.</summary>
/// <param name="I">Column of the pixel in the tile, from the left.</param>
/// <param name="J">Row of the pixel in the tile, from the top.</param>
/// <param name="InfoFormat">One of <see cref="FeatureInfo.MimeTypes"/>.</param>
public sealed record GetFeatureInfo(TileAddress Tile, LayerStyle Style, int I, int J, string InfoFormat) : WmtsRequest;

/// <summary>Parts of the capabilities (07-057r7 table 4).</summary>
[Flags]
public enum WmtsSections
{
    None = 0,
    ServiceIdentification = 1,
    ServiceProvider = 2,
    OperationsMetadata = 4,
    Contents = 8,
    Themes = 16,
    All = 31,
}

/// <summary>How errors are answered.</summary>
public enum WmtsErrorMode
{
    /// <summary>As the Géoplateforme answers: 404 beyond the limits, an empty style is the default one.</summary>
    Compatible,

    /// <summary>As the OGC's test suite wants: 400 TileOutOfRange beyond the limits, every parameter mandatory.</summary>
    Strict,
}
