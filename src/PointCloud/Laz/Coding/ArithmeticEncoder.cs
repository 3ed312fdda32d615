using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// Writes symbols into one arithmetic stream (FastAC, 32 bits). It writes without looking at the end of its buffer: <see cref="OutputBuffer.Reserve"/>
/// asks for <see cref="BytesPerSymbol"/> for each symbol to come. Hot loops keep it in locals.
/// </summary>
internal unsafe struct ArithmeticEncoder
{
    /// <summary>The most bytes that one symbol, bit or raw value adds.</summary>
    public const int BytesPerSymbol = 3;

    /// <summary>Bytes to be had beyond those of the symbols: the stream's end, and what a store of four bytes touches.</summary>
    public const int Spare = 16;

    private const uint MinLength = 1u << 24;

    private uint _base;
    private uint _length;

    /// <summary>Where the next byte goes. Carries change bytes before it, never before the stream's first.</summary>
    public byte* Next;

    public static ArithmeticEncoder Start(byte* output) => new() { _length = uint.MaxValue, Next = output };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Symbol(SymbolModel* model, uint symbol)
    {
        if (model->Until == 0)
            SymbolModel.Prepare(model);
        var part = _length >> 15;
        var place = SymbolModel.Place(model, symbol);
        var below = SymbolModel.LowAt(model, place) * part;
        _length = (SymbolModel.WidthAt(model, place) * part) + (_length & SymbolModel.MaskOfLast(place));
        SymbolModel.Count(model, symbol);
        Add(below);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Bit(ref BitModel model, uint bit)
    {
        var zeros = model.Zero * (_length >> BitModel.Shift);
        var one = 0 - bit;
        _length = zeros + (one & (_length - zeros - zeros));
        model.Count(bit);
        Add(one & zeros);
    }

    /// <summary>An unmodelled value of 1 to 32 bits: two symbols' worth of bytes above 19 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(uint value, int bits)
    {
        if (bits > 19)
        {
            RawPart(value & 0xFFFF, 16);
            value >>= 16;
            bits -= 16;
        }

        RawPart(value, bits);
    }

    /// <summary>An unmodelled 64-bit value: four symbols' worth of bytes.</summary>
    public void RawLong(ulong value)
    {
        Raw((uint)value, 32);
        Raw((uint)(value >> 32), 32);
    }

    /// <summary>Ends the stream: as many bytes as a decoder will have read after its last symbol.</summary>
    public void Finish()
    {
        var isLong = _length > 2 * MinLength;
        _length = isLong ? MinLength >> 1 : MinLength >> 9;
        Add(isLong ? MinLength : MinLength >> 1);
        for (var zeros = isLong ? 3 : 2; zeros > 0; zeros--)
            *Next++ = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RawPart(uint value, int bits)
    {
        _length >>= bits;
        Add(value * _length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(uint amount)
    {
        _base += amount;
        if (_base < amount)
            Carry(Next);
        var bytes = BitOperations.LeadingZeroCount(_length) >> 3;
        Unsafe.WriteUnaligned(Next, BinaryPrimitives.ReverseEndianness(_base));
        _base = (uint)((ulong)_base << (bytes << 3));
        _length <<= bytes << 3;
        Next += bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Carry(byte* next)
    {
        while (*--next == 0xFF)
            *next = 0;
        ++*next;
    }
}
