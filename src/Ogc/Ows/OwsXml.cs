using System.Globalization;
using System.Xml;

namespace Grid.Ogc.Ows;

/// <summary>The small elements that OWS documents repeat. Empty texts write nothing.</summary>
internal static class OwsXml
{
    public static void WriteOws(this XmlWriter xml, string name, string text)
    {
        if (text.Length > 0)
            xml.WriteElementString(name, Namespaces.Ows, text);
    }

    public static void WriteKeywords(this XmlWriter xml, IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
            return;
        xml.WriteStartElement("Keywords", Namespaces.Ows);
        foreach (var keyword in keywords)
            xml.WriteElementString("Keyword", Namespaces.Ows, keyword);
        xml.WriteEndElement();
    }

    public static void WriteWmts(this XmlWriter xml, string name, double number) =>
        xml.WriteElementString(name, Namespaces.Wmts, number.ToString(CultureInfo.InvariantCulture));

    public static void WriteWmts(this XmlWriter xml, string name, long number) =>
        xml.WriteElementString(name, Namespaces.Wmts, number.ToString(CultureInfo.InvariantCulture));
}
