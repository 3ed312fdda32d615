using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>Orders octants that do not contain each other along the Morton curve: bit 0 of a child's index is east, bit 1 north, bit 2 up.</summary>
internal sealed class MortonOrder : IComparer<OctantKey>
{
    public static MortonOrder Comparer { get; } = new();

    public int Compare(OctantKey x, OctantKey y)
    {
        var level = Math.Max(x.Level, y.Level);
        var (one, other) = (AtLevel(x, level), AtLevel(y, level));
        // The axis whose highest differing bit is highest decides; among equals up, then north.
        int dx = one.X ^ other.X, dy = one.Y ^ other.Y, dz = one.Z ^ other.Z;
        if (!IsLower(dz, dy) && !IsLower(dz, dx))
            return one.Z.CompareTo(other.Z);
        return !IsLower(dy, dx) ? one.Y.CompareTo(other.Y) : one.X.CompareTo(other.X);
    }

    private static OctantKey AtLevel(OctantKey key, int level) => new(level, key.X << (level - key.Level), key.Y << (level - key.Level), key.Z << (level - key.Level));

    /// <summary>True when the highest bit of a number is below that of another.</summary>
    private static bool IsLower(int number, int other) => number < other && number < (number ^ other);
}
