using System.Collections.Frozen;

namespace Grid.Tiling;

internal enum CrsKind
{
    Projected,
    Geographic,
}

/// <summary>
/// The names of one CRS by several authorities, and the axis facts that names alone do not tell. The pairs were read from IGN's register of
/// reference systems and from the EPSG dataset, as PROJ carries both; a test asks PROJ whether each pair is the same system. PROJ 9 still gives IGNF's RGNC systems the ellipsoid of a datum that EPSG
/// deprecated (6645, International 1924; 62 m away), hence their pairs follow EPSG's correction (6749, GRS 1980).
/// </summary>
internal static class CrsTable
{
    private static readonly (int Epsg, CrsKind Kind, string Names)[] s_pairs =
    [
        (4326, CrsKind.Geographic, "IGNF:WGS84G IGNF:WGS84GDD IGNF:WGS84GEO IGNF:WGS84GEODD CRS:84"),
        (4171, CrsKind.Geographic, "IGNF:RGF93G IGNF:RGF93GDD IGNF:RGF93GEO IGNF:RGF93GEODD"),
        (4258, CrsKind.Geographic, "IGNF:ETRS89G IGNF:ETRS89GEO"),
        (4275, CrsKind.Geographic, "IGNF:NTFG"),
        (4463, CrsKind.Geographic, "IGNF:RGSPM06G IGNF:RGSPM06GDD IGNF:RGSPM06GEO IGNF:RGSPM06GEODD"),
        (4470, CrsKind.Geographic, "IGNF:RGM04G IGNF:RGM04GDD IGNF:RGM04GEO IGNF:RGM04GEODD"),
        (4558, CrsKind.Geographic, "IGNF:RRAFG IGNF:RRAFGDD IGNF:RRAFGEO IGNF:RRAFGEODD IGNF:WGS84MARTG"),
        (4624, CrsKind.Geographic, "IGNF:RGFG95G IGNF:RGFG95GDD IGNF:RGFG95GEO IGNF:RGFG95GEODD"),
        (4627, CrsKind.Geographic, "IGNF:RGR92G IGNF:RGR92GDD IGNF:RGR92GEO IGNF:RGR92GEODD"),
        (4687, CrsKind.Geographic, "IGNF:RGPFG IGNF:RGPFGDD IGNF:RGPFGEO"),
        (4749, CrsKind.Geographic, "IGNF:RGNCG IGNF:RGNCGEO"),
        (5489, CrsKind.Geographic, "IGNF:RGAF09G IGNF:RGAF09GDD IGNF:RGAF09GEO IGNF:RGAF09GEODD"),
        (2154, CrsKind.Projected, "IGNF:LAMB93 IGNF:RGF93LAMB93"),
        (2972, CrsKind.Projected, "IGNF:UTM22RGFG95 IGNF:RGFG95UTM22"),
        (2975, CrsKind.Projected, "IGNF:RGR92UTM40S"),
        (3034, CrsKind.Projected, "IGNF:ETRS89LCC"),
        (3035, CrsKind.Projected, "IGNF:ETRS89LAEA"),
        (3163, CrsKind.Projected, "IGNF:RGNCLAM IGNF:RGNCLAMBNC"),
        (3169, CrsKind.Projected, "IGNF:RGNCUTM57S"),
        (3170, CrsKind.Projected, "IGNF:RGNCUTM58S"),
        (3171, CrsKind.Projected, "IGNF:RGNCUTM59S"),
        (3296, CrsKind.Projected, "IGNF:RGPFUTM5S"),
        (3297, CrsKind.Projected, "IGNF:RGPFUTM6S"),
        (3298, CrsKind.Projected, "IGNF:RGPFUTM7S"),
        (3299, CrsKind.Projected, "IGNF:RGPFUTM8S"),
        (3313, CrsKind.Projected, "IGNF:UTM21RGFG95 IGNF:RGFG95UTM21"),
        (3857, CrsKind.Projected, "EPSG:900913 EPSG:3785 IGNF:WGS84WMSV"),
        (3942, CrsKind.Projected, "IGNF:RGF93CC42"),
        (3943, CrsKind.Projected, "IGNF:RGF93CC43"),
        (3944, CrsKind.Projected, "IGNF:RGF93CC44"),
        (3945, CrsKind.Projected, "IGNF:RGF93CC45"),
        (3946, CrsKind.Projected, "IGNF:RGF93CC46"),
        (3947, CrsKind.Projected, "IGNF:RGF93CC47"),
        (3948, CrsKind.Projected, "IGNF:RGF93CC48"),
        (3949, CrsKind.Projected, "IGNF:RGF93CC49"),
        (3950, CrsKind.Projected, "IGNF:RGF93CC50"),
        (4467, CrsKind.Projected, "IGNF:RGSPM06U21"),
        (4471, CrsKind.Projected, "IGNF:RGM04UTM38S"),
        (4559, CrsKind.Projected, "IGNF:UTM20W84MART IGNF:RRAFUTM20"),
        (5490, CrsKind.Projected, "IGNF:RGAF09UTM20"),
        (8903, CrsKind.Projected, "IGNF:RGWF96UTM1S"),
        (27561, CrsKind.Projected, "IGNF:LAMB1 IGNF:NTFLAMB1"),
        (27562, CrsKind.Projected, "IGNF:LAMB2 IGNF:NTFLAMB2"),
        (27563, CrsKind.Projected, "IGNF:LAMB3 IGNF:NTFLAMB3"),
        (27564, CrsKind.Projected, "IGNF:LAMB4 IGNF:NTFLAMB4"),
        (27571, CrsKind.Projected, "IGNF:LAMB1C IGNF:NTFLAMB1C"),
        (27572, CrsKind.Projected, "IGNF:LAMBE IGNF:LAMB2C IGNF:NTFLAMB2C IGNF:NTFLAMB2E"),
        (27573, CrsKind.Projected, "IGNF:LAMB3C IGNF:NTFLAMB3C"),
        (27574, CrsKind.Projected, "IGNF:LAMB4C IGNF:NTFLAMB4C"),
        (32630, CrsKind.Projected, "IGNF:UTM30W84 IGNF:WGS84UTM30"),
        (32631, CrsKind.Projected, "IGNF:UTM31W84 IGNF:WGS84UTM31"),
        (32632, CrsKind.Projected, "IGNF:UTM32W84 IGNF:WGS84UTM32"),
        (32701, CrsKind.Projected, "IGNF:UTM01SW84 IGNF:WGS84UTM1S"),
        (32739, CrsKind.Projected, "IGNF:UTM39SW84 IGNF:WGS84UTM39S"),
        (32742, CrsKind.Projected, "IGNF:UTM42SW84 IGNF:WGS84UTM42S"),
        (32743, CrsKind.Projected, "IGNF:UTM43SW84 IGNF:WGS84UTM43S"),
    ];

