using System.Globalization;

namespace Grid.Tiling;

/// <summary>
/// What cannot be derived about the known sets: CRS, origin, coarsest cell size, number of levels, and the useful area in tiles of each level.
/// Matrix sizes are listed and not computed because the published ones follow no single rounding of one area (some levels round up, others down).
/// </summary>
internal static class TileMatrixSetTable
{
    private const double FrenchNorthing = 12_000_000;

    /// <summary>Matrix sizes from level 0 on; a set takes as many as it has levels.</summary>
    private const string Metropole10cm =
        "1x1 1x1 1x1 1x2 1x4 1x7 2x13 4x26 7x52 13x103 25x206 50x411 99x822 197x1643 394x3285 788x6569 1575x13138 3150x26276 6300x52552 "
        + "12600x105102 25200x210205 50400x420409 100800x840818";

    private const string Metropole25cm =
        "1x1 1x1 1x1 1x3 1x5 1x10 2x21 5x41 10x82 20x164 39x328 79x656 157x1313 315x2627 630x5255 1260x10510 2520x21020 5040x42040 "
        + "10080x84081 20160x168162";

    private const string Metropole250cm =
        "1x1 1x1 1x2 1x3 1x5 1x9 2x17 4x33 8x66 16x132 32x263 63x526 126x1051 252x2102 504x4204 1008x8408 2016x16816";

    private const string Metropole1250cm = "1x1 1x1 1x2 1x3 1x6 2x11 3x21 6x42 11x84 21x169 41x337 81x673 162x1346 323x2691";

    private const string Ign =
        "2x2 2x2 2x2 2x3 2x5 3x9 5x16 8x30 14x59 26x117 51x232 100x462 199x922 396x1842 791x3682 1581x7363 3161x14724 6321x29447 12641x58892 "
        + "25281x117782 50561x235563 101121x471125";

    private const string Overseas10cm =
        "1x1 1x1 1x1 1x2 1x3 1x5 1x10 2x20 3x40 6x79 11x157 21x314 42x628 83x1255 166x2509 332x5017 664x10034 1327x20068 2653x40136 5306x80273 "
        + "10613x160545 21225x321090";

    private const string Overseas250cm =
        "1x1 1x1 1x1 1x1 1x2 1x4 1x13 2x26 4x51 7x101 14x201 27x401 53x803 106x1606 213x3211 425x6422 849x12844";

    private const string Mayotte1m =
        "1x1 1x1 1x1 1x2 1x4 1x8 2x16 3x32 5x63 9x126 17x251 34x502 67x1004 133x2007 266x4014 531x8028 1062x16055 2123x32110";

    private const string Wallis10cm =
        "1x1 1x1 1x1 1x2 1x3 1x5 1x10 2x20 3x40 6x79 11x158 22x316 44x631 88x1261 175x2522 351x5042 703x10085 1406x20169 2812x40337 5624x80674 "
        + "11248x161348 22495x322695";

    private const string Swiss = "1x1 2x2 3x3 6x6 12x12 24x24 48x48 95x95 189x190 377x379 753x758 1506x1515";

    private static readonly double[] s_ignCells =
    [
        104579.224549894, 52277.5323537905, 26135.4870785954, 13066.8913818, 6533.2286041135, 3266.5595244627, 1633.2660045974, 816.629554986,
        408.3139146768, 204.1567415109, 102.0783167832, 51.0391448966, 25.5195690743, 12.7597836936, 6.379891636, 3.1899457653, 1.5949728695,
        0.7974864315, 0.3987432149, 0.1993716073, 0.0996858037, 0.0498429018,
    ];

    private static readonly double[] s_swissCells =
    [
        135.466937601, 67.7334688, 33.8667344, 16.9333672, 8.4666836, 4.2333418, 2.1166709, 1.05833545, 0.529167725, 0.264583863, 0.132291931,
        0.066145966,
    ];

    private static readonly double[] s_elevationCells = [1000, 500, 250, 100, 75, 50, 25, 5, 1];

    /// <summary>The families of metric sets that halve: name ending, level 0 cell, levels.</summary>
    private static readonly (string Suffix, double Cell, int Levels, string Sizes)[] s_metropole =
    [
        ("_5cm", 209715.2, 23, Metropole10cm), ("_10cm", 209715.2, 22, Metropole10cm), ("_25cm", 131072, 20, Metropole25cm),
        ("_50cm", 131072, 19, Metropole25cm), ("_1m", 131072, 18, Metropole25cm), ("_2.5m", 163840, 17, Metropole250cm),
        ("_10m", 163840, 15, Metropole250cm), ("_12.5m", 102400, 14, Metropole1250cm), ("_25m", 102400, 13, Metropole1250cm),
    ];

    private static readonly (string Suffix, double Cell, int Levels, string Sizes)[] s_overseas =
    [
        ("_10cm", 209715.2, 22, Overseas10cm), ("_50cm", 131072, 19, Metropole25cm), ("_1m", 131072, 18, Mayotte1m),
        ("_2.5m", 163840, 17, Overseas250cm), ("_12.5m", 102400, 14, Metropole1250cm),
    ];

