using System.Globalization;
using System.Security;
using System.Text.Json;
using System.Xml;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc.Tms;

/// <summary>
/// Documents of a Tile Map Service 1.0.0 (OSGeo specification) as the Géoplateforme has them: rows count from the top, unlike the specification's,
/// so that tiles are those of WMTS. Addresses are absolute, given by the host; <c>root</c> is <c>https://host/tms</c>.
/// </summary>
public static class TmsDocuments
{
    public const string XmlMimeType = "text/xml; charset=utf-8";

    /// <summary>The versions of the service, at <c>/tms</c>.</summary>
    public static byte[] Services(ServiceDescription service, string root) => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("Services");
        xml.WriteStartElement("TileMapService");
        xml.WriteAttributeString("title", service.Title);
        xml.WriteAttributeString("version", "1.0.0");
        xml.WriteAttributeString("href", root + "/1.0.0/");
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>The layers, at <c>/tms/1.0.0</c>.</summary>
    public static byte[] TileMapService(ServiceDescription service, LayerCatalogue layers, string root) => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("TileMapService");
        xml.WriteAttributeString("version", "1.0.0");
        xml.WriteAttributeString("services", root);
        xml.WriteElementString("Title", service.Title);
        xml.WriteElementString("Abstract", service.Abstract);
        WriteKeywords(xml, service.Keywords);
        WriteContact(xml, service);
        xml.WriteStartElement("TileMaps");
        foreach (var layer in layers.Layers)
        {
            xml.WriteStartElement("TileMap");
            xml.WriteAttributeString("title", layer.Title);
            xml.WriteAttributeString("srs", layer.Set.Crs);
            xml.WriteAttributeString("profile", "none");
            xml.WriteAttributeString("extension", layer.FileExtensionOf(layer.DefaultStyle));
            xml.WriteAttributeString("href", LayerAddress(layer, root));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>One layer, at <c>/tms/1.0.0/{layer}</c>.</summary>
    public static byte[] TileMap(ServedLayer layer, LayerStyle style, string root) => XmlBytes.Write(xml =>
    {
        var bottom = layer.Levels[^1].Matrix;
        xml.WriteStartElement("TileMap");
        xml.WriteAttributeString("version", "1.0.0");
        xml.WriteAttributeString("tilemapservice", root + "/1.0.0");
        xml.WriteElementString("Title", layer.Title);
        xml.WriteElementString("Abstract", layer.Abstract);
        WriteKeywords(xml, layer.Keywords);
        foreach (var metadata in layer.Metadata)
        {
            xml.WriteStartElement("Metadata");
            xml.WriteAttributeString("type", metadata.Type);
            xml.WriteAttributeString("mime-type", metadata.Format);
            xml.WriteAttributeString("href", metadata.Url);
            xml.WriteEndElement();
        }

        if (layer.Attribution is { } attribution)
            WriteAttribution(xml, attribution);
        xml.WriteElementString("SRS", layer.Set.Crs);
        var extent = layer.Extent;
        xml.WriteStartElement("BoundingBox");
        WriteNumber(xml, "minx", extent.MinX);
        WriteNumber(xml, "miny", extent.MinY);
        WriteNumber(xml, "maxx", extent.MaxX);
        WriteNumber(xml, "maxy", extent.MaxY);
        xml.WriteEndElement();
        xml.WriteStartElement("Origin");
        var grid = bottom.TileExtent(0, 0, bottom.MatrixWidth, bottom.MatrixHeight);
        WriteNumber(xml, "x", grid.MinX);
        WriteNumber(xml, "y", grid.MinY);
        xml.WriteEndElement();
        xml.WriteStartElement("TileFormat");
        WriteNumber(xml, "width", bottom.TileWidth);
        WriteNumber(xml, "height", bottom.TileHeight);
        xml.WriteAttributeString("mime-type", layer.MimeTypeOf(style));
        xml.WriteAttributeString("extension", layer.FileExtensionOf(style));
        xml.WriteEndElement();
        xml.WriteStartElement("TileSets");
        xml.WriteAttributeString("profile", "none");
        foreach (var (matrix, limits) in layer.Levels)
        {
            xml.WriteStartElement("TileSet");
            xml.WriteAttributeString("href", $"{LayerAddress(layer, root)}/{matrix.Id}");
            WriteNumber(xml, "minrow", limits.MinRow);
            WriteNumber(xml, "maxrow", limits.MaxRow);
            WriteNumber(xml, "mincol", limits.MinCol);
            WriteNumber(xml, "maxcol", limits.MaxCol);
            WriteNumber(xml, "units-per-pixel", matrix.CellSize);
            WriteNumber(xml, "order", layer.Set.PositionOf(matrix.Id));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>
    /// TileJSON 3.0.0 with the members that ROK4 adds (<c>crs</c>, <c>format</c>) and <c>encoding</c> for elevations in colours, at <c>/tms/1.0.0/{layer}/metadata.json</c>. Zooms are positions in
    /// the tile matrix set, which are its level names in every known set.
    /// </summary>
    public static byte[] MetadataJson(ServedLayer layer, LayerStyle style, string root)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("tilejson", "3.0.0");
            json.WriteString("name", layer.Name);
            json.WriteString("description", layer.Abstract.Length > 0 ? layer.Abstract : layer.Title);
            json.WriteString("scheme", "xyz");
            json.WriteNumber("minzoom", layer.Set.PositionOf(layer.Restricted.Top));
            json.WriteNumber("maxzoom", layer.Set.PositionOf(layer.Restricted.Bottom));
            json.WriteString("crs", layer.Set.Crs);
            var (west, south, east, north) = (layer.Bounds.West, layer.Bounds.South, layer.Bounds.East, layer.Bounds.North);
            WriteNumbers("center", (west + east) / 2, (south + north) / 2);
            WriteNumbers("bounds", west, south, east, north);
            json.WriteString("format", layer.FileExtensionOf(style));
            json.WriteStartArray("tiles");
            json.WriteStringValue($"{LayerAddress(layer, root)}/{{z}}/{{x}}/{{y}}.{layer.FileExtensionOf(style)}{StyleQuery(layer, style)}");
            json.WriteEndArray();
            json.WriteNumber("tileSize", layer.Levels[^1].Matrix.TileWidth);
            if (style.Encoding is { } encoding)
                json.WriteString("encoding", encoding);
            if (layer.Attribution is { } attribution)
                json.WriteString("attribution", HtmlOf(attribution));
            json.WriteEndObject();

            void WriteNumbers(string name, params ReadOnlySpan<double> numbers)
            {
                json.WriteStartArray(name);
                foreach (var number in numbers)
                    json.WriteNumberValue(number);
                json.WriteEndArray();
            }
        }

        return stream.ToArray();
    }

    /// <summary>An error, in the form of the OSGeo specification.</summary>
    public static byte[] Error(string message) => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("TileMapServerError");
        xml.WriteElementString("Message", message);
        xml.WriteEndElement();
    });

