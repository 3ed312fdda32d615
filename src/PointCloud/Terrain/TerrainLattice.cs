using Grid.PointCloud.Las;

namespace Grid.PointCloud.Terrain;

/// <summary>
/// The grid of whole coordinates on which the points of several files and the pixels' centres lie, so that predicates are exact: as fine as the finest file, and a
/// whole fraction of the smallest pixel. Its origin is the tile's north-west corner, x east, y north; heights are counted from 0.
/// </summary>
internal readonly record struct TerrainLattice(double West, double North, double Unit, double HeightUnit)
{
    /// <summary>Predicates are exact for coordinates within this many units of each other.</summary>
    private const double MaxExtent = 1 << 28;

    public static TerrainLattice Of(TerrainTile tile, IEnumerable<LasHeader> files, double smallestStep, double margin)
    {
        double unit = smallestStep, heightUnit = 0.01, extent = tile.Side + (2 * margin);
        foreach (var file in files)
        {
            unit = Math.Min(unit, Math.Min(file.Scale.X, file.Scale.Y));
            heightUnit = Math.Min(heightUnit, file.Scale.Z);
        }

        unit = Math.Max(unit, extent / MaxExtent);
        return new TerrainLattice(tile.West, tile.North, smallestStep / Math.Ceiling((smallestStep / unit) - 1e-6), Math.Max(heightUnit, 1e-4));
    }

    /// <summary>A length of the CRS in units.</summary>
    public int Units(double length) => (int)Math.Round(length / Unit);
}
