using System.Collections.Concurrent;

namespace Grid.Imaging.Resampling;

/// <summary>
/// The weights of one axis, tabulated at 1,024 places between two source pixels and normalised. When the output is coarser than the source,
/// the kernel is widened by the ratio of cell sizes, so that no source pixel is skipped. Tap k of place p is source pixel
/// floor(p) + <see cref="FirstTap"/> + k, where p counts from the centre of source pixel 0.
/// </summary>
internal sealed class KernelTable
{
    public const int Steps = 1024;

    /// <summary>Scale of <see cref="Fixed"/>.</summary>
    public const int FixedBits = 14;

    /// <summary>Coarser outputs take every source pixel with equal right up to this ratio; beyond, the bottom level was chosen wrongly.</summary>
    public const double MaxRatio = 256;

    /// <summary>An output up to 5 % coarser than its source is resampled as 1:1, like GDAL does: widening would only blur it.</summary>
    private const double WidenedFrom = 1.05;

    /// <summary>Widest kernel of which <see cref="Wide"/> is made.</summary>
    public const int MostWideTaps = 16;

    private static readonly ConcurrentDictionary<(Interpolation, int), KernelTable> _tables = new();

    private KernelTable(Interpolation interpolation, double ratio)
    {
        Reach = (int)(ratio / 2 * SourceRun.One);
        // Linear at 1:1 has four taps like bicubic, the outer ones 0, so that both take the same fast path.
        Taps = Math.Max(4, 2 * (int)Math.Ceiling(Interpolations.RadiusOf(interpolation) * ratio));
        Weights = new float[Steps * Taps];
        Fixed = Taps == 4 ? new short[Steps * 4] : null;
        WideTaps = (Taps + 3) & ~3;
        Wide = WideTaps <= MostWideTaps ? new short[Steps * WideTaps] : null;
        Span<double> weights = stackalloc double[Taps];
        for (var step = 0; step < Steps; step++)
        {
            double sum = 0;
            for (var k = 0; k < Taps; k++)
                sum += weights[k] = Interpolations.Weight(interpolation, (FirstTap + k - (step / (double)Steps)) / ratio);
            var rest = 1 << FixedBits;
            for (var k = 0; k < Taps; k++)
            {
                Weights[(step * Taps) + k] = (float)(weights[k] / sum);
                if (Fixed is not null)
                    rest -= Fixed[(step * 4) + k] = (short)Math.Round(weights[k] / sum * (1 << FixedBits));
            }

            // What rounding lost goes to the larger middle tap: the sum is exact, so a plain area keeps its value.
            if (Fixed is not null)
                Fixed[(step * 4) + (step < Steps / 2 ? 1 : 2)] += (short)rest;
            if (Wide is null)
                continue;
            rest = 1 << FixedBits;
            for (var k = 0; k < Taps; k++)
                rest -= Wide[(step * WideTaps) + k] = (short)Math.Round(weights[k] / sum * (1 << FixedBits));
            Wide[(step * WideTaps) + (Taps / 2) - (step < Steps / 2 ? 1 : 0)] += (short)rest;
        }
    }

    /// <summary>Taps per axis, even.</summary>
    public int Taps { get; }

    public int FirstTap => 1 - (Taps / 2);

    /// <summary>Half the side of an output pixel, in source pixels as 16.16 fixed point; half a source pixel where kernels are not widened.</summary>
    public int Reach { get; }

    /// <summary><c>[step, tap]</c>, each step summing to 1.</summary>
    public float[] Weights { get; }

    /// <summary>As <see cref="Weights"/> in 1/16384, each step summing to 16,384 exactly; null unless there are four taps.</summary>
    public short[]? Fixed { get; }

    /// <summary><see cref="Taps"/> rounded up to whole fours.</summary>
    public int WideTaps { get; }

    /// <summary>As <see cref="Fixed"/> for up to <see cref="MostWideTaps"/> taps, <c>[step, tap]</c> of <see cref="WideTaps"/>, those beyond the kernel 0; null where there are more.</summary>
    public short[]? Wide { get; }

    /// <summary>The table for an output whose pixels are <paramref name="ratio"/> source pixels wide; ratios are rounded up to 1/32.</summary>
    public static KernelTable For(Interpolation interpolation, double ratio)
    {
        var steps = interpolation == Interpolation.Nearest || !(ratio >= WidenedFrom)
            ? 32
            : (int)Math.Ceiling(Math.Min(ratio, MaxRatio) * 32);
        return _tables.GetOrAdd((interpolation, steps), key => new KernelTable(key.Item1, key.Item2 / 32.0));
    }
}
