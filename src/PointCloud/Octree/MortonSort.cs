using System.Buffers;

namespace Grid.PointCloud.Octree;

/// <summary>Orders points along a Morton curve: octants of every level are then ranges, and so are the cells of every grid.</summary>
internal static unsafe class MortonSort
{
    /// <summary>Bits along each axis below an octant: 7 levels of octants, and the 7 of the finest one's grid.</summary>
    public const int Bits = 14;

    private const int Digit = 11, Passes = 4;

    /// <summary>
    /// Sorts records in place by their places within an octant; those of the same place keep their order. Returns the sorted codes in a rented array: x in the
    /// lowest of each three bits.
    /// </summary>
    /// <param name="level">Of the octant, at most 17.</param>
    public static ulong[] Sort(byte* records, int count, int recordLength, Placement placement, int level)
    {
        var codes = ArrayPool<ulong>.Shared.Rent(count);
        var sortedCodes = ArrayPool<ulong>.Shared.Rent(count);
        var order = ArrayPool<int>.Shared.Rent(count);
        var sortedOrder = ArrayPool<int>.Shared.Rent(count);
        var histograms = new int[Passes << Digit];
        var shift = OctreePlan.PlaceBits - level - Bits;
        for (var i = 0; i < count; i++)
        {
            placement.Of(records + ((nint)i * recordLength), out var x, out var y, out var z);
            var code = Spread(x >> shift) | (Spread(y >> shift) << 1) | (Spread(z >> shift) << 2);
            codes[i] = code;
            order[i] = i;
            for (var pass = 0; pass < Passes; pass++)
                histograms[(pass << Digit) + (int)((code >> (pass * Digit)) & ((1 << Digit) - 1))]++;
        }

        for (var pass = 0; pass < Passes; pass++)
        {
            var starts = histograms.AsSpan(pass << Digit, 1 << Digit);
            if (starts.Contains(count))
                continue;
            var sum = 0;
            foreach (ref var start in starts)
                (start, sum) = (sum, sum + start);
            for (var i = 0; i < count; i++)
            {
                ref var at = ref starts[(int)((codes[i] >> (pass * Digit)) & ((1 << Digit) - 1))];
                sortedCodes[at] = codes[i];
                sortedOrder[at++] = order[i];
            }

            (codes, sortedCodes) = (sortedCodes, codes);
            (order, sortedOrder) = (sortedOrder, order);
        }

        Gather(records, recordLength, order.AsSpan(0, count));
        ArrayPool<ulong>.Shared.Return(sortedCodes);
        ArrayPool<int>.Shared.Return(order);
        ArrayPool<int>.Shared.Return(sortedOrder);
        return codes;
    }

    private static void Gather(byte* records, int recordLength, ReadOnlySpan<int> order)
    {
        var bytes = checked(order.Length * recordLength);
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        fixed (byte* to = rented)
        {
            for (var i = 0; i < order.Length; i++)
                System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(to + ((nint)i * recordLength), records + ((nint)order[i] * recordLength), (uint)recordLength);
            new ReadOnlySpan<byte>(to, bytes).CopyTo(new Span<byte>(records, bytes));
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>The lowest <see cref="Bits"/> bits, each followed by two zeros.</summary>
    private static ulong Spread(int value)
    {
        var v = (ulong)(value & ((1 << Bits) - 1));
        v = (v | (v << 16)) & 0x0000FF0000FFUL;
        v = (v | (v << 8)) & 0x00F00F00F00FUL;
        v = (v | (v << 4)) & 0x0C30C30C30C3UL;
        return (v | (v << 2)) & 0x249249249249UL;
    }
}
