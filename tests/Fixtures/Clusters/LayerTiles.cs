using System.Xml.Linq;

namespace Grid.Fixtures.Clusters;

/// <summary>Addresses of the tiles that a layer's capabilities promise.</summary>
public static class LayerTiles
{
    /// <summary>All tiles of the levels from the third coarsest one with several of them on, at most 500, in an order that mixes slabs.</summary>
    public static async Task<IReadOnlyList<string>> OfLayerAsync(HttpClient http, string layer)
    {
        XNamespace wmts = "http://www.opengis.net/wmts/1.0";
        XNamespace ows = "http://www.opengis.net/ows/1.1";
        // A frontend hears of a publication a moment later.
        XElement? described = null;
        while (described is null)
        {
            var capabilities = XDocument.Parse(await http.GetStringAsync("wmts?SERVICE=WMTS&REQUEST=GetCapabilities"));
            described = capabilities.Descendants(wmts + "Layer").FirstOrDefault(one => one.Element(ows + "Identifier")!.Value == layer);
        }

        var set = described.Element(wmts + "TileMatrixSetLink")!.Element(wmts + "TileMatrixSet")!.Value;
        var format = described.Element(wmts + "Format")!.Value;
        var tiles =
            from limits in described.Descendants(wmts + "TileMatrixLimits")
            let matrix = limits.Element(wmts + "TileMatrix")!.Value
            from row in Range(limits, "Row")
            from col in Range(limits, "Col")
            orderby (row * 31 + col * 17) % 101
            select $"wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=normal&FORMAT={Uri.EscapeDataString(format)}&TILEMATRIXSET={set}&TILEMATRIX={matrix}&TILEROW={row}&TILECOL={col}";
        var there = new List<string>();
        foreach (var tile in tiles)
        {
            using var answer = await http.GetAsync(tile);
            // A level's limits may hold tiles without data.
            if (answer.IsSuccessStatusCode)
                there.Add(tile);
            if (there.Count == 500)
                break;
        }

        return there;

        IEnumerable<long> Range(XElement limits, string axis)
        {
            var first = long.Parse(limits.Element(wmts + $"MinTile{axis}")!.Value);
            var last = long.Parse(limits.Element(wmts + $"MaxTile{axis}")!.Value);
            for (var i = first; i <= last; i++)
                yield return i;
        }
    }
}
