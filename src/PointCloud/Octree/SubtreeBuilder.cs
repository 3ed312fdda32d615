using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Grid.PointCloud.Copc;

namespace Grid.PointCloud.Octree;

/// <summary>Points of an octant that the one above may still take.</summary>
/// <param name="Start">Where they are in the builder's list.</param>
/// <param name="IsWhole">True when these are all points of the octant, and nothing of it is closed.</param>
/// <param name="List">Which of the builder's two lists.</param>
internal readonly record struct Held(OctantKey Key, int Start, int Count, bool IsWhole, int List);

/// <summary>An octant that is closed: its points, for good.</summary>
/// <param name="Start">Where they are among the builder's closed points.</param>
internal readonly record struct ClosedOctant(OctantKey Key, int Start, int Count);

/// <summary>
/// Makes an octree of points in memory, bottom up. Of its children's points an octant takes, from each cell of its grid, the one nearest to the cell's
/// middle, the first given among equals; what a child has left is closed. So each point is in one octant, levels are even subsamples, and neither threads nor
/// memory decides.
/// <para>
/// The records stay where they are. Two lists of places and indices go through the tree: points are dealt out to leaves in one pass, which keeps their order,
/// mostly that of time; from there samples move up in place. Memory: 28 bytes a point.
/// </para>
/// </summary>
internal sealed unsafe class SubtreeBuilder : IDisposable
{
    /// <summary>Octants of this level are not divided.</summary>
    public const int DeepestDivided = 16;

    /// <summary>The most points that a builder takes: a place in a list and a distance share 32 bits.</summary>
    public const int MostPoints = 1 << PositionBits;

    private const int PositionBits = 25;

    /// <summary>Bits along each axis of a point's place below the octant that its code is for.</summary>
    private const int CodeBits = 21;

    /// <summary>Bits along each axis that tell how far a point is from its cell's middle.</summary>
    private const int DistanceBits = 4;

    private const int LevelsAtOnce = 5;
    private const int BytesPerPoint = 28;
    private const ulong Axis = (1 << CodeBits) - 1;
    private const uint Empty = uint.MaxValue;

    private readonly byte* _records;
    private readonly int _recordLength;
    private readonly int _count;
    private readonly OctreeSettings _settings;
    private readonly OctreePlan _plan;
    private readonly byte* _memory;
    private readonly ulong*[] _codes;
    private readonly int*[] _points;
    private readonly int* _closedPoints;
    private readonly uint[] _nearest;
    private readonly int[] _spread = new int[1 << LevelsAtOnce];
    private readonly int[] _leafOf = new int[1 << (3 * LevelsAtOnce)];
    private readonly int[][] _counts;
    private Placement _placement;
    private int _closedCount;

