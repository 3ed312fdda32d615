using System.Runtime.CompilerServices;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>
/// Where records of a plan lie in its cube: along each axis a whole number of 31 bits, whose first bits are the octant of each level. One multiplication and
/// one addition an axis, so the same everywhere.
/// </summary>
internal readonly unsafe struct Placement
{
    private readonly double _scaleX, _scaleY, _scaleZ, _offsetX, _offsetY, _offsetZ;

    public Placement(OctreePlan plan)
    {
        var (min, cells) = (plan.Cube.Min, Math.ScaleB(1, OctreePlan.PlaceBits) / plan.Cube.Edge);
        (_scaleX, _scaleY, _scaleZ) = (plan.Scale.X * cells, plan.Scale.Y * cells, plan.Scale.Z * cells);
        (_offsetX, _offsetY, _offsetZ) = ((plan.Offset.X - min.X) * cells, (plan.Offset.Y - min.Y) * cells, (plan.Offset.Z - min.Z) * cells);
    }

    /// <summary>The place of a record; negative along an axis on which it lies outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(byte* record, out int x, out int y, out int z)
    {
        x = Whole((((int*)record)[0] * _scaleX) + _offsetX);
        y = Whole((((int*)record)[1] * _scaleY) + _offsetY);
        z = Whole((((int*)record)[2] * _scaleZ) + _offsetZ);
    }

    /// <summary>The octant of a level that a record lies in.</summary>
    public OctantKey OctantOf(byte* record, int level)
    {
        Of(record, out var x, out var y, out var z);
        var shift = OctreePlan.PlaceBits - level;
        return new OctantKey(level, x >> shift, y >> shift, z >> shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Whole(double place) => place is >= 0 and < 2147483648.0 ? (int)place : -1;
}
