using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Ogc.OgcApi;

/// <summary>A request that an OGC API refuses (19-072 § 8.5): status, and a sentence.</summary>
public sealed record OgcApiError(int HttpStatus, string Code, string Description)
{
    internal static OgcApiError Invalid(string parameter, string value, string allowed) =>
        new(400, "InvalidParameterValue", $"Parameter {parameter} is \"{OwsError.Shorten(value)}\": {allowed}.");
}

/// <summary>Reads the parameters of a map (20-058): box, CRS, size, background and format. The layers are the path's.</summary>
public static class MapQuery
{
    /// <summary>Pixels of the longer side of a map whose request says no size.</summary>
    public const int DefaultSide = 1024;

    /// <summary>The map without its layers, or why there is none.</summary>
    /// <param name="accept">The MIME type that was negotiated when <c>f</c> is absent; null takes the default.</param>
    public static bool TryParse(
        KvpParameters kvp, ServedLayer layer, IMapCrsRegister register, WmsLimits limits, string? accept, Func<GeographicBounds, MapCrs, Extent?> boxOf,
        [NotNullWhen(true)] out GetMap? map, [NotNullWhen(false)] out OgcApiError? error)
    {
        map = null;
        error = null;
        if (!TryParseCrs(kvp, "crs", register, layer.Set.Crs, out var crs, out error) || !TryParseBox(kvp, layer, register, crs, boxOf, out var extent, out error))
            return false;
        if (!TryParseSide(kvp, "width", limits.MaxWidth, out var width, out error) || !TryParseSide(kvp, "height", limits.MaxHeight, out var height, out error))
            return false;
        var ratio = extent.Width / extent.Height;
        (width, height) = (width, height) switch
        {
            (null, null) when ratio >= 1 => (DefaultSide, (int?)Math.Max(1, (int)Math.Round(DefaultSide / ratio))),
            (null, null) => (Math.Max(1, (int)Math.Round(DefaultSide * ratio)), DefaultSide),
            (null, { } rows) => (Math.Clamp((int)Math.Round(rows * ratio), 1, limits.MaxWidth), rows),
            ({ } cols, null) => (cols, Math.Clamp((int)Math.Round(cols / ratio), 1, limits.MaxHeight)),
            _ => (width, height),
        };
        var type = accept ?? OgcApiDocuments.MapFormats[0].MimeType;
        if (kvp.TryGet("f", out var name))
        {
            type = OgcApiDocuments.MapFormats.FirstOrDefault(format => format.Name == name || format.MimeType == name || (name == "jpg" && format.Name == "jpeg")).MimeType;
            if (type is null)
            {
                error = OgcApiError.Invalid("f", name, $"maps are drawn as {string.Join(", ", OgcApiDocuments.MapFormats.Select(format => format.Name))}");
                return false;
            }
        }

        if (!TryParseBackground(kvp, out var transparent, out var background, out error) || !TryParsePixel(kvp, out var pixelMetres, out error))
            return false;
        map = new GetMap
        {
            Layers = [], Crs = crs, Extent = extent, Width = width!.Value, Height = height!.Value, MimeType = type,
            IsTransparent = transparent, Background = background, PixelMetres = pixelMetres, FileName = kvp.TryGet("filename", out var file) ? file : null,
        };
        return true;
    }

    /// <summary>A rectangle of degrees from a <c>bbox</c> in CRS84, or null when there is none; west may exceed east across the antimeridian.</summary>
    public static bool TryParseBounds(KvpParameters kvp, out GeographicBounds? bounds, [NotNullWhen(false)] out OgcApiError? error)
    {
        bounds = null;
        error = null;
        if (!kvp.TryGet("bbox", out var text))
            return true;
        if (!TryParseNumbers(text, out var n))
        {
            error = OgcApiError.Invalid("bbox", text, "west,south,east,north in degrees are wanted");
            return false;
        }

        bounds = new GeographicBounds(n[0], n[1], n[2], n[3]);
        return true;
    }

