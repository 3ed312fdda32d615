using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.Imaging.Resampling;

/// <summary>
/// Parents from children: the mean of 2×2 pixels a channel. Pixels without data are left out; the mean has data when any of the four has.
/// UInt8 means are rounded to nearest, halves to the even value: over many levels as many halves go down as up, so pictures neither darken nor
/// brighten. Float32 means are (a + b + c + d) / 4 summed in that order of pairs: ((a + b) + (c + d)).
/// </summary>
public static unsafe class Decimation
{
    private const int Chunk = 16;

    /// <summary><see cref="Pairs"/> by number of channels.</summary>
    private static readonly Vector256<byte>[] _pairs = [default, Pairs(1), Pairs(2), Pairs(3), Pairs(4)];

    /// <summary>
    /// Writes the mean of <paramref name="child"/> into a quadrant of <paramref name="parent"/> (0 or 1 across, 0 or 1 down), samples and mask;
    /// samples without data are left alone. Neither <see cref="Raster.IsFull"/> is changed. Both have the same format; the child's sides are even, and
    /// the parent's are the same, or half of them when it is to hold quadrant 0,0 alone.
    /// </summary>
    /// <returns>Whether every pixel written has data.</returns>
    public static bool Halve(Raster child, Raster parent, int quadrantCol, int quadrantRow)
    {
        int width = child.Width / 2, height = child.Height / 2;
        var fits = (parent.Width == child.Width && parent.Height == child.Height)
            || (parent.Width == width && parent.Height == height && (quadrantCol | quadrantRow) == 0);
        if (child.Format != parent.Format || !fits || (child.Width | child.Height) % 2 != 0)
            throw new ArgumentException($"a tile of {child.Width} × {child.Height} for a parent of {parent.Width} × {parent.Height}");
        int channels = child.Format.Channels, pixel = child.Format.BytesPerPixel;
        var isFloat = child.Format.Sample == SampleType.Float32;
        var allFull = true;
        fixed (byte* source = child.Pixels, sourceMask = child.Mask, target = parent.Pixels, targetMask = parent.Mask)
        {
            for (var y = 0; y < height; y++)
            {
                var a = source + ((nint)(2 * y) * child.Width * pixel);
                var b = a + ((nint)child.Width * pixel);
                var to = ((((nint)quadrantRow * height) + y) * parent.Width) + ((nint)quadrantCol * width);
                var output = target + (to * pixel);
                if (child.IsFull)
                {
                    Row(a, b, output, width, channels, isFloat);
                    new Span<byte>(targetMask + to, width).Fill(255);
                    continue;
                }

                var maskA = sourceMask + ((nint)(2 * y) * child.Width);
                var maskB = maskA + child.Width;
                for (var x = 0; x < width; x += Chunk)
                {
                    var count = Math.Min(Chunk, width - x);
                    ReadOnlySpan<byte> above = new(maskA + (2 * x), 2 * count), below = new(maskB + (2 * x), 2 * count);
                    var mask = new Span<byte>(targetMask + to + x, count);
                    if (!above.ContainsAnyExcept((byte)255) && !below.ContainsAnyExcept((byte)255))
                    {
                        Row(a + (2 * x * pixel), b + (2 * x * pixel), output + (x * pixel), count, channels, isFloat);
                        mask.Fill(255);
                    }
                    else if (!above.ContainsAnyExcept((byte)0) && !below.ContainsAnyExcept((byte)0))
                    {
                        mask.Clear();
                        allFull = false;
                    }
                    else
                    {
                        for (var i = 0; i < count; i++)
                        {
                            var at = 2 * (x + i);
                            allFull &= Masked(
                                a + (at * pixel), b + (at * pixel), maskA + at, maskB + at, output + ((x + i) * pixel), channels, isFloat, ref mask[i]);
                        }
                    }
                }
            }
        }

        return allFull;
    }

    /// <summary>Means of <paramref name="count"/> pixels that all have data, from two rows.</summary>
    internal static void Row(byte* a, byte* b, byte* output, int count, int channels, bool isFloat)
    {
        if (isFloat)
        {
            RowOfFloats((float*)a, (float*)b, (float*)output, count, channels);
            return;
        }

        var done = Avx2.IsSupported ? RowAvx2(a, b, output, count, channels) : 0;
        RowScalar(a + (2 * done * channels), b + (2 * done * channels), output + (done * channels), count - done, channels);
    }

