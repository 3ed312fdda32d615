using System.Xml;

namespace Grid.Ogc.Ows;

/// <summary>What the INSPIRE form of capabilities says of the service itself.</summary>
/// <param name="MetadataUrl">Address of the service's metadata record; the schema has no extended capabilities without one, so empty leaves them out.</param>
/// <param name="Language">ISO 639-2/B: <c>fre</c>.</param>
public sealed record InspireDescription(string MetadataUrl, string Language)
{
    /// <summary>The name that INSPIRE gives the default style of every view layer (technical guidance for view services).</summary>
    public const string Style = "inspire_common:DEFAULT";
}

/// <summary>Writes the extended capabilities of INSPIRE's network services (schemas/common/1.0 <c>ExtendedCapabilitiesType</c>).</summary>
internal static class InspireXml
{
    public const string Common = "http://inspire.ec.europa.eu/schemas/common/1.0";

    /// <param name="view">Namespace of the element, that of the kind of view service.</param>
    public static void WriteExtendedCapabilities(this XmlWriter xml, string view, InspireDescription inspire)
    {
        xml.WriteStartElement("ExtendedCapabilities", view);
        xml.WriteStartElement("MetadataUrl", Common);
        xml.WriteElementString("URL", Common, inspire.MetadataUrl);
        xml.WriteElementString("MediaType", Common, "application/vnd.ogc.csw.GetRecordByIdResponse_xml");
        xml.WriteEndElement();
        xml.WriteStartElement("SupportedLanguages", Common);
        xml.WriteStartElement("DefaultLanguage", Common);
        xml.WriteElementString("Language", Common, inspire.Language);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteStartElement("ResponseLanguage", Common);
        xml.WriteElementString("Language", Common, inspire.Language);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
