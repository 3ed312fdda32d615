using System.Buffers.Binary;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Octree;

/// <summary>
/// Turns the records of a file into those of a plan. Formats 0, 1 and 4 become 6; 2, 3 and 5 become 7; 9 becomes 6 and 10 becomes 8, wave packets left out,
/// which COPC does not have. Classes and flags keep their values, scan angles are told in 0.006 degree, absent attributes are 0. Coordinates keep their
/// integers where scale and offset allow, otherwise they are rounded to the plan's.
/// </summary>
internal sealed unsafe class RecordConverter
{
    private readonly PointFormat _from, _to;
    private readonly (double Factor, double Shift, bool IsWhole)[] _axes;

    public RecordConverter(LasHeader file, OctreePlan plan)
    {
        (_from, _to) = (file.PointFormat, plan.Format);
        _axes =
        [
            Axis(file.Scale.X, file.Offset.X, plan.Scale.X, plan.Offset.X), Axis(file.Scale.Y, file.Offset.Y, plan.Scale.Y, plan.Offset.Y),
            Axis(file.Scale.Z, file.Offset.Z, plan.Scale.Z, plan.Offset.Z),
        ];
        IsCopy = _from == _to && Array.TrueForAll(_axes, axis => axis is { Factor: 1, Shift: 0 });
    }

    /// <summary>True when records stay as they are.</summary>
    public bool IsCopy { get; }

    /// <summary>True when every coordinate stays what it is.</summary>
    public bool IsExact => Array.TrueForAll(_axes, axis => axis.IsWhole);

    /// <summary>Converts the first <paramref name="count"/> records. Returns how many, fewer than given when a coordinate of the next leaves the range of 32 bits.</summary>
    public int Convert(ReadOnlySpan<byte> from, Span<byte> to, int count)
    {
        to[..(count * _to.RecordLength)].Clear();
        fixed (byte* first = from, target = to)
        {
            for (var i = 0; i < count; i++)
            {
                byte* source = first + ((nint)i * _from.RecordLength), record = target + ((nint)i * _to.RecordLength);
                for (var axis = 0; axis < 3; axis++)
                {
                    if (!TryMove(_axes[axis], ((int*)source)[axis], out ((int*)record)[axis]))
                        return i;
                }

                *(ushort*)(record + 12) = *(ushort*)(source + 12);
                if (_from.IsExtended)
                    new ReadOnlySpan<byte>(source + 14, 16).CopyTo(new Span<byte>(record + 14, 16));
                else
                    ConvertOld(source, record);
                if (_from.ColorOffset >= 0 && _to.ColorOffset >= 0)
                    new ReadOnlySpan<byte>(source + _from.ColorOffset, 6).CopyTo(new Span<byte>(record + _to.ColorOffset, 6));
                if (_from.InfraredOffset >= 0 && _to.InfraredOffset >= 0)
                    *(ushort*)(record + _to.InfraredOffset) = *(ushort*)(source + _from.InfraredOffset);
                new ReadOnlySpan<byte>(source + _from.BaseSize, _to.ExtraBytes).CopyTo(new Span<byte>(record + _to.BaseSize, _to.ExtraBytes));
            }
        }

        return count;
    }

    private void ConvertOld(byte* source, byte* record)
    {
        int returns = source[14], classification = source[15];
        record[14] = (byte)((returns & 7) | ((returns >> 3 & 7) << 4));
        record[15] = (byte)((classification >> 5) | (returns & 0xC0));
        record[16] = (byte)(classification & 31);
        record[17] = source[17];
        *(short*)(record + 18) = (short)Math.Round((sbyte)source[16] / 0.006);
        *(ushort*)(record + 20) = *(ushort*)(source + 18);
        if (_from.GpsTimeOffset >= 0)
            *(long*)(record + 22) = BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(source + _from.GpsTimeOffset, 8));
    }

    private static (double Factor, double Shift, bool IsWhole) Axis(double scale, double offset, double toScale, double toOffset)
    {
        double factor = scale / toScale, shift = (offset - toOffset) / toScale;
        var whole = Math.Round(shift);
        // Offsets such as 0.1 are no exact numbers: a millionth of a unit is nothing.
        return factor == 1 && Math.Abs(whole - shift) < 1e-6 * Math.Max(1, Math.Abs(whole) * 1e-9) ? (1, whole, true) : (factor, shift, false);
    }

    private static bool TryMove((double Factor, double Shift, bool IsWhole) axis, int value, out int moved)
    {
        var exact = axis.IsWhole ? value + axis.Shift : Math.Round((value * axis.Factor) + axis.Shift);
        moved = (int)exact;
        return exact is >= int.MinValue and <= int.MaxValue;
    }
}
