namespace Grid.Tiling;

/// <summary>A rectangle in the units of a CRS. X is always easting or longitude, Y northing or latitude, whatever order the CRS's authority gives its axes.</summary>
public readonly record struct Extent(double MinX, double MinY, double MaxX, double MaxY)
{
    public double Width => MaxX - MinX;

    public double Height => MaxY - MinY;

    /// <summary>True when the rectangle has no area, or when a bound is not a number.</summary>
    public bool IsEmpty => !(MaxX > MinX && MaxY > MinY);

    /// <summary>True when the two rectangles share an area; touching edges share none.</summary>
    public bool Intersects(Extent other) =>
        MinX < other.MaxX && other.MinX < MaxX && MinY < other.MaxY && other.MinY < MaxY;

    public Extent Intersection(Extent other) => new(
        Math.Max(MinX, other.MinX), Math.Max(MinY, other.MinY), Math.Min(MaxX, other.MaxX), Math.Min(MaxY, other.MaxY));

    public Extent Union(Extent other) => new(
        Math.Min(MinX, other.MinX), Math.Min(MinY, other.MinY), Math.Max(MaxX, other.MaxX), Math.Max(MaxY, other.MaxY));

    /// <summary>The rectangle grown by <paramref name="margin"/> CRS units on each side.</summary>
    public Extent Grow(double margin) => new(MinX - margin, MinY - margin, MaxX + margin, MaxY + margin);
}
