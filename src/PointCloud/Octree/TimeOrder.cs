using System.Buffers;
using System.Numerics;

namespace Grid.PointCloud.Octree;

/// <summary>Brings the points of a chunk into the order in which they were measured, in which they compress best.</summary>
internal static unsafe class TimeOrder
{
    private const int TimeOffset = 22, Digit = 11;

    /// <summary>Returns of one pulse, of one time; longer runs have no times, and keep their order.</summary>
    private const int MostReturns = 64;

    /// <summary>Copies records in the order of GPS time and, within a time, of return numbers; equals keep the order given.</summary>
    public static void Copy(byte* records, int recordLength, ReadOnlySpan<int> points, byte* to)
    {
        if (!TryCopyInOrder(records, recordLength, points, to))
            CopySorted(records, recordLength, points, to);
    }

    /// <summary>Copies records as they are given; false, and not all copied, when they are not in order. Tiles mostly follow the time, and so do parts of them.</summary>
    private static bool TryCopyInOrder(byte* records, int recordLength, ReadOnlySpan<int> points, byte* to)
    {
        var last = 0UL;
        var lastReturn = 0;
        foreach (var point in points)
        {
            var record = records + ((nint)point * recordLength);
            var key = KeyOf(record);
            var number = record[14] & 15;
            if (key < last || (key == last && number < lastReturn))
                return false;
            (last, lastReturn) = (key, number);
            System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(to, record, (uint)recordLength);
            to += recordLength;
        }

        return true;
    }

    // Negative numbers are ordered backwards by their bits.
    private static ulong KeyOf(byte* record)
    {
        var bits = *(long*)(record + TimeOffset);
        return bits < 0 ? ~(ulong)bits : (ulong)bits | (1UL << 63);
    }

    private static void CopySorted(byte* records, int recordLength, ReadOnlySpan<int> points, byte* to)
    {
        var count = points.Length;
        var keys = ArrayPool<ulong>.Shared.Rent(2 * count);
        var order = ArrayPool<int>.Shared.Rent(2 * count);
        ulong all = ulong.MaxValue, any = 0;
        for (var i = 0; i < count; i++)
        {
            var key = KeyOf(records + ((nint)points[i] * recordLength));
            (keys[i], order[i]) = (key, points[i]);
            all &= key;
            any |= key;
        }

        var at = Sort(keys, order, count, any ^ all);
        var sortedKeys = keys.AsSpan(at, count);
        var sorted = order.AsSpan(at, count);
        for (var from = 0; from < count;)
        {
            var end = from + 1;
            while (end < count && sortedKeys[end] == sortedKeys[from])
                end++;
            if (end - from is > 1 and <= MostReturns)
                SortReturns(records, recordLength, sorted[from..end]);
            from = end;
        }

        for (var i = 0; i < count; i++)
            System.Runtime.CompilerServices.Unsafe.CopyBlockUnaligned(to + ((nint)i * recordLength), records + ((nint)sorted[i] * recordLength), (uint)recordLength);
        ArrayPool<ulong>.Shared.Return(keys);
        ArrayPool<int>.Shared.Return(order);
    }

    /// <summary>Sorts the first half of both arrays by the bits that vary; returns where the result begins: at 0 or at the second half.</summary>
    private static int Sort(ulong[] keys, int[] order, int count, ulong varying)
    {
        Span<int> starts = stackalloc int[1 << Digit];
        int from = 0, to = count;
        for (var shift = BitOperations.TrailingZeroCount(varying); shift < 64; shift += Digit)
        {
            if (((varying >> shift) & ((1 << Digit) - 1)) == 0)
                continue;
            starts.Clear();
            for (var i = from; i < from + count; i++)
                starts[(int)((keys[i] >> shift) & ((1 << Digit) - 1))]++;
            var sum = to;
            foreach (ref var start in starts)
                (start, sum) = (sum, sum + start);
            for (var i = from; i < from + count; i++)
            {
                ref var place = ref starts[(int)((keys[i] >> shift) & ((1 << Digit) - 1))];
                keys[place] = keys[i];
                order[place++] = order[i];
            }

            (from, to) = (to, from);
        }

        return from;
    }

    private static void SortReturns(byte* records, int recordLength, Span<int> points)
    {
        for (var i = 1; i < points.Length; i++)
        {
            var point = points[i];
            var number = records[((nint)point * recordLength) + 14] & 15;
            var j = i - 1;
            for (; j >= 0 && (records[((nint)points[j] * recordLength) + 14] & 15) > number; j--)
                points[j + 1] = points[j];
            points[j + 1] = point;
        }
    }
}
