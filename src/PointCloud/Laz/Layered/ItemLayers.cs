using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>
/// A layer of an item beside POINT14: colour, infrared, wave packet or one extra byte. Its contexts follow <see cref="PointBlock.ItemRuns"/>; their last
/// values are kept apart from their models, since item version 3 mixes those of two contexts.
/// </summary>
/// <param name="offset">Of the value in a record.</param>
/// <param name="size">Bytes of the value, at most 32.</param>
internal abstract unsafe class ItemLayer(int offset, int size) : Layer
{
    private const int Stride = 32;
    private readonly byte[] _last = GC.AllocateArray<byte>(4 * Stride, pinned: true);

    protected int Offset { get; } = offset;

    public sealed override void Restart(byte* first, int channel)
    {
        Begin(channel);
        Unsafe.CopyBlockUnaligned(Last(channel), first + Offset, (uint)size);
    }

    public sealed override bool IsSame(byte* record, byte* first) =>
        new ReadOnlySpan<byte>(record + Offset, size).SequenceEqual(new ReadOnlySpan<byte>(first + Offset, size)) && NeedsNoLayer(first);

    public sealed override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        foreach (var run in block.ItemRuns)
        {
            Prepare(run);
            if (!Decode(block, run, ref decoder, Last(run.Last), end))
                return false;
        }

        return !decoder.IsCorrupt;
    }

    public sealed override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        foreach (var run in block.ItemRuns)
        {
            Prepare(run);
            Encode(block, run, ref encoder, Last(run.Last));
        }
    }

    /// <summary>Whether a chunk where all points have the first one's value needs no layer.</summary>
    protected virtual bool NeedsNoLayer(byte* first) => true;

    /// <summary>Makes a context's models fresh.</summary>
    protected abstract void Begin(int context);

    protected abstract bool Decode(PointBlock block, Run run, ref ArithmeticDecoder decoder, byte* last, byte* end);

    protected abstract void Encode(PointBlock block, Run run, ref ArithmeticEncoder encoder, byte* last);

    private void Prepare(Run run)
    {
        if (!run.IsNew)
            return;
        Begin(run.Context);
        Unsafe.CopyBlockUnaligned(Last(run.Context), Last(run.Previous), (uint)size);
    }

    private byte* Last(int context) => (byte*)Unsafe.AsPointer(ref _last[context * Stride]);
}

/// <summary>Red, green and blue: RGB14, and the first layer of RGBNIR14.</summary>
internal sealed unsafe class ColorLayer(int offset) : ItemLayer(offset, 6)
{
    private readonly Context?[] _contexts = new Context?[4];

    public override int SymbolsPerPoint => Colors.SymbolsPerColor;

    // A colour that is not grey says so with every point, though it does not change.
    protected override bool NeedsNoLayer(byte* first) =>
        *(ushort*)(first + Offset) == *(ushort*)(first + Offset + 2) && *(ushort*)(first + Offset) == *(ushort*)(first + Offset + 4);

    protected override void Begin(int context) => (_contexts[context] ??= new Context()).Arena.Restart();

    protected override bool Decode(PointBlock block, Run run, ref ArithmeticDecoder decoder, byte* last, byte* end)
    {
        var d = decoder;
        var colors = _contexts[run.Context]!.Colors;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            colors.Decode(ref d, (ushort*)last);
            Unsafe.CopyBlockUnaligned(block[i] + Offset, last, 6);
            if (d.Next > end)
                return false;
        }

        decoder = d;
        return true;
    }

    protected override void Encode(PointBlock block, Run run, ref ArithmeticEncoder encoder, byte* last)
    {
        var e = encoder;
        var colors = _contexts[run.Context]!.Colors;
        for (var i = run.Start; i < run.Start + run.Count; i++)
            colors.Encode(ref e, (ushort*)last, (ushort*)(block[i] + Offset));
        encoder = e;
    }

    private sealed class Context
    {
        public Context() => Colors = new Colors(Arena);

        public ModelArena Arena { get; } = new();

        public Colors Colors { get; }
    }
}

/// <summary>Near infrared: the second layer of RGBNIR14.</summary>
internal sealed unsafe class InfraredLayer(int offset) : ItemLayer(offset, 2)
{
    private readonly Context?[] _contexts = new Context?[4];

    public override int SymbolsPerPoint => 3;

    protected override void Begin(int context) => (_contexts[context] ??= new Context()).Arena.Restart();

