using System.Globalization;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Terrain;

/// <summary>
/// A square of ground that models are made of, as IGN cuts them: pixel centres lie at (<see cref="West"/> + column × step, <see cref="North"/> − row × step), so that
/// the raster's outer corner is half a step north-west of the tile's, and neighbours share no pixel.
/// </summary>
/// <param name="West">Easting of the north-west corner, in the unit of the CRS, as all three.</param>
public readonly record struct TerrainTile(double West, double North, double Side)
{
    /// <summary>Most tiles of a file: no file is as large as France.</summary>
    private const int MostTiles = 1_000_000;

    /// <summary>Side of the tiles that LiDAR HD is delivered in.</summary>
    public const double Usual = 1000;

    public double East => West + Side;

    public double South => North - Side;

    /// <summary>The tile that a place is in, of the tiles of that side whose corners are its multiples.</summary>
    public static TerrainTile Of(double x, double y, double side) => new(Math.Floor(x / side) * side, Math.Ceiling(y / side) * side, side);

    /// <summary>The tiles that any file's bounds meet, from west to east and row by row from the north.</summary>
    /// <param name="side">Side of a tile; null for the usual one that most files fit in.</param>
    /// <param name="most">Greatest side where none is given.</param>
    /// <exception cref="ArgumentException">There are too many: a header's bounds are wrong.</exception>
    public static IReadOnlyList<TerrainTile> Covering(IEnumerable<LasHeader> files, double? side = null, double most = double.PositiveInfinity)
    {
        var placed = files.Where(file => file.PointCount > 0).ToList();
        if (placed.Count == 0)
            return [];
        var cut = side ?? UsualSide(placed.Select(file => Math.Max(file.Max.X - file.Min.X, file.Max.Y - file.Min.Y))) ?? Usual;
        if (side is null)
            cut = Math.Min(cut, most);
        var tiles = new HashSet<(long Column, long Row)>();
        foreach (var file in placed)
        {
            if (!((((file.Max.X - file.Min.X) / cut) + 1) * (((file.Max.Y - file.Min.Y) / cut) + 1) < MostTiles))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"a file's header has bounds from {file.Min.X},{file.Min.Y} to {file.Max.X},{file.Max.Y}, more than {MostTiles} tiles of {cut} x {cut}: correct it and deliver it again"));
            }

            // The north border of a tile is its own, the east one its neighbour's: a point on one alone makes no tile.
            for (var row = (long)Math.Ceiling(file.Min.Y / cut); row <= (long)Math.Ceiling((file.Max.Y - (cut / 1000)) / cut); row++)
            {
                for (var column = (long)Math.Floor(file.Min.X / cut); column <= (long)Math.Floor((file.Max.X - (cut / 1000)) / cut); column++)
                    tiles.Add((column, row));
            }
        }

        return [.. tiles.OrderByDescending(tile => tile.Row).ThenBy(tile => tile.Column).Select(tile => new TerrainTile(tile.Column * cut, tile.Row * cut, cut))];
    }

    /// <summary>The side that tiles of such sizes are cut with; null when they are larger than any usual one.</summary>
    internal static double? UsualSide(IEnumerable<double> sizes)
    {
        var sorted = sizes.Order().ToList();
        var most = sorted[sorted.Count * 3 / 4] - 0.5;
        double[] usual = [50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000];
        return usual.Where(side => side >= most).Select(side => (double?)side).FirstOrDefault();
    }

    /// <summary>Name of the folder of a model's tiles: <c>MNT_0M50</c>.</summary>
    public static string LotName(TerrainModelKind kind, double step) => $"{kind.ToString().ToUpperInvariant()}_{StepName(step)}";

    /// <summary>
    /// The north-west corner as IGN writes it in names: kilometres with four digits (<c>0648_6863</c>); decametres, then metres, where the side is no whole number of
    /// the larger unit.
    /// </summary>
    public string CornerName
    {
        get
        {
            var (unit, digits) = Side % 1000 == 0 ? (1000, "0000") : Side % 10 == 0 ? (10, "00000") : (1, "000000");
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(West / unit).ToString(digits, CultureInfo.InvariantCulture)}_{Math.Round(North / unit).ToString(digits, CultureInfo.InvariantCulture)}");
        }
    }

    /// <summary>Name of a model's file in IGN's manner, without its ending: <c>LHD_FXX_0648_6863_MNT_O_0M50_LAMB93_IGN69</c>.</summary>
    /// <param name="territory"><c>FXX</c> for the mainland, <c>REU</c>, …</param>
    /// <param name="crs">Short names of the plane and height systems: <c>LAMB93_IGN69</c>.</param>
    public string ModelName(TerrainModelKind kind, double step, string territory, string crs) =>
        $"LHD_{territory}_{CornerName}_{kind.ToString().ToUpperInvariant()}_O_{StepName(step)}_{crs}";

    private static string StepName(double step)
    {
        var centimetres = (long)Math.Round(step * 100);
        return string.Create(CultureInfo.InvariantCulture, $"{centimetres / 100}M{centimetres % 100:00}");
    }
}

