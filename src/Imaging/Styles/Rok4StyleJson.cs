using System.Text.Json;

namespace Grid.Imaging.Styles;

/// <summary>
/// Reads style files of ROK4 (rok4/styles, rok4/core-cpp <c>Style</c>). Keys that they do not have are ignored. One key has a wider form than
/// ROK4's: <c>estompage.azimuth</c> may be an array of 2 to 16 angles, for as many lights.
/// </summary>
public static class Rok4StyleJson
{
    /// <summary>Bytes of a file at most.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxColours = 10_000;
    private const double Nodata = -99999;

    /// <summary>Reads a style.</summary>
    /// <param name="utf8">The file's bytes, with or without a byte order mark.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InvalidStyleException">The file breaks the form.</exception>
    public static Rok4Style Read(ReadOnlyMemory<byte> utf8, string file)
    {
        if (utf8.Length > MaxBytes)
            throw new InvalidStyleException($"{file}: the file has {utf8.Length} bytes: {MaxBytes} are allowed.");
        if (utf8.Span.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(new StyleMembers(document.RootElement, file, ""))
                : throw new InvalidStyleException($"{file}: a style is a JSON object.");
        }
        catch (JsonException wrong)
        {
            throw new InvalidStyleException($"{file}: not JSON: {wrong.Message}", wrong);
        }
    }