    public static IEnumerable<TileMatrixSet> Build()
    {
        yield return PowersOfTwo("PM", "EPSG:3857", 22, 156543.033928041, -20037508.3427892, 20037508.3427892, 1);
        yield return PowersOfTwo("PM_5cm", "EPSG:3857", 23, 156543.033928041, -20037508.3427892, 20037508.3427892, 1);
        yield return PowersOfTwo("4326", "EPSG:4326", 20, 0.703125, -180, 90, 2);
        yield return PowersOfTwo("WGS84G", "IGNF:WGS84G", 20, 0.703125, -180, 90, 2);
        yield return PowersOfTwo("WGS84G_PO", "IGNF:WGS84G", 13, 0.703125, -180, 90, 2);

        foreach (var (prefix, crs) in new[] { ("LAMB93", "IGNF:LAMB93"), ("2154", "EPSG:2154") })
        {
            foreach (var (suffix, cell, levels, sizes) in s_metropole)
                yield return Halving(prefix + suffix, crs, Halved(cell, levels), sizes);
            yield return Halving(prefix + "_2.5m_EUE", crs, Halved(163840, 17), Metropole250cm, -2_700_000);
            yield return Halving(prefix + "_IGNF", crs, s_ignCells, Ign);
        }

        yield return Halving("LAMB93", "EPSG:2154", s_ignCells, Ign);
        yield return Halving("2154_1M_MNT", "EPSG:2154", Halved(131072, 18), Metropole25cm, -0.5, FrenchNorthing + 0.5);
        yield return Halving("2154_50cm_MNT", "EPSG:2154", Halved(131072, 19), Metropole25cm, -0.25, FrenchNorthing + 0.25);
        yield return Halving("LAMBE_50cm", "IGNF:LAMBE", Halved(131072, 19), Metropole25cm);
        yield return Halving("UTM20W84MART_2.5m", "IGNF:UTM20W84MART", Halved(163840, 17), Metropole250cm);
        yield return Halving("UTM01SW84_10cm", "IGNF:UTM01SW84", Halved(209715.2, 22), Wallis10cm);
        yield return Halving("WGS84UTM1S_10cm", "IGNF:UTM01SW84", Halved(209715.2, 22), Wallis10cm);

        foreach (var (prefix, crs, suffixes) in new[]
        {
            ("RGR92UTM40S", "IGNF:RGR92UTM40S", "_10cm _50cm _2.5m _12.5m"), ("2975", "EPSG:2975", "_10cm _50cm _2.5m _12.5m"),
            ("RGM04UTM38S", "IGNF:RGM04UTM38S", "_10cm _1m _2.5m"), ("4471", "EPSG:4471", "_10cm _1m _2.5m"),
            ("UTM22RGFG95", "IGNF:UTM22RGFG95", "_10cm _50cm _2.5m _12.5m"), ("2972", "EPSG:2972", "_10cm _50cm _2.5m _12.5m"),
            ("RGSPM06U21", "IGNF:RGSPM06U21", "_10cm _2.5m"), ("RGNCUTM58S", "IGNF:RGNCUTM58S", "_2.5m"), ("RGPFUTM6S", "IGNF:RGPFUTM6S", "_2.5m"),
            ("UTM39SW84", "IGNF:UTM39SW84", "_2.5m"), ("UTM42SW84", "IGNF:UTM42SW84", "_2.5m"), ("UTM43SW84", "IGNF:UTM43SW84", "_2.5m"),
        })
        {
            var wanted = suffixes.Split(' ');
            foreach (var (suffix, cell, levels, sizes) in s_overseas.Where(family => wanted.Contains(family.Suffix)))
                yield return Halving(prefix + suffix, crs, Halved(cell, levels), sizes);
        }

        foreach (var (prefix, crs, rows) in new[]
        {
            ("LAMB93", "IGNF:LAMB93", 23000), ("RGM04UTM38S", "IGNF:RGM04UTM38S", 23000), ("4471", "EPSG:4471", 23000),
            ("RGR92UTM40S", "IGNF:RGR92UTM40S", 23000), ("2975", "EPSG:2975", 23000), ("RGSPM06U21", "IGNF:RGSPM06U21", 23000),
            ("UTM20W84MART", "IGNF:UTM20W84MART", 50000),
        })
        {
            yield return Elevation(prefix + "_1M_MNT", crs, 4000, rows);
        }

        yield return Halving("SwissCH1903_28mm", "EPSG:2056", s_swissCells, Swiss, 2462122.16, 1160775.62, 512);
    }

    /// <summary>Level z has <paramref name="cols"/>·2^z columns and 2^z rows.</summary>
    private static TileMatrixSet PowersOfTwo(string id, string crs, int levels, double cell, double originX, double originY, long cols) => new(
        id, crs, [.. Halved(cell, levels).Select((size, z) => new TileMatrix(Level(z), size, originX, originY, cols << z, 1L << z))]);

    private static TileMatrixSet Halving(
        string id, string crs, double[] cells, string sizes, double originX = 0, double originY = FrenchNorthing, int tile = 256) => new(
        id, crs, [.. cells.Zip(sizes.Split(' ').Select(Size), (cell, size) => (cell, size))
            .Select((level, z) => new TileMatrix(Level(z), level.cell, originX, originY, level.size.Cols, level.size.Rows, tile, tile))]);

    /// <summary>
    /// Sets for nearest-neighbour elevation: each level's origin is half of its pixel away, so that a pixel's centre is an elevation node.
    /// The area is that of the finest level, 1 m a pixel.
    /// </summary>
    private static TileMatrixSet Elevation(string id, string crs, int cols, int rows) => new(
        id, crs, [.. s_elevationCells.Select((cell, z) => new TileMatrix(
            Level(z), cell, -cell / 2, FrenchNorthing + (cell / 2), (long)Math.Ceiling(cols / cell), (long)Math.Ceiling(rows / cell)))]);

    private static double[] Halved(double cell, int levels) => [.. Enumerable.Range(0, levels).Select(z => cell / (1L << z))];

    private static (long Cols, long Rows) Size(string text)
    {
        var cross = text.IndexOf('x', StringComparison.Ordinal);
        return (long.Parse(text[..cross], CultureInfo.InvariantCulture), long.Parse(text[(cross + 1)..], CultureInfo.InvariantCulture));
    }

    private static string Level(int z) => z.ToString(CultureInfo.InvariantCulture);
}
