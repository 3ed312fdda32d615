using System.Xml;
using Grid.Ogc.Ows;

namespace Grid.Ogc.Wms;

/// <summary>Why a WMS request is refused: a code of WMS 1.3.0 (06-042 annex E.1) where one fits, else of OWS Common.</summary>
/// <param name="Code">For example <c>LayerNotDefined</c>.</param>
/// <param name="Locator">The parameter at fault, or null.</param>
/// <param name="Text">A sentence with the value, the object and what is allowed.</param>
/// <param name="HttpStatus">The status that goes with it.</param>
public sealed record WmsError(string Code, string? Locator, string Text, int HttpStatus = 400)
{
    internal static WmsError Missing(string parameter) => new("MissingParameterValue", parameter, $"Parameter {parameter} is missing or empty.");

    internal static WmsError Invalid(string parameter, string value, string allowed, string code = "InvalidParameterValue") =>
        new(code, parameter, $"Parameter {parameter} is \"{OwsError.Shorten(value)}\": {allowed}.");
}

/// <summary>Writes errors as a <c>ServiceExceptionReport</c> (06-042 annex E.1, schema wms/1.3.0/exceptions_1_3_0.xsd).</summary>
public static class WmsExceptionReport
{
    /// <summary>Conformance tests want this type, not the one that WMS 1.1.1 had.</summary>
    public const string MimeType = "text/xml; charset=utf-8";

    private const string Namespace = "http://www.opengis.net/ogc";

    /// <summary>The report in UTF-8.</summary>
    public static byte[] Write(WmsError error) => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("ServiceExceptionReport", Namespace);
        xml.WriteAttributeString("xmlns", "xsi", null, Namespaces.Xsi);
        xml.WriteAttributeString("schemaLocation", Namespaces.Xsi, $"{Namespace} http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd");
        xml.WriteAttributeString("version", "1.3.0");
        xml.WriteStartElement("ServiceException", Namespace);
        xml.WriteAttributeString("code", error.Code);
        if (error.Locator is not null)
            xml.WriteAttributeString("locator", error.Locator);
        xml.WriteString(error.Text);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });
}
