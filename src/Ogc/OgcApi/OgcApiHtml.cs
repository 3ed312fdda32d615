using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Grid.Ogc.OgcApi;

/// <summary>The HTML form of the documents: the same members as lists and tables, links to be followed.</summary>
public static class OgcApiHtml
{
    /// <summary>The page in UTF-8.</summary>
    public static byte[] Write(JsonObject document, string title)
    {
        var html = new StringBuilder();
        var name = WebUtility.HtmlEncode((string?)document["title"] ?? title);
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>").Append(name)
            .Append("</title><style>body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse}")
            .Append("th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}</style></head><body>\n<h1>").Append(name).Append("</h1>\n");
        Members(html, document);
        return Encoding.UTF8.GetBytes(html.Append("</body></html>\n").ToString());
    }

    private static void Members(StringBuilder html, JsonObject members)
    {
        if (members["links"] is JsonArray links)
        {
            html.Append("<ul>\n");
            foreach (var link in links.OfType<JsonObject>())
                Link(html, link);
            html.Append("</ul>\n");
        }

        html.Append("<table>\n");
        foreach (var (name, value) in members)
        {
            if (name == "links")
                continue;
            html.Append("<tr><th scope=\"row\">").Append(WebUtility.HtmlEncode(name)).Append("</th><td>");
            Value(html, value);
            html.Append("</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void Link(StringBuilder html, JsonObject link)
    {
        var title = WebUtility.HtmlEncode((string?)link["title"] ?? (string?)link["rel"] ?? "");
        var href = (string?)link["href"] ?? "";

        // Templates are no addresses, and only web addresses are made into links: some come from producers.
        if (link["templated"] is null && Uri.TryCreate(href, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            html.Append("<li><a href=\"").Append(WebUtility.HtmlEncode(href)).Append("\">").Append(title).Append("</a></li>\n");
        else
            html.Append("<li>").Append(title).Append(": <code>").Append(WebUtility.HtmlEncode(href)).Append("</code></li>\n");
    }

    private static void Value(StringBuilder html, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                Members(html, members);
                break;
            case JsonArray items when items.Any(item => item is JsonObject):
                foreach (var item in items.OfType<JsonObject>())
                    Members(html, item);
                break;
            case JsonArray items:
                html.Append(WebUtility.HtmlEncode(string.Join(", ", items.Select(item => item is JsonArray ? item.ToJsonString() : item?.ToString()))));
                break;
            default:
                html.Append(WebUtility.HtmlEncode(value?.ToString() ?? ""));
                break;
        }
    }
}
