using System.Text;
using System.Xml;

namespace Grid.Ogc.Ows;

/// <summary>Writes XML documents to UTF-8 bytes without a byte order mark.</summary>
internal static class XmlBytes
{
    private static readonly XmlWriterSettings s_settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        Indent = true,
        IndentChars = " ",
        NewLineChars = "\n",
    };

    private static readonly XmlWriterSettings s_bare = CreateBare();

    public static byte[] Write(Action<XmlWriter> content) => Write(content, s_settings);

    /// <summary>As <see cref="Write(Action{XmlWriter})"/>, from the root element on.</summary>
    public static byte[] WriteWithoutDeclaration(Action<XmlWriter> content) => Write(content, s_bare);

    private static byte[] Write(Action<XmlWriter> content, XmlWriterSettings settings)
    {
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, settings))
            content(xml);
        return stream.ToArray();
    }

    private static XmlWriterSettings CreateBare()
    {
        var settings = s_settings.Clone();
        settings.OmitXmlDeclaration = true;
        return settings;
    }

    /// <summary>Replaces what XML 1.0 cannot hold: producers' texts and requests may have control characters and lone surrogates.</summary>
    public static string Legal(string text)
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
}

internal static class Namespaces
{
    public const string Ows = "http://www.opengis.net/ows/1.1";
    public const string Wmts = "http://www.opengis.net/wmts/1.0";
    public const string Xlink = "http://www.w3.org/1999/xlink";
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";
}
