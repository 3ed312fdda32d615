using Grid.Tiling;

namespace Grid.Ogc.Wms;

/// <summary>A WMS 1.3.0 request (06-042) that is valid for the catalogue it was read against.</summary>
public abstract record WmsRequest
{
    private protected WmsRequest()
    {
    }
}

/// <summary>A request for the capabilities.</summary>
/// <param name="IsInspire">Whether the INSPIRE form of the document was asked for.</param>
public sealed record GetWmsCapabilities(bool IsInspire) : WmsRequest;

/// <summary>A request for a map.</summary>
public sealed record GetMap : WmsRequest
{
    /// <summary>Bottom first.</summary>
    public required IReadOnlyList<MapRequestLayer> Layers { get; init; }

    public required MapCrs Crs { get; init; }

    /// <summary>Outer edges of the map; x is easting or longitude.</summary>
    public required Extent Extent { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>One of <see cref="WmsKvp.MapTypes"/>.</summary>
    public required string MimeType { get; init; }

    public bool IsTransparent { get; init; }

    /// <summary>0xRRGGBB; null when the request says none.</summary>
    public int? Background { get; init; }

    /// <summary>1 to 100; null when the request says none.</summary>
    public int? Quality { get; init; }

    /// <summary>raw, lzw, deflate or packbits.</summary>
    public string Compression { get; init; } = "raw";

    /// <summary>Metres of a pixel of the client's screen: 0.28 mm (06-042 § 7.2.4.6.9) unless the request states its resolution.</summary>
    public double PixelMetres { get; init; } = 0.00028;

    /// <summary>Name under which browsers are to save the map; null for none.</summary>
    public string? FileName { get; init; }

    /// <summary>Metres across a pixel, on the equator for degrees, as resolutions of tile matrices count.</summary>
    public double Resolution => Extent.Width / Width * Crs.MetresPerUnit;

    /// <summary>The map's scale on the client's screen.</summary>
    public double ScaleDenominator => Resolution / PixelMetres;
}

/// <summary>A layer of a map, in a style.</summary>
public sealed record MapRequestLayer(ServedLayer Layer, LayerStyle Style);

/// <summary>A request for the values at a pixel of a map.</summary>
/// <param name="Map">The map.</param>
/// <param name="Layers">The queried ones, in the order of the request.</param>
/// <param name="I">Column of the pixel, from the left.</param>
/// <param name="J">Row of the pixel, from the top.</param>
/// <param name="InfoFormat">One of <see cref="Wmts.FeatureInfo.MimeTypes"/>.</param>
/// <param name="FeatureCount">Features of a layer at most; a pixel of a raster is one.</param>
public sealed record GetMapInfo(GetMap Map, IReadOnlyList<ServedLayer> Layers, int I, int J, string InfoFormat, int FeatureCount = 1) : WmsRequest;

/// <summary>A request for the picture that explains a style of a layer.</summary>
public sealed record GetLegend(ServedLayer Layer, LayerStyle Style) : WmsRequest;

/// <summary>What bounds a request.</summary>
/// <param name="MaxWidth">Pixels across a map.</param>
/// <param name="MaxHeight">Pixels down a map.</param>
/// <param name="MaxLayers">Layers of a map.</param>
/// <param name="IsStrict">Whether every parameter that 06-042 calls mandatory must be there.</param>
public sealed record WmsLimits(int MaxWidth, int MaxHeight, int MaxLayers, bool IsStrict);
