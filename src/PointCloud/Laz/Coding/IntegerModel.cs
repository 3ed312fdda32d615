using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// Models of LASzip's integer compressor: a prediction's error c is coded as k, the number of its bits, by a model of the caller's context, then its place
/// among the numbers of k bits by a model of k: the high eight bits modelled, the rest raw. Lives in a <see cref="ModelArena"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IntegerModel
{
    /// <summary>The most symbols, bits and raw values of one number.</summary>
    public const int SymbolsPerNumber = 4;

    private const int HighBits = 8;

    private byte* _lengths;
    private nint _stride;
    private int _foldShift;
    private BitModel _zeroOrOne;
    private fixed long _correctors[33];

    public static void Create(IntegerModel* model, ModelArena arena, int bits, int contexts)
    {
        model->_stride = SymbolModel.SizeOf(bits + 1);
        model->_lengths = (byte*)arena.Symbols(contexts, bits + 1);
        model->_foldShift = 32 - bits;
        for (var k = 1; k <= bits; k++)
            model->_correctors[k] = k < 32 ? (long)arena.Symbols(1 << Math.Min(k, HighBits)) : 0;
    }

    public void Restart() => _zeroOrOne.Restart();

    /// <summary>
    /// Decodes a number of the model's bits: whoever wants fewer than 32 cuts it. <paramref name="k"/> is the number of bits of the prediction's error.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Decode(IntegerModel* model, ref ArithmeticDecoder decoder, int predicted, int context, out int k)
    {
        k = (int)decoder.Symbol<SearchTo33>((SymbolModel*)(model->_lengths + (context * model->_stride)));
        if (k == 0)
            return predicted + (int)decoder.Bit(ref model->_zeroOrOne);
        if (k == 32)
            return predicted + int.MinValue;
        var c = (int)decoder.Symbol<SearchTo16Or256>((SymbolModel*)model->_correctors[k]);
        if (k > HighBits)
        {
            var low = k - HighBits;
            if (low <= 19)
            {
                c = (c << low) | (int)decoder.RawPart(low);
            }
            else
            {
                var copy = decoder;
                c = (c << low) | (int)copy.Raw(low);
                decoder = copy;
            }
        }

        c += c >> (k - 1) != 0 ? 1 : 1 - (1 << k);
        return predicted + c;
    }

    /// <inheritdoc cref="Decode(IntegerModel*, ref ArithmeticDecoder, int, int, out int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Decode(IntegerModel* model, ref ArithmeticDecoder decoder, int predicted, int context) =>
        Decode(model, ref decoder, predicted, context, out _);

    /// <summary>
    /// As <see cref="Decode(IntegerModel*, ref ArithmeticDecoder, int, int, out int)"/>, but always a call: of several numbers in one method the compiler
    /// would keep the decoder in memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public static int DecodeApart(IntegerModel* model, ref ArithmeticDecoder decoder, int predicted, int context, out int k)
    {
        var d = decoder;
        var number = Decode(model, ref d, predicted, context, out var bits);
        k = bits;
        decoder = d;
        return number;
    }

    /// <summary>Encodes a number; returns k, the number of bits of the prediction's error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Encode(IntegerModel* model, ref ArithmeticEncoder encoder, int predicted, int actual, int context)
    {
        // The error is taken modulo the numbers of the model's bits.
        var c = (actual - predicted) << model->_foldShift >> model->_foldShift;
        var k = 32 - BitOperations.LeadingZeroCount((uint)(c <= 0 ? -c : c - 1));
        encoder.Symbol((SymbolModel*)(model->_lengths + (context * model->_stride)), (uint)k);
        if (k == 0)
        {
            encoder.Bit(ref model->_zeroOrOne, (uint)c);
            return k;
        }

        if (k == 32)
            return k;
        c -= c > 0 ? 1 : 1 - (1 << k);
        var corrector = (SymbolModel*)model->_correctors[k];
        if (k <= HighBits)
        {
            encoder.Symbol(corrector, (uint)c);
        }
        else
        {
            var low = k - HighBits;
            encoder.Symbol(corrector, (uint)c >> low);
            encoder.Raw((uint)c & ((1u << low) - 1), low);
        }

        return k;
    }

    /// <summary>As <see cref="Encode"/>, but always a call, as <see cref="DecodeApart"/> is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public static int EncodeApart(IntegerModel* model, ref ArithmeticEncoder encoder, int predicted, int actual, int context)
    {
        var e = encoder;
        var k = Encode(model, ref e, predicted, actual, context);
        encoder = e;
        return k;
    }
}
