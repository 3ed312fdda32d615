using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>The first layer of POINT14: scanner channel, returns, x and y; and for each point which other attributes change.</summary>
internal sealed unsafe class ReturnsAndXyLayer : Layer
{
    private readonly Context?[] _contexts = new Context?[4];
    private int _used;
    private int _channel;

    public override int SymbolsPerPoint => 4 + (2 * IntegerModel.SymbolsPerNumber);

    public override bool IsAlwaysWritten => true;

    public override bool IsSame(byte* record, byte* first) => false;

    public override void Restart(byte* first, int channel)
    {
        _used = 1 << channel;
        _channel = channel;
        ContextOf(channel).Begin(first);
    }

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        block.Runs.Clear();
        var map = ReturnClasses.Map16;
        var d = decoder;
        var c = ContextOf(_channel);
        int x = c.X, y = c.Y, runStart = 0, count = block.Count;
        int n = c.Count, r = c.Return, time = c.TimeChanged;
        byte previous = (byte)_channel;
        var isNew = false;
        for (var i = 0; i < count; i++)
        {
            var state = (r == 1 ? 1u : 0) + (r >= n ? 2u : 0) + (uint)(time << 2);
            var changed = d.LikelySymbol(c.Changed[state]);
            block.Changed[i] = (byte)changed;
            if ((changed & PointBlock.ChannelBit) != 0)
            {
                c.Save(x, y, n, r, time);
                var channel = (int)((uint)_channel + d.Symbol<SearchTo16>(c.Channel) + 1) & 3;
                if (i > runStart)
                    block.Runs.Add(new Run(runStart, i - runStart, (byte)_channel, previous, isNew));
                previous = (byte)_channel;
                runStart = i;
                c = Switch(channel, block[i - 1], out isNew);
                (x, y, n, r) = (c.X, c.Y, c.Count, c.Return);
            }

            time = (int)(changed >> 4) & 1;
            if ((changed & PointBlock.CountBit) != 0 || (changed & PointBlock.ReturnBits) == 3)
            {
                var copy = d;
                (n, r) = DecodeReturns(c, ref copy, changed, n, r);
                d = copy;
            }
            else
            {
                var step = (int)changed & PointBlock.ReturnBits;
                r = (r + (step == 2 ? 15 : step)) & 15;
            }

            var single = n == 1 ? 1 : 0;
            var median = c.Medians + (4 * map[(n << 4) + r]) + (2 * time);
            var dx = IntegerModel.Decode(c.Dx, ref d, median->Value, single, out var kx);
            Median.Add(median, dx);
            x += dx;
            median++;
            var dy = IntegerModel.Decode(c.Dy, ref d, median->Value, single + (kx < 20 ? kx & ~1 : 20), out var ky);
            Median.Add(median, dy);
            y += dy;

            SetContexts(block, i, n, r, time, single, kx, ky);
            var record = block[i];
            *(int*)record = x;
            *(int*)(record + 4) = y;
            record[14] = (byte)((n << 4) | r);
            record[15] = (byte)((record[15] & ~0x30) | (_channel << 4));
            if (d.Next > end)
                return false;
        }

        c.Save(x, y, n, r, time);
        block.Runs.Add(new Run(runStart, count - runStart, (byte)_channel, previous, isNew));
        decoder = d;
        return !d.IsCorrupt;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        block.Runs.Clear();
        var map = ReturnClasses.Map16;
        var e = encoder;
        var c = ContextOf(_channel);
        var runStart = 0;
        byte previous = (byte)_channel;
        var isNew = false;
        for (var i = 0; i < block.Count; i++)
        {
            var record = block[i];
            int channel = (record[15] >> 4) & 3, n = record[14] >> 4, r = record[14] & 15;
            var state = (c.Return == 1 ? 1u : 0) + (c.Return >= c.Count ? 2u : 0) + (uint)(c.TimeChanged << 2);
            var before = c;
            if (channel != _channel)
            {
                if (i > runStart)
                    block.Runs.Add(new Run(runStart, i - runStart, (byte)_channel, previous, isNew));
                previous = (byte)_channel;
                runStart = i;
                c = Switch(channel, block[i - 1], out isNew);
            }

            var time = c.Time != *(long*)(record + 22) ? 1 : 0;
            var returned = (r - c.Return) & 15;
            var changed = (before != c ? PointBlock.ChannelBit : 0) | (c.Source != *(ushort*)(record + 20) ? PointBlock.SourceBit : 0)
                | (time << 4) | (c.Angle != *(short*)(record + 18) ? PointBlock.AngleBit : 0) | (c.Count != n ? PointBlock.CountBit : 0)
                | (returned switch { 0 => 0, 1 => 1, 15 => 2, _ => 3 });
            block.Changed[i] = (byte)changed;
            e.Symbol(before.Changed[state], (uint)changed);
            if (before != c)
                e.Symbol(before.Channel, (uint)(channel - previous - 1) & 3);
            if ((changed & PointBlock.CountBit) != 0)
                e.Symbol(c.Counts[(uint)c.Count], (uint)n);
            if ((changed & PointBlock.ReturnBits) == 3)
            {
                if (time != 0)
                    e.Symbol(c.Returns[(uint)c.Return], (uint)r);
                else
                    e.Symbol(c.ReturnSameTime, (uint)(returned - 2));
            }

            var single = n == 1 ? 1 : 0;
            var median = c.Medians + (4 * map[(n << 4) + r]) + (2 * time);
            int dx = *(int*)record - c.X, dy = *(int*)(record + 4) - c.Y;
            var kx = IntegerModel.Encode(c.Dx, ref e, median->Value, dx, single);
            Median.Add(median, dx);
            median++;
            var ky = IntegerModel.Encode(c.Dy, ref e, median->Value, dy, single + (kx < 20 ? kx & ~1 : 20));
            Median.Add(median, dy);

            SetContexts(block, i, n, r, time, single, kx, ky);
            c.Save(*(int*)record, *(int*)(record + 4), n, r, time);
            c.Remember(record);
        }