    private static Rok4Style Read(StyleMembers style)
    {
        var identifier = style.Text("identifier", 255) is { Length: > 0 } named ? named : throw style.Missing("identifier");
        if (!identifier.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':'))
            throw style.Fault("identifier", style.Element.GetProperty("identifier"), "letters, digits, \"_\", \"-\", \".\" and \":\" are allowed");
        var title = style.Text("title", 1000) ?? throw style.Missing("title");
        var ways = ((string[])["estompage", "pente", "exposition", "terrainrgb", "colorize"]).Where(style.Has).ToList();
        if (ways.Count > 1)
            throw new InvalidStyleException($"{style.File}: {string.Join(" and ", ways)} exclude each other: a style has one of them.");
        if (ways is ["terrainrgb" or "colorize"] && style.Has("palette"))
            throw new InvalidStyleException($"{style.File}: {ways[0]} and palette exclude each other.");
        return new Rok4Style
        {
            Identifier = identifier,
            Title = title.Length > 0 ? title : identifier,
            Abstract = style.Text("abstract", 20_000) ?? "",
            Keywords = ReadKeywords(style),
            Legend = style.Object("legend") is { } legend ? ReadLegend(legend) : null,
            Measure = style.Object("estompage") is { } estompage ? ReadHillshade(estompage)
                : style.Object("pente") is { } pente ? ReadSlope(pente)
                : style.Object("exposition") is { } exposition ? ReadAspect(exposition)
                : null,
            Palette = style.Object("palette") is { } palette ? ReadPalette(palette) : null,
            Recoding = style.Object("terrainrgb") is { } terrain ? ReadTerrainRgb(terrain)
                : style.Object("colorize") is { } colorize ? ReadColorize(colorize)
                : null,
        };
    }

    private static IReadOnlyList<string> ReadKeywords(StyleMembers style) => style.Array("keywords", 0, 1000) is not { } words ? []
        : [.. words.Select((word, i) => word.ValueKind == JsonValueKind.String ? word.GetString()! : throw style.Fault($"keywords[{i}]", word, "a text is expected"))];

    private static StyleLegend ReadLegend(StyleMembers legend)
    {
        var url = legend.Text("url", 2000) ?? throw legend.Missing("url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw legend.Fault("url", legend.Element.GetProperty("url"), "http and https addresses are allowed");
        return new StyleLegend(
            url, legend.Text("format", 255) ?? throw legend.Missing("format"), legend.Whole("width", 0, 100_000) ?? throw legend.Missing("width"),
            legend.Whole("height", 0, 100_000) ?? throw legend.Missing("height"), legend.Number("min_scale_denominator", 0, 1e15),
            legend.Number("max_scale_denominator", 0, 1e15));
    }

    private static Hillshade ReadHillshade(StyleMembers estompage)
    {
        CheckNodata(estompage, "estompage_nodata");
        estompage.Text("interpolation", 64);
        var azimuths = estompage.Has("azimuth") && estompage.Element.GetProperty("azimuth").ValueKind == JsonValueKind.Array
            ? [.. estompage.Array("azimuth", 2, 16)!.Select((azimuth, i) => estompage.Number(azimuth, $"azimuth[{i}]", -360, 720))]
            : (double[])[estompage.Number("azimuth", -360, 720) ?? 315];
        return new Hillshade(azimuths, estompage.Number("zenith", 0, 90) ?? 45, estompage.Number("z_factor", -1e6, 1e6) ?? 1);
    }

    private static Slope ReadSlope(StyleMembers pente)
    {
        CheckNodata(pente, "slope_nodata");
        pente.Text("interpolation", 64);
        return new Slope(
            ReadGradient(pente), pente.Word("unit", "degree", "degree", "pourcent") == "pourcent", pente.Number("slope_max", 0, 1e6) ?? 90);
    }

    private static Aspect ReadAspect(StyleMembers exposition)
    {
        CheckNodata(exposition, "aspect_nodata");
        return new Aspect(
            ReadGradient(exposition), exposition.Number("min_slope", 0, 90) ?? 1, exposition.Number("aspect_nodata", -1e9, 1e9) ?? -1);
    }

    private static TerrainGradient ReadGradient(StyleMembers measure) =>
        measure.Word("algo", "H", "H", "Z") == "Z" ? TerrainGradient.ZevenbergenThorne : TerrainGradient.Horn;

    // Pixels without data come masked, and are not shown: the two values are ROK4's way to say the same.
    private static void CheckNodata(StyleMembers measure, string output)
    {
        _ = measure.Number("image_nodata", float.MinValue, float.MaxValue) ?? Nodata;
        _ = measure.Number(output, -1e9, 1e9);
    }

    private static Palette ReadPalette(StyleMembers palette)
    {
        var withoutAlpha = palette.Flag("no_alpha", false);
        var items = palette.Array("colours", 1, MaxColours) ?? throw palette.Missing("colours");
        var colours = items.Select((item, i) =>
        {
            var colour = item.ValueKind == JsonValueKind.Object
                ? new StyleMembers(item, palette.File, $"palette.colours[{i}]")
                : throw palette.Fault($"colours[{i}]", item, "an object {value, red, green, blue, alpha} is expected");
            return new PaletteColour(
                colour.Number("value", float.MinValue, float.MaxValue) ?? throw colour.Missing("value"),
                Sample("red"), Sample("green"), Sample("blue"), withoutAlpha && !colour.Has("alpha") ? (byte)255 : Sample("alpha"));

            byte Sample(string name) => (byte)(colour.Whole(name, 0, 255) ?? throw colour.Missing(name));
        });
        return new Palette(colours, palette.Flag("rgb_continuous", false), palette.Flag("alpha_continuous", false), withoutAlpha);
    }

    private static TerrainRgbStyle ReadTerrainRgb(StyleMembers terrain) =>
        new(terrain.Number("min_elevation", -1e6, 1e6) ?? -10_000, terrain.Number("step", 1e-6, 1e4) ?? 0.1);

    private static ColorizeStyle ReadColorize(StyleMembers colorize)
    {
        return new ColorizeStyle(
            Colour("source") ?? [255, 255, 255], Colour("destination") ?? [255, 255, 255, 0], colorize.Whole("tolerance", 0, 255) ?? 0);

        byte[]? Colour(string name) =>
            colorize.Array(name, 3, 4)?.Select((sample, i) => (byte)colorize.Whole(sample, $"{name}[{i}]", 0, 255)).ToArray();
    }
}
