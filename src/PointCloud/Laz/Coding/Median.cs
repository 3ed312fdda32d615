using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>LASzip's streaming median: five values in ascending order, of which the greatest and the least are dropped in turn. All zero at first.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal unsafe struct Median
{
    private fixed int _values[5];
    private int _dropsLeast;

    public readonly int Value => _values[2];

    /// <summary>Takes in a value; without branches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(Median* median, int value)
    {
        var values = median->_values;
        // The four that stay, and among them the new one in its place: max(the one before, min(this one, new)).
        var middle = values[2];
        var stay = Vector128.Load(values + median->_dropsLeast);
        var before = Vector128.Shuffle(stay, Vector128.Create(0, 0, 1, 2));
        before = Vector128.ConditionalSelect(Vector128.Create(-1, 0, 0, 0), Vector128.Create(int.MinValue), before);
        var greatest = Math.Max(stay.GetElement(3), value);
        Vector128.Max(before, Vector128.Min(stay, Vector128.Create(value))).Store(values);
        values[4] = greatest;
        median->_dropsLeast = value > middle || (value == middle && median->_dropsLeast == 0) ? 1 : 0;
    }
}
