using Grid.Tiling;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// A lot of the size of the ortho-photo of French Guiana: dalles of 1 km in UTM 22 north, 20 cm a pixel, that touch an outline of the territory by a few points.
/// The outline is scaled to the territory's area, about 84,000 km² (IGN), which makes 2.1·10^12 pixels.
/// </summary>
internal static class GuyaneLot
{
    public const string Crs = "EPSG:2972";
    public const double PixelMetres = 0.2;
    private const double Side = 1000;
    private const double SquareKilometres = 84_000;

    /// <summary>Kilometres east and north of Cayenne's meridian and the equator: the Maroni's mouth, the coast, the Oyapock up, the southern border, the Maroni down.</summary>
    private static readonly (double X, double Y)[] s_outline =
    [
        (165, 637), (215, 628), (270, 606), (305, 590), (345, 560), (380, 535), (400, 505), (412, 470), (398, 440), (385, 405), (372, 370), (350, 330), (322, 290),
        (300, 258), (268, 246), (235, 250), (200, 258), (165, 250), (130, 252), (120, 290), (105, 330), (110, 375), (120, 420), (108, 460), (118, 505), (135, 545), (155, 590),
    ];

    /// <summary>The dalles' rectangles in <see cref="Crs"/>, row by row from the south.</summary>
    public static List<Extent> Dalles()
    {
        var scale = Math.Sqrt(SquareKilometres / Area(s_outline));
        (double X, double Y)[] outline = [.. s_outline.Select(point => (X: 150_000 + (point.X * scale * 1000), Y: point.Y * scale * 1000))];
        var dalles = new List<Extent>();
        for (var row = Math.Floor(outline.Min(point => point.Y) / Side); row * Side < outline.Max(point => point.Y); row++)
        {
            for (var col = Math.Floor(outline.Min(point => point.X) / Side); col * Side < outline.Max(point => point.X); col++)
            {
                var (x, y) = (col * Side, row * Side);
                if (IsInside(outline, x + (Side / 2), y + (Side / 2)))
                    dalles.Add(new Extent(x, y, x + Side, y + Side));
            }
        }

        return dalles;
    }

    private static double Area((double X, double Y)[] ring) =>
        Math.Abs(ring.Zip([.. ring.Skip(1), ring[0]], (a, b) => (a.X * b.Y) - (b.X * a.Y)).Sum()) / 2;

    private static bool IsInside((double X, double Y)[] ring, double x, double y) =>
        ring.Zip([.. ring.Skip(1), ring[0]], (a, b) => (a.Y > y) != (b.Y > y) && x < ((b.X - a.X) * (y - a.Y) / (b.Y - a.Y)) + a.X).Count(crosses => crosses) % 2 == 1;
}
