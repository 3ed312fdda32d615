using System.Globalization;

namespace Grid.Ogc.Tms;

/// <summary>What a TMS address names.</summary>
public enum TmsResource
{
    /// <summary>Nothing: <see cref="TmsRequest.Status"/> and <see cref="TmsRequest.Error"/> say why.</summary>
    None,
    Services,
    TileMapService,
    TileMap,
    MetadataJson,
    GdalDescription,
    Tile,
}

/// <summary>A TMS address that was read.</summary>
/// <param name="Layer">Of the resources of a layer.</param>
/// <param name="Tile">Of <see cref="TmsResource.Tile"/>.</param>
/// <param name="Status">HTTP status: 200, 400 for a bad version, layer, level or extension, 404 where there is no tile.</param>
/// <param name="Error">A sentence, or null.</param>
/// <param name="Style">Of the resources of a layer.</param>
public readonly record struct TmsRequest(TmsResource Resource, ServedLayer? Layer, LayerStyle? Style, TileAddress Tile, int Status, string? Error);

/// <summary>
/// Reads TMS addresses below <c>/tms</c>: <c></c>, <c>1.0.0</c>, <c>1.0.0/{layer}</c>, <c>1.0.0/{layer}/metadata.json</c>,
/// <c>1.0.0/{layer}/gdal.xml</c>, <c>1.0.0/{layer}/{z}/{x}/{y}.{ext}</c>. A tile's address is read without allocating. The specification knows no
/// styles: as in ROK4 a layer is shown in its default one, unless the query's <c>style</c> names another.
/// </summary>
public static class TmsPath
{
    /// <param name="path">Percent-decoded, with or without slashes around.</param>
    /// <param name="layers">What is served.</param>
    /// <param name="styleName">The style asked for; empty for the layer's default one.</param>
    public static TmsRequest Parse(ReadOnlySpan<char> path, LayerCatalogue layers, ReadOnlySpan<char> styleName = default)
    {
        path = path.Trim('/');
        if (path.IsEmpty)
            return Found(TmsResource.Services);
        Span<Range> parts = stackalloc Range[7];
        var count = path.Split(parts, '/');
        if (!path[parts[0]].SequenceEqual("1.0.0"))
            return Refused(400, $"Version \"{Shorten(path[parts[0]])}\": this service speaks version 1.0.0.");
        if (count == 1)
            return Found(TmsResource.TileMapService);
        if (!layers.TryFind(path[parts[1]], out var layer))
            return Refused(400, $"Layer \"{Shorten(path[parts[1]])}\" is not served.");
        var style = styleName.IsEmpty ? layer.DefaultStyle : layer.FindStyle(styleName);
        if (style is null)
            return Refused(400, $"Style \"{Shorten(styleName)}\": layer {layer.Name} has {string.Join(", ", layer.Styles.Select(known => known.Id))}.");
        switch (count)
        {
            case 2:
                return Found(TmsResource.TileMap, layer, style);
            case 3 when path[parts[2]].SequenceEqual("metadata.json"):
                return Found(TmsResource.MetadataJson, layer, style);
            case 3 when path[parts[2]].SequenceEqual("gdal.xml"):
                return Found(TmsResource.GdalDescription, layer, style);
            case 5:
                return ParseTile(path[parts[2]], path[parts[3]], path[parts[4]], layer, style);
            default:
                return Refused(404, "No resource has this address.");
        }
    }

    /// <summary>What a query says of the style, as it was sent, with or without the question mark; empty when it says nothing.</summary>
    public static ReadOnlySpan<char> StyleOf(ReadOnlySpan<char> query)
    {
        const string Name = "style=";
        foreach (var range in query.TrimStart('?').Split('&'))
        {
            var pair = query.TrimStart('?')[range];
            if (pair.StartsWith(Name, StringComparison.OrdinalIgnoreCase))
                return pair.Contains('%') ? Uri.UnescapeDataString(pair[Name.Length..]) : pair[Name.Length..];
        }

        return default;
    }

    private static TmsRequest ParseTile(ReadOnlySpan<char> z, ReadOnlySpan<char> x, ReadOnlySpan<char> file, ServedLayer layer, LayerStyle style)
    {
        if (layer.FindLevel(z) is not { } level)
        {
            // Map clients zoom beyond what a layer has; only a level that its set does not have at all is a mistake.
            return layer.Set.Find(z.ToString()) is not null
                ? NoData
                : Refused(400, $"Level \"{Shorten(z)}\" of layer {layer.Name}: levels go from {layer.Restricted.Top} to {layer.Restricted.Bottom}.");
        }

        var dot = file.LastIndexOf('.');
        if (dot < 0 || !file[(dot + 1)..].Equals(layer.FileExtensionOf(style), StringComparison.OrdinalIgnoreCase))
            return Refused(400, $"Extension of \"{Shorten(file)}\": tiles of layer {layer.Name} end in .{layer.FileExtensionOf(style)}.");
        if (!long.TryParse(x, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var col)
            || !long.TryParse(file[..dot], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var row))
        {
            return Refused(400, "Columns and rows are whole numbers.");
        }

        return level.Limits.Contains(col, row)
            ? new TmsRequest(TmsResource.Tile, layer, style, new TileAddress(layer, level, col, row), 200, null)
            : NoData;
    }

    private static TmsRequest NoData => Refused(404, "No data found.");

    private static TmsRequest Found(TmsResource resource, ServedLayer? layer = null, LayerStyle? style = null) => new(resource, layer, style, default, 200, null);

    private static TmsRequest Refused(int status, string error) => new(TmsResource.None, null, null, default, status, error);

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 100 ? text.ToString() : string.Concat(text[..100], "…");
}
