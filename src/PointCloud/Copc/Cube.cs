using Grid.PointCloud.Las;

namespace Grid.PointCloud.Copc;

/// <summary>A block with edges along the axes, its faces included; in the units and the axis order of the file's CRS.</summary>
public readonly record struct Box(Xyz Min, Xyz Max)
{
    public bool Intersects(Box other) =>
        Min.X <= other.Max.X && Max.X >= other.Min.X && Min.Y <= other.Max.Y && Max.Y >= other.Min.Y && Min.Z <= other.Max.Z && Max.Z >= other.Min.Z;

    /// <summary>The least box that contains both.</summary>
    public Box With(Box other) => new(
        new Xyz(Math.Min(Min.X, other.Min.X), Math.Min(Min.Y, other.Min.Y), Math.Min(Min.Z, other.Min.Z)),
        new Xyz(Math.Max(Max.X, other.Max.X), Math.Max(Max.Y, other.Max.Y), Math.Max(Max.Z, other.Max.Z)));
}

/// <summary>The cube that an octree divides.</summary>
/// <param name="HalfSize">Half the length of an edge.</param>
public readonly record struct Cube(Xyz Center, double HalfSize)
{
    public double Edge => 2 * HalfSize;

    public Xyz Min => new(Center.X - HalfSize, Center.Y - HalfSize, Center.Z - HalfSize);

    /// <summary>Where an octant lies.</summary>
    public Box BoundsOf(OctantKey octant)
    {
        var (min, edge) = (Min, Math.ScaleB(Edge, -octant.Level));
        var west = new Xyz(min.X + (octant.X * edge), min.Y + (octant.Y * edge), min.Z + (octant.Z * edge));
        return new Box(west, new Xyz(west.X + edge, west.Y + edge, west.Z + edge));
    }
}