    internal static string LayerAddress(ServedLayer layer, string root) => $"{root}/1.0.0/{Uri.EscapeDataString(layer.Name)}";

    /// <summary>What addresses of tiles end in for a style that is not the layer's default.</summary>
    internal static string StyleQuery(ServedLayer layer, LayerStyle style) => style == layer.DefaultStyle ? "" : $"?style={Uri.EscapeDataString(style.Id)}";

    private static void WriteKeywords(XmlWriter xml, IReadOnlyList<string> keywords)
    {
        if (keywords.Count > 0)
            xml.WriteElementString("KeywordList", string.Join(' ', keywords));
    }

    private static void WriteContact(XmlWriter xml, ServiceDescription service)
    {
        var contact = service.Contact;
        xml.WriteStartElement("ContactInformation");
        xml.WriteStartElement("ContactPersonPrimary");
        xml.WriteElementString("ContactPerson", contact.Person);
        xml.WriteElementString("ContactOrganization", service.ProviderName);
        xml.WriteEndElement();
        xml.WriteElementString("ContactPosition", contact.Position);
        xml.WriteStartElement("ContactAddress");
        xml.WriteElementString("AddressType", "postal");
        xml.WriteElementString("Address", contact.Street);
        xml.WriteElementString("City", contact.City);
        xml.WriteElementString("PostCode", contact.PostalCode);
        xml.WriteElementString("Country", contact.Country);
        xml.WriteEndElement();
        xml.WriteElementString("ContactVoiceTelephone", contact.Phone);
        xml.WriteElementString("ContactElectronicMailAddress", contact.Email);
        xml.WriteEndElement();
    }

    private static void WriteAttribution(XmlWriter xml, LayerAttribution attribution)
    {
        xml.WriteStartElement("Attribution");
        xml.WriteElementString("Title", attribution.Title);
        if (attribution.Logo is { } logo)
        {
            xml.WriteStartElement("Logo");
            if (logo.Width > 0)
                WriteNumber(xml, "width", logo.Width);
            if (logo.Height > 0)
                WriteNumber(xml, "height", logo.Height);
            xml.WriteAttributeString("href", logo.Url);
            xml.WriteAttributeString("mime-type", logo.MimeType);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>TileJSON's attributions are HTML, which map clients show as it is.</summary>
    private static string HtmlOf(LayerAttribution attribution)
    {
        var title = SecurityElement.Escape(attribution.Title);
        return attribution.Url is { Length: > 0 } url ? $"<a href=\"{SecurityElement.Escape(url)}\">{title}</a>" : title;
    }

    private static void WriteNumber(XmlWriter xml, string name, double number) =>
        xml.WriteAttributeString(name, number.ToString(CultureInfo.InvariantCulture));
}
