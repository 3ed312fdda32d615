using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.Imaging.Resampling;

/// <summary>
/// The hot path where the source is about as fine as the output and nearly parallel to it: bicubic or linear, UInt8 pixels of 1 or 3 channels
/// that all have data, in two passes (Catmull and Smith, "3-D transformations of images in scanline order", 1980). First along each source row to the columns
/// of the output, where each column runs through the row; then down those columns. Places are kept to 1/65536 source pixel, weights to 1/16384; what lies between the passes
/// is 16 bits, 1/128 grey level. The AVX2 form gives the bytes of the scalar one.
/// </summary>
internal static unsafe class SeparableKernel
{
    /// <summary>Pixels across a block.</summary>
    public const int Columns = 32;

    /// <summary>Most pixels down a block: what lies between the passes then stays in the nearest cache.</summary>
    public const int MostRows = 64;

    /// <summary>Source columns that are looked at for a row of a block; a window is at least as wide.</summary>
    public const int SourceColumns = 48;

    /// <summary>Room before and after a row of one channel, for taps of pixels that nobody asks for.</summary>
    private const int Margin = 16;
    private const int PlaneStride = Margin + SourceColumns + 32;
    private const int RowsAtOnce = 8;

    /// <summary>Words of one channel in a row between the passes are kept as packing leaves them: 0-3, 8-11, 4-7, 12-15 of sixteen.</summary>
    private static readonly Vector256<int> _order = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);

    // Where in three vectors of 16 bytes the samples of one channel lie, and which way they are moved: no two fall on the same place.
    private static readonly Vector256<byte>[] _split = [Split(0), Split(1), Split(2)];
    private static readonly Vector256<byte>[] _join = [Join(0), Join(1), Join(2)];
    private static readonly Vector256<byte>[] _third = [Third(0), Third(1), Third(2)];

    /// <summary>Whether the kernel makes pixels of such a format.</summary>
    public static bool Makes(PixelFormat format) => format.Sample == SampleType.UInt8 && format.Channels is 1 or 3;

    /// <summary>Writes a block of <see cref="Columns"/> × <paramref name="rows"/> pixels.</summary>
    /// <param name="window">First sample of the window.</param>
    /// <param name="width">Pixels in a row of the window, at least <see cref="SourceColumns"/>.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="block">Where the pixels lie.</param>
    /// <param name="rows">Rows to write, <see cref="MostRows"/> at most.</param>
    /// <param name="isCubic">Bicubic; linear otherwise.</param>
    /// <param name="output">First sample to write.</param>
    /// <param name="outputStride">Bytes from one row of the output to the next.</param>
    public static void Run(byte* window, int width, int channels, in AffineBlock block, int rows, bool isCubic, byte* output, nint outputStride)
    {
        if (Avx2.IsSupported)
            RunAvx2(window, width, channels, block, rows, isCubic, output, outputStride);
        else
            RunScalar(window, width, channels, block, rows, isCubic, output, outputStride);
    }

    [SkipLocalsInit]
    public static void RunScalar(byte* window, int width, int channels, in AffineBlock block, int rows, bool isCubic, byte* output, nint outputStride)
    {
        var between = stackalloc short[AffineBlock.MostSourceRows * Columns];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var s = 0; s < block.SourceRows; s++)
            {
                var row = window + ((nint)(block.FirstRow + s) * width * channels) + channel;
                for (var c = 0; c < Columns; c++)
                {
                    var place = block.ColAt + (s * block.ColPerRow) + (c * block.ColPerCol);
                    var (before, near, far, after) = Weights((ushort)place, isCubic);
                    var col = place >> 16;
                    var sum = (Tap(row, col - 1) * before) + (Tap(row, col) * near) + (Tap(row, col + 1) * far) + (Tap(row, col + 2) * after);
                    between[(s * Columns) + c] = (short)((sum << 8) >> 15);
                }
            }

            for (var r = 0; r < rows; r++)
            {
                for (var c = 0; c < Columns; c++)
                {
                    var place = block.RowAt + (r * block.RowPerRow) + (c * block.RowPerCol);
                    var (before, near, far, after) = Weights((ushort)place, isCubic);
                    var taps = between + (((place >> 16) - 1) * Columns) + c;
                    var sum = Product(taps[0], before) + Product(taps[Columns], near) + Product(taps[2 * Columns], far) + Product(taps[3 * Columns], after);
                    output[(r * outputStride) + (c * channels) + channel] = (byte)(Math.Clamp((sum + 32) >> 6, -128, 127) + 128);
                }
            }
        }

        // Pixels beyond the window's edges are taps of columns at rows where no pixel of the block needs them.
        int Tap(byte* row, int col) => row[Math.Clamp(col, 0, width - 1) * channels] - 128;
    }

    /// <summary>The four weights at a fraction of 1/65536, in 1/16384; they sum to 16,384.</summary>
    private static (int Before, int Near, int Far, int After) Weights(ushort fraction, bool isCubic)
    {
        // Catmull-Rom with f + g = 1: the outer weights are -fg²/2 and -f²g/2; the inner ones follow from constants and slopes being kept.
        int f = fraction, g = 0xFFFF - f, product = (f * g) >> 16;
        int before = isCubic ? (4 - ((product * g) >> 16)) >> 3 : 0, after = isCubic ? (4 - ((product * f) >> 16)) >> 3 : 0;
        return (before, (g >> 2) + 1 + after - (2 * before), (f >> 2) + before - (2 * after), after);
    }

    private static int Product(int value, int weight) => ((value * weight) + 0x4000) >> 15;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx2(byte* window, int width, int channels, in AffineBlock block, int rows, bool isCubic, byte* output, nint outputStride)
    {
        var between = stackalloc short[(AffineBlock.MostSourceRows * 3 * Columns) + 16];
        between = (short*)(((nint)between + 31) & ~31);
        var planes = stackalloc byte[RowsAtOnce * 3 * PlaneStride];
        for (var s = 0; s < block.SourceRows; s += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, block.SourceRows - s);
            SplitRows(window, width, channels, block, s, count, planes);
            AlongRows(width, channels, block, s, count, isCubic, planes, between);
        }

        DownColumns(channels, block, rows, isCubic, between, output, outputStride);
    }

    /// <summary>First source column that is looked at in a row, always so that <see cref="SourceColumns"/> are in the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int StartOf(in AffineBlock block, int sourceRow, int width) =>
        Math.Clamp(((block.ColAt + (sourceRow * block.ColPerRow)) >> 16) - 1, 0, width - SourceColumns);

    /// <summary>Takes the channels of source rows apart, as signed bytes about 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SplitRows(byte* window, int width, int channels, in AffineBlock block, int sourceRow, int count, byte* planes)
    {
        var middle = Vector256.Create((byte)0x80);
        Vector256<byte> third1 = _third[1], third2 = _third[2], split0 = _split[0], split1 = _split[1], split2 = _split[2];
        var stride = (nint)width * channels;
        for (var i = 0; i < count; i++)
        {
            var source = window + ((block.FirstRow + sourceRow + i) * stride) + (StartOf(block, sourceRow + i, width) * channels);
            var plane = planes + (i * 3 * PlaneStride) + Margin;
            Sse.Prefetch0(source + 192);
            Sse.Prefetch0(source + 256);
            if (channels == 1)
            {
                Avx.Store(plane, Avx2.Xor(Vector256.Load(source), middle));
                Sse2.Store(plane + 32, Sse2.Xor(Vector128.Load(source + 32), middle.GetLower()));
                continue;
            }

            // Two groups of 16 pixels side by side in the lanes, then the third alone: 48 columns.
            for (var group = 0; group < 2; group++, source += 96, plane += 32)
            {
                var isPair = group == 0;
                var upper = isPair ? source + 48 : source;
                var a = Vector256.Create(Vector128.Load(source), Vector128.Load(upper));
                var b = Vector256.Create(Vector128.Load(source + 16), Vector128.Load(upper + 16));
                var c = Vector256.Create(Vector128.Load(source + 32), Vector128.Load(upper + 32));
                a = Avx2.Xor(a, middle);
                b = Avx2.Xor(b, middle);
                c = Avx2.Xor(c, middle);
                var red = Avx2.Shuffle(Avx2.BlendVariable(Avx2.BlendVariable(a, b, third2), c, third1), split0);
                var green = Avx2.Shuffle(Avx2.BlendVariable(Avx2.BlendVariable(b, a, third1), c, third2), split1);
                var blue = Avx2.Shuffle(Avx2.BlendVariable(Avx2.BlendVariable(c, a, third2), b, third1), split2);
                if (isPair)
                {
                    Avx.Store(plane, red);
                    Avx.Store(plane + PlaneStride, green);
                    Avx.Store(plane + (2 * PlaneStride), blue);
                }
                else
                {
                    Sse2.Store(plane, red.GetLower());
                    Sse2.Store(plane + PlaneStride, green.GetLower());
                    Sse2.Store(plane + (2 * PlaneStride), blue.GetLower());
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AlongRows(int width, int channels, in AffineBlock block, int sourceRow, int count, bool isCubic, byte* planes, short* between)
    {
        var outerScale = OuterScale(isCubic);
        var lanes = Avx2.MultiplyLow(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create(block.ColPerCol));
        for (var i = 0; i < count; i++)
        {
            var s = sourceRow + i;
            var at = block.ColAt + (s * block.ColPerRow);
            var taps = planes + (i * 3 * PlaneStride) + Margin - 1 - StartOf(block, s, width);
            var to = between + (s * channels * Columns);
            for (var half = 0; half < 2; half++, to += 16)
            {
                // Places of eight pixels, counted from the first one's source column.
                var left = Avx2.Add(Vector256.Create(at & 0xFFFF), lanes);
                var leftTaps = taps + (at >> 16);
                at += 8 * block.ColPerCol;
                var right = Avx2.Add(Vector256.Create(at & 0xFFFF), lanes);
                var rightTaps = taps + (at >> 16);
                at += 8 * block.ColPerCol;
                WeightPairs(left, outerScale, out var leftInner, out var leftOuter);
                WeightPairs(right, outerScale, out var rightInner, out var rightOuter);
                TapPairs(left, out var leftNear, out var leftFar);
                TapPairs(right, out var rightNear, out var rightFar);
                for (var channel = 0; channel < channels; channel++)
                {
                    var a = Avx2.BroadcastVector128ToVector256(leftTaps + (channel * PlaneStride));
                    var b = Avx2.BroadcastVector128ToVector256(rightTaps + (channel * PlaneStride));
                    var sumA = Avx2.Add(
                        Avx2.MultiplyAddAdjacent(Avx2.Shuffle(a, leftNear).AsInt16(), leftInner), Avx2.MultiplyAddAdjacent(Avx2.Shuffle(a, leftFar).AsInt16(), leftOuter));
                    var sumB = Avx2.Add(
                        Avx2.MultiplyAddAdjacent(Avx2.Shuffle(b, rightNear).AsInt16(), rightInner), Avx2.MultiplyAddAdjacent(Avx2.Shuffle(b, rightFar).AsInt16(), rightOuter));
                    Avx.Store(
                        to + (channel * Columns),
                        Avx2.PackSignedSaturate(Avx2.ShiftRightArithmetic(sumA, 15), Avx2.ShiftRightArithmetic(sumB, 15)));
                }
            }
        }
    }

    /// <summary>What takes -2 times an outer weight in 1/65536 to the weight in 1/16384, rounded.</summary>
    private static Vector256<short> OuterScale(bool isCubic) => Vector256.Create((short)(isCubic ? -4096 : 0));

    /// <summary>For each place the weights of the second and first inner tap, and of the last and first tap, as pairs of words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightPairs(Vector256<int> places, Vector256<short> outerScale, out Vector256<short> inner, out Vector256<short> outer)
    {
        // f in the low word, g in the high one.
        var fg = Avx2.Xor(
            Avx2.Shuffle(places.AsByte(), InBothLanes(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13)), Vector256.Create(0xFFFF0000).AsByte()).AsUInt16();
        var product = Avx2.MultiplyHigh(fg, Swap(fg.AsInt16()).AsUInt16());
        outer = Avx2.MultiplyHighRoundScale(Avx2.MultiplyHigh(product, fg).AsInt16(), outerScale);
        var linear = Avx2.Add(Avx2.ShiftRightLogical(fg, 2).AsInt16(), Vector256.Create(0x00010000).AsInt16());
        inner = Avx2.Subtract(Avx2.Add(linear, Swap(outer)), Avx2.Add(outer, outer));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Swap(Vector256<short> words) =>
        Avx2.Shuffle(words.AsByte(), InBothLanes(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsInt16();

    /// <summary>Where the taps of each place lie, counted from the first tap of the first place, in the order of <see cref="WeightPairs"/>; each goes to the high byte of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TapPairs(Vector256<int> places, out Vector256<byte> near, out Vector256<byte> far)
    {
        const byte None = 0x80;
        var cols = Avx2.Shuffle(places.AsByte(), InBothLanes(None, 2, None, 2, None, 6, None, 6, None, 10, None, 10, None, 14, None, 14));
        near = Avx2.Add(cols, Vector256.Create(0x01800280).AsByte());
        far = Avx2.Add(cols, Vector256.Create(0x00800380).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> InBothLanes(
        byte b0, byte b1, byte b2, byte b3, byte b4, byte b5, byte b6, byte b7, byte b8, byte b9, byte b10, byte b11, byte b12, byte b13, byte b14, byte b15)
    {
        var lane = Vector128.Create(b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15);
        return Vector256.Create(lane, lane);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DownColumns(int channels, in AffineBlock block, int rows, bool isCubic, short* between, byte* output, nint outputStride)
    {
        var outerScale = OuterScale(isCubic);
        var lanes = Avx2.MultiplyLow(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create(block.RowPerCol));
        var next = Vector256.Create(8 * block.RowPerCol);
        var fractions = Avx2.PackUnsignedSaturate(Avx2.And(lanes, Vector256.Create(0xFFFF)), Avx2.And(Avx2.Add(lanes, next), Vector256.Create(0xFFFF)));
        var stride = (nint)channels * Columns;
        var order = _order;
        var middle = Vector256.Create((byte)0x80);
        var words = stackalloc short[(3 * Columns) + 16];
        words = (short*)(((nint)words + 31) & ~31);
        for (var r = 0; r < rows; r++, output += outputStride)
        {
            var at = block.RowAt + (r * block.RowPerRow);
            for (var half = 0; half < 2; half++)
            {
                int atFirst = at + (half * 16 * block.RowPerCol), first = atFirst >> 16, last = (atFirst + (15 * block.RowPerCol)) >> 16;
                var f = Avx2.Add(Vector256.Create((ushort)atFirst), fractions);
                var g = Avx2.Xor(f, Vector256<ushort>.AllBitsSet);
                var product = Avx2.MultiplyHigh(f, g);
                var after = Avx2.MultiplyHighRoundScale(Avx2.MultiplyHigh(product, f).AsInt16(), outerScale);
                var before = Avx2.MultiplyHighRoundScale(Avx2.MultiplyHigh(product, g).AsInt16(), outerScale);
                var near = Avx2.Subtract(
                    Avx2.Add(Avx2.Add(Avx2.ShiftRightLogical(g, 2).AsInt16(), Vector256.Create((short)1)), after), Avx2.Add(before, before));
                var far = Avx2.Subtract(Avx2.Add(Avx2.ShiftRightLogical(f, 2).AsInt16(), before), Avx2.Add(after, after));
                var to = words + (16 * half);
                if (first == last)
                {
                    var taps = between + ((first - 1) * stride) + (16 * half);
                    for (var channel = 0; channel < channels; channel++)
                        Avx.Store(to + (channel * Columns), Sum(taps + (channel * Columns), stride, before, near, far, after));
                    continue;
                }

                // The output row leaves one source row for the next within these sixteen pixels.
                var left = Avx2.Add(Vector256.Create(atFirst), lanes);
                var right = Avx2.Add(left, next);
                var rowsOf = Avx2.PackSignedSaturate(Avx2.ShiftRightArithmetic(left, 16), Avx2.ShiftRightArithmetic(right, 16));
                for (var channel = 0; channel < channels; channel++)
                {
                    var sum = Vector256<short>.Zero;
                    for (var row = Math.Min(first, last); row <= Math.Max(first, last); row++)
                    {
                        var taps = between + ((row - 1) * stride) + (channel * Columns) + (16 * half);
                        sum = Avx2.Or(sum, Avx2.And(Sum(taps, stride, before, near, far, after), Avx2.CompareEqual(rowsOf, Vector256.Create((short)row))));
                    }

                    Avx.Store(to + (channel * Columns), sum);
                }
            }

            var red = Bytes(words, order, middle);
            if (channels == 1)
            {
                Avx.Store(output, red);
                continue;
            }

            JoinTo(output, red, Bytes(words + Columns, order, middle), Bytes(words + (2 * Columns), order, middle));
        }
    }

    /// <summary>1/64 grey levels about 128, rounded to whole ones later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Sum(
        short* taps, nint stride, Vector256<short> before, Vector256<short> near, Vector256<short> far, Vector256<short> after) =>
        Avx2.Add(
            Avx2.Add(Avx2.MultiplyHighRoundScale(before, Vector256.Load(taps)), Avx2.MultiplyHighRoundScale(near, Vector256.Load(taps + stride))),
            Avx2.Add(Avx2.MultiplyHighRoundScale(far, Vector256.Load(taps + (2 * stride))), Avx2.MultiplyHighRoundScale(after, Vector256.Load(taps + (3 * stride)))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Bytes(short* words, Vector256<int> order, Vector256<byte> middle)
    {
        var round = Vector256.Create((short)32);
        var bytes = Avx2.PackSignedSaturate(
            Avx2.ShiftRightArithmetic(Avx2.Add(Vector256.Load(words), round), 6), Avx2.ShiftRightArithmetic(Avx2.Add(Vector256.Load(words + 16), round), 6));
        return Avx2.Xor(Avx2.PermuteVar8x32(bytes.AsInt32(), order).AsByte(), middle);
    }

    /// <summary>Writes 32 pixels of three channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinTo(byte* output, Vector256<byte> red, Vector256<byte> green, Vector256<byte> blue)
    {
        Vector256<byte> third1 = _third[1], third2 = _third[2];
        red = Avx2.Shuffle(red, _join[0]);
        green = Avx2.Shuffle(green, _join[1]);
        blue = Avx2.Shuffle(blue, _join[2]);
        var a = Avx2.BlendVariable(Avx2.BlendVariable(red, green, third1), blue, third2);
        var b = Avx2.BlendVariable(Avx2.BlendVariable(green, blue, third1), red, third2);
        var c = Avx2.BlendVariable(Avx2.BlendVariable(blue, red, third1), green, third2);
        Sse2.Store(output, a.GetLower());
        Sse2.Store(output + 16, b.GetLower());
        Sse2.Store(output + 32, c.GetLower());
        Sse2.Store(output + 48, a.GetUpper());
        Sse2.Store(output + 64, b.GetUpper());
        Sse2.Store(output + 80, c.GetUpper());
    }

    /// <summary>Of each lane, the bytes whose place is <paramref name="remainder"/> modulo 3.</summary>
    private static Vector256<byte> Third(int remainder) => InBothLanes(i => i % 3 == remainder ? (byte)255 : (byte)0);

    /// <summary>Sample k of a channel is byte 3k + channel of 48, and so at that place modulo 16 of one of three vectors.</summary>
    private static Vector256<byte> Split(int channel) => InBothLanes(i => (byte)(((3 * i) + channel) % 16));

    /// <summary>The inverse of <see cref="Split"/>.</summary>
    private static Vector256<byte> Join(int channel) => InBothLanes(i =>
    {
        for (byte k = 0; ; k++)
        {
            if (((3 * k) + channel) % 16 == i)
                return k;
        }
    });

    private static Vector256<byte> InBothLanes(Func<int, byte> byteAt)
    {
        Span<byte> lane = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
            lane[i] = byteAt(i);
        var half = Vector128.Create<byte>(lane);
        return Vector256.Create(half, half);
    }
}
