using Grid.Grains.Tiles;
using Grid.Interfaces.Maps;
using Grid.Interfaces.Tiles;
using Grid.Ogc;
using Grid.Ogc.Wms;
using Grid.Tiling;
using Orleans;

namespace Grid.Frontend.Layers;

/// <summary>One published version of a layer of tiles: everything that a request needs to find a tile without asking anybody.</summary>
public sealed class PublishedLayer(string name, long version, TileMatrixSet set, IReadOnlyList<PublishedLevel> levels, PyramidFormat format)
    : ServedLayer(name, set, levels, format.MimeType, format.FileExtension)
{
    /// <summary>Grows with every publication; the first part of its tiles' ETags.</summary>
    public long Version { get; } = version;

    public PyramidFormat Format { get; } = format;

    /// <summary>Whether tiles go out as TIFF, whose header the slabs do not hold.</summary>
    public bool IsTiff { get; } = format.MimeType == "image/tiff";

    /// <summary>Where maps of the layer are drawn from.</summary>
    public IReadOnlyList<MapOrderPyramid> Pyramids { get; init; } = [];

    /// <summary>nn, linear, bicubic, lanczos, lanczos2 or lanczos4: how maps are resampled.</summary>
    public string Interpolation { get; init; } = "bicubic";

    /// <summary>Metres a pixel below which maps do not show the layer; null sets no bound.</summary>
    public double? FinestResolution { get; init; }

    /// <summary>Metres a pixel beyond which maps do not show the layer; null sets no bound.</summary>
    public double? CoarsestResolution { get; init; }

    /// <summary>Who is asked in place of the layer's values; null for nobody.</summary>
    public ExternalInfo? ExternalInfo { get; init; }

    /// <summary>The layer as a part of a map, in a style of its own.</summary>
    public MapOrderLayer InMap(LayerStyle style) => new(Pyramids, Interpolation, style.Document);

    /// <summary>The bytes of a tile, as stored or in a style that makes pictures; missing where the pyramid has no data.</summary>
    public static ValueTask<CachedTile> GetTileAsync(IGrainFactory grains, SlabReads slabs, TileAddress tile, LayerStyle style) => style.Document is null
        ? ((PublishedLevel)tile.Level).GetTileAsync(grains, slabs, tile.Col, tile.Row)
        : ((PublishedLevel)tile.Level).GetStyledTileAsync(grains, style.Document, tile.Col, tile.Row);
}
