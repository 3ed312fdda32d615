using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>Heights, predicted by the last of the same return level.</summary>
internal sealed unsafe class HeightLayer : ChannelLayer<HeightLayer.Coder, HeightLayer.Context>
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsAlwaysWritten => true;

    public override bool IsPaired => true;

    public override bool IsSame(byte* record, byte* first) => false;

    protected override Coder Open(Context context) => new(context.Heights, context.Last);

    internal readonly struct Coder(IntegerModel* heights, int* last) : ILayerCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            var height = last + block.Level[point];
            *height = IntegerModel.Decode(heights, ref decoder, *height, block.HeightContext[point]);
            *(int*)(block[point] + 8) = *height;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var height = last + block.Level[point];
            var z = *(int*)(block[point] + 8);
            IntegerModel.Encode(heights, ref encoder, *height, z, block.HeightContext[point]);
            *height = z;
        }

        public void Close()
        {
        }
    }

    internal sealed class Context : ChannelContext
    {
        public Context()
        {
            Heights = Arena.Integer(32, 20);
            Last = Arena.Values<int>(8);
        }

        public IntegerModel* Heights { get; }

        /// <summary>By return level.</summary>
        public int* Last { get; }

        protected override void TakeLast(byte* record) => new Span<int>(Last, 8).Fill(*(int*)(record + 8));
    }
}

/// <summary>Intensities, predicted by the last of a first, last, only or intermediate return, with and without a change of time.</summary>
internal sealed unsafe class IntensityLayer : ChannelLayer<IntensityLayer.Coder, IntensityLayer.Context>
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsPaired => true;

    public override bool IsSame(byte* record, byte* first) => *(ushort*)(record + 12) == *(ushort*)(first + 12);

    protected override Coder Open(Context context) => new(context.Intensities, context.Last);

    internal readonly struct Coder(IntegerModel* intensities, ushort* last) : ILayerCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            var kind = block.IntensityClass[point];
            var intensity = last + kind;
            *intensity = (ushort)IntegerModel.Decode(intensities, ref decoder, *intensity, kind >> 1);
            *(ushort*)(block[point] + 12) = *intensity;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var kind = block.IntensityClass[point];
            var intensity = *(ushort*)(block[point] + 12);
            IntegerModel.Encode(intensities, ref encoder, last[kind], intensity, kind >> 1);
            last[kind] = intensity;
        }

        public void Close()
        {
        }
    }

    internal sealed class Context : ChannelContext
    {
        public Context()
        {
            Intensities = Arena.Integer(16, 4);
            Last = Arena.Values<ushort>(8);
        }

        public IntegerModel* Intensities { get; }

        /// <summary>By <see cref="PointBlock.IntensityClass"/>.</summary>
        public ushort* Last { get; }

        protected override void TakeLast(byte* record) => new Span<ushort>(Last, 8).Fill(*(ushort*)(record + 12));
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
