using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>What layers of one symbol a point keep a channel: 64 models and the last symbol.</summary>
internal sealed unsafe class SymbolContext : ChannelContext
{
    private readonly ModelArena _arena = new();
    private readonly int _offset;
    private readonly bool _isFlags;

    public SymbolContext(int offset, bool isFlags)
    {
        (_offset, _isFlags) = (offset, isFlags);
        Models = _arena.SymbolArray(64, isFlags ? 64 : 256);
    }

    public SymbolModels Models { get; }

    public uint Last { get; set; }

    public override void Begin(byte* record)
    {
        _arena.Restart();
        Last = _isFlags ? FlagsLayer.Pack(record[_offset]) : record[_offset];
    }
}

/// <summary>Classes, in a context of the last class and of being a single return.</summary>
internal sealed unsafe class ClassLayer() : ChannelLayer<SymbolContext>(() => new SymbolContext(Offset, isFlags: false))
{
    private const int Offset = 16;

    public override int SymbolsPerPoint => 1;

    public override bool IsSame(byte* record, byte* first) => record[Offset] == first[Offset];

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            var models = c.Models;
            var last = c.Last;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                last = d.LikelySymbol(models[((last & 31) << 1) + Single(block, i)]);
                block[i][Offset] = (byte)last;
                if (d.Next > end)
                    return false;
            }

            c.Last = last;
        }

        decoder = d;
        return true;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                uint value = block[i][Offset];
                e.Symbol(c.Models[((c.Last & 31) << 1) + Single(block, i)], value);
                c.Last = value;
            }
        }

        encoder = e;
    }

    private static uint Single(PointBlock block, int i) => block.IntensityClass[i] >= 6 ? 1u : 0;
}

/// <summary>Classification flags, scan direction and edge of flight line, in a context of the last ones. The scanner channel stands between them in the record.</summary>
internal sealed unsafe class FlagsLayer() : ChannelLayer<SymbolContext>(() => new SymbolContext(Offset, isFlags: true))
{
    private const int Offset = 15;
    private const int ChannelBits = 0x30;

    public override int SymbolsPerPoint => 1;

    public override bool IsSame(byte* record, byte* first) => ((record[Offset] ^ first[Offset]) & ~ChannelBits) == 0;

    public static uint Pack(byte flags) => (flags & 15u) | (((uint)flags >> 2) & 0x30);

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            var models = c.Models;
            var last = c.Last;
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                last = d.LikelySymbol(models[last]);
                block[i][Offset] = (byte)((last & 15) | ((last & 0x30) << 2) | ((uint)run.Context << 4));
                if (d.Next > end)
                    return false;
            }

            c.Last = last;
        }

        decoder = d;
        return true;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                var value = Pack(block[i][Offset]);
                e.Symbol(c.Models[c.Last], value);
                c.Last = value;
            }
        }

        encoder = e;
    }
}

/// <summary>User data, in a context of the last value.</summary>
internal sealed unsafe class UserDataLayer() : ChannelLayer<SymbolContext>(() => new SymbolContext(Offset, isFlags: false))
{
    private const int Offset = 17;

    public override int SymbolsPerPoint => 1;

    public override bool IsSame(byte* record, byte* first) => record[Offset] == first[Offset];

    public override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                c.Last = d.LikelySymbol(c.Models[c.Last >> 2]);
                block[i][Offset] = (byte)c.Last;
                if (d.Next > end)
                    return false;
            }
        }

        decoder = d;
        return true;
    }

    public override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (var run in block.Runs)
        {
            var c = Of(block, run);
            for (var i = run.Start; i < run.Start + run.Count; i++)
            {
                uint value = block[i][Offset];
                e.Symbol(c.Models[c.Last >> 2], value);
                c.Last = value;
            }
        }

        encoder = e;
    }
}
