using System.Xml;

namespace Grid.Ogc.Ows;

/// <summary>Writes errors as an <c>ows:ExceptionReport</c> (OWS Common 06-121r3 § 8, schema ows/1.1.0). Served as <see cref="MimeType"/>.</summary>
public static class OwsExceptionReport
{
    public const string MimeType = "text/xml; charset=utf-8";

    /// <summary>The report in UTF-8.</summary>
    /// <param name="version">Version of the service that answers.</param>
    public static byte[] Write(OwsError error, string version = "1.0.0") => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("ExceptionReport", Namespaces.Ows);
        xml.WriteAttributeString("xmlns", "xsi", null, Namespaces.Xsi);
        xml.WriteAttributeString("schemaLocation", Namespaces.Xsi, $"{Namespaces.Ows} http://schemas.opengis.net/ows/1.1.0/owsExceptionReport.xsd");
        xml.WriteAttributeString("version", version);
        xml.WriteAttributeString("xml", "lang", null, "en");
        xml.WriteStartElement("Exception", Namespaces.Ows);
        xml.WriteAttributeString("exceptionCode", error.Code);
        if (error.Locator is not null)
            xml.WriteAttributeString("locator", error.Locator);
        xml.WriteElementString("ExceptionText", Namespaces.Ows, error.Text);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });
}
