using System.Globalization;
using System.Xml;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc.Wmts;

/// <summary>The absolute addresses under which clients reach a WMTS; behind a proxy they are the proxy's.</summary>
/// <param name="Kvp">Without a question mark: <c>https://host/wmts</c>.</param>
/// <param name="Rest">Without a slash at the end: <c>https://host/wmts/1.0.0</c>. Null serves no resource-oriented addresses.</param>
/// <param name="Root">The host's, without a slash at the end; legends whose address begins with a slash are below it.</param>
public sealed record WmtsAddresses(string Kvp, string? Rest, string Root = "")
{
    public string RestCapabilities => Rest + "/WMTSCapabilities.xml";
}

/// <summary>
/// Writes the capabilities of a WMTS 1.0.0 (07-057r7 § 7.1.1.2) as UTF-8, ready to be kept and sent. Layers link to their restricted set with its
/// limits; both the restricted sets and the whole ones are described.
/// </summary>
public static class WmtsCapabilities
{
    private const string SchemaLocation = "http://www.opengis.net/wmts/1.0 http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd";
    private const string View = "http://inspire.ec.europa.eu/schemas/inspire_vs_ows11/1.0";

    /// <param name="inspire">Makes the document INSPIRE's; null makes it the plain one.</param>
    public static byte[] Write(
        ServiceDescription service, LayerCatalogue layers, WmtsAddresses addresses, WmtsSections sections = WmtsSections.All, InspireDescription? inspire = null) => XmlBytes.Write(xml =>
    {
        WriteRoot(xml, layers.UpdateSequence, inspire is not null);
        if (sections.HasFlag(WmtsSections.ServiceIdentification))
            WriteIdentification(xml, service);
        if (sections.HasFlag(WmtsSections.ServiceProvider))
            WriteProvider(xml, service);
        if (sections.HasFlag(WmtsSections.OperationsMetadata))
            WriteOperations(xml, addresses, layers.Layers.Any(layer => layer.IsQueryable), inspire);
        if (sections.HasFlag(WmtsSections.Contents))
        {
            xml.WriteStartElement("Contents", Namespaces.Wmts);
            foreach (var layer in layers.Layers)
                WmtsLayerElement.Write(xml, layer, inspire is null ? layer.Name : layers.InspireNameOf(layer), addresses, inspire is not null);
            foreach (var set in layers.TileMatrixSets)
                WriteTileMatrixSet(xml, set);
            xml.WriteEndElement();
        }

        if (addresses.Rest is not null)
        {
            xml.WriteStartElement("ServiceMetadataURL", Namespaces.Wmts);
            xml.WriteAttributeString("href", Namespaces.Xlink, addresses.RestCapabilities);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    });

    /// <summary>The document of a client that already has the current one: a root with version and update sequence.</summary>
    public static byte[] WriteUnchanged(LayerCatalogue layers) => XmlBytes.Write(xml =>
    {
        WriteRoot(xml, layers.UpdateSequence, isInspire: false);
        xml.WriteEndElement();
    });

    private static void WriteRoot(XmlWriter xml, long updateSequence, bool isInspire)
    {
        xml.WriteStartElement("Capabilities", Namespaces.Wmts);
        xml.WriteAttributeString("xmlns", "ows", null, Namespaces.Ows);
        xml.WriteAttributeString("xmlns", "xlink", null, Namespaces.Xlink);
        xml.WriteAttributeString("xmlns", "xsi", null, Namespaces.Xsi);
        var location = SchemaLocation;
        if (isInspire)
        {
            xml.WriteAttributeString("xmlns", "inspire_vs", null, View);
            xml.WriteAttributeString("xmlns", "inspire_common", null, InspireXml.Common);
            location += $" {View} {View}/inspire_vs_ows11.xsd";
        }

        xml.WriteAttributeString("schemaLocation", Namespaces.Xsi, location);
        xml.WriteAttributeString("version", "1.0.0");
        xml.WriteAttributeString("updateSequence", updateSequence.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteIdentification(XmlWriter xml, ServiceDescription service)
    {
        xml.WriteStartElement("ServiceIdentification", Namespaces.Ows);
        xml.WriteOws("Title", service.Title);
        xml.WriteOws("Abstract", service.Abstract);
        xml.WriteKeywords(service.Keywords);
        xml.WriteOws("ServiceType", "OGC WMTS");
        xml.WriteOws("ServiceTypeVersion", "1.0.0");
        xml.WriteOws("Fees", service.Fees);
        xml.WriteOws("AccessConstraints", service.AccessConstraints);
        xml.WriteEndElement();
    }

    private static void WriteProvider(XmlWriter xml, ServiceDescription service)
    {
        var contact = service.Contact;
        xml.WriteStartElement("ServiceProvider", Namespaces.Ows);
        xml.WriteOws("ProviderName", service.ProviderName);
        if (service.ProviderSite.Length > 0)
        {
            xml.WriteStartElement("ProviderSite", Namespaces.Ows);
            xml.WriteAttributeString("href", Namespaces.Xlink, service.ProviderSite);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("ServiceContact", Namespaces.Ows);
        xml.WriteOws("IndividualName", contact.Person);
        xml.WriteOws("PositionName", contact.Position);
        xml.WriteStartElement("ContactInfo", Namespaces.Ows);
        if (contact.Phone.Length > 0)
        {
            xml.WriteStartElement("Phone", Namespaces.Ows);
            xml.WriteOws("Voice", contact.Phone);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("Address", Namespaces.Ows);
        xml.WriteOws("DeliveryPoint", contact.Street);
        xml.WriteOws("City", contact.City);
        xml.WriteOws("PostalCode", contact.PostalCode);
        xml.WriteOws("Country", contact.Country);
        xml.WriteOws("ElectronicMailAddress", contact.Email);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteOperations(XmlWriter xml, WmtsAddresses addresses, bool queryable, InspireDescription? inspire)
    {
        xml.WriteStartElement("OperationsMetadata", Namespaces.Ows);
        WriteOperation("GetCapabilities", addresses.Rest is null ? null : addresses.RestCapabilities);
        WriteOperation("GetTile", addresses.Rest is null ? null : addresses.Rest + "/");
        if (queryable)
            WriteOperation("GetFeatureInfo", addresses.Rest is null ? null : addresses.Rest + "/");
        if (inspire is { MetadataUrl.Length: > 0 })
            xml.WriteExtendedCapabilities(View, inspire);
        xml.WriteEndElement();

        void WriteOperation(string name, string? rest)
        {
            xml.WriteStartElement("Operation", Namespaces.Ows);
            xml.WriteAttributeString("name", name);
            xml.WriteStartElement("DCP", Namespaces.Ows);
            xml.WriteStartElement("HTTP", Namespaces.Ows);
            WriteGet(addresses.Kvp + "?", "KVP");
            if (rest is not null)
                WriteGet(rest, "RESTful");
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        void WriteGet(string address, string encoding)
        {
            xml.WriteStartElement("Get", Namespaces.Ows);
            xml.WriteAttributeString("href", Namespaces.Xlink, address);
            xml.WriteStartElement("Constraint", Namespaces.Ows);
            xml.WriteAttributeString("name", "GetEncoding");
            xml.WriteStartElement("AllowedValues", Namespaces.Ows);
            xml.WriteOws("Value", encoding);
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
    }

    private static void WriteTileMatrixSet(XmlWriter xml, TileMatrixSet set)
    {
        var (crs, latitudeFirst) = SupportedCrs(set);
        xml.WriteStartElement("TileMatrixSet", Namespaces.Wmts);
        if (set.Title is not null)
            xml.WriteOws("Title", set.Title);
        xml.WriteOws("Identifier", set.Id);
        xml.WriteOws("SupportedCRS", crs);
        if (set.Id == "PM")
            xml.WriteElementString("WellKnownScaleSet", Namespaces.Wmts, "urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible");
        foreach (var matrix in set.Matrices)
        {
            var (first, second) = latitudeFirst ? (matrix.OriginY, matrix.OriginX) : (matrix.OriginX, matrix.OriginY);
            xml.WriteStartElement("TileMatrix", Namespaces.Wmts);
            xml.WriteOws("Identifier", matrix.Id);
            xml.WriteWmts("ScaleDenominator", set.ScaleDenominatorOf(matrix));
            xml.WriteElementString("TopLeftCorner", Namespaces.Wmts, string.Create(CultureInfo.InvariantCulture, $"{first} {second}"));
            xml.WriteWmts("TileWidth", matrix.TileWidth);
            xml.WriteWmts("TileHeight", matrix.TileHeight);
            xml.WriteWmts("MatrixWidth", matrix.MatrixWidth);
            xml.WriteWmts("MatrixHeight", matrix.MatrixHeight);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>
    /// The CRS as clients know it, and whether its top left corners are latitude first. IGNF names go out as their EPSG twins, which clients have;
    /// IGNF's longitude-first WGS 84 goes out as CRS84, which has the same order.
    /// </summary>
    private static (string Urn, bool LatitudeFirst) SupportedCrs(TileMatrixSet set)
    {
        var crs = Crs.Parse(set.Crs);
        if (crs.Authority == "IGNF" && crs.Equals(Crs.Parse("CRS:84")))
            crs = Crs.Parse("CRS:84");
        else if (crs.Authority == "IGNF" && !crs.IsGeographic)
            crs = Crs.Parse(crs.GdalName);
        return (crs.Urn, crs.IsLatitudeFirst);
    }
}
