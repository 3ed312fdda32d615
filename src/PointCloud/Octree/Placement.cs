using System.Runtime.CompilerServices;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>
/// Where records of a plan lie in its cube: along each axis a whole number of 31 bits, whose first bits are the octant of each level. One multiplication and
/// one addition an axis, so the same everywhere. A point on the border of a tile is the tile's, and so of the tile's octant, whichever side of it is met first.
/// </summary>
internal readonly unsafe struct Placement
{
    private readonly Axis _x, _y, _z;

    /// <summary>Places records anywhere in the cube.</summary>
    public Placement(OctreePlan plan)
        : this(plan, OctantKey.Root, 0)
    {
    }

    /// <summary>Places records that are known to be an octant's: those on its borders lie in it.</summary>
    public Placement(OctreePlan plan, OctantKey octant)
        : this(plan, octant, double.PositiveInfinity)
    {
    }

    /// <param name="octant">Records that are no farther from it than <paramref name="slack"/> lie in it.</param>
    /// <param name="slack">In units of the CRS.</param>
    public Placement(OctreePlan plan, OctantKey octant, double slack)
    {
        var min = plan.Cube.Min;
        var cells = Math.ScaleB(1, OctreePlan.PlaceBits) / plan.Cube.Edge;
        var size = Math.ScaleB(1, OctreePlan.PlaceBits - octant.Level);
        _x = new Axis(plan.Scale.X * cells, (plan.Offset.X - min.X) * cells, octant.X * size, size, slack * cells);
        _y = new Axis(plan.Scale.Y * cells, (plan.Offset.Y - min.Y) * cells, octant.Y * size, size, slack * cells);
        _z = new Axis(plan.Scale.Z * cells, (plan.Offset.Z - min.Z) * cells, octant.Z * size, size, slack * cells);
    }

    /// <summary>The place of a record; negative along an axis on which it lies outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(byte* record, out int x, out int y, out int z)
    {
        x = _x.Of(((int*)record)[0]);
        y = _y.Of(((int*)record)[1]);
        z = _z.Of(((int*)record)[2]);
    }

    /// <summary>The octant of a level that a record lies in.</summary>
    public OctantKey OctantOf(byte* record, int level)
    {
        Of(record, out var x, out var y, out var z);
        var shift = OctreePlan.PlaceBits - level;
        return new OctantKey(level, x >> shift, y >> shift, z >> shift);
    }

    /// <summary>One axis: places from <c>least</c> on, <c>size</c> of them, are the octant's.</summary>
    private readonly struct Axis(double scale, double offset, double least, double size, double slack)
    {
        private readonly double _scale = scale, _offset = offset, _least = least, _most = least + size - 1, _from = least - slack, _end = least + size + slack;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Of(int coordinate)
        {
            var place = (coordinate * _scale) + _offset;
            return place >= _from && place < _end ? (int)Math.Min(Math.Max(place, _least), _most) : place is >= 0 and < 2147483648.0 ? (int)place : -1;
        }
    }
}
