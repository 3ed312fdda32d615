using System.Xml;
using System.Xml.Linq;

namespace Grid.Benchmarks.Serving;

/// <summary>A tile that exists: where it is, its path and query, its bytes.</summary>
internal sealed record SampledTile(string Set, string Level, long Col, long Row, string Path, byte[] Body);

/// <summary>Chooses tiles of the first published layer from its capabilities, as any client would.</summary>
internal static class TileList
{
    private static readonly XNamespace Wmts = "http://www.opengis.net/wmts/1.0";
    private static readonly XNamespace Ows = "http://www.opengis.net/ows/1.1";

    /// <summary>Up to <paramref name="count"/> tiles of the three finest levels, chosen evenly and the same at every run.</summary>
    public static async Task<IReadOnlyList<SampledTile>> SampleAsync(HttpClient http, int count)
    {
        using var text = new StringReader(await http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities"));
        using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        var layer = XDocument.Load(reader).Descendants(Wmts + "Layer").First();
        var name = (string)layer.Element(Ows + "Identifier")!;
        var style = (string)layer.Element(Wmts + "Style")!.Element(Ows + "Identifier")!;
        var format = (string)layer.Element(Wmts + "Format")!;
        var link = layer.Element(Wmts + "TileMatrixSetLink")!;
        var set = (string)link.Element(Wmts + "TileMatrixSet")!;
        var limits = link.Descendants(Wmts + "TileMatrixLimits").OrderByDescending(l => int.Parse((string)l.Element(Wmts + "TileMatrix")!)).Take(3).ToList();

        var paths = limits.SelectMany(level =>
            from row in Between(level, "MinTileRow", "MaxTileRow")
            from col in Between(level, "MinTileCol", "MaxTileCol")
            select (Level: (string)level.Element(Wmts + "TileMatrix")!, Col: col, Row: row, Path: $"/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE={style}&FORMAT={Uri.EscapeDataString(format)}"
                + $"&TILEMATRIXSET={set}&TILEMATRIX={(string)level.Element(Wmts + "TileMatrix")!}&TILEROW={row}&TILECOL={col}")).ToArray();
        new Random(1).Shuffle(paths);

        var tiles = new List<SampledTile>();
        foreach (var (level, col, row, path) in paths)
        {
            using var answer = await http.GetAsync(path);
            if (answer.IsSuccessStatusCode)
                tiles.Add(new SampledTile(set, level, col, row, path, await answer.Content.ReadAsByteArrayAsync()));
            if (tiles.Count == count)
                break;
        }

        return tiles;
    }

    private static IEnumerable<long> Between(XElement level, string first, string last)
    {
        for (var i = (long)level.Element(Wmts + first)!; i <= (long)level.Element(Wmts + last)!; i++)
            yield return i;
    }
}
