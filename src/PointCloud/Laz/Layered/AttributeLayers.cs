using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>A number of every point, predicted by the last one of the same kind of points.</summary>
internal unsafe interface IPredictedNumber
{
    static abstract int Bits { get; }

    static abstract int Contexts { get; }

    static abstract bool IsAlwaysWritten { get; }

    /// <summary>The kind of a point, 0 to 7.</summary>
    static abstract int KindOf(PointBlock block, int point);

    static abstract int ContextOf(PointBlock block, int point);

    static abstract int Read(byte* record);

    /// <summary>Writes the bits of a number into a record, and returns them.</summary>
    static abstract int Write(byte* record, int number);
}

/// <summary>Heights, by return level.</summary>
internal readonly unsafe struct Height : IPredictedNumber
{
    public static int Bits => 32;

    public static int Contexts => 20;

    public static bool IsAlwaysWritten => true;

    public static int KindOf(PointBlock block, int point) => block.Level[point];

    public static int ContextOf(PointBlock block, int point) => block.HeightContext[point];

    public static int Read(byte* record) => *(int*)(record + 8);

    public static int Write(byte* record, int number) => *(int*)(record + 8) = number;
}

/// <summary>Intensities, by being a first, last, only or intermediate return, with and without a change of time.</summary>
internal readonly unsafe struct Intensity : IPredictedNumber
{
    public static int Bits => 16;

    public static int Contexts => 4;

    public static bool IsAlwaysWritten => false;

    public static int KindOf(PointBlock block, int point) => block.IntensityClass[point];

    public static int ContextOf(PointBlock block, int point) => block.IntensityClass[point] >> 1;

    public static int Read(byte* record) => *(ushort*)(record + 12);

    public static int Write(byte* record, int number) => *(ushort*)(record + 12) = (ushort)number;
}

/// <summary>Heights or intensities.</summary>
internal sealed unsafe class PredictedNumberLayer<T> : ChannelLayer<PredictedNumberLayer<T>.Coder, PredictedNumberLayer<T>.Context>
    where T : struct, IPredictedNumber
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsAlwaysWritten => T.IsAlwaysWritten;

    public override bool IsPaired => true;

    public override bool IsSame(byte* record, byte* first) => !T.IsAlwaysWritten && T.Read(record) == T.Read(first);

    protected override Coder Open(Context context) => new(context.Numbers, context.Last);

    internal readonly struct Coder(IntegerModel* numbers, int* lasts) : ILayerCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            var last = lasts + T.KindOf(block, point);
            *last = T.Write(block[point], IntegerModel.Decode(numbers, ref decoder, *last, T.ContextOf(block, point)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var last = lasts + T.KindOf(block, point);
            var number = T.Read(block[point]);
            IntegerModel.Encode(numbers, ref encoder, *last, number, T.ContextOf(block, point));
            *last = number;
        }

        public void Close()
        {
        }
    }

    internal sealed class Context : ChannelContext
    {
        public Context()
        {
            Numbers = Arena.Integer(T.Bits, T.Contexts);
            Last = Arena.Values<int>(8);
        }

        public IntegerModel* Numbers { get; }

        /// <summary>By kind of points.</summary>
        public int* Last { get; }

        protected override void TakeLast(byte* record) => new Span<int>(Last, 8).Fill(T.Read(record));
    }
}

/// <summary>A 16-bit number that is coded only where the first layer says that it changes.</summary>
internal interface IChangingNumber
{
    /// <summary>Of the number in a record.</summary>
    static abstract int Offset { get; }

    /// <summary>Of <see cref="PointBlock.Changed"/>.</summary>
    static abstract int ChangeBit { get; }

    /// <summary>1 where points whose time changes have a context of their own.</summary>
    static abstract int TimeMask { get; }
}

/// <summary>Predictions of scan angles are signed; the error is taken modulo 65536 either way.</summary>
internal readonly struct ScanAngle : IChangingNumber
{
    public static int Offset => 18;

    public static int ChangeBit => PointBlock.AngleBit;

    public static int TimeMask => 1;
}

internal readonly struct PointSource : IChangingNumber
{
    public static int Offset => 20;

    public static int ChangeBit => PointBlock.SourceBit;

    public static int TimeMask => 0;
}

/// <summary>Scan angles or point sources.</summary>
internal sealed unsafe class ChangingNumberLayer<T> : ChannelLayer<ChangingNumberLayer<T>.Coder, ChangingNumberLayer<T>.Context>
    where T : struct, IChangingNumber
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsPaired => true;

    public override bool IsSame(byte* record, byte* first) => *(ushort*)(record + T.Offset) == *(ushort*)(first + T.Offset);

    protected override Coder Open(Context context) => new(context.Numbers, context.Last);

    internal struct Coder(IntegerModel* numbers, ushort* kept) : ILayerCoder
    {
        private ushort _last = *kept;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            int changed = block.Changed[point];
            if ((changed & T.ChangeBit) != 0)
                _last = (ushort)IntegerModel.Decode(numbers, ref decoder, _last, (changed >> 4) & T.TimeMask);
            *(ushort*)(block[point] + T.Offset) = _last;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            int changed = block.Changed[point];
            if ((changed & T.ChangeBit) == 0)
                return;
            var number = *(ushort*)(block[point] + T.Offset);
            IntegerModel.Encode(numbers, ref encoder, _last, number, (changed >> 4) & T.TimeMask);
            _last = number;
        }

        public readonly void Close() => *kept = _last;
    }

    internal sealed class Context : ChannelContext
    {
        public Context()
        {
            Numbers = Arena.Integer(16, 1 + T.TimeMask);
            Last = Arena.Values<ushort>(1);
        }

        public IntegerModel* Numbers { get; }

        public ushort* Last { get; }

        protected override void TakeLast(byte* record) => *Last = *(ushort*)(record + T.Offset);
    }
}

/// <summary>GPS times, coded only where the first layer says that they change.</summary>
internal sealed unsafe class TimeLayer : ChannelLayer<TimeLayer.Coder, TimeLayer.Context>
{
    private const int Offset = 22;

    public override int SymbolsPerPoint => GpsTimes.SymbolsPerTime;

    public override bool IsPaired => true;

    public override bool IsSame(byte* record, byte* first) => *(long*)(record + Offset) == *(long*)(first + Offset);

    protected override Coder Open(Context context) => new(context.Times);

    internal struct Coder(GpsTimes times) : ILayerCoder
    {
        private long _last = times.Last;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            if ((block.Changed[point] & PointBlock.TimeBit) != 0)
            {
                var copy = decoder;
                _last = times.Decode(ref copy);
                decoder = copy;
            }

            *(long*)(block[point] + Offset) = _last;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            if ((block.Changed[point] & PointBlock.TimeBit) == 0)
                return;
            var copy = encoder;
            times.Encode(ref copy, *(long*)(block[point] + Offset));
            encoder = copy;
        }

        public readonly void Close()
        {
        }
    }

    internal sealed class Context : ChannelContext
    {
        public Context() => Times = new GpsTimes(Arena, codesUnchanged: false);

        public GpsTimes Times { get; }

        protected override void TakeLast(byte* record) => Times.Restart(*(long*)(record + Offset));
    }
}
