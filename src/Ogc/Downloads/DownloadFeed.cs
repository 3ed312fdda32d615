using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Grid.Ogc.Ows;

namespace Grid.Ogc.Downloads;

/// <summary>A page of what can be downloaded: resources, parts of one, or files.</summary>
/// <param name="Self">Address of the feed.</param>
/// <param name="Up">Address of the feed above; null for the first.</param>
/// <param name="TotalEntries">Entries of all pages.</param>
public sealed record DownloadFeed(
    string Title, string? Subtitle, string Self, string? Up, DateTimeOffset Updated, int Page, int PageSize, int TotalEntries, IReadOnlyList<DownloadEntry> Entries)
{
    /// <summary>Media type of <see cref="WriteAtom"/>.</summary>
    public const string AtomType = "application/atom+xml";

    private const string Atom = "http://www.w3.org/2005/Atom", GeoRss = "http://www.georss.org/georss";
    private const string Extension = "https://data.geopf.fr/annexes/ressources/xsd/gpf_dl.xsd";

    /// <summary>How many pages there are.</summary>
    public int PageCount => Math.Max(1, (TotalEntries + PageSize - 1) / PageSize);

    /// <summary>The page as Atom (RFC 4287) with the members of the Géoplateforme's download service.</summary>
    public byte[] WriteAtom() => XmlBytes.Write(xml =>
    {
        xml.WriteStartElement("feed", Atom);
        xml.WriteAttributeString("xmlns", "georss", null, GeoRss);
        xml.WriteAttributeString("xmlns", "gpf_dl", null, Extension);
        Attribute(xml, "page", Page);
        Attribute(xml, "pagesize", PageSize);
        Attribute(xml, "pagecount", PageCount);
        Attribute(xml, "totalentries", TotalEntries);
        xml.WriteElementString("id", Atom, Self);
        xml.WriteElementString("title", Atom, Title);
        if (Subtitle is not null)
            xml.WriteElementString("subtitle", Atom, Subtitle);
        xml.WriteElementString("updated", Atom, Date(Updated));
        Link(xml, "self", Self, AtomType, null);
        if (Up is not null)
            Link(xml, "up", Up, AtomType, null);
        foreach (var entry in Entries)
            Write(xml, entry);
        xml.WriteEndElement();
    });

    /// <summary>The same as JSON.</summary>
    public byte[] WriteJson() => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["id"] = Self,
        ["title"] = Title,
        ["subtitle"] = Subtitle,
        ["updated"] = Date(Updated),
        ["page"] = Page,
        ["pagesize"] = PageSize,
        ["pagecount"] = PageCount,
        ["totalentries"] = TotalEntries,
        ["link"] = new JsonArray([.. new[] { ("self", Self), ("up", Up) }.Where(link => link.Item2 is not null)
            .Select(link => (JsonNode)new JsonObject { ["rel"] = link.Item1, ["href"] = link.Item2 })]),
        ["entry"] = new JsonArray([.. Entries.Select(Describe)]),
    });

    private static void Write(XmlWriter xml, DownloadEntry entry)
    {
        xml.WriteStartElement("entry", Atom);
        xml.WriteElementString("title", Atom, entry.Title);
        Link(xml, "alternate", entry.Address, entry.MediaType, entry.LengthBytes);
        xml.WriteElementString("id", Atom, entry.Address);
        xml.WriteElementString("updated", Atom, Date(entry.Updated));
        if (entry.Content is not null)
            xml.WriteElementString("content", Atom, entry.Content);
        if (entry.Crs is not null)
        {
            xml.WriteStartElement("category", Atom);
            xml.WriteAttributeString("term", entry.Crs);
            xml.WriteAttributeString("label", entry.Crs);
            xml.WriteEndElement();
        }

        if (entry.Bounds is not null)
            xml.WriteElementString("polygon", GeoRss, PolygonOf(entry.Bounds));
        xml.WriteEndElement();
    }

    private static JsonNode Describe(DownloadEntry entry) => new JsonObject
    {
        ["title"] = entry.Title,
        ["id"] = entry.Address,
        ["updated"] = Date(entry.Updated),
        ["content"] = entry.Content,
        ["link"] = new JsonArray(new JsonObject { ["rel"] = "alternate", ["href"] = entry.Address, ["type"] = entry.MediaType, ["length"] = entry.LengthBytes }),
        ["category"] = entry.Crs is null ? new JsonArray() : new JsonArray(new JsonObject { ["term"] = entry.Crs, ["label"] = entry.Crs }),
        ["polygon"] = entry.Bounds is null ? null : PolygonOf(entry.Bounds),
    };

    private static void Attribute(XmlWriter xml, string name, int value) =>
        xml.WriteAttributeString("gpf_dl", name, Extension, value.ToString(CultureInfo.InvariantCulture));

    private static void Link(XmlWriter xml, string relation, string address, string? type, long? length)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", address);
        if (type is not null)
            xml.WriteAttributeString("type", type);
        if (length is not null)
            xml.WriteAttributeString("length", length.Value.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }

    // Longitude before latitude, as the service in use writes it and against GeoRSS.
    private static string PolygonOf(IReadOnlyList<double> bounds)
    {
        double west = bounds[0], south = bounds[1], east = bounds[2], north = bounds[3];
        return string.Join(' ', ((double[])[west, south, east, south, east, north, west, north, west, south]).Select(number => number.ToString("0.########", CultureInfo.InvariantCulture)));
    }

    private static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>Something to download, or a feed of such.</summary>
/// <param name="MediaType">Of what is at the address; null when it is not known.</param>
/// <param name="LengthBytes">Of a file; null for a feed.</param>
/// <param name="Crs">Authority and code, or null.</param>
/// <param name="Bounds">West, south, east, north in degrees, or null.</param>
public sealed record DownloadEntry(
    string Title, string Address, string? MediaType, long? LengthBytes, string? Content, DateTimeOffset Updated, string? Crs, IReadOnlyList<double>? Bounds);
