using System.Collections.Frozen;
using Grid.Ogc.Ows;
using Grid.Tiling;

namespace Grid.Ogc;

/// <summary>
/// A layer as tile services show it. Immutable. A host derives from it to keep beside it what it needs to find the bytes; parsed requests give the
/// same object back.
/// </summary>
public class ServedLayer
{
    private readonly FrozenDictionary<string, ServedLevel> _levels;
    private readonly FrozenDictionary<string, ServedLevel>.AlternateLookup<ReadOnlySpan<char>> _levelsBySpan;

    /// <param name="name">The name that requests use. Letters, digits, dots, dashes, underscores and colons are the safe ones.</param>
    /// <param name="set">The set that all levels belong to.</param>
    /// <param name="levels">At least one, in any order; each must be a matrix of <paramref name="set"/>.</param>
    /// <param name="mimeType">MIME type of the stored tiles, for example <c>image/x-bil;bits=32</c>.</param>
    /// <param name="fileExtension">Extension in tile addresses, without a dot.</param>
    public ServedLayer(string name, TileMatrixSet set, IEnumerable<ServedLevel> levels, string mimeType, string fileExtension)
    {
        Name = name;
        HarmonisedName = InspireNames.Of(name, []);
        Set = set;
        MimeType = mimeType;
        FileExtension = fileExtension;
        Levels = [.. levels.OrderBy(level => set.PositionOf(level.Id))];
        if (Levels.Count == 0)
            throw new ArgumentException($"Layer {name} has no level: a served layer has at least one.", nameof(levels));
        foreach (var level in Levels)
        {
            if (set.PositionOf(level.Id) < 0)
                throw new ArgumentException($"Layer {name} has a level {level.Id}: tile matrix set {set.Id} has none of that name.", nameof(levels));
        }

        Restricted = RestrictedTileMatrixSet.Of(set, Levels[0].Id, Levels[^1].Id);
        RestrictedSetName = Restricted.Name;
        RestrictedSet = Restricted.ToTileMatrixSet();
        EscapedMimeType = Uri.EscapeDataString(mimeType);
        _levels = Levels.ToFrozenDictionary(level => level.Id, StringComparer.Ordinal);
        _levelsBySpan = _levels.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Name { get; }

    /// <summary>For people; the name when there is none.</summary>
    public string Title { get => field ?? Name; init; }

    public string Abstract { get; init; } = "";

    public IReadOnlyList<string> Keywords
    {
        get;
        init
        {
            field = value;
            HarmonisedName = InspireNames.Of(Name, value);
        }
    }

    = [];

    /// <summary>Where the layer has data, in degrees.</summary>
    public required GeographicBounds Bounds { get; init; }

    public TileMatrixSet Set { get; }

    /// <summary>Coarsest (top) first.</summary>
    public IReadOnlyList<ServedLevel> Levels { get; }

    /// <summary>The levels of the set that the layer uses.</summary>
    public RestrictedTileMatrixSet Restricted { get; }

    /// <summary>The set name that capabilities link to: <c>PM_0_19</c>.</summary>
    public string RestrictedSetName { get; }

    /// <summary>Other sets that tiles are drawn in when they are asked for, each with the levels and limits that the layer has there.</summary>
    public IReadOnlyList<ServedSet> ExtraSets { get; init; } = [];

    public string MimeType { get; }

    public string FileExtension { get; }

    /// <summary>Bands of a tile, 1 to 4.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>At least one; exactly one is the default, the first when none says so.</summary>
    public IReadOnlyList<LayerStyle> Styles { get; init => field = Checked(value); } = [LayerStyle.Normal];

    /// <summary>The style of requests that leave it empty.</summary>
    public LayerStyle DefaultStyle => field ??= Styles.FirstOrDefault(style => style.IsDefault) ?? Styles[0];

    /// <summary>The formats of tiles, each once, that of the default style first.</summary>
    public IReadOnlyList<(string MimeType, string FileExtension)> Formats =>
        [.. Styles.OrderByDescending(style => style == DefaultStyle).Select(style => (MimeTypeOf(style), FileExtensionOf(style))).Distinct()];

    /// <summary>The MIME type of tiles in a style of the layer.</summary>
    public string MimeTypeOf(LayerStyle style) => style.MimeType ?? MimeType;

    /// <summary>The extension of addresses of tiles in a style of the layer.</summary>
    public string FileExtensionOf(LayerStyle style) => style.FileExtension ?? FileExtension;

    /// <summary>Whether the values of a pixel may be asked for.</summary>
    public bool IsQueryable { get; init; }

    public LayerAttribution? Attribution { get; init; }

    public IReadOnlyList<MetadataUrl> Metadata { get; init; } = [];

    /// <summary>Whether a format, escaped or not, is that of a style's tiles.</summary>
    internal bool IsFormatOf(LayerStyle style, ReadOnlySpan<char> format) =>
        style.MimeType is { } other ? format.SequenceEqual(other) || format.SequenceEqual(style.EscapedMimeType)
        : format.SequenceEqual(MimeType) || format.SequenceEqual(EscapedMimeType);

    private string EscapedMimeType { get; }

    internal TileMatrixSet RestrictedSet { get; }

    /// <summary>The scales, for pixels of 0.28 mm, between which the layer is meant to be shown: by default those of its bottom and top levels.</summary>
    public (double Finest, double Coarsest) ScaleDenominators
    {
        get => field == default ? (Set.ScaleDenominatorOf(Levels[^1].Matrix), Set.ScaleDenominatorOf(Levels[0].Matrix)) : field;
        init;
    }

    /// <summary>The bottom level's tiles as a rectangle in the set's CRS.</summary>
    public Extent Extent
    {
        get
        {
            var (matrix, limits) = Levels[^1];
            return matrix.TileExtent(limits.MinCol, limits.MinRow, limits.MaxCol - limits.MinCol + 1, limits.MaxRow - limits.MinRow + 1);
        }
    }

    public ServedLevel? FindLevel(ReadOnlySpan<char> id) => _levelsBySpan.TryGetValue(id, out var level) ? level : null;

    /// <summary>One of <see cref="ExtraSets"/>, by its whole name or its restricted one; or null.</summary>
    public ServedSet? FindExtraSet(string name) => ExtraSets.FirstOrDefault(extra => extra.Set.Id == name || extra.Restricted.Name == name);

    /// <summary>The harmonised name of INSPIRE that the layer has, by its own name or by a keyword; or null.</summary>
    public string? HarmonisedName { get; private set; }

    /// <summary>The name that INSPIRE gives the default style: that of the layer's type, or the one of layers of no harmonised name.</summary>
    public string InspireStyle => HarmonisedName is { } name ? name + ".Default" : InspireDescription.Style;

    /// <summary>The style of an identifier, INSPIRE's names of the default one included; or null.</summary>
    public LayerStyle? FindStyle(ReadOnlySpan<char> id)
    {
        // By index: the enumerator of an interface would be an allocation a tile.
        for (var i = 0; i < Styles.Count; i++)
        {
            if (id.SequenceEqual(Styles[i].Id))
                return Styles[i];
        }

        // Views of INSPIRE name a layer's default style so.
        return id.SequenceEqual(InspireDescription.Style) || id.SequenceEqual(InspireStyle) ? DefaultStyle : null;
    }

    /// <summary>True for the name of the layer's set, whole or restricted to the layer's levels.</summary>
    public bool AnswersToSet(ReadOnlySpan<char> name) => name.SequenceEqual(RestrictedSetName) || name.SequenceEqual(Set.Id);

    private static IReadOnlyList<LayerStyle> Checked(IReadOnlyList<LayerStyle> styles) =>
        styles.Count == 0 || styles.Select(style => style.Id).Distinct().Count() != styles.Count || styles.Count(style => style.IsDefault) > 1
            ? throw new ArgumentException("A served layer has at least one style, each of another identifier, and at most one default.")
            : styles;
}

/// <summary>One level of a layer, and the tiles that may exist in it.</summary>
public record ServedLevel(TileMatrix Matrix, TileLimits Limits)
{
    public string Id => Matrix.Id;
}

/// <summary>A tile matrix set that a layer has tiles in.</summary>
/// <param name="Levels">Coarsest first.</param>
public sealed record ServedSet(TileMatrixSet Set, IReadOnlyList<ServedLevel> Levels)
{
    /// <summary>The levels of the set that the layer has, under the name that capabilities link to: clients take the finest level of what they are told.</summary>
    public RestrictedTileMatrixSet Restricted { get; } = RestrictedTileMatrixSet.Of(Set, Levels[0].Id, Levels[^1].Id);

