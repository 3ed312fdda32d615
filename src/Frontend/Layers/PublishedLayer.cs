using Grid.Interfaces.Tiles;
using Grid.Ogc;
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

    /// <summary>The bytes of a tile, as stored or in a style that makes pictures; missing where the pyramid has no data.</summary>
    public static ValueTask<CachedTile> GetTileAsync(IGrainFactory grains, TileAddress tile, LayerStyle style) => style.Document is null
        ? ((PublishedLevel)tile.Level).GetTileAsync(grains, tile.Col, tile.Row)
        : ((PublishedLevel)tile.Level).GetStyledTileAsync(grains, style.Document, tile.Col, tile.Row);
}