    private static bool TryParseBox(
        KvpParameters kvp, ServedLayer layer, IMapCrsRegister register, MapCrs crs, Func<GeographicBounds, MapCrs, Extent?> boxOf, out Extent extent,
        [NotNullWhen(false)] out OgcApiError? error)
    {
        extent = default;
        if (!TryParseCrs(kvp, "bbox-crs", register, "CRS:84", out var boxCrs, out error))
            return false;
        var hasBox = kvp.TryGet("bbox", out var text);
        if (!hasBox)
        {
            if (boxOf(layer.Bounds, crs) is { IsEmpty: false } whole)
            {
                extent = whole;
                return true;
            }

            error = OgcApiError.Invalid("crs", crs.Crs.Name, $"layer {layer.Name} lies outside its area of use");
            return false;
        }

        if (TryParseNumbers(text!, out var n))
            extent = boxCrs.ExtentOf(n[0], n[1], n[2], n[3]);
        if (extent.IsEmpty)
        {
            error = OgcApiError.Invalid("bbox", text!, $"four numbers are wanted in the axis order of {boxCrs.Crs.Name}, each least one under its largest");
            return false;
        }

        if (boxCrs.GdalName == crs.GdalName)
            return true;
        if (!(boxCrs.Crs.Equals(Crs.Parse("CRS:84"))))
        {
            error = OgcApiError.Invalid("bbox-crs", boxCrs.Crs.Name, $"it is CRS84 or the map's own, here {crs.Crs.Uri}");
            return false;
        }

        if (boxOf(new GeographicBounds(extent.MinX, extent.MinY, extent.MaxX, extent.MaxY), crs) is { IsEmpty: false } box)
        {
            extent = box;
            return true;
        }

        error = OgcApiError.Invalid("bbox", text!, $"it lies outside the area of use of {crs.Crs.Name}");
        return false;
    }

    private static bool TryParseNumbers(string text, out double[] numbers)
    {
        var parts = text.Split(',');
        numbers = new double[4];
        var valid = parts.Length == 4;
        for (var i = 0; i < 4 && valid; i++)
            valid = double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) && double.IsFinite(numbers[i]);
        return valid;
    }

    private static bool TryParseCrs(
        KvpParameters kvp, string parameter, IMapCrsRegister register, string absent, [NotNullWhen(true)] out MapCrs? crs, [NotNullWhen(false)] out OgcApiError? error)
    {
        var given = kvp.TryGet(parameter, out var text);
        crs = register.Find(given ? text!.Trim('[', ']') : absent);
        error = crs is null ? OgcApiError.Invalid(parameter, text ?? absent, "it is no CRS that maps are drawn in") : null;
        return crs is not null;
    }

    private static bool TryParseSide(KvpParameters kvp, string parameter, int most, out int? side, [NotNullWhen(false)] out OgcApiError? error)
    {
        side = null;
        error = null;
        if (!kvp.TryGet(parameter, out var text))
            return true;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pixels) && pixels >= 1 && pixels <= most)
            side = pixels;
        else
            error = OgcApiError.Invalid(parameter, text, $"1 to {most} pixels are allowed");
        return error is null;
    }

    private static bool TryParseBackground(KvpParameters kvp, out bool transparent, out int? background, [NotNullWhen(false)] out OgcApiError? error)
    {
        (background, error) = (null, null);
        var hasColour = kvp.TryGet("bgcolor", out var colour);

        // 20-058 § 10.2: a map without a colour behind it is transparent.
        transparent = !hasColour;
        if (kvp.TryGet("transparent", out var text) && !bool.TryParse(text, out transparent))
        {
            error = OgcApiError.Invalid("transparent", text, "true or false");
            return false;
        }

        if (!hasColour)
            return true;
        var digits = colour!.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? colour[2..] : colour.TrimStart('#');
        if (digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            background = value;
        else
            error = OgcApiError.Invalid("bgcolor", colour, "colours look like 0xRRGGBB");
        return error is null;
    }

    private static bool TryParsePixel(KvpParameters kvp, out double pixelMetres, [NotNullWhen(false)] out OgcApiError? error)
    {
        pixelMetres = 0.00028;
        error = null;
        if (!kvp.TryGet("mm-per-pixel", out var text))
            return true;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var millimetres) && millimetres is > 0 and <= 1000)
            pixelMetres = millimetres / 1000;
        else
            error = OgcApiError.Invalid("mm-per-pixel", text, "a number over 0 and up to 1000");
        return error is null;
    }
}
