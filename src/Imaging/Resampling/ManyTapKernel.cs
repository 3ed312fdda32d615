using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.Imaging.Resampling;

/// <summary>
/// UInt8 pixels that all have data under kernels wider than four taps on an axis, where the output is the coarser one: as <see cref="FourTapKernel"/> in
/// integers, rows first with weights in 1/16384, kept in 1/64 grey levels, then columns; rounded to nearest, clamped. The AVX2 form makes two pixels at a
/// time and gives the bytes of the scalar one.
/// </summary>
internal static unsafe class ManyTapKernel
{
    private const int RowShift = 8;
    private const int RowRounding = 1 << (RowShift - 1);
    private const int ColumnShift = (2 * KernelTable.FixedBits) - RowShift;
    private const int ColumnRounding = 1 << (ColumnShift - 1);

    /// <summary>Writes <see cref="SourceRun.Count"/> pixels and no byte beyond them.</summary>
    /// <param name="weightsX">Pinned <see cref="KernelTable.Wide"/> of <paramref name="kernelX"/>.</param>
    /// <param name="weightsY">Pinned <see cref="KernelTable.Wide"/> of <paramref name="kernelY"/>.</param>
    public static void Run(in SourceRun run, KernelTable kernelX, KernelTable kernelY, short* weightsX, short* weightsY, byte* output)
    {
        if (Avx2.IsSupported)
            RunAvx2(run, kernelX, kernelY, weightsX, weightsY, output);
        else
            RunScalar(run, kernelX, kernelY, weightsX, weightsY, output);
    }

