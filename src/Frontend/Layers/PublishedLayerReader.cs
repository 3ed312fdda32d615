using System.Text;
using System.Text.Json;
using Grid.Frontend.Maps;
using Grid.Interfaces.Maps;
using Grid.Ogc;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Frontend.Layers;

/// <summary>Reads the documents of <c>catalogue.published_layer</c>.</summary>
public static class PublishedLayerReader
{
    /// <summary>
    /// Each pyramid of the document brings its descriptor; where two have the same level, the first wins. Throws
    /// <see cref="FormatException"/> or <see cref="KeyNotFoundException"/> when the document is not one of ours.
    /// </summary>
    /// <param name="extraSets">Sets that the layer is served in beside its own; null for none.</param>
    public static PublishedLayer Read(string name, long version, JsonElement doc, ExtraSets? extraSets = null)
    {
        var levels = new Dictionary<string, PublishedLevel>();
        TileMatrixSet? set = null;
        PyramidDescriptor? first = null;
        foreach (var pyramid in doc.GetProperty("pyramids").EnumerateArray())
        {
            var descriptor = PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(pyramid.GetProperty("descriptor").GetRawText()));
            first ??= descriptor;
            set ??= TileMatrixSets.Find(descriptor.TileMatrixSet)
                ?? throw new FormatException($"Layer {name}: tile matrix set {descriptor.TileMatrixSet} is not known.");
            if (descriptor.TileMatrixSet != set.Id || descriptor.Format != first.Format)
                throw new FormatException($"Layer {name}: its pyramids differ in tile matrix set or format.");
            // Descriptors may list their levels either way.
            var top = Text(pyramid, "top_level") is { } topLevel ? Position(name, set, topLevel) : 0;
            var bottom = Text(pyramid, "bottom_level") is { } bottomLevel ? Position(name, set, bottomLevel) : set.Matrices.Count - 1;
            var prefix = pyramid.GetProperty("storage_prefix").GetString()!;
            foreach (var level in descriptor.Levels.Where(level => set.PositionOf(level.Id) >= top && set.PositionOf(level.Id) <= bottom))
                levels.TryAdd(level.Id, new PublishedLevel(set, set.Find(level.Id)!, level, descriptor, prefix));
        }

        if (set is null || first is null || levels.Count == 0)
            throw new FormatException($"Layer {name} has no level to serve.");
        var used = doc.GetProperty("pyramids").EnumerateArray().Select(pyramid => new MapOrderPyramid(
            pyramid.GetProperty("storage_prefix").GetString()!, pyramid.GetProperty("descriptor").GetRawText(), Text(pyramid, "top_level"), Text(pyramid, "bottom_level")));
        var bounds = doc.GetProperty("bounds");
        if (bounds.ValueKind != JsonValueKind.Array || bounds.GetArrayLength() != 4)
            throw new FormatException($"Layer {name}: its bounds are {bounds.GetRawText()}, not four degrees.");
        var degrees = new GeographicBounds(bounds[0].GetDouble(), bounds[1].GetDouble(), bounds[2].GetDouble(), bounds[3].GetDouble());
        return new PublishedLayer(name, version, set, [.. levels.Values], first.Format)
        {
            Title = Text(doc, "title") ?? name,
            Abstract = Text(doc, "abstract") ?? "",
            Keywords = [.. Items(doc, "keywords").Select(word => word.GetString() ?? "")],
            Bounds = degrees,
            ExtraSets = extraSets is null || first.Raster is null ? [] : extraSets.Of(set, [.. levels.Values], degrees),
            Channels = first.Raster?.Channels ?? 0,
            Pyramids = [.. used],
            Interpolation = InterpolationOf(Text(doc, "interpolation")) ?? first.Raster?.Interpolation ?? "bicubic",
            FinestResolution = Number(doc, "bottom_resolution"),
            CoarsestResolution = Number(doc, "top_resolution"),
            ScaleDenominators = ScalesOf(set, [.. levels.Values], Number(doc, "bottom_resolution"), Number(doc, "top_resolution")),
            Styles = [.. Items(doc, "styles").Select(ReadStyle)],
            IsQueryable = doc.TryGetProperty("queryable", out var queryable) && queryable.ValueKind == JsonValueKind.True,
            ExternalInfo = doc.TryGetProperty("external_info", out var external) && external.ValueKind == JsonValueKind.Object && Text(external, "url") is { } server
                ? new ExternalInfo(server, Text(external, "layers"), Text(external, "query_layers"), [.. Members(external, "parameters")])
                : null,
            Attribution = doc.TryGetProperty("attribution", out var attribution) && attribution.ValueKind == JsonValueKind.Object
                ? new LayerAttribution(Text(attribution, "title") ?? "", Text(attribution, "url"), LogoOf(attribution))
                : null,
            Metadata = [.. Items(doc, "metadata").Select(link =>
                new MetadataUrl(Text(link, "url") ?? "", Text(link, "format") ?? "application/xml", Text(link, "type") ?? "Other"))],
        };
    }

    private static LayerStyle ReadStyle(JsonElement style, int position)
    {
        var document = Text(style, "document");
        var legend = style.TryGetProperty("legend", out var shown) && Text(shown, "url") is { } url
            ? new LegendImage(
                url, Text(shown, "format") ?? "image/png", (int?)Number(shown, "width") ?? 0, (int?)Number(shown, "height") ?? 0,
                Number(shown, "min_scale_denominator"), Number(shown, "max_scale_denominator"))
            : null;
        return new LayerStyle(style.GetProperty("id").GetString()!, Text(style, "title") ?? "", position == 0, legend)
        {
            Abstract = Text(style, "abstract") ?? "",
            Document = document,
            MimeType = document is null ? null : "image/png",
            FileExtension = document is null ? null : "png",
            Encoding = Text(style, "encoding"),
        };
    }

    private static double? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static int Position(string name, TileMatrixSet set, string level) =>
        set.PositionOf(level) is >= 0 and var position ? position : throw new FormatException($"Layer {name}: {set.Id} has no level {level}.");

    private static LegendImage? LogoOf(JsonElement attribution) =>
        attribution.TryGetProperty("logo", out var logo) && logo.ValueKind == JsonValueKind.Object && Text(logo, "url") is { } url
            ? new LegendImage(url, Text(logo, "format") ?? "image/png", (int)(Number(logo, "width") ?? 0), (int)(Number(logo, "height") ?? 0))
            : null;

    private static (double Finest, double Coarsest) ScalesOf(TileMatrixSet set, PublishedLevel[] levels, double? finest, double? coarsest)
    {
        var scales = levels.Select(level => set.ScaleDenominatorOf(level.Matrix)).ToList();
        return (finest / 0.00028 ?? scales.Min(), coarsest / 0.00028 ?? scales.Max());
    }

    /// <summary>The Entrepôt's names of interpolations as the map grains have them.</summary>
    private static string? InterpolationOf(string? name) => name switch
    {
        null => null,
        "NEAREST-NEIGHBOUR" => "nn",
        "LANCZOS3" => "lanczos",
        _ => name.ToLowerInvariant(),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<KeyValuePair<string, string>> Members(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(member => new KeyValuePair<string, string>(member.Name, member.Value.ToString()))
            : [];

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