    public ServedLevel? FindLevel(string id) => Levels.FirstOrDefault(level => level.Id == id);
}

/// <summary>Degrees; west may exceed east across the antimeridian.</summary>
public readonly record struct GeographicBounds(double West, double South, double East, double North);

/// <summary>A way of drawing a layer.</summary>
public sealed record LayerStyle(string Id, string Title, bool IsDefault = false, LegendImage? Legend = null)
{
    public string Abstract { get; init; } = "";

    /// <summary>What makes its pixels, by a name that the host knows; null where values are shown as they are.</summary>
    public string? Document { get; init; }

    /// <summary>MIME type of pictures in the style; null for that of the stored tiles.</summary>
    public string? MimeType
    {
        get;
        init
        {
            field = value;
            EscapedMimeType = value is null ? null : Uri.EscapeDataString(value);
        }
    }

    internal string? EscapedMimeType { get; private init; }

    /// <summary>Extension of their addresses, without a dot; null for that of the stored tiles.</summary>
    public string? FileExtension { get; init; }

    /// <summary>How elevations are kept in the colours, where they are: <c>mapbox</c>, as clients of terrain know it.</summary>
    public string? Encoding { get; init; }

    /// <summary>Pixels as they are: the style of every Géoplateforme raster layer.</summary>
    public static LayerStyle Normal { get; } = new("normal", "Données brutes", true);
}

/// <summary>A picture of a style's legend; sizes in pixels, 0 when unknown; scale denominators null where there is no bound.</summary>
public sealed record LegendImage(
    string Url, string MimeType, int Width = 0, int Height = 0, double? MinScaleDenominator = null, double? MaxScaleDenominator = null)
{
    /// <summary>The absolute address: that of a legend of the host itself begins with a slash, and is below <paramref name="root"/>.</summary>
    public string AddressBelow(string root) => Url.StartsWith('/') ? root + Url : Url;
}

/// <summary>Whom a layer's data come from.</summary>
public sealed record LayerAttribution(string Title, string? Url = null, LegendImage? Logo = null);

/// <summary>A metadata record of a layer.</summary>
public sealed record MetadataUrl(string Url, string Format, string Type);

/// <summary>A tile of a layer that is within the limits of its level.</summary>
public readonly record struct TileAddress(ServedLayer Layer, ServedLevel Level, long Col, long Row)
{
    /// <summary>The centre of a pixel of the tile in the set's CRS; <paramref name="i"/> counts from the left, <paramref name="j"/> from the top.</summary>
    public (double X, double Y) PixelCentre(int i, int j)
    {
        var matrix = Level.Matrix;
        return (matrix.OriginX + (((Col * matrix.TileWidth) + i + 0.5) * matrix.CellSize), matrix.OriginY - (((Row * matrix.TileHeight) + j + 0.5) * matrix.CellSize));
    }
}
