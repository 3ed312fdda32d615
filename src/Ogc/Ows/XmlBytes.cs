using System.Text;
using System.Xml;

namespace Grid.Ogc.Ows;

/// <summary>
/// Writes XML documents to UTF-8 bytes without a byte order mark. What XML 1.0 cannot hold is replaced wherever it comes from: producers' texts and
/// requests may have control characters and lone surrogates, and one of those must not cost everybody a whole document.
/// </summary>
internal static class XmlBytes
{
    public static byte[] Write(Action<XmlWriter> content) => Write(content, hasDeclaration: true);

    /// <summary>As <see cref="Write(Action{XmlWriter})"/>, from the root element on.</summary>
    public static byte[] WriteWithoutDeclaration(Action<XmlWriter> content) => Write(content, hasDeclaration: false);

    private static byte[] Write(Action<XmlWriter> content, bool hasDeclaration)
    {
        using var stream = new MemoryStream();
        using (var xml = new LegalWriter(stream))
        {
            if (hasDeclaration)
                xml.WriteStartDocument();
            content(xml);
        }

        return stream.ToArray();
    }

    private static string Legal(string text)
    {
        var legal = true;
        for (var i = 0; i < text.Length && legal; i++)
            legal = XmlConvert.IsXmlChar(text[i]);
        if (legal)
            return text;
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
                clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append('\uFFFD');
        }

        return clean.ToString();
    }

    private sealed class LegalWriter : XmlTextWriter
    {
        public LegalWriter(Stream stream)
            : base(new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" })
        {
            Formatting = Formatting.Indented;
            Indentation = 1;
        }

        public override void WriteString(string? text) => base.WriteString(text is null ? null : Legal(text));
    }
}

internal static class Namespaces
{
    public const string Ows = "http://www.opengis.net/ows/1.1";
    public const string Wmts = "http://www.opengis.net/wmts/1.0";
    public const string Xlink = "http://www.w3.org/1999/xlink";
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";
}
