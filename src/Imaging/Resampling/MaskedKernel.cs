using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Grid.Imaging.Resampling;

/// <summary>
/// The general path: any number of taps, UInt8 or Float32, with or without masks. An output pixel has data when the source pixel nearest to its
/// place has or, where the output is the coarser one, any source pixel that it covers: a coarse level loses nothing, however small the lot. Taps without data are left out, the weights of the others are scaled to sum to 1, and the result is then held within the values of
/// the taps kept: so nodata never bleeds and negative lobes never overshoot at an edge. UInt8 is rounded to nearest and clamped.
/// </summary>
internal static unsafe class MaskedKernel
{
    /// <param name="run">Where to read.</param>
    /// <param name="format">What a pixel is.</param>
    /// <param name="kernelX">Weights across.</param>
    /// <param name="kernelY">Weights down.</param>
    /// <param name="weightsX">Pinned weights of <paramref name="kernelX"/>.</param>
    /// <param name="weightsY">Pinned weights of <paramref name="kernelY"/>.</param>
    /// <param name="full">All taps of the run have data.</param>
    /// <param name="output">Samples to write.</param>
    /// <param name="mask">Mask to write.</param>
    public static void Run(
        in SourceRun run, PixelFormat format, KernelTable kernelX, KernelTable kernelY, float* weightsX, float* weightsY, bool full,
        byte* output, byte* mask)
    {
        int tapsX = kernelX.Taps, tapsY = kernelY.Taps, pixel = format.BytesPerPixel;
        var isFloat = format.Sample == SampleType.Float32;
        for (int i = 0, x = run.X, y = run.Y; i < run.Count; i++, x += run.DeltaX, y += run.DeltaY, output += pixel)
        {
            if (!full && !AnyHasData(run.Mask, run.Width, x, y, kernelX.Reach, kernelY.Reach))
            {
                mask[i] = 0;
                continue;
            }

            mask[i] = 255;
            int placeX = x + SourceRun.HalfStep, placeY = y + SourceRun.HalfStep;
            var first = ((nint)((placeY >> 16) + kernelY.FirstTap) * run.Width) + (placeX >> 16) + kernelX.FirstTap;
            var wx = weightsX + (((placeX >> 6) & 1023) * tapsX);
            var wy = weightsY + (((placeY >> 6) & 1023) * tapsY);
            var sum = full || AllHaveData(run.Mask + first, run.Width, tapsX, tapsY)
                ? Full(run.Pixels + (first * pixel), (nint)run.Width * pixel, pixel, isFloat, wx, wy, tapsX, tapsY)
                : Partial(run.Pixels, run.Mask, first, run.Width, pixel, isFloat, wx, wy, tapsX, tapsY);
            if (isFloat)
            {
                for (var c = 0; c < format.Channels; c++)
                    ((float*)output)[c] = sum.GetElement(c);
            }
            else
            {
                var rounded = Vector128.ConvertToInt32(Vector128.Floor(sum + Vector128.Create(0.5f)));
                for (var c = 0; c < format.Channels; c++)
                    output[c] = (byte)Math.Clamp(rounded.GetElement(c), 0, 255);
            }
        }
    }

    /// <summary>Nearest neighbour: the source pixel that holds each place.</summary>
    public static void RunNearest(in SourceRun run, PixelFormat format, byte* output, byte* mask)
    {
        var pixel = format.BytesPerPixel;
        for (int i = 0, x = run.X + (SourceRun.One / 2), y = run.Y + (SourceRun.One / 2); i < run.Count; i++, x += run.DeltaX, y += run.DeltaY)
        {
            var at = ((nint)(y >> 16) * run.Width) + (x >> 16);
            mask[i] = run.Mask[at];
            Unsafe.CopyBlockUnaligned(output + (i * pixel), run.Pixels + (at * pixel), (uint)pixel);
        }
    }

    private static bool AnyHasData(byte* mask, int stride, int x, int y, int reachX, int reachY)
    {
        int firstX = ((x - reachX) >> 16) + 1, countX = ((x + reachX) >> 16) - firstX + 1;
        for (int row = ((y - reachY) >> 16) + 1, last = (y + reachY) >> 16; row <= last; row++)
        {
            if (new ReadOnlySpan<byte>(mask + ((nint)row * stride) + firstX, countX).ContainsAnyExcept((byte)0))
                return true;
        }

        return false;
    }

    private static bool AllHaveData(byte* mask, int stride, int tapsX, int tapsY)
    {
        for (var j = 0; j < tapsY; j++, mask += stride)
        {
            if (new ReadOnlySpan<byte>(mask, tapsX).ContainsAnyExcept((byte)255))
                return false;
        }

        return true;
    }

    private static Vector128<float> Full(byte* taps, nint stride, int pixel, bool isFloat, float* wx, float* wy, int tapsX, int tapsY)
    {
        var sum = Vector128<float>.Zero;
        for (var j = 0; j < tapsY; j++, taps += stride)
        {
            var row = Vector128<float>.Zero;
            for (var k = 0; k < tapsX; k++)
                row += Load(taps + (k * pixel), isFloat) * Vector128.Create(wx[k]);
            sum += row * Vector128.Create(wy[j]);
        }

        return sum;
    }

    private static Vector128<float> Partial(
        byte* pixels, byte* mask, nint first, int width, int pixel, bool isFloat, float* wx, float* wy, int tapsX, int tapsY)
    {
        var sum = Vector128<float>.Zero;
        Vector128<float> low = Vector128.Create(float.PositiveInfinity), high = Vector128.Create(float.NegativeInfinity);
        float total = 0;
        for (var j = 0; j < tapsY; j++)
        {
            for (var k = 0; k < tapsX; k++)
            {
                var at = first + ((nint)j * width) + k;
                var weight = wx[k] * wy[j];
                if (mask[at] == 0 || weight == 0)
                    continue;
                var value = Load(pixels + (at * pixel), isFloat);
                sum += value * Vector128.Create(weight);
                total += weight;
                low = Vector128.Min(low, value);
                high = Vector128.Max(high, value);
            }
        }

        // The taps kept may cancel out; any value within theirs is then as good, and the bounds below choose one.
        var mean = sum / Vector128.Create(Math.Abs(total) < 1e-3f ? 1e-3f : total);
        return Vector128.Min(Vector128.Max(mean, low), high);
    }

    /// <summary>Up to four samples as floats; lanes beyond the pixel's channels hold what follows it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Load(byte* pixel, bool isFloat) => isFloat
        ? Vector128.Load((float*)pixel)
        : Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)pixel).AsByte())).AsInt32());
}
