using Grid.Tiling;

namespace Grid.Cli.Demands;

/// <summary>A tile of a tile matrix set.</summary>
public readonly record struct TileIndex(TileMatrix Matrix, long Col, long Row)
{
    /// <summary>The tile's centre in the set's CRS.</summary>
    public (double X, double Y) Centre
    {
        get
        {
            var extent = Matrix.TileExtent(Col, Row);
            return ((extent.MinX + extent.MaxX) / 2, (extent.MinY + extent.MaxY) / 2);
        }
    }
}
