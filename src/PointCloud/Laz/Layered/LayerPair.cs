using System.Runtime.InteropServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>
/// Two layers decoded point by point together. Each symbol of a stream must wait for the one before; of two streams, a processor works on one symbol of each
/// at a time.
/// </summary>
internal abstract unsafe class LayerPair
{
    /// <summary>As <see cref="Layer.Decode"/>, of both; <paramref name="isFirst"/> tells which one is damaged.</summary>
    public abstract bool Decode(
        PointBlock block, ref ArithmeticDecoder firstDecoder, byte* firstEnd, ref ArithmeticDecoder secondDecoder, byte* secondEnd, out bool isFirst);
}

/// <inheritdoc/>
internal sealed unsafe class LayerPair<TFirst, TSecond>(CodedLayer<TFirst> first, CodedLayer<TSecond> second) : LayerPair
    where TFirst : struct, ILayerCoder
    where TSecond : struct, ILayerCoder
{
    public override bool Decode(
        PointBlock block, ref ArithmeticDecoder firstDecoder, byte* firstEnd, ref ArithmeticDecoder secondDecoder, byte* secondEnd, out bool isFirst)
    {
        var firstRuns = CollectionsMarshal.AsSpan(first.Runs(block));
        var secondRuns = CollectionsMarshal.AsSpan(second.Runs(block));
        if (!AreAlike(firstRuns, secondRuns))
        {
            isFirst = !first.Decode(block, ref firstDecoder, firstEnd);
            return !isFirst && second.Decode(block, ref secondDecoder, secondEnd);
        }

        var a = firstDecoder;
        var b = secondDecoder;
        for (var r = 0; r < firstRuns.Length; r++)
        {
            var run = firstRuns[r];
            var firstCoder = first.Open(block, run);
            var secondCoder = second.Open(block, secondRuns[r]);
            for (var i = run.Start; i < run.End; i++)
            {
                firstCoder.Decode(ref a, block, i);
                secondCoder.Decode(ref b, block, i);
                isFirst = a.Next > firstEnd;
                if (isFirst || b.Next > secondEnd)
                    return false;
            }

            firstCoder.Close();
            secondCoder.Close();
        }

        firstDecoder = a;
        secondDecoder = b;
        isFirst = a.IsCorrupt;
        return !isFirst && !b.IsCorrupt;
    }

    private static bool AreAlike(ReadOnlySpan<Run> first, ReadOnlySpan<Run> second)
    {
        if (first.Length != second.Length)
            return false;
        for (var i = 0; i < first.Length; i++)
        {
            if (first[i].Start != second[i].Start || first[i].Count != second[i].Count)
                return false;
        }

        return true;
    }
}