    protected override bool Decode(PointBlock block, Run run, ref ArithmeticDecoder decoder, byte* last, byte* end)
    {
        var d = decoder;
        var c = _contexts[run.Context]!;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            var used = d.SmallSymbol(c.Used);
            if ((used & 1) != 0)
                last[0] += (byte)d.Symbol(c.Bytes[0]);
            if ((used & 2) != 0)
                last[1] += (byte)d.Symbol(c.Bytes[1]);
            Unsafe.CopyBlockUnaligned(block[i] + Offset, last, 2);
            if (d.Next > end)
                return false;
        }

        decoder = d;
        return true;
    }

    protected override void Encode(PointBlock block, Run run, ref ArithmeticEncoder encoder, byte* last)
    {
        var e = encoder;
        var c = _contexts[run.Context]!;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            var value = block[i] + Offset;
            var used = (value[0] != last[0] ? 1u : 0) | (value[1] != last[1] ? 2u : 0);
            e.Symbol(c.Used, used);
            if ((used & 1) != 0)
                e.Symbol(c.Bytes[0], (byte)(value[0] - last[0]));
            if ((used & 2) != 0)
                e.Symbol(c.Bytes[1], (byte)(value[1] - last[1]));
            Unsafe.CopyBlockUnaligned(last, value, 2);
        }

        encoder = e;
    }

    private sealed class Context
    {
        public Context()
        {
            Used = Arena.Symbols(4);
            Bytes = Arena.SymbolArray(2, 256);
        }

        public ModelArena Arena { get; } = new();

        public SymbolModel* Used { get; }

        public SymbolModels Bytes { get; }
    }
}

/// <summary>WAVEPACKET14.</summary>
internal sealed unsafe class WaveLayer(int offset) : ItemLayer(offset, Waves.Size)
{
    private readonly Context?[] _contexts = new Context?[4];

    public override int SymbolsPerPoint => Waves.SymbolsPerPacket;

    protected override void Begin(int context)
    {
        var c = _contexts[context] ??= new Context();
        c.Arena.Restart();
        c.Waves.Restart();
    }

    protected override bool Decode(PointBlock block, Run run, ref ArithmeticDecoder decoder, byte* last, byte* end)
    {
        var waves = _contexts[run.Context]!.Waves;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            waves.Decode(ref decoder, last);
            Unsafe.CopyBlockUnaligned(block[i] + Offset, last, Waves.Size);
            if (decoder.Next > end)
                return false;
        }

        return true;
    }

    protected override void Encode(PointBlock block, Run run, ref ArithmeticEncoder encoder, byte* last)
    {
        var waves = _contexts[run.Context]!.Waves;
        for (var i = run.Start; i < run.Start + run.Count; i++)
            waves.Encode(ref encoder, last, block[i] + Offset);
    }

    private sealed class Context
    {
        public Context() => Waves = new Waves(Arena);

        public ModelArena Arena { get; } = new();

        public Waves Waves { get; }
    }
}

/// <summary>One extra byte: each of BYTE14's has a layer.</summary>
internal sealed unsafe class ExtraByteLayer(int offset) : ItemLayer(offset, 1)
{
    private readonly Context?[] _contexts = new Context?[4];

    public override int SymbolsPerPoint => 1;

    protected override void Begin(int context) => (_contexts[context] ??= new Context()).Arena.Restart();

    protected override bool Decode(PointBlock block, Run run, ref ArithmeticDecoder decoder, byte* last, byte* end)
    {
        var d = decoder;
        var model = _contexts[run.Context]!.Differences;
        uint value = *last;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            value += d.LikelySymbol(model);
            block[i][Offset] = (byte)value;
            if (d.Next > end)
                return false;
        }

        *last = (byte)value;
        decoder = d;
        return true;
    }

    protected override void Encode(PointBlock block, Run run, ref ArithmeticEncoder encoder, byte* last)
    {
        var e = encoder;
        var model = _contexts[run.Context]!.Differences;
        for (var i = run.Start; i < run.Start + run.Count; i++)
        {
            var value = block[i][Offset];
            e.Symbol(model, (byte)(value - *last));
            *last = value;
        }

        encoder = e;
    }

    private sealed class Context
    {
        public Context() => Differences = Arena.Symbols(256);

        public ModelArena Arena { get; } = new();

        public SymbolModel* Differences { get; }
    }
}
