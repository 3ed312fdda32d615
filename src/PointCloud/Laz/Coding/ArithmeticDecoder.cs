using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// Reads symbols from one arithmetic stream (FastAC, 32 bits). It reads ahead without looking at the end: the bytes must be followed by
/// <see cref="ReadAhead"/> more for every symbol between two questions to <see cref="Next"/>. Hot loops keep it in locals.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct ArithmeticDecoder
{
    /// <summary>The most bytes that one symbol, bit or raw value takes, and as many as are looked at beyond them.</summary>
    public const int ReadAhead = 4;

    /// <summary>The bytes before a stream's first symbol.</summary>
    public const int StartBytes = 4;

    private uint _value;
    private uint _length;
    private uint _excess;

    /// <summary>The first byte not yet read. After the last symbol of a whole stream it is the stream's end.</summary>
    public byte* Next;

    /// <summary>True when there was a value that no encoder writes, such as a raw value above its range.</summary>
    public readonly bool IsCorrupt => _excess != 0;

    public void SetCorrupt() => _excess = 1;

    public static ArithmeticDecoder Start(byte* stream)
    {
        var value = Read(stream);
        return new ArithmeticDecoder { _value = value, _length = uint.MaxValue, _excess = value == uint.MaxValue ? 1u : 0, Next = stream + StartBytes };
    }

    /// <summary>A symbol of a model of a size that the search is for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Symbol<TSearch>(SymbolModel* model)
        where TSearch : struct, ISymbolSearch
    {
        if (model->Until == 0)
            SymbolModel.Prepare(model);
        var part = _length >> 15;
        return Take(model, part, SymbolModel.Find<TSearch>(model, _value, part));
    }

    /// <summary>A symbol of a model of up to 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Symbol(SymbolModel* model) => Symbol<SearchTo256>(model);

    /// <summary>
    /// As <see cref="Symbol{TSearch}"/>, where one symbol is expected nearly always: that one needs no search, and what follows needs not wait for it once
    /// the processor predicts the branch.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint LikelySymbol<TSearch>(SymbolModel* model)
        where TSearch : struct, ISymbolSearch
    {
        if (model->Until == 0)
            SymbolModel.Prepare(model);
        var part = _length >> 15;
        uint below = model->LikelyLow * part, width = model->LikelyWidth * part;
        if (_value - below >= width)
            return Take(model, part, SymbolModel.Find<TSearch>(model, _value, part));
        var likely = (uint)model->Likely;
        SymbolModel.Count(model, likely);
        _value -= below;
        _length = width;
        Renormalise();
        return likely;
    }

    /// <summary>A symbol of a model of up to 256, where one is expected nearly always.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint LikelySymbol(SymbolModel* model) => LikelySymbol<SearchTo256>(model);

    /// <summary>A bit; without a branch, as bits are seldom foreseen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Bit(ref BitModel model)
    {
        var zeros = model.Zero * (_length >> BitModel.Shift);
        var bit = _value >= zeros ? 1u : 0;
        var one = 0 - bit;
        _length = zeros + (one & (_length - zeros - zeros));
        _value -= one & zeros;
        Renormalise();
        model.Count(bit);
        return bit;
    }

    /// <summary>An unmodelled value of 1 to 32 bits.</summary>
    public uint Raw(int bits)
    {
        if (bits <= 19)
            return RawPart(bits);
        var low = RawPart(16);
        return low | (RawPart(bits - 16) << 16);
    }

    /// <summary>An unmodelled 64-bit value.</summary>
    public ulong RawLong()
    {
        ulong low = Raw(32);
        return low | ((ulong)Raw(32) << 32);
    }

    /// <summary>An unmodelled value of 1 to 19 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint RawPart(int bits)
    {
        _length >>= bits;
        var raw = _value / _length;
        _excess |= raw >> bits;
        _value -= raw * _length;
        Renormalise();
        return raw & ((1u << bits) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Take(SymbolModel* model, uint part, nint place)
    {
        var below = SymbolModel.LowAt(model, place) * part;
        // The last symbol owns what the division by 32768 left over: its upper bound reads as 0, so that its width, times the part, is minus what is below.
        var length = (SymbolModel.WidthAt(model, place) * part) + (_length & SymbolModel.MaskOfLast(place));
        var symbol = SymbolModel.At(model, place);
        SymbolModel.Count(model, symbol);
        _value -= below;
        _length = length;
        Renormalise();
        return symbol;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Renormalise()
    {
        // No branch: 0 to 3 bytes come in.
        var shift = BitOperations.LeadingZeroCount(_length) & 24;
        _value = (uint)(((((ulong)_value << 32) | Read(Next)) << shift) >> 32);
        _length <<= shift;
        Next += shift >> 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(byte* at) => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(at));
}
