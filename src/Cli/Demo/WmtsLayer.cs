using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Grid.Cli.Api;

namespace Grid.Cli.Demo;

/// <summary>
/// A layer as a WMTS client sees it: read from the capabilities (OGC 07-057r7), its tiles asked for by KVP. The first tile matrix set link and
/// the default style are taken.
/// </summary>
public sealed class WmtsLayer
{
    // A footprint is seldom a rectangle: the middle is tried first, then places on a grid over the limits.
    private static readonly double[] Places = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95];
    private static readonly XNamespace Wmts = "http://www.opengis.net/wmts/1.0";
    private static readonly XNamespace Ows = "http://www.opengis.net/ows/1.1";
    private static readonly XNamespace Xlink = "http://www.w3.org/1999/xlink";
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(60) };

    private readonly Uri _getTile;
    private readonly string _layer;
    private readonly string _style;
    private readonly string _format;
    private readonly string _set;
    private readonly IReadOnlyList<Level> _levels;

    private WmtsLayer(Uri getTile, string layer, string style, string format, string set, IReadOnlyList<Level> levels)
    {
        _getTile = getTile;
        _layer = layer;
        _style = style;
        _format = format;
        _set = set;
        _levels = levels;
    }

    /// <summary>Ids of the layer's levels, coarsest first.</summary>
    public IReadOnlyList<string> LevelIds => [.. _levels.Select(level => level.Id)];

    /// <summary>The address of a service's capabilities.</summary>
    public static Uri CapabilitiesUrl(Uri service) => new(service.AbsoluteUri.TrimEnd('?') + "?SERVICE=WMTS&REQUEST=GetCapabilities");

    /// <summary>Reads the capabilities and finds the layer.</summary>
    /// <param name="service">Base URL of the WMTS, without a query.</param>
    /// <param name="layerName">The layer's identifier.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DeliveryException">No capabilities, or none of this layer.</exception>
    public static async Task<WmtsLayer> ReadAsync(Uri service, string layerName, CancellationToken cancellation)
    {
        using var response = await Http.GetAsync(CapabilitiesUrl(service), cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new DeliveryException($"{CapabilitiesUrl(service)} answered {(int)response.StatusCode}: {text[..Math.Min(text.Length, 300)]}");
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XDocument.Load(reader).Root!;
            var layer = root.Descendants(Wmts + "Layer").FirstOrDefault(l => (string?)l.Element(Ows + "Identifier") == layerName)
                ?? throw new DeliveryException($"{CapabilitiesUrl(service)} lists no layer {layerName}");
            return Read(root, layer, layerName, service);
        }
        catch (XmlException error)
        {
            throw new DeliveryException($"{CapabilitiesUrl(service)} is no XML: {error.Message}");
        }
    }

    /// <summary>The first tile found of each level, coarsest first; a level without any is left out.</summary>
    public async Task<IReadOnlyList<FoundTile>> FirstTilesAsync(CancellationToken cancellation)
    {
        var found = new List<FoundTile>();
        foreach (var level in _levels)
        {
            if (await FirstTileAsync(level, cancellation) is { } tile)
                found.Add(tile);
        }

        return found;
    }

    private async Task<FoundTile?> FirstTileAsync(Level level, CancellationToken cancellation)
    {
        var tried = new HashSet<(long, long)>();
        foreach (var (x, y) in Places.SelectMany((_, i) => Around(i)))
        {
            var col = level.MinCol + (long)(x * (level.MaxCol - level.MinCol));
            var row = level.MinRow + (long)(y * (level.MaxRow - level.MinRow));
            if (!tried.Add((col, row)))
                continue;
            var url = TileUrl(level.Id, col, row);
            using var response = await Http.GetAsync(url, cancellation);
            if (response.IsSuccessStatusCode)
                return new FoundTile(level.Id, url, response.Content.Headers.ContentType?.MediaType, _format, await response.Content.ReadAsByteArrayAsync(cancellation));
        }

        return null;
    }

    // Pairs of places, the central ones before the outer ones.
    private static IEnumerable<(double X, double Y)> Around(int ring) =>
        Enumerable.Range(0, ring + 1).SelectMany(other => (IEnumerable<(double, double)>)[(Places[ring], Places[other]), (Places[other], Places[ring])]);

    private Uri TileUrl(string level, long col, long row)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={_layer}&STYLE={_style}&FORMAT={Uri.EscapeDataString(_format)}&TILEMATRIXSET={_set}&TILEMATRIX={level}&TILEROW={row}&TILECOL={col}");
        return new Uri(_getTile.GetLeftPart(UriPartial.Path) + "?" + query);
    }

    private static WmtsLayer Read(XElement root, XElement layer, string layerName, Uri service)
    {
        var getTile = root.Descendants(Ows + "Operation").Where(o => (string?)o.Attribute("name") == "GetTile")
            .Descendants(Ows + "Get").Where(get => !get.Descendants(Ows + "Value").Any() || get.Descendants(Ows + "Value").Any(v => v.Value == "KVP"))
            .Select(get => (string?)get.Attribute(Xlink + "href")).FirstOrDefault();
        var style = layer.Elements(Wmts + "Style").FirstOrDefault(s => (bool?)s.Attribute("isDefault") == true) ?? layer.Element(Wmts + "Style");
        var link = layer.Element(Wmts + "TileMatrixSetLink") ?? throw new DeliveryException($"the layer {layerName} has no TileMatrixSetLink");
        var set = (string?)link.Element(Wmts + "TileMatrixSet") ?? "";
        var matrices = root.Descendants(Wmts + "TileMatrixSet").FirstOrDefault(s => (string?)s.Element(Ows + "Identifier") == set)?.Elements(Wmts + "TileMatrix").ToList() ?? [];
        var limits = link.Descendants(Wmts + "TileMatrixLimits").ToDictionary(l => (string)l.Element(Wmts + "TileMatrix")!);
        var levels = matrices
            .OrderByDescending(m => (double)m.Element(Wmts + "ScaleDenominator")!)
            .Where(m => limits.Count == 0 || limits.ContainsKey((string)m.Element(Ows + "Identifier")!))
            .Select(m => LevelOf(m, limits.GetValueOrDefault((string)m.Element(Ows + "Identifier")!)))
            .ToList();
        return new WmtsLayer(
            getTile is null ? service : new Uri(service, getTile),
            Uri.EscapeDataString(layerName),
            Uri.EscapeDataString((string?)style?.Element(Ows + "Identifier") ?? ""),
            (string?)layer.Element(Wmts + "Format") ?? "image/jpeg",
            Uri.EscapeDataString(set),
            levels);
    }

    private static Level LevelOf(XElement matrix, XElement? limits) => limits is null
        ? new Level((string)matrix.Element(Ows + "Identifier")!, 0, (long)matrix.Element(Wmts + "MatrixWidth")! - 1, 0, (long)matrix.Element(Wmts + "MatrixHeight")! - 1)
        : new Level(
            (string)matrix.Element(Ows + "Identifier")!,
            (long)limits.Element(Wmts + "MinTileCol")!,
            (long)limits.Element(Wmts + "MaxTileCol")!,
            (long)limits.Element(Wmts + "MinTileRow")!,
            (long)limits.Element(Wmts + "MaxTileRow")!);

    private sealed record Level(string Id, long MinCol, long MaxCol, long MinRow, long MaxRow);
}

/// <summary>A tile as the service sent it.</summary>
/// <param name="Level">Id of its level.</param>
/// <param name="Url">Where it came from.</param>
/// <param name="ContentType">Media type of the answer.</param>
/// <param name="Asked">Media type that was asked for.</param>
/// <param name="Bytes">The body.</param>
public sealed record FoundTile(string Level, Uri Url, string? ContentType, string Asked, byte[] Bytes);
