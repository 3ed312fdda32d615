using Grid.Frontend.Layers;
using Grid.Interfaces.Maps;
using Grid.Ogc;
using Grid.Tiling;

namespace Grid.Frontend.Maps;

/// <summary>Tiles of sets that a layer is not stored in, as maps of one tile's extent in the layer's own format, or that of a style.</summary>
public static class DrawnTile
{
    /// <summary>The set that a tile's level belongs to: the layer's own or an extra one.</summary>
    public static TileMatrixSet SetOf(in TileAddress tile)
    {
        foreach (var extra in tile.Layer.ExtraSets)
        {
            if (extra.Levels.Contains(tile.Level))
                return extra.Set;
        }

        return tile.Layer.Set;
    }

    /// <summary>The map that is the tile.</summary>
    public static MapOrder OrderOf(in TileAddress tile, LayerStyle style)
    {
        var layer = (PublishedLayer)tile.Layer;
        var matrix = tile.Level.Matrix;
        var extent = matrix.TileExtent(tile.Col, tile.Row);
        var type = style.MimeType ?? layer.MimeType;
        if (type == PyramidFormat.JpegOrPng)
            type = "image/png";
        return new MapOrder
        {
            Layers = [layer.InMap(style)], Crs = Crs.Parse(SetOf(tile).Crs).GdalName, MinX = extent.MinX, MinY = extent.MinY, MaxX = extent.MaxX, MaxY = extent.MaxY,
            Width = matrix.TileWidth, Height = matrix.TileHeight, MimeType = type, IsTransparent = type is "image/png" or "image/webp",
            Quality = layer.Format.Compression == "JPG90" ? 90 : 75,
        };
    }
}
