using System.Globalization;
using System.Xml;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc.Tms;

/// <summary>
/// Describes a layer to GDAL's WMS driver (minidriver TMS), so that <c>gdalinfo https://host/tms/1.0.0/LAYER/gdal.xml</c> opens it. The window is the
/// layer's own, widened to tiles of the deepest level that holds it in two by two tiles: GDAL then has every overview it can use, and no empty world
/// around.
/// </summary>
public static class GdalDescription
{
    /// <summary>
    /// The description, or null where GDAL cannot read the layer this way: levels that do not halve, levels not named by their position, or tiles
    /// that are no picture file.
    /// </summary>
    public static byte[]? Write(ServedLayer layer, LayerStyle style, string root)
    {
        var (top, bottom) = (layer.Set.PositionOf(layer.Restricted.Top), layer.Set.PositionOf(layer.Restricted.Bottom));
        for (var position = top; position <= bottom; position++)
        {
            if (layer.Set.Matrices[position].Id != position.ToString(CultureInfo.InvariantCulture) || (position > top && !layer.Set.IsHalfOfParent(position)))
                return null;
        }

        if (layer.MimeTypeOf(style) is not ("image/jpeg" or "image/png" or "image/tiff"))
            return null;

        var (matrix, limits) = layer.Levels[^1];
        var shift = 0;
        while (bottom - shift > top && ((limits.MaxCol >> shift) - (limits.MinCol >> shift) > 1 || (limits.MaxRow >> shift) - (limits.MinRow >> shift) > 1))
            shift++;
        var (col, row) = ((limits.MinCol >> shift) << shift, (limits.MinRow >> shift) << shift);
        var (cols, rows) = ((((limits.MaxCol >> shift) + 1) << shift) - col, (((limits.MaxRow >> shift) + 1) << shift) - row);
        var extent = matrix.TileExtent(col, row, cols, rows);

        // GDAL knows its descriptions by their first bytes, which must be the root's.
        return XmlBytes.WriteWithoutDeclaration(xml =>
        {
            xml.WriteStartElement("GDAL_WMS");
            xml.WriteStartElement("Service");
            xml.WriteAttributeString("name", "TMS");
            xml.WriteElementString("ServerUrl", $"{TmsDocuments.LayerAddress(layer, root)}/${{z}}/${{x}}/${{y}}.{layer.FileExtensionOf(style)}{TmsDocuments.StyleQuery(layer, style)}");
            xml.WriteEndElement();
            xml.WriteStartElement("DataWindow");
            Element("UpperLeftX", extent.MinX);
            Element("UpperLeftY", extent.MaxY);
            Element("LowerRightX", extent.MaxX);
            Element("LowerRightY", extent.MinY);
            Element("SizeX", cols * matrix.TileWidth);
            Element("SizeY", rows * matrix.TileHeight);
            Element("TileX", col);
            Element("TileY", row);
            Element("TileLevel", bottom);
            xml.WriteElementString("YOrigin", "top");
            xml.WriteEndElement();
            Element("OverviewCount", shift);
            xml.WriteElementString("Projection", Crs.Parse(layer.Set.Crs).GdalName);
            Element("BlockSizeX", matrix.TileWidth);
            Element("BlockSizeY", matrix.TileHeight);
            Element("BandsCount", style.Document is null ? layer.Channels : 4);
            xml.WriteElementString("ZeroBlockHttpCodes", "204,404");
            xml.WriteElementString("ZeroBlockOnServerException", "false");
            xml.WriteEndElement();

            void Element(string name, double number) => xml.WriteElementString(name, number.ToString(CultureInfo.InvariantCulture));
        });
    }
}
