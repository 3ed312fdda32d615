using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml;
using Grid.Ogc.Ows;

namespace Grid.Ogc.Wmts;

/// <summary>The values of one pixel, and where it is.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Crs">CRS of the coordinates.</param>
/// <param name="X">Easting or longitude of the pixel's centre.</param>
/// <param name="Y">Northing or latitude of the pixel's centre.</param>
/// <param name="Values">One a channel; empty where there is no data.</param>
/// <param name="Decimals">Decimals to write: 0 for integers, 2 for elevations as ROK4 writes them.</param>
public sealed record PixelValues(string Layer, string Crs, double X, double Y, IReadOnlyList<double> Values, int Decimals);

/// <summary>Writes the values of a pixel as an answer to GetFeatureInfo.</summary>
public static class FeatureInfo
{
    /// <summary>The formats offered for every queryable layer.</summary>
    public static IReadOnlyList<string> MimeTypes { get; } = ["text/plain", "text/xml", "text/html", "application/json"];

    /// <summary>The format of a file extension, or null.</summary>
    public static string? MimeTypeOf(ReadOnlySpan<char> extension) => extension switch
    {
        "txt" => "text/plain",
        "xml" => "text/xml",
        "html" => "text/html",
        "json" => "application/json",
        _ => null,
    };

    /// <summary>The extension of a format in addresses.</summary>
    public static string ExtensionOf(string mimeType) => mimeType switch
    {
        "text/plain" => "txt",
        "text/xml" => "xml",
        "text/html" => "html",
        "application/json" => "json",
        _ => throw Unknown(mimeType),
    };

    /// <summary>The answer in UTF-8, in one of <see cref="MimeTypes"/>; other formats throw <see cref="ArgumentException"/>.</summary>
    public static byte[] Write(PixelValues pixel, string mimeType) => Write([pixel], mimeType);

    /// <summary>As above, for one pixel of each of several layers.</summary>
    public static byte[] Write(IReadOnlyList<PixelValues> pixels, string mimeType) => mimeType switch
    {
        "text/plain" => Encoding.UTF8.GetBytes(string.Join('\n', pixels.Select(Plain))),
        "text/xml" => Xml(pixels),
        "text/html" => Encoding.UTF8.GetBytes(Html(pixels)),
        "application/json" => Json(pixels),
        _ => throw Unknown(mimeType),
    };

    private static string Plain(PixelValues pixel)
    {
        var text = new StringBuilder();
        text.Append("Layer: ").Append(pixel.Layer).Append("\nCRS: ").Append(pixel.Crs)
            .Append("\nX: ").Append(Number(pixel.X)).Append("\nY: ").Append(Number(pixel.Y)).Append('\n');
        if (pixel.Values.Count == 0)
            text.Append("No data\n");
        for (var band = 0; band < pixel.Values.Count; band++)
            text.Append("Band ").Append(band + 1).Append(": ").Append(Value(pixel, band)).Append('\n');
        return text.ToString();
    }

    private static byte[] Xml(IReadOnlyList<PixelValues> pixels) => XmlBytes.Write(xml =>
    {
        if (pixels.Count != 1)
            xml.WriteStartElement("FeatureInfoList");
        foreach (var pixel in pixels)
            WriteXml(xml, pixel);
        if (pixels.Count != 1)
            xml.WriteEndElement();
    });

    private static void WriteXml(XmlWriter xml, PixelValues pixel)
    {
        xml.WriteStartElement("FeatureInfo");
        xml.WriteAttributeString("layer", pixel.Layer);
        xml.WriteAttributeString("crs", pixel.Crs);
        xml.WriteAttributeString("x", Number(pixel.X));
        xml.WriteAttributeString("y", Number(pixel.Y));
        for (var band = 0; band < pixel.Values.Count; band++)
        {
            xml.WriteStartElement("Value");
            xml.WriteAttributeString("band", (band + 1).ToString(CultureInfo.InvariantCulture));
            xml.WriteString(Value(pixel, band));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Html(IReadOnlyList<PixelValues> pixels)
    {
        var title = WebUtility.HtmlEncode(string.Join(", ", pixels.Select(pixel => pixel.Layer)));
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>").Append(title).Append("</title></head><body>\n");
        foreach (var pixel in pixels)
        {
            html.Append("<table>\n<caption>").Append(WebUtility.HtmlEncode(pixel.Layer)).Append("</caption>\n");
            Row("CRS", WebUtility.HtmlEncode(pixel.Crs));
            Row("X", Number(pixel.X));
            Row("Y", Number(pixel.Y));
            if (pixel.Values.Count == 0)
                Row("Values", "no data");
            for (var band = 0; band < pixel.Values.Count; band++)
                Row(string.Create(CultureInfo.InvariantCulture, $"Band {band + 1}"), Value(pixel, band));
            html.Append("</table>\n");
        }

        return html.Append("</body></html>\n").ToString();

        void Row(string name, string value) => html.Append("<tr><th scope=\"row\">").Append(name).Append("</th><td>").Append(value).Append("</td></tr>\n");
    }

    private static byte[] Json(IReadOnlyList<PixelValues> pixels)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("type", "FeatureCollection");
            json.WriteStartArray("features");
            foreach (var pixel in pixels.Where(pixel => pixel.Values.Count > 0))
            {
                json.WriteStartObject();
                json.WriteString("type", "Feature");

                // Positions of GeoJSON are degrees, which the pixel's CRS need not have.
                json.WriteNull("geometry");
                json.WriteStartObject("properties");
                json.WriteString("layer", pixel.Layer);
                json.WriteString("crs", pixel.Crs);
                json.WriteNumber("x", pixel.X);
                json.WriteNumber("y", pixel.Y);
                for (var band = 0; band < pixel.Values.Count; band++)
                {
                    json.WritePropertyName(string.Create(CultureInfo.InvariantCulture, $"band_{band + 1}"));
                    if (double.IsFinite(pixel.Values[band]))
                        json.WriteRawValue(Value(pixel, band));
                    else
                        json.WriteNullValue();
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string Value(PixelValues pixel, int band) => pixel.Values[band].ToString("F" + pixel.Decimals, CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static ArgumentException Unknown(string mimeType) =>
        new($"\"{mimeType}\" is not a format of pixel values: {string.Join(", ", MimeTypes)} are.");
}
