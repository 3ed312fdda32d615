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

    /// <summary>The key that it has in a cube that is an octant which contains it.</summary>
    public OctantKey Within(OctantKey root)
    {
        var deeper = Level - root.Level;
        return new OctantKey(deeper, X - (root.X << deeper), Y - (root.Y << deeper), Z - (root.Z << deeper));
    }

    /// <summary>True of the octant itself and of all within it.</summary>
    public bool Contains(OctantKey other) => other.Level >= Level && other.AncestorAt(Level) == this;

    /// <summary>Level by level, and within one by z, y and x.</summary>
    public int CompareTo(OctantKey other) => (Level, Z, Y, X).CompareTo((other.Level, other.Z, other.Y, other.X));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is no octant.</exception>
    public static OctantKey Parse(string text) => TryParse(text, out var key) ? key : throw new FormatException($"\"{text}\" is no octant: level-x-y-z");

    /// <summary>Reads what <see cref="ToString"/> writes; false of anything else.</summary>
    public static bool TryParse(string text, out OctantKey key)
    {
        key = default;
        Span<Range> parts = stackalloc Range[5];
        if (text.AsSpan().Split(parts, '-') != 4)
            return false;
        Span<int> numbers = stackalloc int[4];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(text.AsSpan(parts[i]), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }

        key = new OctantKey(numbers[0], numbers[1], numbers[2], numbers[3]);
        return true;
    }

    /// <summary>As EPT and the tools of the field write it: level-x-y-z.</summary>
    public override string ToString() => $"{Level}-{X}-{Y}-{Z}";
}
