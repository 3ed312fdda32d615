using System.Globalization;
using System.Xml;
using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Ogc.Wms;

/// <summary>A layer's rectangle in a CRS of the capabilities; x is easting or longitude.</summary>
public sealed record LayerBox(MapCrs Crs, Extent Extent);

/// <summary>Writes the capabilities of a WMS 1.3.0 (06-042 § 7.2.4) as UTF-8, ready to be kept and sent.</summary>
public static class WmsCapabilities
{
    public const string MimeType = "text/xml; charset=utf-8";

    private const string Namespace = "http://www.opengis.net/wms";
    private const string SchemaLocation = "http://www.opengis.net/wms http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd";
    private const string View = "http://inspire.ec.europa.eu/schemas/inspire_vs/1.0";

    /// <param name="service">What the service says of itself.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="boxes">The CRS that a layer is advertised in, each with its rectangle.</param>
    /// <param name="common">The CRS that every layer can be drawn in, which the root layer lists.</param>
    /// <param name="address">Address of the service, without a question mark.</param>
    /// <param name="root">Address of the host, below which its own legends are.</param>
    /// <param name="inspire">Makes the document INSPIRE's; null makes it the plain one.</param>
    public static byte[] Write(
        ServiceDescription service, LayerCatalogue layers, Func<ServedLayer, IReadOnlyList<LayerBox>> boxes, IReadOnlyList<MapCrs> common, WmsLimits limits,
        string address, string root, InspireDescription? inspire = null) => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("WMS_Capabilities", Namespace);
        xml.WriteAttributeString("xmlns", "xlink", null, Namespaces.Xlink);
        xml.WriteAttributeString("xmlns", "xsi", null, Namespaces.Xsi);
        var location = SchemaLocation;
        if (inspire is not null)
        {
            xml.WriteAttributeString("xmlns", "inspire_vs", null, View);
            xml.WriteAttributeString("xmlns", "inspire_common", null, InspireXml.Common);
            location += $" {View} {View}/inspire_vs.xsd";
        }

