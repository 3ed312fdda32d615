using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Ogc.Wms;

/// <summary>Reads WMS 1.3.0 requests in key-value pairs (06-042 § 6 and 7). Unknown parameters are ignored.</summary>
public static class WmsKvp
{
    /// <summary>The formats of maps, PNG first, as the default of clients that take the first.</summary>
    public static IReadOnlyList<string> MapTypes { get; } =
        ["image/png", "image/jpeg", "image/webp", "image/tiff", "image/geotiff", "image/x-bil;bits=32", "text/asc"];

    private static readonly string[] s_compressions = ["raw", "lzw", "deflate", "packbits"];

    /// <summary>The request, or why there is none.</summary>
    public static bool TryParse(
        KvpParameters kvp, LayerCatalogue layers, IMapCrsRegister crs, WmsLimits limits,
        [NotNullWhen(true)] out WmsRequest? request, [NotNullWhen(false)] out WmsError? error)
    {
        request = null;
        error = null;
        if (!kvp.TryGet("REQUEST", out var name))
            error = WmsError.Missing("request");
        else if (kvp.TryGet("SERVICE", out var service) && !service.Equals("WMS", StringComparison.OrdinalIgnoreCase))
            error = WmsError.Invalid("service", service, "this service is WMS");
        else if (Is(name, "GetCapabilities") || Is(name, "capabilities"))
            request = ParseCapabilities(kvp, layers, limits, out error);
        else if (Is(name, "GetMap") || Is(name, "map"))
            request = ParseMap(kvp, layers, crs, limits, isInfo: false, out error);
        else if (Is(name, "GetFeatureInfo") || Is(name, "feature_info"))
            request = ParseInfo(kvp, layers, crs, limits, out error);
        else if (Is(name, "GetLegendGraphic"))
            request = ParseLegend(kvp, layers, out error);
        else
            error = WmsError.Invalid("request", name, "GetCapabilities, GetMap, GetFeatureInfo and GetLegendGraphic are answered", "OperationNotSupported");
        if (request is null)
            error ??= WmsError.Missing("request");
        return request is not null;
    }

    /// <summary>
    /// What is to be sent in place of a refused map (06-042 § 7.3.3.11, <c>EXCEPTIONS=BLANK</c> or <c>INIMAGE</c>): a picture of the size, format and
    /// background of the request; null when the request wants no such picture or does not say what it is like.
    /// </summary>
    /// <param name="showsError">Whether the picture is to say what is wrong.</param>
    public static GetMap? PictureOfError(KvpParameters kvp, WmsLimits limits, out bool showsError)
    {
        var exceptions = kvp.TryGet("EXCEPTIONS", out var wanted) ? wanted : "";
        showsError = Is(exceptions, "INIMAGE") || Is(exceptions, "application/vnd.ogc.se_inimage");
        if (!(showsError || Is(exceptions, "BLANK") || Is(exceptions, "application/vnd.ogc.se_blank"))
            || !kvp.TryGet("REQUEST", out var request) || !(Is(request, "GetMap") || Is(request, "map"))
            || !TryParseSide(kvp, "WIDTH", limits.MaxWidth, out var width, out _) || !TryParseSide(kvp, "HEIGHT", limits.MaxHeight, out var height, out _)
            || ParseFormat(kvp, out _) is not { } format || !TryParseBackground(kvp, out var transparent, out var background, out _))
        {
            return null;
        }

        return new GetMap
        {
            Layers = [], Crs = new MapCrs(Crs.Parse("CRS:84"), "OGC:CRS84", false, Crs.MetersPerDegree), Extent = new Extent(0, 0, 1, 1),
            Width = width, Height = height, MimeType = format, IsTransparent = transparent, Background = background,
        };
    }

    private static GetWmsCapabilities? ParseCapabilities(KvpParameters kvp, LayerCatalogue layers, WmsLimits limits, out WmsError? error)
    {
        error = null;
        if (limits.IsStrict && !kvp.TryGet("SERVICE", out _))
            error = WmsError.Missing("service");

        // 06-042 § 7.2.3.5: equal is an error, newer is one, older is answered. Whatever the version asked for, the answer is 1.3.0 (§ 6.2.4).
        if (kvp.TryGet("UPDATESEQUENCE", out var sequence) && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var known))
        {
            if (known == layers.UpdateSequence)
                error = WmsError.Invalid("updatesequence", sequence, "that is the current one", "CurrentUpdateSequence");
            else if (known > layers.UpdateSequence)
                error = WmsError.Invalid("updatesequence", sequence, $"the current one is {layers.UpdateSequence}", "InvalidUpdateSequence");
        }