    private static readonly FrozenDictionary<string, Entry> s_entries = s_pairs
        .SelectMany(pair => pair.Names.Split(' ').Append($"EPSG:{pair.Epsg}"), (pair, name) => (name, new Entry(pair.Epsg, pair.Kind)))
        .ToFrozenDictionary(pair => pair.name, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>Every name that has an EPSG twin, with it.</summary>
    public static IEnumerable<(string Name, int Epsg)> Equivalents =>
        s_pairs.SelectMany(pair => pair.Names.Split(' '), (pair, name) => (name, pair.Epsg));

    public static Entry? Find(string name) => s_entries.TryGetValue(name, out var entry) ? entry : null;

    /// <summary>Geographic systems that have no twin in the table above.</summary>
    public static bool IsGeographicCode(string authority, string code) => (authority, code) switch
    {
        ("CRS", _) => true,
        ("EPSG", "4267" or "4269" or "4289" or "4314" or "4555" or "4640" or "4979" or "4964" or "4965" or "4937" or "9777" or "9784") => true,
        ("EPSG", _) => IsLongitudeFirst(code),
        ("IGNF", _) => code.EndsWith('G') || code.EndsWith("GEO", StringComparison.Ordinal) || code.EndsWith("GDD", StringComparison.Ordinal)
            || code.EndsWith("GEODD", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>The EPSG dataset's explicit "lon-lat" twins of French geographic systems.</summary>
    public static bool IsLongitudeFirst(string epsg) => epsg is "7034" or "7036" or "7038" or "7040" or "7042" or "7084" or "7086" or "7088";

    /// <summary>Projected systems whose first axis is northing.</summary>
    public static bool IsNorthingFirst(string epsg) => epsg is "3034" or "3035" or "31466" or "31467" or "31468" or "31469" or "2180";

    internal readonly record struct Entry(int Epsg, CrsKind Kind);
}
