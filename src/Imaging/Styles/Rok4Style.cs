namespace Grid.Imaging.Styles;

/// <summary>
/// A style as ROK4's JSON files have it (rok4/styles): what it is called, and at most one way to make pixels of values, after which a palette may colour
/// them. Without any the values are shown as they are. Immutable; <see cref="Rok4StyleJson"/> reads it.
/// </summary>
public sealed record Rok4Style
{
    /// <summary>The name that requests use.</summary>
    public required string Identifier { get; init; }

    public required string Title { get; init; }

    public string Abstract { get; init; } = "";

    public IReadOnlyList<string> Keywords { get; init; } = [];

    public StyleLegend? Legend { get; init; }

    /// <summary><c>estompage</c>, <c>pente</c> or <c>exposition</c>.</summary>
    internal TerrainMeasure? Measure { get; init; }

    public Palette? Palette { get; init; }

    /// <summary><c>terrainrgb</c> or <c>colorize</c>.</summary>
    internal IRasterStyle? Recoding { get; init; }

    /// <summary>True when the values are shown as they are.</summary>
    public bool IsIdentity => Measure is null && Palette is null && Recoding is null;

    /// <summary>What makes the pixels; null for an identity.</summary>
    public IRasterStyle? ToRasterStyle() => this switch
    {
        { Recoding: { } recoding } => recoding,
        { Measure: { } measure } => new TerrainStyle(measure, Palette),
        { Palette: { } palette } => new PaletteStyle(palette),
        _ => null,
    };

    /// <summary>Width and height of <see cref="DrawLegend"/>'s picture; null where there is none.</summary>
    public (int Width, int Height)? LegendSize => Palette is null ? null : PaletteLegend.SizeOf(Palette, Measure?.Unit ?? "");

    /// <summary>The palette as a picture, PNG; null for a style without one.</summary>
    public byte[]? DrawLegend() => Palette is null ? null : PaletteLegend.Draw(Palette, Measure?.Unit ?? "");

    /// <summary>Why the style cannot show pixels of a format, or null when it can.</summary>
    public string? WhyNot(PixelFormat format) => ToRasterStyle() is { } style && style.OutputOf(format) is null
        ? Recoding is ColorizeStyle
            ? $"Style {Identifier} replaces colours: it takes 3 or 4 channels of UInt8, not {format.Channels} of {format.Sample}."
            : $"Style {Identifier} shows values: it takes 1 channel, not {format.Channels}."
        : null;
}

/// <summary>A picture that explains a style. Sizes are in pixels; scale denominators say where the style makes sense, null for no bound.</summary>
public sealed record StyleLegend(string Url, string Format, int Width, int Height, double? MinScaleDenominator, double? MaxScaleDenominator);