    internal static void RowScalar(byte* a, byte* b, byte* output, int count, int channels)
    {
        for (var i = 0; i < count; i++, a += channels, b += channels)
        {
            for (var c = 0; c < channels; c++, a++, b++)
            {
                var sum = a[0] + a[channels] + b[0] + b[channels];
                *output++ = (byte)((sum + 1 + ((sum >> 2) & 1)) >> 2);
            }
        }
    }

    /// <summary>Makes 8 pixels of 2 or 4 channels' worth a step; returns how many pixels it made, leaving the last few to the scalar form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int RowAvx2(byte* a, byte* b, byte* output, int count, int channels)
    {
        // Each 128-bit lane takes an even number of pixels: 16 bytes, or 12 when there are three channels.
        int laneBytes = channels == 3 ? 12 : 16, lanePixels = laneBytes / channels / 2, laneOutput = laneBytes / 2;
        var pairs = _pairs[channels];
        var ones = Vector256.Create((sbyte)1);
        var one = Vector256.Create((short)1);
        var i = 0;

        // A step stores two spare bytes with three channels: the last step is left out so that they stay inside the row.
        for (; i + (2 * lanePixels) < count; i += 2 * lanePixels, a += 2 * laneBytes, b += 2 * laneBytes, output += 2 * laneOutput)
        {
            var above = Vector256.Create(Vector128.Load(a), Vector128.Load(a + laneBytes));
            var below = Vector256.Create(Vector128.Load(b), Vector128.Load(b + laneBytes));
            var sum = Avx2.Add(
                Avx2.MultiplyAddAdjacent(Avx2.Shuffle(above, pairs), ones), Avx2.MultiplyAddAdjacent(Avx2.Shuffle(below, pairs), ones));
            var odd = Avx2.And(Avx2.ShiftRightLogical(sum, 2), one);
            var mean = Avx2.ShiftRightLogical(Avx2.Add(Avx2.Add(sum, one), odd), 2);
            var bytes = Avx2.PackUnsignedSaturate(mean, mean).AsUInt64();
            *(ulong*)output = bytes.GetElement(0);
            *(ulong*)(output + laneOutput) = bytes.GetElement(2);
        }

        return i;
    }

    /// <summary>Puts the two neighbours of a channel side by side.</summary>
    private static Vector256<byte> Pairs(int channels)
    {
        Span<byte> lane = stackalloc byte[16];
        lane.Fill(0x80);
        var bytes = channels == 3 ? 12 : 16;
        for (var i = 0; i < bytes / 2; i++)
        {
            var left = (i / channels * 2 * channels) + (i % channels);
            lane[2 * i] = (byte)left;
            lane[(2 * i) + 1] = (byte)(left + channels);
        }

        var half = Vector128.Create<byte>(lane);
        return Vector256.Create(half, half);
    }

    private static void RowOfFloats(float* a, float* b, float* output, int count, int channels)
    {
        for (var i = 0; i < count; i++, a += channels, b += channels)
        {
            for (var c = 0; c < channels; c++, a++, b++)
                *output++ = ((a[0] + a[channels]) + (b[0] + b[channels])) * 0.25f;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Masked(byte* a, byte* b, byte* maskA, byte* maskB, byte* output, int channels, bool isFloat, ref byte mask)
    {
        var pixel = isFloat ? channels * 4 : channels;
        byte** valid = stackalloc byte*[4];
        var count = 0;
        if (maskA[0] != 0)
            valid[count++] = a;
        if (maskA[1] != 0)
            valid[count++] = a + pixel;
        if (maskB[0] != 0)
            valid[count++] = b;
        if (maskB[1] != 0)
            valid[count++] = b + pixel;
        mask = count == 0 ? (byte)0 : (byte)255;
        if (count == 0)
            return false;
        for (var c = 0; c < channels; c++)
        {
            if (isFloat)
            {
                float total = 0;
                for (var i = 0; i < count; i++)
                    total += ((float*)valid[i])[c];
                ((float*)output)[c] = count == 4
                    ? ((((float*)a)[c] + ((float*)a)[channels + c]) + (((float*)b)[c] + ((float*)b)[channels + c])) * 0.25f
                    : total / count;
            }
            else
            {
                var sum = 0;
                for (var i = 0; i < count; i++)
                    sum += valid[i][c];
                output[c] = (byte)(count switch
                {
                    4 => (sum + 1 + ((sum >> 2) & 1)) >> 2,
                    3 => ((2 * sum) + 3) / 6,
                    2 => (sum + ((sum >> 1) & 1)) >> 1,
                    _ => sum,
                });
            }
        }

        return true;
    }
}