        xml.WriteAttributeString("schemaLocation", Namespaces.Xsi, location);
        xml.WriteAttributeString("version", "1.3.0");
        xml.WriteAttributeString("updateSequence", layers.UpdateSequence.ToString(CultureInfo.InvariantCulture));
        WriteService(xml, service, limits, address);
        xml.WriteStartElement("Capability", Namespace);
        WriteRequests(xml, layers.Layers.Any(layer => layer.IsQueryable), address + "?");
        xml.WriteStartElement("Exception", Namespace);
        Text(xml, "Format", "XML");
        Text(xml, "Format", "INIMAGE");
        Text(xml, "Format", "BLANK");
        xml.WriteEndElement();
        if (inspire is { MetadataUrl.Length: > 0 })
            xml.WriteExtendedCapabilities(View, inspire);
        WriteRoot(xml, service, layers, boxes, common, root, inspire is not null);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void WriteService(XmlWriter xml, ServiceDescription service, WmsLimits limits, string address)
    {
        xml.WriteStartElement("Service", Namespace);
        Text(xml, "Name", "WMS");
        Text(xml, "Title", service.Title);
        Text(xml, "Abstract", service.Abstract);
        WriteKeywords(xml, service.Keywords);
        WriteOnlineResource(xml, service.ProviderSite.Length > 0 ? service.ProviderSite : address);
        WriteContact(xml, service);
        Text(xml, "Fees", service.Fees.ToLowerInvariant());
        Text(xml, "AccessConstraints", service.AccessConstraints.ToLowerInvariant());
        Text(xml, "LayerLimit", limits.MaxLayers.ToString(CultureInfo.InvariantCulture));
        Text(xml, "MaxWidth", limits.MaxWidth.ToString(CultureInfo.InvariantCulture));
        Text(xml, "MaxHeight", limits.MaxHeight.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }

    private static void WriteContact(XmlWriter xml, ServiceDescription service)
    {
        var contact = service.Contact;
        xml.WriteStartElement("ContactInformation", Namespace);
        xml.WriteStartElement("ContactPersonPrimary", Namespace);
        xml.WriteElementString("ContactPerson", Namespace, contact.Person);
        xml.WriteElementString("ContactOrganization", Namespace, service.ProviderName);
        xml.WriteEndElement();
        Text(xml, "ContactPosition", contact.Position);
        if (contact.Street.Length + contact.City.Length + contact.Country.Length > 0)
        {
            xml.WriteStartElement("ContactAddress", Namespace);
            xml.WriteElementString("AddressType", Namespace, "postal");
            xml.WriteElementString("Address", Namespace, contact.Street);
            xml.WriteElementString("City", Namespace, contact.City);
            xml.WriteElementString("StateOrProvince", Namespace, "");
            xml.WriteElementString("PostCode", Namespace, contact.PostalCode);
            xml.WriteElementString("Country", Namespace, contact.Country);
            xml.WriteEndElement();
        }

        Text(xml, "ContactVoiceTelephone", contact.Phone);
        Text(xml, "ContactElectronicMailAddress", contact.Email);
        xml.WriteEndElement();
    }

    private static void WriteRequests(XmlWriter xml, bool queryable, string address)
    {
        xml.WriteStartElement("Request", Namespace);
        Operation("GetCapabilities", ["text/xml"]);
        Operation("GetMap", WmsKvp.MapTypes);
        if (queryable)
            Operation("GetFeatureInfo", FeatureInfo.MimeTypes);
        xml.WriteEndElement();

        void Operation(string name, IReadOnlyList<string> formats)
        {
            xml.WriteStartElement(name, Namespace);
            foreach (var format in formats)
                Text(xml, "Format", format);
            xml.WriteStartElement("DCPType", Namespace);
            xml.WriteStartElement("HTTP", Namespace);
            foreach (var method in (string[])["Get", "Post"])
            {
                xml.WriteStartElement(method, Namespace);
                WriteOnlineResource(xml, address);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
    }

    private static void WriteRoot(
        XmlWriter xml, ServiceDescription service, LayerCatalogue layers, Func<ServedLayer, IReadOnlyList<LayerBox>> boxes, IReadOnlyList<MapCrs> common, string root, bool isInspire)
    {
        xml.WriteStartElement("Layer", Namespace);
        Text(xml, "Title", service.Title);
        Text(xml, "Abstract", service.Abstract);
        foreach (var crs in common)
            Text(xml, "CRS", crs.Crs.Name);
        if (layers.Layers.Count > 0)
        {
            WriteDegrees(xml, layers.Layers.Select(layer => layer.Bounds).Aggregate((a, b) => new GeographicBounds(
                Math.Min(a.West, b.West), Math.Min(a.South, b.South), Math.Max(a.East, b.East), Math.Max(a.North, b.North))));
        }

        foreach (var layer in layers.Layers)
            WriteLayer(xml, layer, isInspire ? layers.InspireNameOf(layer) : layer.Name, boxes(layer), common, root, isInspire);
        xml.WriteEndElement();
    }

    private static void WriteLayer(
        XmlWriter xml, ServedLayer layer, string name, IReadOnlyList<LayerBox> boxes, IReadOnlyList<MapCrs> common, string root, bool isInspire)
    {
        xml.WriteStartElement("Layer", Namespace);
        xml.WriteAttributeString("queryable", layer.IsQueryable ? "1" : "0");
        xml.WriteAttributeString("opaque", "0");
        Text(xml, "Name", name);
        Text(xml, "Title", layer.Title);
        Text(xml, "Abstract", layer.Abstract);
        WriteKeywords(xml, layer.Keywords);
        foreach (var box in boxes)
        {
            if (!common.Any(crs => crs.Crs.Name == box.Crs.Crs.Name))
                Text(xml, "CRS", box.Crs.Crs.Name);
        }

        WriteDegrees(xml, layer.Bounds);
        foreach (var (crs, extent) in boxes)
        {
            var (minFirst, minSecond, maxFirst, maxSecond) = crs.Ordered(extent);
            xml.WriteStartElement("BoundingBox", Namespace);
            xml.WriteAttributeString("CRS", crs.Crs.Name);
            xml.WriteAttributeString("minx", Number(minFirst));
            xml.WriteAttributeString("miny", Number(minSecond));
            xml.WriteAttributeString("maxx", Number(maxFirst));
            xml.WriteAttributeString("maxy", Number(maxSecond));
            xml.WriteEndElement();
        }

        if (layer.Attribution is { } attribution)
            WriteAttribution(xml, attribution);
        foreach (var metadata in layer.Metadata)
        {
            xml.WriteStartElement("MetadataURL", Namespace);
            xml.WriteAttributeString("type", metadata.Type);
            Text(xml, "Format", metadata.Format);
            WriteOnlineResource(xml, metadata.Url);
            xml.WriteEndElement();
        }

        foreach (var style in layer.Styles.OrderByDescending(style => style == layer.DefaultStyle))
            WriteStyle(xml, isInspire && style == layer.DefaultStyle ? style with { Id = layer.InspireStyle } : style, root);
        var (finest, coarsest) = layer.ScaleDenominators;
        Text(xml, "MinScaleDenominator", Number(finest));
        Text(xml, "MaxScaleDenominator", Number(coarsest));
        xml.WriteEndElement();
    }

    private static void WriteAttribution(XmlWriter xml, LayerAttribution attribution)
    {
        xml.WriteStartElement("Attribution", Namespace);
        Text(xml, "Title", attribution.Title);
        if (attribution.Url is { Length: > 0 } url)
            WriteOnlineResource(xml, url);
        if (attribution.Logo is { } logo)
        {
            xml.WriteStartElement("LogoURL", Namespace);
            WriteSize(xml, logo);
            Text(xml, "Format", logo.MimeType);
            WriteOnlineResource(xml, logo.Url);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteStyle(XmlWriter xml, LayerStyle style, string root)
    {
        xml.WriteStartElement("Style", Namespace);
        Text(xml, "Name", style.Id);
        Text(xml, "Title", style.Title.Length > 0 ? style.Title : style.Id);
        Text(xml, "Abstract", style.Abstract);
        if (style.Legend is { } legend)
        {
            xml.WriteStartElement("LegendURL", Namespace);
            WriteSize(xml, legend);
            Text(xml, "Format", legend.MimeType);
            WriteOnlineResource(xml, legend.AddressBelow(root));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteSize(XmlWriter xml, LegendImage image)
    {
        if (image.Width > 0)
            xml.WriteAttributeString("width", image.Width.ToString(CultureInfo.InvariantCulture));
        if (image.Height > 0)
            xml.WriteAttributeString("height", image.Height.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteDegrees(XmlWriter xml, GeographicBounds bounds)
    {
        xml.WriteStartElement("EX_GeographicBoundingBox", Namespace);
        Text(xml, "westBoundLongitude", Number(bounds.West));
        Text(xml, "eastBoundLongitude", Number(bounds.East));
        Text(xml, "southBoundLatitude", Number(bounds.South));
        Text(xml, "northBoundLatitude", Number(bounds.North));
        xml.WriteEndElement();
    }

    private static void WriteKeywords(XmlWriter xml, IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
            return;
        xml.WriteStartElement("KeywordList", Namespace);
        foreach (var keyword in keywords)
            Text(xml, "Keyword", keyword);
        xml.WriteEndElement();
    }

    private static void WriteOnlineResource(XmlWriter xml, string address)
    {
        xml.WriteStartElement("OnlineResource", Namespace);
        xml.WriteAttributeString("type", Namespaces.Xlink, "simple");
        xml.WriteAttributeString("href", Namespaces.Xlink, address);
        xml.WriteEndElement();
    }

    private static void Text(XmlWriter xml, string name, string text)
    {
        if (text.Length > 0)
            xml.WriteElementString(name, Namespace, text);
    }

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
