using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>What a layer of an item beside POINT14 keeps a context: models, but not the last values.</summary>
internal abstract class ItemModels
{
    protected ModelArena Arena { get; } = new();

    public virtual void Restart() => Arena.Restart();
}

/// <summary>
/// A layer of an item beside POINT14: colour, infrared, wave packet or one extra byte. Its contexts follow <see cref="PointBlock.ItemRuns"/>; their last
/// values are kept apart from their models, since item version 3 mixes those of two contexts.
/// </summary>
/// <param name="offset">Of the value in a record.</param>
/// <param name="size">Bytes of the value, at most 32.</param>
internal abstract unsafe class ItemLayer<TCoder, TModels>(int offset, int size) : CodedLayer<TCoder>
    where TCoder : struct, ILayerCoder
    where TModels : ItemModels, new()
{
    private const int Stride = 32;
    private readonly byte[] _last = GC.AllocateArray<byte>(4 * Stride, pinned: true);
    private readonly TModels?[] _models = new TModels?[4];

    protected int Offset { get; } = offset;

    public sealed override void Restart(byte* first, int channel)
    {
        Begin(channel);
        Unsafe.CopyBlockUnaligned(Last(channel), first + Offset, (uint)size);
    }

    public sealed override bool IsSame(byte* record, byte* first) =>
        new ReadOnlySpan<byte>(record + Offset, size).SequenceEqual(new ReadOnlySpan<byte>(first + Offset, size)) && NeedsNoLayer(first);

    public sealed override List<Run> Runs(PointBlock block) => block.ItemRuns;

    public sealed override TCoder Open(PointBlock block, in Run run)
    {
        if (run.IsNew)
        {
            Begin(run.Context);
            Unsafe.CopyBlockUnaligned(Last(run.Context), Last(run.Previous), (uint)size);
        }

        return Open(_models[run.Context]!, Last(run.Last));
    }

    /// <summary>Whether a chunk where all points have the first one's value needs no layer.</summary>
    protected virtual bool NeedsNoLayer(byte* first) => true;

    protected abstract TCoder Open(TModels models, byte* last);

    private void Begin(int context) => (_models[context] ??= new TModels()).Restart();

    private byte* Last(int context) => (byte*)Unsafe.AsPointer(ref _last[context * Stride]);
}

/// <summary>Red, green and blue: RGB14, and the first layer of RGBNIR14.</summary>
internal sealed unsafe class ColorLayer(int offset) : ItemLayer<ColorLayer.Coder, ColorLayer.Models>(offset, 6)
{
    public override int SymbolsPerPoint => Colors.SymbolsPerColor;

    public override bool IsPaired => true;

    protected override Coder Open(Models models, byte* last) => new(models.Colors, (ushort*)last, Offset);

    // A colour that is not grey says so with every point, though it does not change.
    protected override bool NeedsNoLayer(byte* first) =>
        *(ushort*)(first + Offset) == *(ushort*)(first + Offset + 2) && *(ushort*)(first + Offset) == *(ushort*)(first + Offset + 4);

    internal readonly struct Coder(Colors colors, ushort* last, int offset) : ILayerCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            var copy = decoder;
            colors.Decode(ref copy, last);
            decoder = copy;
            Unsafe.CopyBlockUnaligned(block[point] + offset, last, 6);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var copy = encoder;
            colors.Encode(ref copy, last, (ushort*)(block[point] + offset));
            encoder = copy;
        }

        public void Close()
        {
        }
    }

    internal sealed class Models : ItemModels
    {
        public Models() => Colors = new Colors(Arena);

        public Colors Colors { get; }
    }
}

/// <summary>Near infrared: the second layer of RGBNIR14.</summary>
internal sealed unsafe class InfraredLayer(int offset) : ItemLayer<InfraredLayer.Coder, InfraredLayer.Models>(offset, 2)
{
    public override int SymbolsPerPoint => 3;

    public override bool IsPaired => true;

    protected override Coder Open(Models models, byte* last) => new(models, last, Offset);

    internal readonly struct Coder(Models models, byte* last, int offset) : ILayerCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            var used = decoder.Symbol<SearchTo16>(models.Used);
            if ((used & 1) != 0)
                last[0] += (byte)decoder.Symbol(models.Bytes[0]);
            if ((used & 2) != 0)
                last[1] += (byte)decoder.Symbol(models.Bytes[1]);
            Unsafe.CopyBlockUnaligned(block[point] + offset, last, 2);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var value = block[point] + offset;
            var used = (value[0] != last[0] ? 1u : 0) | (value[1] != last[1] ? 2u : 0);
            encoder.Symbol(models.Used, used);
            if ((used & 1) != 0)
                encoder.Symbol(models.Bytes[0], (byte)(value[0] - last[0]));
            if ((used & 2) != 0)
                encoder.Symbol(models.Bytes[1], (byte)(value[1] - last[1]));
            Unsafe.CopyBlockUnaligned(last, value, 2);
        }

        public void Close()
        {
        }
    }

    internal sealed class Models : ItemModels
    {
        public Models()
        {
            Used = Arena.Symbols(4);
            Bytes = Arena.SymbolArray(2, 256);
        }

        public SymbolModel* Used { get; }

        public SymbolModels Bytes { get; }
    }
}

/// <summary>WAVEPACKET14.</summary>
internal sealed unsafe class WaveLayer(int offset) : ItemLayer<WaveLayer.Coder, WaveLayer.Models>(offset, Waves.Size)
{
    public override int SymbolsPerPoint => Waves.SymbolsPerPacket;

    protected override Coder Open(Models models, byte* last) => new(models.Waves, last, Offset);

    internal readonly struct Coder(Waves waves, byte* last, int offset) : ILayerCoder
    {
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            waves.Decode(ref decoder, last);
            Unsafe.CopyBlockUnaligned(block[point] + offset, last, Waves.Size);
        }

        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point) => waves.Encode(ref encoder, last, block[point] + offset);

        public void Close()
        {
        }
    }

    internal sealed class Models : ItemModels
    {
        public Models() => Waves = new Waves(Arena);

        public Waves Waves { get; }

        public override void Restart()
        {
            base.Restart();
            Waves.Restart();
        }
    }
}

/// <summary>One extra byte: each of BYTE14's has a layer.</summary>
internal sealed unsafe class ExtraByteLayer(int offset) : ItemLayer<ExtraByteLayer.Coder, ExtraByteLayer.Models>(offset, 1)
{
    public override int SymbolsPerPoint => 1;

    protected override Coder Open(Models models, byte* last) => new(models.Differences, last, Offset);

    internal struct Coder(SymbolModel* differences, byte* kept, int offset) : ILayerCoder
    {
        private byte _last = *kept;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point)
        {
            _last += (byte)decoder.LikelySymbol(differences);
            block[point][offset] = _last;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point)
        {
            var value = block[point][offset];
            encoder.Symbol(differences, (byte)(value - _last));
            _last = value;
        }

        public readonly void Close() => *kept = _last;
    }

    internal sealed class Models : ItemModels
    {
        public Models() => Differences = Arena.Symbols(256);

        public SymbolModel* Differences { get; }
    }
}