    /// <param name="records">Of the plan's format, and the caller's as long as the builder is used.</param>
    /// <param name="count">At most <see cref="MostPoints"/>.</param>
    public SubtreeBuilder(OctreePlan plan, byte* records, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostPoints);
        _records = records;
        (_recordLength, _count, _settings, _plan) = (plan.Format.RecordLength, count, plan.Settings, plan);
        _memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, count), BytesPerPoint);
        var codes = (ulong*)_memory;
        var points = (int*)(codes + (2 * (nint)count));
        _codes = [codes, codes + count];
        _points = [points, points + count];
        _closedPoints = points + (2 * (nint)count);
        _nearest = new uint[1 << (3 * (_settings.GridLevels - 1))];
        _nearest.AsSpan().Fill(Empty);
        for (var i = 0; i < _spread.Length; i++)
        {
            for (var bit = 0; bit < LevelsAtOnce; bit++)
                _spread[i] |= ((i >> bit) & 1) << (3 * bit);
        }

        _counts = [.. Enumerable.Range(0, LevelsAtOnce + 1).Select(level => new int[1 << (3 * level)])];
    }

    /// <summary>The octants closed, children before parents.</summary>
    public List<ClosedOctant> Closed { get; } = [];

    /// <summary>Indices of a closed octant's records.</summary>
    public ReadOnlySpan<int> PointsOf(ClosedOctant octant) => new(_closedPoints + octant.Start, octant.Count);

    /// <summary>Indices of the records that are held.</summary>
    public ReadOnlySpan<int> PointsOf(Held held) => new(_points[held.List] + held.Start, held.Count);

    /// <summary>Divides the points of an octant.</summary>
    public Held Build(OctantKey root)
    {
        Begin(root, root, 0, _count);
        return Divide(root, root.Level, 0, _count, 0);
    }

    /// <summary>Joins octants that were built by themselves: the records are what they hold, one octant after another along the Morton curve.</summary>
    /// <param name="handed">The octants, all within the root, none within another.</param>
    public Held Join(OctantKey root, IReadOnlyList<(OctantKey Key, int Count, bool IsWhole)> handed)
    {
        var parts = new List<Held>(handed.Count);
        var start = 0;
        foreach (var (key, count, isWhole) in handed)
        {
            Begin(root, key, start, count);
            parts.Add(new Held(key, start, count, isWhole, 0));
            start += count;
        }

        var next = 0;
        return Join(root, root.Level, parts, ref next);
    }

    public void Dispose() => NativeMemory.Free(_memory);

    private void Begin(OctantKey root, OctantKey within, int start, int count)
    {
        for (var i = start; i < start + count; i++)
            _points[0][i] = i;
        _placement = new Placement(_plan, within);
        Place(root.Level, start, count, 0);
    }

    /// <summary>Codes of points: x, y and z in their places below the octant of a level that they lie in.</summary>
    private void Place(int level, int start, int count, int list)
    {
        int* points = _points[list] + start;
        ulong* codes = _codes[list] + start;
        int right = Math.Max(0, OctreePlan.PlaceBits - level - CodeBits), left = Math.Max(0, level + CodeBits - OctreePlan.PlaceBits);
        for (var i = 0; i < count; i++)
        {
            _placement.Of(_records + ((nint)points[i] * _recordLength), out var x, out var y, out var z);
            codes[i] = ((((ulong)x >> right) << left & Axis) << (2 * CodeBits)) | ((((ulong)y >> right) << left & Axis) << CodeBits) | (((ulong)z >> right) << left & Axis);
        }
    }

    private Held Join(OctantKey key, int codeLevel, List<Held> parts, ref int next)
    {
        if (parts[next].Key == key)
            return parts[next++];
        var children = new List<Held>(8);
        for (var i = 0; i < 8 && next < parts.Count; i++)
        {
            if (key.Child(i).Contains(parts[next].Key))
                children.Add(Join(key.Child(i), codeLevel, parts, ref next));
        }

        return Combine(key, codeLevel, children, 0);
    }

    private Held Divide(OctantKey key, int codeLevel, int start, int count, int list)
    {
        if (count <= _settings.LeafPoints || key.Level >= DeepestDivided)
            return new Held(key, start, count, IsWhole: true, list);
        var steps = Math.Min(LevelsAtOnce, DeepestDivided - key.Level);
        var givenLevel = codeLevel;
        if (key.Level - codeLevel + steps - 1 + _settings.GridLevels + DistanceBits > CodeBits)
        {
            Place(key.Level, start, count, list);
            codeLevel = key.Level;
        }

        var leaves = Deal(key.Level - codeLevel, steps, start, count, list);
        var next = 0;
        var held = Gather(new Division(leaves, codeLevel, list), key, 0, 0, ref next);
        if (codeLevel != givenLevel)
            Place(givenLevel, held.Start, held.Count, held.List);
        return held;
    }

    /// <summary>Deals points out from one list to the other, leaf after leaf along the Morton curve; those of a leaf keep their order.</summary>
    private List<Leaf> Deal(int depth, int steps, int start, int count, int list)
    {
        var shift = CodeBits - depth - steps;
        ulong* codes = _codes[list] + start, toCodes = _codes[1 - list];
        int* points = _points[list] + start, toPoints = _points[1 - list];
        var counts = _counts[steps];
        Array.Clear(counts);
        for (var i = 0; i < count; i++)
            counts[Octant(codes[i], shift, steps)]++;
        for (var level = steps - 1; level >= 0; level--)
        {
            for (var i = 0; i < _counts[level].Length; i++)
            {
                var sum = 0;
                foreach (var child in _counts[level + 1].AsSpan(8 * i, 8))
                    sum += child;
                _counts[level][i] = sum;
            }
        }

        var leaves = new List<Leaf>();
        FindLeaves(leaves, 0, 0, steps, start);
        var cursors = new int[leaves.Count];
        for (var i = 0; i < cursors.Length; i++)
            cursors[i] = leaves[i].Start;
        for (var i = 0; i < count; i++)
        {
            var at = cursors[_leafOf[Octant(codes[i], shift, steps)]]++;
            toCodes[at] = codes[i];
            toPoints[at] = points[i];
        }

        return leaves;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Octant(ulong code, int shift, int steps)
    {
        var mask = (1u << steps) - 1;
        return _spread[(uint)(code >> (shift + (2 * CodeBits))) & mask] | (_spread[(uint)(code >> (shift + CodeBits)) & mask] << 1) | (_spread[(uint)(code >> shift) & mask] << 2);
    }

    private int FindLeaves(List<Leaf> leaves, int level, int index, int steps, int start)
    {
        var count = _counts[level][index];
        if (count == 0)
            return start;
        if (level < steps && count > _settings.LeafPoints)
        {
            for (var i = 0; i < 8; i++)
                start = FindLeaves(leaves, level + 1, (8 * index) + i, steps, start);
            return start;
        }

        var span = 3 * (steps - level);
        _leafOf.AsSpan(index << span, 1 << span).Fill(leaves.Count);
        leaves.Add(new Leaf(level, index, start, count));
        return start + count;
    }

    private Held Gather(Division division, OctantKey key, int level, int index, ref int next)
    {
        var leaf = division.Leaves[next];
        if (leaf.Level == level && leaf.Index == index)
        {
            next++;
            return Divide(key, division.CodeLevel, leaf.Start, leaf.Count, 1 - division.List);
        }

        var children = new List<Held>(8);
        for (var i = 0; i < 8 && next < division.Leaves.Count; i++)
        {
            leaf = division.Leaves[next];
            if (leaf.Index >> (3 * (leaf.Level - level - 1)) == (8 * index) + i)
                children.Add(Gather(division, key.Child(i), level + 1, (8 * index) + i, ref next));
        }

        return Combine(key, division.CodeLevel, children, division.List);
    }

    /// <summary>
    /// Makes an octant of its children, whose points follow each other. What it takes goes to the beginning of their range in one of the lists: they
    /// are read there no earlier than they are written over, or stand in the other list.
    /// </summary>
    private Held Combine(OctantKey key, int codeLevel, List<Held> children, int list)
    {
        int start = children[0].Start, at = start;
        var isWhole = children.TrueForAll(child => child.IsWhole) && children.Sum(child => child.Count) <= _settings.LeafPoints;
        foreach (var child in children)
        {
            if (isWhole)
                at = Move(child, list, at);
            else
                at = Sample(child, key.Level - codeLevel, list, at);
        }

        return new Held(key, start, at - start, isWhole, list);
    }

    private int Move(Held child, int list, int at)
    {
        Buffer.MemoryCopy(_codes[child.List] + child.Start, _codes[list] + at, (long)child.Count * sizeof(ulong), (long)child.Count * sizeof(ulong));
        Buffer.MemoryCopy(_points[child.List] + child.Start, _points[list] + at, (long)child.Count * sizeof(int), (long)child.Count * sizeof(int));
        return at + child.Count;
    }

    /// <summary>Takes a child's points for the octant above it, and closes what is left. Returns where those taken end.</summary>
    private int Sample(Held child, int depth, int list, int at)
    {
        ulong* codes = _codes[child.List] + child.Start;
        int* points = _points[child.List] + child.Start;
        // A child has half of the cells along each axis.
        var bits = _settings.GridLevels - 1;
        var shift = CodeBits - depth - _settings.GridLevels;
        var cells = 0;
        fixed (uint* nearest = _nearest)
        {
            for (var i = 0; i < child.Count; i++)
            {
                ref var best = ref nearest[Cell(codes[i], shift, bits)];
                cells += best == Empty ? 1 : 0;
                best = Math.Min(best, (Distance(codes[i], shift - DistanceBits) << PositionBits) | (uint)i);
            }

            if (child.IsWhole && child.Count - cells < _settings.FewestPoints)
            {
                for (var i = 0; i < child.Count; i++)
                    nearest[Cell(codes[i], shift, bits)] = Empty;
                return Move(child, list, at);
            }

            ulong* toCodes = _codes[list];
            int* toPoints = _points[list], closed = _closedPoints + _closedCount;
            var left = 0;
            for (var i = 0; i < child.Count; i++)
            {
                ref var best = ref nearest[Cell(codes[i], shift, bits)];
                if ((best & (MostPoints - 1)) == (uint)i && best != Empty)
                {
                    // Emptied for the next octant; the cell's other points are not the best one either way.
                    best = Empty;
                    toCodes[at] = codes[i];
                    toPoints[at++] = points[i];
                }
                else
                {
                    closed[left++] = points[i];
                }
            }

            if (left > 0)
                Closed.Add(new ClosedOctant(child.Key, _closedCount, left));
            _closedCount += left;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Cell(ulong code, int shift, int bits)
    {
        var mask = (1u << bits) - 1;
        return (((uint)(code >> (shift + (2 * CodeBits))) & mask) << (2 * bits)) | (((uint)(code >> (shift + CodeBits)) & mask) << bits) | ((uint)(code >> shift) & mask);
    }

    /// <summary>Orders points of a cell by the distance from its middle: 0 to 84.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Distance(ulong code, int shift)
    {
        const int Mask = (1 << DistanceBits) - 1;
        int x = (2 * ((int)(code >> (shift + (2 * CodeBits))) & Mask)) - Mask, y = (2 * ((int)(code >> (shift + CodeBits)) & Mask)) - Mask, z = (2 * ((int)(code >> shift) & Mask)) - Mask;
        // Squares of odd numbers are multiples of 8, and 1 more.
        return (uint)(((x * x) + (y * y) + (z * z) - 3) >> 3);
    }

    /// <summary>An octant that is not divided in this step.</summary>
    /// <param name="Level">Below the octant that is divided.</param>
    /// <param name="Index">Along the Morton curve of its level.</param>
    private readonly record struct Leaf(int Level, int Index, int Start, int Count);

    /// <param name="CodeLevel">Level of the octants below which codes tell the places.</param>
    /// <param name="List">The list that gets what is held; leaves are in the other.</param>
    private readonly record struct Division(List<Leaf> Leaves, int CodeLevel, int List);
}
