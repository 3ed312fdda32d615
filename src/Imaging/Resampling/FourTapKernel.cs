using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.Imaging.Resampling;

/// <summary>
/// What <see cref="SeparableKernel"/> leaves, 2 or 4 channels, narrow or oblique blocks: 4×4 taps (bicubic, or linear) of UInt8 pixels that all have data, in integers. Rows first with weights in 1/16384, kept in
/// 1/64 grey levels, then columns; rounded to nearest, clamped. The AVX2 form makes two pixels at a time and gives the bytes of the scalar one.
/// </summary>
internal static unsafe class FourTapKernel
{
    private const int RowShift = 8;
    private const int RowRounding = 1 << (RowShift - 1);
    private const int ColumnShift = (2 * KernelTable.FixedBits) - RowShift;
    private const int ColumnRounding = 1 << (ColumnShift - 1);

    /// <summary>Writes <see cref="SourceRun.Count"/> pixels and no byte beyond them.</summary>
    public static void Run(in SourceRun run, short* weightsX, short* weightsY, byte* output)
    {
        if (Avx2.IsSupported)
            RunAvx2(run, weightsX, weightsY, output);
        else
            RunScalar(run, weightsX, weightsY, output);
    }

    public static void RunScalar(in SourceRun run, short* weightsX, short* weightsY, byte* output)
    {
        var stride = run.Width * run.Channels;
        for (int i = 0, x = run.X + SourceRun.HalfStep, y = run.Y + SourceRun.HalfStep; i < run.Count; i++, x += run.DeltaX, y += run.DeltaY)
        {
            var taps = run.Pixels + ((nint)((y >> 16) - 1) * stride) + (((x >> 16) - 1) * run.Channels);
            var wx = weightsX + (((x >> 6) & 1023) * 4);
            var wy = weightsY + (((y >> 6) & 1023) * 4);
            for (var c = 0; c < run.Channels; c++)
            {
                var sum = ColumnRounding;
                for (var j = 0; j < 4; j++)
                {
                    var line = taps + (j * stride) + c;
                    var row = (line[0] * wx[0]) + (line[run.Channels] * wx[1]) + (line[2 * run.Channels] * wx[2]) + (line[3 * run.Channels] * wx[3]);
                    sum += ((row + RowRounding) >> RowShift) * wy[j];
                }

                *output++ = (byte)Math.Clamp(sum >> ColumnShift, 0, 255);
            }
        }
    }

    /// <summary>The pixels that must follow one whose four bytes are stored, for the spare ones to fall on pixels still to be made.</summary>
    internal static int SparePixels(int channels) => 3 / channels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx2(in SourceRun run, short* weightsX, short* weightsY, byte* output)
    {
        int channels = run.Channels, deltaX = run.DeltaX, deltaY = run.DeltaY, count = run.Count;
        var stride = (nint)run.Width * channels;
        var origin = run.Pixels - stride - channels;
        var first = TapPairs(channels, 0);
        var second = TapPairs(channels, 2);
        int x = run.X + SourceRun.HalfStep, y = run.Y + SourceRun.HalfStep;
        var i = 0;

        // Four bytes are stored a pixel, the spare ones overwritten by the next pixels: the last pixels are stored exactly.
        for (var last = count - 2 - SparePixels(channels); i <= last; i += 2)
        {
            int x2 = x + deltaX, y2 = y + deltaY;
            var pair = Pair(
                origin + ((y >> 16) * stride) + ((x >> 16) * channels), origin + ((y2 >> 16) * stride) + ((x2 >> 16) * channels), stride,
                weightsX + (((x >> 6) & 1023) * 4), weightsX + (((x2 >> 6) & 1023) * 4),
                weightsY + (((y >> 6) & 1023) * 4), weightsY + (((y2 >> 6) & 1023) * 4), first, second);
            *(uint*)output = pair.GetElement(0);
            *(uint*)(output + channels) = pair.GetElement(4);
            output += 2 * channels;
            x = x2 + deltaX;
            y = y2 + deltaY;
        }

        for (; i < count; i++)
        {
            var taps = origin + ((y >> 16) * stride) + ((x >> 16) * channels);
            short* wx = weightsX + (((x >> 6) & 1023) * 4), wy = weightsY + (((y >> 6) & 1023) * 4);
            var value = Pair(taps, taps, stride, wx, wx, wy, wy, first, second).GetElement(0);
            for (var c = 0; c < channels; c++, value >>= 8)
                *output++ = (byte)value;
            x += deltaX;
            y += deltaY;
        }
    }

