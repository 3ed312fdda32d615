using System.Globalization;
using System.Xml;
using Grid.Ogc.Ows;

namespace Grid.Ogc.Wmts;

/// <summary>Writes one <c>Layer</c> of the capabilities (07-057r7 table 6); elements stand in the order of the schema.</summary>
internal static class WmtsLayerElement
{
    /// <param name="name">The name that the document gives the layer: its own, or INSPIRE's.</param>
    public static void Write(XmlWriter xml, ServedLayer layer, string name, WmtsAddresses addresses, bool isInspire)
    {
        xml.WriteStartElement("Layer", Namespaces.Wmts);
        xml.WriteOws("Title", layer.Title);
        xml.WriteOws("Abstract", layer.Abstract);
        xml.WriteKeywords(layer.Keywords);
        xml.WriteStartElement("WGS84BoundingBox", Namespaces.Ows);
        xml.WriteOws("LowerCorner", string.Create(CultureInfo.InvariantCulture, $"{layer.Bounds.West} {layer.Bounds.South}"));
        xml.WriteOws("UpperCorner", string.Create(CultureInfo.InvariantCulture, $"{layer.Bounds.East} {layer.Bounds.North}"));
        xml.WriteEndElement();
        xml.WriteOws("Identifier", name);
        foreach (var metadata in layer.Metadata)
        {
            xml.WriteStartElement("Metadata", Namespaces.Ows);
            xml.WriteAttributeString("href", Namespaces.Xlink, metadata.Url);
            xml.WriteEndElement();
        }

        // WMTS has no element for whom data come from; a link with a title is what clients show.
        if (layer.Attribution is { Url.Length: > 0 } attribution)
        {
            xml.WriteStartElement("Metadata", Namespaces.Ows);
            xml.WriteAttributeString("href", Namespaces.Xlink, attribution.Url);
            xml.WriteAttributeString("role", Namespaces.Xlink, "attribution");
            xml.WriteAttributeString("title", Namespaces.Xlink, attribution.Title);
            xml.WriteEndElement();
        }

        foreach (var style in layer.Styles)
        {
            var isDefault = style == layer.DefaultStyle;
            WriteStyle(xml, isInspire && isDefault ? style with { Id = layer.InspireStyle } : style, isDefault, addresses.Root);
        }

        foreach (var (mimeType, _) in layer.Formats)
            xml.WriteElementString("Format", Namespaces.Wmts, mimeType);
        if (layer.IsQueryable)
        {
            foreach (var format in FeatureInfo.MimeTypes)
                xml.WriteElementString("InfoFormat", Namespaces.Wmts, format);
        }

        WriteLink(xml, layer.RestrictedSetName, layer.Levels);
        foreach (var extra in layer.ExtraSets)
            WriteLink(xml, extra.Restricted.Name, extra.Levels);
        if (addresses.Rest is not null)
            WriteResources(xml, layer, name, addresses.Rest);
        xml.WriteEndElement();
    }

    private static void WriteStyle(XmlWriter xml, LayerStyle style, bool isDefault, string root)
    {
        xml.WriteStartElement("Style", Namespaces.Wmts);
        xml.WriteAttributeString("isDefault", isDefault ? "true" : "false");
        xml.WriteOws("Title", style.Title);
        if (style.Abstract.Length > 0)
            xml.WriteOws("Abstract", style.Abstract);
        xml.WriteOws("Identifier", style.Id);
        if (style.Legend is { } legend)
        {
            xml.WriteStartElement("LegendURL", Namespaces.Wmts);
            xml.WriteAttributeString("format", legend.MimeType);
            if (legend.MinScaleDenominator is { } least)
                xml.WriteAttributeString("minScaleDenominator", least.ToString(CultureInfo.InvariantCulture));
            if (legend.MaxScaleDenominator is { } most)
                xml.WriteAttributeString("maxScaleDenominator", most.ToString(CultureInfo.InvariantCulture));
            if (legend.Width > 0)
                xml.WriteAttributeString("width", legend.Width.ToString(CultureInfo.InvariantCulture));
            if (legend.Height > 0)
                xml.WriteAttributeString("height", legend.Height.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("href", Namespaces.Xlink, legend.AddressBelow(root));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>
    /// Limits of levels that lie in the first row or column only are left out: the schema (1.0.2 too) has no 0 for a maximum. Such levels are a few
    /// tiles at the top, and a client that sees no limits takes the whole matrix.
    /// </summary>
    private static void WriteLink(XmlWriter xml, string set, IReadOnlyList<ServedLevel> levels)
    {
        var limited = levels.Where(level => level.Limits is { MaxRow: > 0, MaxCol: > 0 }).ToArray();
        xml.WriteStartElement("TileMatrixSetLink", Namespaces.Wmts);
        xml.WriteElementString("TileMatrixSet", Namespaces.Wmts, set);
        if (limited.Length > 0)
            WriteLimits(xml, limited);
        xml.WriteEndElement();
    }

    private static void WriteLimits(XmlWriter xml, IEnumerable<ServedLevel> levels)
    {
        xml.WriteStartElement("TileMatrixSetLimits", Namespaces.Wmts);
        foreach (var (matrix, limits) in levels)
        {
            xml.WriteStartElement("TileMatrixLimits", Namespaces.Wmts);
            xml.WriteElementString("TileMatrix", Namespaces.Wmts, matrix.Id);
            xml.WriteWmts("MinTileRow", limits.MinRow);
            xml.WriteWmts("MaxTileRow", limits.MaxRow);
            xml.WriteWmts("MinTileCol", limits.MinCol);
            xml.WriteWmts("MaxTileCol", limits.MaxCol);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteResources(XmlWriter xml, ServedLayer layer, string name, string rest)
    {
        var tile = $"{rest}/{Uri.EscapeDataString(name)}/{{Style}}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}";
        foreach (var (mimeType, extension) in layer.Formats)
            WriteResource(mimeType, "tile", $"{tile}.{extension}");
        if (!layer.IsQueryable)
            return;
        foreach (var format in FeatureInfo.MimeTypes)
            WriteResource(format, "FeatureInfo", $"{tile}/{{J}}/{{I}}.{FeatureInfo.ExtensionOf(format)}");

        void WriteResource(string format, string type, string template)
        {
            xml.WriteStartElement("ResourceURL", Namespaces.Wmts);
            xml.WriteAttributeString("format", format);
            xml.WriteAttributeString("resourceType", type);
            xml.WriteAttributeString("template", template);
            xml.WriteEndElement();
        }
    }
}