        return error is null ? new GetWmsCapabilities(kvp.TryGet("INSPIRE", out var inspire) && inspire is "1" or "true" or "TRUE") : null;
    }

    private static GetMap? ParseMap(KvpParameters kvp, LayerCatalogue layers, IMapCrsRegister register, WmsLimits limits, bool isInfo, out WmsError? error)
    {
        if (!CheckVersion(kvp, limits, isInfo, out error)
            || ParseLayers(kvp, layers, limits, out error) is not { } drawn
            || !TryParseCrs(kvp, register, out var crs, out error)
            || !TryParseBox(kvp, crs, out var extent, out error)
            || !TryParseSide(kvp, "WIDTH", limits.MaxWidth, out var width, out error)
            || !TryParseSide(kvp, "HEIGHT", limits.MaxHeight, out var height, out error))
        {
            return null;
        }

        // What a query does not need is not looked at: clients leave it out, or leave the map's own there.
        var format = isInfo ? MapTypes[0] : ParseFormat(kvp, out error);
        var (transparent, background) = (false, (int?)null);
        var pixelMetres = 0.00028;
        if (format is null || (!isInfo && !(TryParseBackground(kvp, out transparent, out background, out error) && TryParseDpi(kvp, ref pixelMetres, out error))))
            return null;
        var (quality, compression) = ((int?)null, "raw");
        if (!isInfo && !TryParseOptions(kvp, ref quality, ref compression, out error))
            return null;
        return new GetMap
        {
            Layers = drawn, Crs = crs, Extent = extent, Width = width, Height = height, MimeType = format, IsTransparent = transparent,
            Background = background, Quality = quality, Compression = compression, PixelMetres = pixelMetres,
            FileName = kvp.TryGet("FILENAME", out var file) ? file : null,
        };
    }

    private static GetMapInfo? ParseInfo(KvpParameters kvp, LayerCatalogue layers, IMapCrsRegister register, WmsLimits limits, out WmsError? error)
    {
        if (ParseMap(kvp, layers, register, limits, isInfo: true, out error) is not { } map)
            return null;
        if (!kvp.TryGet("QUERY_LAYERS", out var names))
        {
            error = WmsError.Missing("query_layers");
            return null;
        }

        var asked = names.Split(',');
        if (asked.Length > limits.MaxLayers)
        {
            error = WmsError.Invalid("query_layers", names, $"{asked.Length} layers, {limits.MaxLayers} at most are asked at once");
            return null;
        }

        var queried = new List<ServedLayer>();
        foreach (var name in asked)
        {
            var named = layers.FindAll(name).Where(layer => map.Layers.Any(drawn => drawn.Layer == layer)).ToList();
            if (named.Count == 0)
                error = WmsError.Invalid("query_layers", name, "it is none of the map's layers", "LayerNotDefined");
            else if (named.Any(layer => !layer.IsQueryable))
                error = WmsError.Invalid("query_layers", name, "its values may not be asked for", "LayerNotQueryable");
            else
                queried.AddRange(named);
            if (error is not null)
                return null;
        }

        if (!TryParsePoint(kvp, "I", map.Width, out var i, out error) || !TryParsePoint(kvp, "J", map.Height, out var j, out error))
            return null;
        if (!kvp.TryGet("INFO_FORMAT", out var format))
        {
            error = WmsError.Missing("info_format");
            return null;
        }

        if (FeatureInfo.MimeTypes.FirstOrDefault(known => Is(known, format)) is { } type)
            return new GetMapInfo(map, queried, i, j, type, kvp.TryGet("FEATURE_COUNT", out var text) && int.TryParse(text, out var count) && count > 0 ? count : 1);
        error = WmsError.Invalid("info_format", format, $"values are told as {string.Join(", ", FeatureInfo.MimeTypes)}", "InvalidFormat");
        return null;
    }

    private static bool CheckVersion(KvpParameters kvp, WmsLimits limits, bool isInfo, out WmsError? error)
    {
        const string Ended = "the service of version 1.1.1 ended in January 2024: ask for VERSION=1.3.0 with CRS in place of SRS, I and J in place of X and Y, and the BBOX in the axis order of the CRS";
        error = null;
        var version = kvp.TryGet("VERSION", out var given) || kvp.TryGet("WMTVER", out given) ? given : null;
        if (version is not null && version != "1.3.0")
            error = WmsError.Invalid("version", version, version.StartsWith("1.1.", StringComparison.Ordinal) ? Ended : "maps are drawn by version 1.3.0");
        else if (version is null && (limits.IsStrict || kvp["CRS"] is null))
            error = WmsError.Missing("version") with { Text = "Parameter version is missing: maps are drawn by version 1.3.0." };
        else if (kvp["CRS"] is null && kvp.TryGet("SRS", out var srs))
            error = WmsError.Invalid("srs", srs, Ended);
        else if (isInfo && kvp["I"] is null && kvp.TryGet("X", out var x))
            error = WmsError.Invalid("x", x, Ended);
        return error is null;
    }

    private static List<MapRequestLayer>? ParseLayers(KvpParameters kvp, LayerCatalogue layers, WmsLimits limits, out WmsError? error)
    {
        error = null;
        if (!kvp.TryGet("LAYERS", out var text))
        {
            error = WmsError.Missing("layers");
            return null;
        }

        var names = text.Split(',');
        var styles = kvp["STYLES"];
        if (styles is null && limits.IsStrict)
            error = WmsError.Missing("styles");
        else if (names.Length > limits.MaxLayers)
            error = WmsError.Invalid("layers", text, $"{names.Length} layers, {limits.MaxLayers} at most are drawn in one map");
        var wanted = string.IsNullOrWhiteSpace(styles) ? [] : styles.Split(',');
        if (error is null && wanted.Length > 0 && wanted.Length != names.Length)
            error = WmsError.Invalid("styles", styles!, $"{wanted.Length} styles for {names.Length} layers: one for each, or none at all", "StyleNotDefined");
        if (error is not null)
            return null;

        var drawn = new List<MapRequestLayer>();
        for (var i = 0; i < names.Length; i++)
        {
            var named = layers.FindAll(names[i]);
            if (named.Count == 0)
                error = WmsError.Invalid("layers", names[i], "capabilities list the layers", "LayerNotDefined");
            else if (drawn.Count + named.Count > limits.MaxLayers)
                error = WmsError.Invalid("layers", text, $"{drawn.Count + named.Count} layers, {limits.MaxLayers} at most are drawn in one map");
            if (error is not null)
                return null;
            foreach (var layer in named)
            {
                if (FindStyle(layer, wanted.Length > 0 ? wanted[i] : "", "styles", out error) is not { } style)
                    return null;
                drawn.Add(new MapRequestLayer(layer, style));
            }
        }

        return drawn;
    }

    private static LayerStyle? FindStyle(ServedLayer layer, string name, string parameter, out WmsError? error)
    {
        // The Géoplateforme's clients say "default" of every layer's default style.
        var isDefault = name is "" || Is(name, "default");
        var style = isDefault ? layer.DefaultStyle : layer.FindStyle(name);
        error = style is null
            ? WmsError.Invalid(parameter, name, $"layer {layer.Name} has {string.Join(", ", layer.Styles.Select(known => known.Id))}", "StyleNotDefined")
            : null;
        return style;
    }

    /// <summary>GetLegendGraphic (05-078r4 § 12), as far as a legend that is a finished picture lets it: sizes and scales are ignored.</summary>
    private static GetLegend? ParseLegend(KvpParameters kvp, LayerCatalogue layers, out WmsError? error)
    {
        error = null;
        if (!kvp.TryGet("LAYER", out var name) && !kvp.TryGet("LAYERS", out name))
            error = WmsError.Missing("layer");
        else if (!layers.TryFind(name, out var layer))
            error = WmsError.Invalid("layer", name, "capabilities list the layers", "LayerNotDefined");
        else if (kvp.TryGet("FORMAT", out var format) && !Is(format, "image/png"))
            error = WmsError.Invalid("format", format, "legends are drawn as image/png", "InvalidFormat");
        else if (FindStyle(layer, kvp["STYLE"]?.Trim() ?? "", "style", out error) is { } style)
            return new GetLegend(layer, style);
        return null;
    }

    private static bool TryParseCrs(KvpParameters kvp, IMapCrsRegister register, [NotNullWhen(true)] out MapCrs? crs, out WmsError? error)
    {
        crs = null;
        error = null;
        if (!kvp.TryGet("CRS", out var name))
            error = WmsError.Missing("crs");
        else if ((crs = register.Find(name)) is null)
            error = WmsError.Invalid("crs", name, "it is no CRS that maps are drawn in; names look like EPSG:2154, IGNF:LAMB93 or CRS:84", "InvalidCRS");
        return crs is not null;
    }

    private static bool TryParseBox(KvpParameters kvp, MapCrs crs, out Extent extent, out WmsError? error)
    {
        extent = default;
        error = null;
        if (!kvp.TryGet("BBOX", out var text))
        {
            error = WmsError.Missing("bbox");
            return false;
        }

        // The plus of an exponent comes as the space that it stands for in a query.
        var parts = text.Replace(' ', '+').Split(',');
        Span<double> numbers = stackalloc double[4];
        var valid = parts.Length == 4;
        for (var i = 0; i < 4 && valid; i++)
            valid = double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) && double.IsFinite(numbers[i]);
        if (valid)
            extent = crs.ExtentOf(numbers[0], numbers[1], numbers[2], numbers[3]);
        if (!valid || extent.IsEmpty)
        {
            var axes = crs.IsNorthingFirst ? "south,west,north,east" : "west,south,east,north";
            error = WmsError.Invalid("bbox", text, $"four numbers are wanted, {axes} in {crs.Crs.Name}, each least one under its largest");
        }

        return error is null;
    }

    private static bool TryParseSide(KvpParameters kvp, string parameter, int most, out int side, out WmsError? error)
    {
        side = 0;
        error = null;
        if (!kvp.TryGet(parameter, out var text))
            error = WmsError.Missing(parameter.ToLowerInvariant());
        else if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out side) || side < 1 || side > most)
            error = WmsError.Invalid(parameter.ToLowerInvariant(), text, $"1 to {most} pixels are allowed");
        return error is null;
    }

    private static bool TryParsePoint(KvpParameters kvp, string parameter, int size, out int place, out WmsError? error)
    {
        place = 0;
        error = null;
        if (!kvp.TryGet(parameter, out var text))
            error = WmsError.Missing(parameter.ToLowerInvariant());
        else if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out place) || place < 0 || place >= size)
            error = WmsError.Invalid(parameter.ToLowerInvariant(), text, $"pixels of the map go from 0 to {size - 1}", "InvalidPoint");
        return error is null;
    }

    private static string? ParseFormat(KvpParameters kvp, out WmsError? error)
    {
        error = null;
        if (!kvp.TryGet("FORMAT", out var text))
        {
            error = WmsError.Missing("format");
            return null;
        }

        var plain = text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        plain = plain == "image/jpg" ? "image/jpeg" : plain;
        if (MapTypes.Contains(plain))
            return plain;
        error = WmsError.Invalid("format", text, $"maps are drawn as {string.Join(", ", MapTypes)}", "InvalidFormat");
        return null;
    }

    private static bool TryParseBackground(KvpParameters kvp, out bool transparent, out int? background, out WmsError? error)
    {
        (transparent, background, error) = (false, null, null);
        if (kvp.TryGet("TRANSPARENT", out var text) && !bool.TryParse(text, out transparent))
        {
            error = WmsError.Invalid("transparent", text, "TRUE or FALSE");
            return false;
        }

        if (!kvp.TryGet("BGCOLOR", out var colour))
            return true;
        var digits = colour.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? colour[2..] : colour.TrimStart('#');
        if (digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            background = value;
        else
            error = WmsError.Invalid("bgcolor", colour, "colours look like 0xRRGGBB");
        return error is null;
    }

    private static bool TryParseDpi(KvpParameters kvp, ref double pixelMetres, out WmsError? error)
    {
        error = null;
        if (!kvp.TryGet("DPI", out var text) && !kvp.TryGet("MAP_RESOLUTION", out text))
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var dpi) || !(dpi >= 1 && dpi <= 10_000))
        {
            error = WmsError.Invalid("dpi", text, "1 to 10000 pixels an inch are allowed");
            return false;
        }

        pixelMetres = 0.0254 / dpi;
        return true;
    }

    /// <summary>Options of other servers' clients (<c>dpi:96</c>) are ignored; <c>compression</c> and <c>quality</c> must make sense.</summary>
    private static bool TryParseOptions(KvpParameters kvp, ref int? quality, ref string compression, out WmsError? error)
    {
        error = null;
        if (!kvp.TryGet("FORMAT_OPTIONS", out var text))
            return true;
        foreach (var option in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = option.Split(':', 2);
            var value = parts.Length == 2 ? parts[1].Trim() : "";
            if (Is(parts[0], "quality"))
            {
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 100)
                    error = WmsError.Invalid("format_options", option, "quality goes from 1 to 100");
                quality = number;
            }
            else if (Is(parts[0], "compression"))
            {
                compression = value.ToLowerInvariant() is "none" ? "raw" : value.ToLowerInvariant();
                if (!s_compressions.Contains(compression))
                    error = WmsError.Invalid("format_options", option, $"compression is one of {string.Join(", ", s_compressions)}");
            }
        }

        return error is null;
    }

    private static bool Is(string text, string other) => text.Equals(other, StringComparison.OrdinalIgnoreCase);
}