/// <summary>The models by IGN's names.</summary>
public enum TerrainModelKind
{
    /// <summary>Modèle numérique de terrain: the ground, and water.</summary>
    Mnt,

    /// <summary>Modèle numérique de surface: the ground and all that stands on it.</summary>
    Mns,

    /// <summary>Modèle numérique de hauteur: surface minus terrain.</summary>
    Mnh,
}

/// <summary>How models are made of a cloud.</summary>
public sealed record TerrainOptions
{
    /// <summary>What pixels without ground hold.</summary>
    public const float Nodata = -9999;

    /// <summary>Sides of a pixel, in the unit of the CRS; each a whole multiple of the smallest. Default 0.5 and 5.</summary>
    public IReadOnlyList<double> Steps { get; init; } = [0.5, 5];

    /// <summary>How far around the tile points are taken into the triangulation. Default 100: more changes only pixels beside gaps as wide.</summary>
    public double Margin { get; init; } = 100;

    /// <summary>Triangles with a longer edge make no pixels. 0, the default, is no limit: gaps are bridged as far as the points' convex hull goes.</summary>
    public double LongestEdge { get; init; }

    /// <summary>Classes of the terrain. Default 2 ground, 9 water, 66 virtual points, as IGN's.</summary>
    public IReadOnlyList<byte> TerrainClasses { get; init; } = [2, 9, 66];

    /// <summary>Classes of the surface. Default 2 ground, 3 to 5 vegetation, 6 buildings, 9 water, 17 bridges, as IGN's.</summary>
    public IReadOnlyList<byte> SurfaceClasses { get; init; } = [2, 3, 4, 5, 6, 9, 17];

    /// <summary>Models to make. Default all three; the height needs both others to be computed.</summary>
    public IReadOnlyList<TerrainModelKind> Models { get; init; } = [TerrainModelKind.Mnt, TerrainModelKind.Mns, TerrainModelKind.Mnh];

    /// <summary>Blocks triangulated and chunks decoded at once; 0, the default, is as many as there are processors. Changes no pixel.</summary>
    public int Threads { get; init; }

    internal void Check(double side)
    {
        if (Steps.Count == 0 || Steps.Any(step => !(step > 0)))
            throw new ArgumentException($"steps {string.Join(", ", Steps)}: at least one is needed, each above 0");
        var smallest = Steps.Min();
        if (Steps.Any(step => !IsMultiple(step, smallest)) || Steps.Any(step => !IsMultiple(side, step)))
            throw new ArgumentException($"steps {string.Join(", ", Steps)}: each must be a whole multiple of the smallest, and the tile's side, {side}, of each");
        if (!(Margin >= 0) || !(LongestEdge >= 0))
            throw new ArgumentException($"margin {Margin}, longest edge {LongestEdge}: 0 or more");
    }

    private static bool IsMultiple(double value, double of) => Math.Abs((value / of) - Math.Round(value / of)) < 1e-6;
}
