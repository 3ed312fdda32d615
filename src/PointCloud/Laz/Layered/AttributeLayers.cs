using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>Heights, predicted by the last of the same return level.</summary>
internal sealed unsafe class HeightLayer() : ChannelLayer<HeightLayer.Context>(() => new Context())
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsAlwaysWritten => true;

    public override bool IsSame(byte* record, byte* first) => false;

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            var heights = c.Heights;
            var last = c.Last;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var height = last + block.Level[i];
                *height = IntegerModel.Decode(heights, ref d, *height, block.HeightContext[i]);
                *(int*)(block[i] + 8) = *height;
                if (d.Next > end)
                    return false;
            }
        }

        decoder = d;
        return !d.IsCorrupt;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var height = c.Last + block.Level[i];
                var z = *(int*)(block[i] + 8);
                IntegerModel.Encode(c.Heights, ref e, *height, z, block.HeightContext[i]);
                *height = z;
            }
        }

        encoder = e;
    }

    internal sealed class Context : ChannelContext
    {
        private readonly ModelArena _arena = new();

        public Context()
        {
            Heights = _arena.Integer(32, 20);
            Last = _arena.Values<int>(8);
        }

        public IntegerModel* Heights { get; }

        /// <summary>By return level.</summary>
        public int* Last { get; }

        public override void Begin(byte* record)
        {
            _arena.Restart();
            new Span<int>(Last, 8).Fill(*(int*)(record + 8));
        }
    }
}

/// <summary>Intensities, predicted by the last of a first, last, only or intermediate return, with and without a change of time.</summary>
internal sealed unsafe class IntensityLayer() : ChannelLayer<IntensityLayer.Context>(() => new Context())
{
    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsSame(byte* record, byte* first) => *(ushort*)(record + 12) == *(ushort*)(first + 12);

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var kind = block.IntensityClass[i];
                var intensity = c.Last + kind;
                *intensity = (ushort)IntegerModel.Decode(c.Intensities, ref d, *intensity, kind >> 1);
                *(ushort*)(block[i] + 12) = *intensity;
                if (d.Next > end)
                    return false;
            }
        }

        decoder = d;
        return !d.IsCorrupt;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var kind = block.IntensityClass[i];
                var intensity = *(ushort*)(block[i] + 12);
                IntegerModel.Encode(c.Intensities, ref e, c.Last[kind], intensity, kind >> 1);
                c.Last[kind] = intensity;
            }
        }

        encoder = e;
    }

    internal sealed class Context : ChannelContext
    {
        private readonly ModelArena _arena = new();

        public Context()
        {
            Intensities = _arena.Integer(16, 4);
            Last = _arena.Values<ushort>(8);
        }

        public IntegerModel* Intensities { get; }

        /// <summary>By <see cref="PointBlock.IntensityClass"/>.</summary>
        public ushort* Last { get; }

        public override void Begin(byte* record)
        {
            _arena.Restart();
            new Span<ushort>(Last, 8).Fill(*(ushort*)(record + 12));
        }
    }
}

/// <summary>Scan angles and point sources: a 16-bit number that is coded only where the first layer says that it changes.</summary>
/// <param name="offset">Of the number in a record.</param>
/// <param name="changeBit">Of <see cref="PointBlock.Changed"/>.</param>
/// <param name="dependsOnTime">Whether points whose time changes have a context of their own.</param>
internal sealed unsafe class ChangingNumberLayer(int offset, byte changeBit, bool dependsOnTime)
    : ChannelLayer<ChangingNumberLayer.Context>(() => new Context(offset, dependsOnTime ? 2 : 1))
{
    /// <summary>Predictions of scan angles are signed; the error is taken modulo 65536 either way.</summary>
    private readonly int _timeMask = dependsOnTime ? 1 : 0;

    public override int SymbolsPerPoint => IntegerModel.SymbolsPerNumber;

    public override bool IsSame(byte* record, byte* first) => *(ushort*)(record + offset) == *(ushort*)(first + offset);

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            var last = c.Last;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var changed = block.Changed[i];
                if ((changed & changeBit) != 0)
                    last = (ushort)IntegerModel.Decode(c.Numbers, ref d, last, (changed >> 4) & _timeMask);
                *(ushort*)(block[i] + offset) = last;
                if (d.Next > end)
                    return false;
            }

            c.Last = last;
        }

        decoder = d;
        return !d.IsCorrupt;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var changed = block.Changed[i];
                if ((changed & changeBit) == 0)
                    continue;
                var number = *(ushort*)(block[i] + offset);
                IntegerModel.Encode(c.Numbers, ref e, c.Last, number, (changed >> 4) & _timeMask);
                c.Last = number;
            }
        }

        encoder = e;
    }

    internal sealed class Context : ChannelContext
    {
        private readonly ModelArena _arena = new();
        private readonly int _offset;

        public Context(int offset, int contexts)
        {
            _offset = offset;
            Numbers = _arena.Integer(16, contexts);
        }

        public IntegerModel* Numbers { get; }

        public ushort Last { get; set; }

        public override void Begin(byte* record)
        {
            _arena.Restart();
            Last = *(ushort*)(record + _offset);
        }
    }
}

/// <summary>GPS times, coded only where the first layer says that they change.</summary>
internal sealed unsafe class TimeLayer() : ChannelLayer<TimeLayer.Context>(() => new Context())
{
    private const int Offset = 22;

    public override int SymbolsPerPoint => GpsTimes.SymbolsPerTime;

    public override bool IsSame(byte* record, byte* first) => *(long*)(record + Offset) == *(long*)(first + Offset);

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var times = Of(block, run).Times;
            var last = times.Last;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                if ((block.Changed[i] & PointBlock.TimeBit) != 0 && (!times.TryDecode(ref d, out last) || d.Next > end))
                    return false;
                *(long*)(block[i] + Offset) = last;
            }
        }

        decoder = d;
        return !d.IsCorrupt;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var times = Of(block, run).Times;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                if ((block.Changed[i] & PointBlock.TimeBit) != 0)
                    times.Encode(ref e, *(long*)(block[i] + Offset));
            }
        }

        encoder = e;
    }

    internal sealed class Context : ChannelContext
    {
        private readonly ModelArena _arena = new();

        public Context() => Times = new GpsTimes(_arena, codesUnchanged: false);

        public GpsTimes Times { get; }

        public override void Begin(byte* record)
        {
            _arena.Restart();
            Times.Restart(*(long*)(record + Offset));
        }
    }
}
