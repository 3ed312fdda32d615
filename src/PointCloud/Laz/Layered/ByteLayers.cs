using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>An attribute of one symbol a point, in one of 64 models that the last symbol chooses.</summary>
internal unsafe interface ISymbolAttribute
{
    /// <summary>Of the attribute's byte in a record.</summary>
    static abstract int Offset { get; }

    static abstract int Symbols { get; }

    /// <summary>The bits of the byte that are the attribute's.</summary>
    static abstract int Bits { get; }

    static abstract uint ModelOf(uint last, PointBlock block, int point);

    static abstract uint Pack(byte value);

    static abstract int Unpack(uint symbol);
}

/// <summary>Classes, in a context of the last class and of being a single return.</summary>
internal readonly unsafe struct PointClass : ISymbolAttribute
{
    public static int Offset => 16;

    public static int Symbols => 256;

    public static int Bits => 0xFF;

    public static uint ModelOf(uint last, PointBlock block, int point) => ((last & 31) << 1) + (block.IntensityClass[point] >= 6 ? 1u : 0);

    public static uint Pack(byte value) => value;

    public static int Unpack(uint symbol) => (int)symbol;
}

/// <summary>Classification flags, scan direction and edge of flight line, in a context of the last ones. The scanner channel stands between them in the record.</summary>
internal readonly struct PointFlags : ISymbolAttribute
{
    public static int Offset => 15;

    public static int Symbols => 64;

    public static int Bits => 0xCF;

    public static uint ModelOf(uint last, PointBlock block, int point) => last;

    public static uint Pack(byte value) => (value & 15u) | (((uint)value >> 2) & 0x30);

    public static int Unpack(uint symbol) => (int)((symbol & 15) | ((symbol & 0x30) << 2));
}

/// <summary>User data, in a context of the last value.</summary>
internal readonly struct UserData : ISymbolAttribute
{
    public static int Offset => 17;

    public static int Symbols => 256;

    public static int Bits => 0xFF;

    public static uint ModelOf(uint last, PointBlock block, int point) => last >> 2;

    public static uint Pack(byte value) => value;

    public static int Unpack(uint symbol) => (int)symbol;
}

/// <summary>Classes, flags or user data.</summary>
internal sealed unsafe class SymbolLayer<T> : ChannelLayer<SymbolLayer<T>.Coder, SymbolLayer<T>.Context>
    where T : struct, ISymbolAttribute
{
    public override int SymbolsPerPoint => 1;

    public override bool IsSame(byte* record, byte* first) => ((record[T.Offset] ^ first[T.Offset]) & T.Bits) == 0;

    protected override Coder Open(Context context) => new(context.Models, context.Last);

    internal struct Coder(SymbolModels models, uint* kept) : ILayerCoder
    {
        private uint _last = *kept;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            _last = decoder.LikelySymbol(models[T.ModelOf(_last, block, point)]);
            var value = block[point] + T.Offset;
            *value = (byte)((*value & ~T.Bits) | T.Unpack(_last));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var symbol = T.Pack(block[point][T.Offset]);
            encoder.Symbol(models[T.ModelOf(_last, block, point)], symbol);
            _last = symbol;
        }

        public readonly void Close() => *kept = _last;
    }

    internal sealed class Context : ChannelContext
    {
        public Context()
        {
            Models = Arena.SymbolArray(64, T.Symbols);
            Last = Arena.Values<uint>(1);
        }

        public SymbolModels Models { get; }

        public uint* Last { get; }

        protected override void TakeLast(byte* record) => *Last = T.Pack(record[T.Offset]);
    }
}