        block.Runs.Add(new Run(runStart, block.Count - runStart, (byte)_channel, previous, isNew));
        encoder = e;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetContexts(PointBlock block, int i, int n, int r, int time, int single, int kx, int ky)
    {
        var kz = (kx + ky) / 2;
        block.HeightContext[i] = (byte)(single + (kz < 18 ? kz & ~1 : 18));
        block.Level[i] = (byte)Math.Min(Math.Abs(n - r), 7);
        block.IntensityClass[i] = (byte)((r == 1 ? 4 : 0) + (r >= n ? 2 : 0) + time);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (int Count, int Return) DecodeReturns(Context c, ref ArithmeticDecoder d, uint changed, int n, int r)
    {
        if ((changed & PointBlock.CountBit) != 0)
            n = (int)d.Symbol<SearchTo16>(c.Counts[(uint)n]);
        r = (changed & PointBlock.ReturnBits) switch
        {
            0 => r,
            1 => (r + 1) & 15,
            2 => (r + 15) & 15,
            _ when (changed & PointBlock.TimeBit) != 0 => (int)d.Symbol<SearchTo16>(c.Returns[(uint)r]),
            _ => (r + (int)d.Symbol<SearchTo16>(c.ReturnSameTime) + 2) & 15,
        };
        return (n, r);
    }

    private Context Switch(int channel, byte* pointBefore, out bool isNew)
    {
        isNew = (_used & (1 << channel)) == 0;
        _used |= 1 << channel;
        _channel = channel;
        var to = ContextOf(channel);
        if (isNew)
            to.Begin(pointBefore);
        return to;
    }

    private Context ContextOf(int channel) => _contexts[channel] ??= new Context();

    private sealed class Context
    {
        private readonly ModelArena _arena = new();

        public Context()
        {
            Changed = _arena.SymbolArray(8, 128);
            Channel = _arena.Symbols(3);
            Counts = _arena.SymbolArray(16, 16);
            Returns = _arena.SymbolArray(16, 16);
            ReturnSameTime = _arena.Symbols(13);
            Dx = _arena.Integer(32, 2);
            Dy = _arena.Integer(32, 22);
            Medians = _arena.Values<Median>(24);
        }

        public SymbolModels Changed { get; }

        public SymbolModel* Channel { get; }

        public SymbolModels Counts { get; }

        public SymbolModels Returns { get; }

        public SymbolModel* ReturnSameTime { get; }

        public IntegerModel* Dx { get; }

        public IntegerModel* Dy { get; }

        /// <summary>Of x and y in turn: by return class, and whether the time changed.</summary>
        public Median* Medians { get; }

        public int X { get; private set; }

        public int Y { get; private set; }

        public int Count { get; private set; }

        public int Return { get; private set; }

        public int TimeChanged { get; private set; }

        public short Angle { get; private set; }

        public ushort Source { get; private set; }

        public long Time { get; private set; }

        public void Begin(byte* record)
        {
            _arena.Restart();
            new Span<Median>(Medians, 24).Clear();
            Save(*(int*)record, *(int*)(record + 4), record[14] >> 4, record[14] & 15, 0);
            Remember(record);
        }

        public void Save(int x, int y, int count, int @return, int timeChanged) =>
            (X, Y, Count, Return, TimeChanged) = (x, y, count, @return, timeChanged);

        /// <summary>Keeps what only the encoder compares.</summary>
        public void Remember(byte* record) => (Angle, Source, Time) = (*(short*)(record + 18), *(ushort*)(record + 20), *(long*)(record + 22));
    }
}
