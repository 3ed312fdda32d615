using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;
using Grid.PointCloud.Terrain;

namespace Grid.PointCloud.Octree;

/// <summary>
/// The grid that a block's tiles were cut by, as octants of one cube: then a tile's octants are the block's, and its file is put together of chunks that the
/// block's has. Tiles are squares of one usual side whose corners are its multiples, one of them a square, and no higher than wide.
/// </summary>
internal static class TileLattice
{
    private const int MostLevels = 10;

    /// <summary>The cube and the level at which its octants are the tiles; null when the tiles are no such grid.</summary>
    /// <param name="bounds">Of all tiles.</param>
    public static (Cube Cube, int Level)? Of(IReadOnlyList<CloudTile> tiles, Box bounds, Xyz scale)
    {
        if (tiles.Count < 2 || TerrainTile.UsualSide(tiles.Select(tile => Math.Max(Width(tile.Header), Height(tile.Header)))) is not { } side
            || bounds.Max.Z - bounds.Min.Z + (2 * scale.Z) >= side)
        {
            return null;
        }

        var squares = new HashSet<(double Column, double Row)>();
        foreach (var tile in tiles)
        {
            var (column, west) = Square(tile.Header.Min.X, tile.Header.Max.X, side);
            var (row, south) = Square(tile.Header.Min.Y, tile.Header.Max.Y, side);
            if (!(Fits(tile.Header.Min.X, tile.Header.Max.X, west, scale.X) && Fits(tile.Header.Min.Y, tile.Header.Max.Y, south, scale.Y)) || !squares.Add((column, row)))
                return null;
        }

        double firstColumn = squares.Min(square => square.Column), firstRow = squares.Min(square => square.Row);
        var count = 1 + Math.Max(squares.Max(square => square.Column) - firstColumn, squares.Max(square => square.Row) - firstRow);
        var level = (int)Math.Ceiling(Math.Log2(count));
        if (level > MostLevels)
            return null;
        var half = Math.ScaleB(side, level - 1);
        var bottom = ((bounds.Min.Z + bounds.Max.Z) / 2) - (side / 2);
        return (new Cube(new Xyz((firstColumn * side) + half, (firstRow * side) + half, bottom + half), half), level);

        bool Fits(double min, double max, double from, double unit) => min >= from - unit && max <= from + side + unit;
    }

    /// <summary>The octant of a tile's square.</summary>
    public static OctantKey OctantOf(LasHeader header, Cube cube, int level)
    {
        var side = Math.ScaleB(cube.Edge, -level);
        return new OctantKey(
            level, (int)Math.Floor((((header.Min.X + header.Max.X) / 2) - cube.Min.X) / side), (int)Math.Floor((((header.Min.Y + header.Max.Y) / 2) - cube.Min.Y) / side), 0);
    }

    private static (double Number, double From) Square(double min, double max, double side)
    {
        var number = Math.Floor((min + max) / 2 / side);
        return (number, number * side);
    }

    private static double Width(LasHeader header) => header.Max.X - header.Min.X;

    private static double Height(LasHeader header) => header.Max.Y - header.Min.Y;
}
