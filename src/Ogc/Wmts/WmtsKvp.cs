using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc.Wmts;

/// <summary>
/// Reads WMTS requests in key-value pairs (07-057r7 § 8) and validates them against the served layers. Error codes, locators and statuses are
/// those of the OGC's test suite, or those of the Géoplateforme where <see cref="WmtsErrorMode"/> says so.
/// <see cref="WmtsTileQuery"/> is the fast way for plain GetTile requests.
/// </summary>
public static class WmtsKvp
{
    private static readonly string[] s_capabilitiesTypes = ["text/xml", "application/xml"];

    public static bool TryParse(
        KvpParameters kvp, LayerCatalogue layers, WmtsErrorMode mode, [NotNullWhen(true)] out WmtsRequest? request, [NotNullWhen(false)] out OwsError? error)
    {
        request = null;
        error = null;
        if (!kvp.HasPairs)
        {
            error = OwsError.Missing("request");
            return false;
        }

        if (!kvp.TryGet("SERVICE", out var service))
            error = OwsError.Missing("service");
        else if (!service.Equals("WMTS", StringComparison.OrdinalIgnoreCase))
            error = OwsError.Invalid("service", service, "this service is WMTS");
        else if (!kvp.TryGet("REQUEST", out var operation))
            error = OwsError.Missing("request");
        else if (operation.Equals("GetCapabilities", StringComparison.OrdinalIgnoreCase))
            request = ParseGetCapabilities(kvp, layers, out error);
        else if (operation.Equals("GetTile", StringComparison.OrdinalIgnoreCase))
            request = ParseGetTile(kvp, layers, mode, out error);
        else if (operation.Equals("GetFeatureInfo", StringComparison.OrdinalIgnoreCase))
            request = ParseGetFeatureInfo(kvp, layers, mode, out error);
        else
            error = OwsError.Invalid("request", operation, "GetCapabilities, GetTile and GetFeatureInfo are supported");
        return error is null ? request is not null : false;
    }

    private static GetCapabilities? ParseGetCapabilities(KvpParameters kvp, LayerCatalogue layers, out OwsError? error)
    {
        error = null;
        if (kvp.TryGet("ACCEPTVERSIONS", out var versions) && !Listed(versions).Contains("1.0.0"))
        {
            error = new OwsError("VersionNegotiationFailed", null, $"AcceptVersions is \"{OwsError.Shorten(versions)}\": this service speaks version 1.0.0.");
            return null;
        }

        var sections = WmtsSections.All;
        if (kvp.TryGet("SECTIONS", out var named))
        {
            sections = WmtsSections.None;
            foreach (var name in Listed(named))
            {
                // Numbers would parse as flags, and "None" is no section.
                if (!char.IsAsciiLetter(name[0]) || !Enum.TryParse<WmtsSections>(name, ignoreCase: true, out var section) || section == WmtsSections.None)
                {
                    error = OwsError.Invalid(
                        "Sections", name, "ServiceIdentification, ServiceProvider, OperationsMetadata, Contents, Themes and All are sections");
                    return null;
                }

                sections |= section;
            }
        }

        var unchanged = false;
        if (kvp.TryGet("UPDATESEQUENCE", out var sequence))
        {
            if (!long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var known) || known > layers.UpdateSequence)
            {
                error = new OwsError(
                    "InvalidUpdateSequence", null,
                    string.Create(CultureInfo.InvariantCulture, $"UpdateSequence is \"{OwsError.Shorten(sequence)}\": the current one is {layers.UpdateSequence}."));
                return null;
            }

            unchanged = known == layers.UpdateSequence;
        }