    /// <summary>Bytes of taps k and k+1 of each channel side by side, each widened to 16 bits by a zero.</summary>
    internal static Vector256<byte> TapPairs(int channels, int tap)
    {
        Span<byte> lane = stackalloc byte[16];
        lane.Fill(0x80);
        for (var c = 0; c < channels; c++)
        {
            lane[4 * c] = (byte)((tap * channels) + c);
            lane[(4 * c) + 2] = (byte)(((tap + 1) * channels) + c);
        }

        var half = Vector128.Create<byte>(lane);
        return Vector256.Create(half, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pair(
        byte* a, byte* b, nint stride, short* wxA, short* wxB, short* wyA, short* wyB, Vector256<byte> first, Vector256<byte> second)
    {
        var wx = Vector256.Create(Vector128.CreateScalarUnsafe(*(long*)wxA), Vector128.CreateScalarUnsafe(*(long*)wxB)).AsInt32();
        var wx01 = Avx2.Shuffle(wx, 0x00).AsInt16();
        var wx23 = Avx2.Shuffle(wx, 0x55).AsInt16();
        var row0 = Row(a, b, wx01, wx23, first, second);
        var row1 = Row(a + stride, b + stride, wx01, wx23, first, second);
        var row2 = Row(a + (2 * stride), b + (2 * stride), wx01, wx23, first, second);
        var row3 = Row(a + (3 * stride), b + (3 * stride), wx01, wx23, first, second);

        // The 16 bits of one row go to the low half of each lane, those of the next to the high half, for one multiply-add of both.
        var rows01 = Avx2.Blend(Avx2.ShiftRightLogical(row0, RowShift).AsInt16(), Avx2.ShiftLeftLogical(row1, 16 - RowShift).AsInt16(), 0xAA);
        var rows23 = Avx2.Blend(Avx2.ShiftRightLogical(row2, RowShift).AsInt16(), Avx2.ShiftLeftLogical(row3, 16 - RowShift).AsInt16(), 0xAA);
        var wy = Vector256.Create(Vector128.CreateScalarUnsafe(*(long*)wyA), Vector128.CreateScalarUnsafe(*(long*)wyB)).AsInt32();
        var sum = Avx2.Add(
            Avx2.MultiplyAddAdjacent(rows01, Avx2.Shuffle(wy, 0x00).AsInt16()), Avx2.MultiplyAddAdjacent(rows23, Avx2.Shuffle(wy, 0x55).AsInt16()));
        sum = Avx2.ShiftRightArithmetic(Avx2.Add(sum, Vector256.Create(ColumnRounding)), ColumnShift);
        var words = Avx2.PackSignedSaturate(sum, sum);
        return Avx2.PackUnsignedSaturate(words, words).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Row(byte* a, byte* b, Vector256<short> wx01, Vector256<short> wx23, Vector256<byte> first, Vector256<byte> second)
    {
        var taps = Vector256.Create(Vector128.Load(a), Vector128.Load(b));
        return Avx2.Add(
            Avx2.Add(Avx2.MultiplyAddAdjacent(Avx2.Shuffle(taps, first).AsInt16(), wx01), Vector256.Create(RowRounding)),
            Avx2.MultiplyAddAdjacent(Avx2.Shuffle(taps, second).AsInt16(), wx23));
    }
}
