using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Grid.Ogc.Ows;

namespace Grid.Ogc.Wmts;

/// <summary>
/// Reads resource-oriented WMTS addresses (07-057r7 § 10) below the service's own: <c>1.0.0/WMTSCapabilities.xml</c>,
/// <c>1.0.0/{Layer}/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.{ext}</c>, and the same with <c>/{J}/{I}.{ext}</c> after the column for
/// the values of a pixel. Whatever names no resource is a plain 404, in either error mode.
/// </summary>
public static class WmtsRest
{
    /// <param name="path">Percent-decoded, with or without a leading slash.</param>
    public static bool TryParse(
        ReadOnlySpan<char> path, LayerCatalogue layers, [NotNullWhen(true)] out WmtsRequest? request, [NotNullWhen(false)] out OwsError? error)
    {
        request = null;
        error = null;
        path = path.TrimStart('/');
        if (path.SequenceEqual("1.0.0/WMTSCapabilities.xml"))
        {
            request = new GetCapabilities(WmtsSections.All, false, "application/xml");
            return true;
        }

        Span<Range> parts = stackalloc Range[10];
        var count = path.Split(parts, '/');
        if (count is not (7 or 9) || !path[parts[0]].SequenceEqual("1.0.0"))
        {
            error = NotFound("No resource has this address.");
            return false;
        }

        if (!layers.TryFind(path[parts[1]], out var layer))
            error = NotFound($"Layer \"{path[parts[1]]}\" is not served.");
        else if (layer.FindStyle(path[parts[2]]) is not { } style)
            error = NotFound($"Layer {layer.Name} has no style \"{path[parts[2]]}\".");
        else if (!layer.AnswersToSet(path[parts[3]]) && layer.FindExtraSet(path[parts[3]].ToString()) is null)
            error = NotFound($"Layer {layer.Name} is served in {string.Join(", ", layer.ExtraSets.Select(one => one.Set.Id).Prepend($"{layer.RestrictedSetName} and {layer.Set.Id}"))}.");
        else if (LevelOf(layer, path[parts[3]], path[parts[4]]) is not { } level)
            error = NotFound($"Layer {layer.Name} has no level \"{path[parts[4]]}\" in {path[parts[3]]}.");
        else if (count == 7)
            request = ParseTile(path[parts[5]], path[parts[6]], layer, level, style, out error);
        else
            request = ParseInfo(path[parts[5]], path[parts[6]], path[parts[7]], path[parts[8]], layer, level, style, out error);
        return error is null ? request is not null : false;
    }

    /// <summary>
    /// The fast way to a tile: no allocation, and false for all that is not the address of a tile within its limits. Ask <see cref="TryParse"/> then.
    /// </summary>
    /// <param name="path">Percent-decoded, with or without a leading slash.</param>
    public static bool TryParseTile(ReadOnlySpan<char> path, LayerCatalogue layers, out TileAddress tile, out LayerStyle style)
    {
        tile = default;
        style = LayerStyle.Normal;
        Span<Range> parts = stackalloc Range[8];
        path = path.TrimStart('/');
        if (path.Split(parts, '/') != 7 || !path[parts[0]].SequenceEqual("1.0.0"))
            return false;
        var file = path[parts[6]];
        var dot = file.LastIndexOf('.');
        if (dot < 0
            || !layers.TryFind(path[parts[1]], out var layer)
            || layer.FindStyle(path[parts[2]]) is not { } known
            || !layer.AnswersToSet(path[parts[3]])
            || layer.FindLevel(path[parts[4]]) is not { } level
            || !file[(dot + 1)..].Equals(layer.FileExtensionOf(known), StringComparison.OrdinalIgnoreCase)
            || !TryIndex(path[parts[5]], out var row)
            || !TryIndex(file[..dot], out var col))
        {
            return false;
        }

        style = known;
        tile = new TileAddress(layer, level, col, row);
        return level.Limits.Contains(col, row);
    }

    private static ServedLevel? LevelOf(ServedLayer layer, ReadOnlySpan<char> set, ReadOnlySpan<char> level) =>
        layer.AnswersToSet(set) ? layer.FindLevel(level) : layer.FindExtraSet(set.ToString())?.FindLevel(level.ToString());

    private static GetTile? ParseTile(ReadOnlySpan<char> row, ReadOnlySpan<char> file, ServedLayer layer, ServedLevel level, LayerStyle style, out OwsError? error)
    {
        error = null;
        var dot = file.LastIndexOf('.');
        if (dot < 0 || !file[(dot + 1)..].Equals(layer.FileExtensionOf(style), StringComparison.OrdinalIgnoreCase))
            error = NotFound($"Tiles of layer {layer.Name} in style {style.Id} end in .{layer.FileExtensionOf(style)}.");
        else if (!TryIndex(row, out var r) || !TryIndex(file[..dot], out var c))
            error = NotFound("Rows and columns are whole numbers.");
        else if (!level.Limits.Contains(c, r))
            error = OwsError.NoData;
        else
            return new GetTile(new TileAddress(layer, level, c, r), style);
        return null;
    }

    private static GetFeatureInfo? ParseInfo(
        ReadOnlySpan<char> row, ReadOnlySpan<char> col, ReadOnlySpan<char> pixelRow, ReadOnlySpan<char> file, ServedLayer layer, ServedLevel level, LayerStyle style, out OwsError? error)
    {
        error = null;
        var dot = file.LastIndexOf('.');
        var format = dot < 0 ? null : FeatureInfo.MimeTypeOf(file[(dot + 1)..]);
        if (format is null)
            error = NotFound("Values of pixels end in .txt, .xml, .html or .json.");
        else if (!layer.IsQueryable)
            error = NotFound($"Layer {layer.Name} cannot be queried.");
        else if (!TryIndex(row, out var r) || !TryIndex(col, out var c) || !TryIndex(pixelRow, out var j) || !TryIndex(file[..dot], out var i))
            error = NotFound("Rows, columns and pixels are whole numbers.");
        else if (!level.Limits.Contains(c, r) || i >= level.Matrix.TileWidth || j >= level.Matrix.TileHeight)
            error = OwsError.NoData;
        else
            return new GetFeatureInfo(new TileAddress(layer, level, c, r), style, (int)i, (int)j, format);
        return null;
    }

    private static bool TryIndex(ReadOnlySpan<char> text, out long index) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);

    private static OwsError NotFound(string text) => new(OwsError.NotFoundCode, null, text, 404);
}