        var type = kvp.TryGet("ACCEPTFORMATS", out var formats) ? Listed(formats).FirstOrDefault(s_capabilitiesTypes.Contains) : null;
        return new GetCapabilities(sections, unchanged, type ?? s_capabilitiesTypes[0], kvp.TryGet("INSPIRE", out var inspire) && inspire is "1" or "true" or "TRUE");
    }

    private static GetTile? ParseGetTile(KvpParameters kvp, LayerCatalogue layers, WmtsErrorMode mode, out OwsError? error) =>
        TryParseTile(kvp, layers, mode, isInfo: false, out var tile, out var style, out error)
            ? new GetTile(tile, style, kvp.TryGet("FILENAME", out var file) ? file : null)
            : null;

    private static GetFeatureInfo? ParseGetFeatureInfo(KvpParameters kvp, LayerCatalogue layers, WmtsErrorMode mode, out OwsError? error)
    {
        if (!TryParseTile(kvp, layers, mode, isInfo: true, out var tile, out var style, out error))
            return null;
        if (!tile.Layer.IsQueryable)
        {
            error = new OwsError("OperationNotSupported", "GetFeatureInfo", $"Layer {tile.Layer.Name} cannot be queried.", 501);
            return null;
        }

        if (!TryParsePixel(kvp, "I", tile.Level.Matrix.TileWidth, mode, out var i, out error)
            || !TryParsePixel(kvp, "J", tile.Level.Matrix.TileHeight, mode, out var j, out error))
        {
            return null;
        }

        if (!kvp.TryGet("INFOFORMAT", out var format) && (mode == WmtsErrorMode.Strict || !kvp.TryGet("INFO_FORMAT", out format)))
        {
            error = OwsError.Missing("InfoFormat");
            return null;
        }

        if (FeatureInfo.MimeTypes.Contains(format))
            return new GetFeatureInfo(tile, style, i, j, format);
        error = OwsError.Invalid("InfoFormat", format, $"layer {tile.Layer.Name} answers in {string.Join(", ", FeatureInfo.MimeTypes)}");
        return null;
    }

    private static bool TryParsePixel(KvpParameters kvp, string name, int size, WmtsErrorMode mode, out int pixel, out OwsError? error)
    {
        pixel = 0;
        error = null;
        if (!kvp.TryGet(name, out var text))
            error = OwsError.Missing(name);
        else if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out pixel))
            error = OwsError.Invalid(name, text, $"whole numbers from 0 to {size - 1} are allowed");
        else if (pixel < 0 || pixel >= size)
            error = OwsError.Invalid(name, text, $"pixels of a tile go from 0 to {size - 1}") with { Code = mode == WmtsErrorMode.Strict ? "InvalidParameterValue" : "PointIJOutOfRange" };
        return error is null;
    }

    private static bool TryParseTile(
        KvpParameters kvp, LayerCatalogue layers, WmtsErrorMode mode, bool isInfo, out TileAddress tile, [NotNullWhen(true)] out LayerStyle? style, [NotNullWhen(false)] out OwsError? error)
    {
        tile = default;
        style = null;
        error = null;
        if (kvp.TryGet("VERSION", out var version))
        {
            if (version != "1.0.0")
                error = OwsError.Invalid("version", version, "this service speaks version 1.0.0");
        }
        else if (mode == WmtsErrorMode.Strict)
        {
            error = OwsError.Missing("version");
        }

        if (error is not null)
            return false;
        if (!kvp.TryGet("LAYER", out var name))
            error = OwsError.Missing("layer");
        else if (!layers.TryFind(name, out var layer))
            error = OwsError.Invalid("layer", name, "capabilities list the layers");
        else if ((style = ParseStyle(kvp, layer, mode, out error)) is not null
            && CheckFormat(kvp, layer, style, mode, isInfo, out error)
            && ParseLevel(kvp, layer, mode, isInfo, out error) is { } level
            && TryParseIndex(kvp, "TileRow", layer, level, mode, isInfo, out var row, out error)
            && TryParseIndex(kvp, "TileCol", layer, level, mode, isInfo, out var col, out error))
        {
            tile = new TileAddress(layer, level, col, row);
            return true;
        }

        error ??= OwsError.NoData;
        return false;
    }

    private static LayerStyle? ParseStyle(KvpParameters kvp, ServedLayer layer, WmtsErrorMode mode, out OwsError? error)
    {
        error = null;
        var name = kvp["STYLE"];
        if (string.IsNullOrWhiteSpace(name))
        {
            if (name is not null && mode == WmtsErrorMode.Compatible)
                return layer.DefaultStyle;
            error = OwsError.Missing("Style");
            return null;
        }

        if (layer.FindStyle(name) is { } style)
            return style;
        error = OwsError.Invalid("Style", name, $"layer {layer.Name} has {string.Join(", ", layer.Styles.Select(known => known.Id))}");
        return null;
    }

    private static bool CheckFormat(KvpParameters kvp, ServedLayer layer, LayerStyle style, WmtsErrorMode mode, bool isInfo, out OwsError? error)
    {
        error = null;
        // Values are those before the style, so that any format of the layer may be told with a pixel.
        if (!kvp.TryGet("FORMAT", out var format))
            error = OwsError.Missing("format");
        else if (!Is(layer.MimeTypeOf(style)) && !(isInfo && layer.Formats.Any(known => Is(known.MimeType))))
            error = OwsError.Invalid("format", format, $"layer {layer.Name} is served as {layer.MimeTypeOf(style)} in style {style.Id}");
        return error is null;

        bool Is(string mimeType) => format == mimeType
            || (mode == WmtsErrorMode.Compatible && format.Replace(" ", "", StringComparison.Ordinal).Equals(mimeType, StringComparison.OrdinalIgnoreCase));
    }

    private static ServedLevel? ParseLevel(KvpParameters kvp, ServedLayer layer, WmtsErrorMode mode, bool isInfo, out OwsError? error)
    {
        error = null;
        if (!kvp.TryGet("TILEMATRIXSET", out var set))
        {
            error = OwsError.Missing("TileMatrixSet");
            return null;
        }

        // Clients keep the restricted name that they once read, while the layer may have gained or lost levels since.
        var extra = layer.FindExtraSet(set);
        if (extra is null && !layer.AnswersToSet(set)
            && (mode == WmtsErrorMode.Strict || !RestrictedTileMatrixSet.TryParse(set, id => id == layer.Set.Id ? layer.Set : null, out _)))
        {
            error = OwsError.Invalid("TileMatrixSet", set, $"layer {layer.Name} is served in {string.Join(", ", layer.ExtraSets.Select(one => one.Set.Id).Prepend($"{layer.RestrictedSetName} and {layer.Set.Id}"))}");
            return null;
        }

        if (!kvp.TryGet("TILEMATRIX", out var id))
        {
            error = OwsError.Missing("TileMatrix");
            return null;
        }

        if ((extra is null ? layer.FindLevel(id) : extra.FindLevel(id)) is { } level)
            return level;
        error = mode == WmtsErrorMode.Compatible && !isInfo && (extra?.Set ?? layer.Set).Find(id) is not null
            ? OwsError.NoData
            : OwsError.Invalid("TileMatrix", id, $"layer {layer.Name} has levels {(extra?.Levels ?? layer.Levels)[0].Id} to {(extra?.Levels ?? layer.Levels)[^1].Id}");
        return null;
    }

    private static bool TryParseIndex(
        KvpParameters kvp, string parameter, ServedLayer layer, ServedLevel level, WmtsErrorMode mode, bool isInfo, out long index, out OwsError? error)
    {
        index = 0;
        error = null;
        var isRow = parameter == "TileRow";
        var (least, most) = isRow ? (level.Limits.MinRow, level.Limits.MaxRow) : (level.Limits.MinCol, level.Limits.MaxCol);
        if (!kvp.TryGet(parameter, out var text))
        {
            error = OwsError.Missing(parameter);
        }
        else if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
        {
            error = OwsError.Invalid(parameter, text, $"whole numbers from {least} to {most} are allowed");
        }
        else if (index < least || index > most)
        {
            error = OwsError.Invalid(parameter, text, $"level {level.Id} of layer {layer.Name} has tiles from {least} to {most}");
            if (!isInfo)
                error = mode == WmtsErrorMode.Strict ? error with { Code = "TileOutOfRange" } : error with { Code = OwsError.NotFoundCode, Locator = null, HttpStatus = 404 };
        }

        return error is null;
    }

    private static string[] Listed(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
