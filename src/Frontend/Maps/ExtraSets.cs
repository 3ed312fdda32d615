using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Ogc;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Frontend.Maps;

/// <summary>Tile matrix sets that layers are served in beside their own: their tiles are drawn when they are asked for.</summary>
public sealed class ExtraSets(IReadOnlyList<TileMatrixSet> sets)
{
    /// <summary>How much finer than the layer's bottom level, or coarser than its top level, a level may be.</summary>
    private const double Reach = 1.5;

    /// <summary>The sets as a layer is served in them: the levels between its own resolutions on the ground, and the tiles that its bounds touch.</summary>
    public IReadOnlyList<ServedSet> Of(TileMatrixSet own, IReadOnlyList<ServedLevel> levels, GeographicBounds bounds)
    {
        if (sets.Count == 0 || OnGround(own, bounds) is not { } ownScale)
            return [];
        double finest = levels.Min(level => level.Matrix.CellSize) * ownScale / Reach, coarsest = levels.Max(level => level.Matrix.CellSize) * ownScale * Reach;
        var served = new List<ServedSet>();
        foreach (var set in sets)
        {
            if (set.Id == own.Id || OnGround(set, bounds) is not { } scale || MapCrsRegister.BoxOf(bounds, MapCrsRegister.Of(set)) is not { } box)
                continue;
            var within = set.Matrices.Where(matrix => matrix.CellSize * scale >= finest && matrix.CellSize * scale <= coarsest)
                .Select(matrix => (Matrix: matrix, Tiles: matrix.TilesOf(box))).Where(level => level.Tiles is not null)
                .Select(level => new ServedLevel(level.Matrix, level.Tiles!.Value)).ToList();
            if (within.Count > 0)
                served.Add(new ServedSet(set, within));
        }

        return served;
    }

    /// <summary>Metres on the ground of one unit of a set's CRS, northwards, in the middle of a layer; null where the CRS does not reach.</summary>
    private static double? OnGround(TileMatrixSet set, GeographicBounds bounds)
    {
        var crs = Crs.Parse(set.Crs).GdalName;
        double[] x = [(bounds.West + bounds.East) / 2], y = [(bounds.South + bounds.North) / 2];
        try
        {
            using (var transform = CoordinateTransforms.Rent(CrsExtent.Wgs84, crs))
                transform?.Transform(x, y);
            var unit = set.Matrices[^1].CellSize;
            var (_, height) = MapResolution.OnGround(new MapFrame(crs, new Extent(x[0], y[0], x[0] + unit, y[0] + unit), 1, 1));
            return double.IsFinite(height) && height > 0 ? height / unit : null;
        }
        catch (GdalException)
        {
            return null;
        }
    }
}