    public static void RunScalar(in SourceRun run, KernelTable kernelX, KernelTable kernelY, short* weightsX, short* weightsY, byte* output)
    {
        int channels = run.Channels, stride = run.Width * channels;
        for (int i = 0, x = run.X + SourceRun.HalfStep, y = run.Y + SourceRun.HalfStep; i < run.Count; i++, x += run.DeltaX, y += run.DeltaY)
        {
            var taps = run.Pixels + ((nint)((y >> 16) + kernelY.FirstTap) * stride) + (((x >> 16) + kernelX.FirstTap) * channels);
            var wx = weightsX + (((x >> 6) & 1023) * kernelX.WideTaps);
            var wy = weightsY + (((y >> 6) & 1023) * kernelY.WideTaps);
            for (var c = 0; c < channels; c++)
            {
                var sum = ColumnRounding;
                for (var j = 0; j < kernelY.Taps; j++)
                {
                    var row = RowRounding;
                    for (var k = 0; k < kernelX.Taps; k++)
                        row += taps[(j * stride) + (k * channels) + c] * wx[k];
                    sum += (row >> RowShift) * wy[j];
                }

                *output++ = (byte)Math.Clamp(sum >> ColumnShift, 0, 255);
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx2(in SourceRun run, KernelTable kernelX, KernelTable kernelY, short* weightsX, short* weightsY, byte* output)
    {
        int channels = run.Channels, deltaX = run.DeltaX, deltaY = run.DeltaY, count = run.Count;
        int wideX = kernelX.WideTaps, wideY = kernelY.WideTaps, tapsY = kernelY.Taps;
        var stride = (nint)run.Width * channels;
        var origin = run.Pixels + (kernelY.FirstTap * stride) + (kernelX.FirstTap * channels);
        var first = FourTapKernel.TapPairs(channels, 0);
        var second = FourTapKernel.TapPairs(channels, 2);
        var across = stackalloc Vector256<short>[KernelTable.MostWideTaps / 2];
        int x = run.X + SourceRun.HalfStep, y = run.Y + SourceRun.HalfStep;
        var i = 0;

        // Four bytes are stored a pixel, the spare ones overwritten by the next pixels: the last pixels are stored exactly.
        for (var last = count - 2 - FourTapKernel.SparePixels(channels); i <= last; i += 2)
        {
            int x2 = x + deltaX, y2 = y + deltaY;
            short* wxA = weightsX + (((x >> 6) & 1023) * wideX), wxB = weightsX + (((x2 >> 6) & 1023) * wideX);
            for (var k = 0; k < wideX; k += 4)
                Across(wxA + k, wxB + k, across + (k / 2));
            var pair = Pair(
                origin + ((y >> 16) * stride) + ((x >> 16) * channels), origin + ((y2 >> 16) * stride) + ((x2 >> 16) * channels), stride, 4 * channels, wideX,
                across, weightsY + (((y >> 6) & 1023) * wideY), weightsY + (((y2 >> 6) & 1023) * wideY), tapsY, first, second);
            *(uint*)output = pair.GetElement(0);
            *(uint*)(output + channels) = pair.GetElement(4);
            output += 2 * channels;
            x = x2 + deltaX;
            y = y2 + deltaY;
        }

        for (; i < count; i++)
        {
            var taps = origin + ((y >> 16) * stride) + ((x >> 16) * channels);
            short* wx = weightsX + (((x >> 6) & 1023) * wideX), wy = weightsY + (((y >> 6) & 1023) * wideY);
            for (var k = 0; k < wideX; k += 4)
                Across(wx + k, wx + k, across + (k / 2));
            var value = Pair(taps, taps, stride, 4 * channels, wideX, across, wy, wy, tapsY, first, second).GetElement(0);
            for (var c = 0; c < channels; c++, value >>= 8)
                *output++ = (byte)value;
            x += deltaX;
            y += deltaY;
        }
    }

    /// <summary>Four weights of each of two pixels as two pairs that every channel multiplies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Across(short* a, short* b, Vector256<short>* pairs)
    {
        var weights = Vector256.Create(Vector128.CreateScalarUnsafe(*(long*)a), Vector128.CreateScalarUnsafe(*(long*)b)).AsInt32();
        Avx.Store((short*)pairs, Avx2.Shuffle(weights, 0x00).AsInt16());
        Avx.Store((short*)(pairs + 1), Avx2.Shuffle(weights, 0x55).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pair(
        byte* a, byte* b, nint stride, int groupStride, int wideX, Vector256<short>* across, short* wyA, short* wyB, int tapsY, Vector256<byte> first,
        Vector256<byte> second)
    {
        var sum = Vector256.Create(ColumnRounding);
        for (var j = 0; j < tapsY; j += 2, a += 2 * stride, b += 2 * stride)
        {
            // The 16 bits of one row go to the low half of each lane, those of the next to the high half, for one multiply-add of both.
            var upper = Avx2.ShiftRightLogical(Row(a, b, groupStride, wideX, across, first, second), RowShift);
            var lower = Avx2.ShiftLeftLogical(Row(a + stride, b + stride, groupStride, wideX, across, first, second), 16 - RowShift);
            var weights = Vector256.Create(Vector128.Create(*(int*)(wyA + j)), Vector128.Create(*(int*)(wyB + j))).AsInt16();
            sum = Avx2.Add(sum, Avx2.MultiplyAddAdjacent(Avx2.Blend(upper.AsInt16(), lower.AsInt16(), 0xAA), weights));
        }

        sum = Avx2.ShiftRightArithmetic(sum, ColumnShift);
        var words = Avx2.PackSignedSaturate(sum, sum);
        return Avx2.PackUnsignedSaturate(words, words).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Row(byte* a, byte* b, int groupStride, int wideX, Vector256<short>* across, Vector256<byte> first, Vector256<byte> second)
    {
        var sum = Vector256.Create(RowRounding);
        for (var k = 0; k < wideX; k += 4, a += groupStride, b += groupStride, across += 2)
        {
            var taps = Vector256.Create(Vector128.Load(a), Vector128.Load(b));
            sum = Avx2.Add(sum, Avx2.Add(
                Avx2.MultiplyAddAdjacent(Avx2.Shuffle(taps, first).AsInt16(), Avx.LoadVector256((short*)across)),
                Avx2.MultiplyAddAdjacent(Avx2.Shuffle(taps, second).AsInt16(), Avx.LoadVector256((short*)(across + 1)))));
        }

        return sum;
    }
}
