namespace Grid.Tiling;

/// <summary>
/// One resolution of a tile matrix set (OGC 17-083r4 § 6.2; ROK4 says "level"). Columns grow to the right and rows downwards from the
/// top-left origin. Sizes in tiles are <see cref="long"/>: the finest levels of wide sets pass 2^31 pixels.
/// </summary>
/// <param name="Id">The level's name, "0" for the coarsest in every set that ROK4 knows.</param>
/// <param name="CellSize">CRS units per pixel.</param>
/// <param name="OriginX">Easting or longitude of the top-left corner.</param>
/// <param name="OriginY">Northing or latitude of the top-left corner.</param>
/// <param name="MatrixWidth">Number of tile columns.</param>
/// <param name="MatrixHeight">Number of tile rows.</param>
/// <param name="TileWidth">Pixels per tile, horizontally.</param>
/// <param name="TileHeight">Pixels per tile, vertically.</param>
public sealed record TileMatrix(
    string Id, double CellSize, double OriginX, double OriginY, long MatrixWidth, long MatrixHeight, int TileWidth = 256, int TileHeight = 256)
{
    /// <summary>The extent of a block of tiles, from tile (<paramref name="col"/>, <paramref name="row"/>) on.</summary>
    public Extent TileExtent(long col, long row, long cols = 1, long rows = 1)
    {
        var minX = OriginX + (col * TileWidth * CellSize);
        var maxY = OriginY - (row * TileHeight * CellSize);
        return new Extent(minX, maxY - (rows * TileHeight * CellSize), minX + (cols * TileWidth * CellSize), maxY);
    }

    /// <summary>
    /// Whether the centre of each pixel is that of a pixel of a finer level, as in sets for elevations, where the nearest neighbour is then a sample itself
    /// and not one beside. Tolerances: a millionth of the ratio, a thousandth of the finer pixel.
    /// </summary>
    public bool HasPixelsOf(TileMatrix finer)
    {
        return IsWhole(CellSize / finer.CellSize, 1e-6)
            && IsWhole((OriginX + (CellSize / 2) - finer.OriginX - (finer.CellSize / 2)) / finer.CellSize, 1e-3)
            && IsWhole((OriginY - (CellSize / 2) - finer.OriginY + (finer.CellSize / 2)) / finer.CellSize, 1e-3);

        static bool IsWhole(double value, double tolerance) => Math.Abs(value - Math.Round(value)) < tolerance;
    }

    /// <summary>
    /// The tiles that share an area with <paramref name="extent"/>, within the matrix; null when there are none. An edge that falls on a
    /// tile boundary (to a thousandth of a pixel) does not bring in the tile beyond.
    /// </summary>
    public TileLimits? TilesOf(Extent extent)
    {
        var tolerance = CellSize / 1000;
        var spanX = TileWidth * CellSize;
        var spanY = TileHeight * CellSize;
        var minCol = Math.Max(0, Math.Floor((extent.MinX + tolerance - OriginX) / spanX));
        var maxCol = Math.Min(MatrixWidth - 1, Math.Ceiling((extent.MaxX - tolerance - OriginX) / spanX) - 1);
        var minRow = Math.Max(0, Math.Floor((OriginY - extent.MaxY + tolerance) / spanY));
        var maxRow = Math.Min(MatrixHeight - 1, Math.Ceiling((OriginY - extent.MinY - tolerance) / spanY) - 1);
        return minCol > maxCol || minRow > maxRow || double.IsNaN(minCol + maxCol + minRow + maxRow)
            ? null
            : new TileLimits((long)minRow, (long)maxRow, (long)minCol, (long)maxCol);
    }
}

/// <summary>A block of tiles of one level, bounds inclusive (the descriptor's <c>tile_limits</c> and WMTS <c>TileMatrixLimits</c>).</summary>
public readonly record struct TileLimits(long MinRow, long MaxRow, long MinCol, long MaxCol)
{
    public bool Contains(long col, long row) => col >= MinCol && col <= MaxCol && row >= MinRow && row <= MaxRow;

    public long Count => (MaxRow - MinRow + 1) * (MaxCol - MinCol + 1);

    public TileLimits Union(TileLimits other) => new(
        Math.Min(MinRow, other.MinRow), Math.Max(MaxRow, other.MaxRow), Math.Min(MinCol, other.MinCol), Math.Max(MaxCol, other.MaxCol));
}
