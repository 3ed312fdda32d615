using Grid.Tiling;

namespace Grid.Imaging.Maps;

/// <summary>What a map shows: a rectangle of a CRS, x easting or longitude, on so many pixels. Cells need not be square.</summary>
/// <param name="Crs">The CRS by the name that GDAL knows.</param>
/// <param name="Extent">From the outer edge of the first pixel to that of the last.</param>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
public sealed record MapFrame(string Crs, Extent Extent, int Width, int Height)
{
    /// <summary>CRS units across a pixel.</summary>
    public double CellX => Extent.Width / Width;

    /// <summary>CRS units down a pixel.</summary>
    public double CellY => Extent.Height / Height;

    /// <summary>The frame with so many pixels more on each side.</summary>
    public MapFrame Grow(int margin) => margin == 0
        ? this
        : new MapFrame(
            Crs, new Extent(Extent.MinX - (margin * CellX), Extent.MinY - (margin * CellY), Extent.MaxX + (margin * CellX), Extent.MaxY + (margin * CellY)),
            Width + (2 * margin), Height + (2 * margin));

    /// <summary>The pixels of a rectangle of the frame.</summary>
    internal PixelGrid GridOf(int col, int row, int width, int height) =>
        new(Extent.MinX + (col * CellX), Extent.MaxY - (row * CellY), CellX, CellY, width, height);
}
