namespace Grid.PointCloud.Copc;

/// <summary>
/// An octant of a cube: level 0 is the cube, and each level halves all three edges. x, y and z count octants of the level from the cube's west, south and
/// bottom (COPC 1.0, "VoxelKey").
/// </summary>
public readonly record struct OctantKey(int Level, int X, int Y, int Z) : IComparable<OctantKey>
{
    /// <summary>The deepest level whose octants 32-bit integers count.</summary>
    public const int DeepestLevel = 30;

    public static OctantKey Root => default;

    public OctantKey Parent => new(Level - 1, X >> 1, Y >> 1, Z >> 1);

    /// <summary>True when the level is 0 to <see cref="DeepestLevel"/> and has such an octant.</summary>
    public bool IsValid => Level is >= 0 and <= DeepestLevel && (uint)X < 1u << Level && (uint)Y < 1u << Level && (uint)Z < 1u << Level;

    /// <summary>One of the eight octants within: bit 0 of <paramref name="index"/> is east, bit 1 north, bit 2 up.</summary>
    public OctantKey Child(int index) => new(Level + 1, (2 * X) + (index & 1), (2 * Y) + ((index >> 1) & 1), (2 * Z) + (index >> 2));

    /// <summary>The octant of a coarser level that contains this one.</summary>
    public OctantKey AncestorAt(int level) => new(level, X >> (Level - level), Y >> (Level - level), Z >> (Level - level));

    /// <summary>True of the octant itself and of all within it.</summary>
    public bool Contains(OctantKey other) => other.Level >= Level && other.AncestorAt(Level) == this;

    /// <summary>Level by level, and within one by z, y and x.</summary>
    public int CompareTo(OctantKey other) => (Level, Z, Y, X).CompareTo((other.Level, other.Z, other.Y, other.X));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is no octant.</exception>
    public static OctantKey Parse(string text)
    {
        var numbers = text.Split('-');
        return numbers.Length == 4
            ? new OctantKey(Number(0), Number(1), Number(2), Number(3))
            : throw new FormatException($"\"{text}\" is no octant: level-x-y-z");

        int Number(int i) => int.Parse(numbers[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>As EPT and the tools of the field write it: level-x-y-z.</summary>
    public override string ToString() => $"{Level}-{X}-{Y}-{Z}";
}
