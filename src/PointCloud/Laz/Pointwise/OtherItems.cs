using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>GPSTIME11 version 2.</summary>
internal sealed unsafe class GpsTime11 : PointwiseItem
{
    private readonly GpsTimes _times;

    public GpsTime11()
        : base(8) => _times = new GpsTimes(Arena, codesUnchanged: true);

    public override int SymbolsPerPoint => GpsTimes.SymbolsPerTime;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        _times.Restart(*(long*)first);
    }

    public override void Decode(ref ArithmeticDecoder decoder, byte* item) => *(long*)item = _times.Decode(ref decoder);

    public override void Encode(ref ArithmeticEncoder encoder, byte* item) => _times.Encode(ref encoder, *(long*)item);
}

/// <summary>RGB12 version 2.</summary>
internal sealed unsafe class Rgb12 : PointwiseItem
{
    private readonly Colors _colors;
    private readonly ushort* _last;

    public Rgb12()
        : base(6)
    {
        _colors = new Colors(Arena);
        _last = Arena.Values<ushort>(3);
    }

    public override int SymbolsPerPoint => Colors.SymbolsPerColor;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        Unsafe.CopyBlockUnaligned(_last, first, 6);
    }

    public override void Decode(ref ArithmeticDecoder decoder, byte* item)
    {
        _colors.Decode(ref decoder, _last);
        Unsafe.CopyBlockUnaligned(item, _last, 6);
    }

    public override void Encode(ref ArithmeticEncoder encoder, byte* item) => _colors.Encode(ref encoder, _last, (ushort*)item);
}

/// <summary>WAVEPACKET13 version 1, the only one.</summary>
internal sealed unsafe class WavePacket13 : PointwiseItem
{
    private readonly Waves _waves;
    private readonly byte* _last;

    public WavePacket13()
        : base(Waves.Size)
    {
        _waves = new Waves(Arena);
        _last = Arena.Values<byte>(Waves.Size);
    }

    public override int SymbolsPerPoint => Waves.SymbolsPerPacket;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        _waves.Restart();
        Unsafe.CopyBlockUnaligned(_last, first, Waves.Size);
    }

    public override void Decode(ref ArithmeticDecoder decoder, byte* item)
    {
        _waves.Decode(ref decoder, _last);
        Unsafe.CopyBlockUnaligned(item, _last, Waves.Size);
    }

    public override void Encode(ref ArithmeticEncoder encoder, byte* item) => _waves.Encode(ref encoder, _last, item);
}

/// <summary>BYTE version 2: extra bytes, each by its difference to its last value.</summary>
internal sealed unsafe class ExtraBytes : PointwiseItem
{
    private readonly SymbolModels _differences;
    private readonly byte* _last;

    public ExtraBytes(int count)
        : base(count)
    {
        _differences = Arena.SymbolArray(count, 256);
        _last = Arena.Values<byte>(count);
    }

    public override int SymbolsPerPoint => Size;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        Unsafe.CopyBlockUnaligned(_last, first, (uint)Size);
    }

    public override void Decode(ref ArithmeticDecoder decoder, byte* item)
    {
        var d = decoder;
        for (var i = 0; i < Size; i++)
            item[i] = _last[i] += (byte)d.LikelySymbol(_differences[(uint)i]);
        decoder = d;
    }

    public override void Encode(ref ArithmeticEncoder encoder, byte* item)
    {
        var e = encoder;
        for (var i = 0; i < Size; i++)
        {
            e.Symbol(_differences[(uint)i], (byte)(item[i] - _last[i]));
            _last[i] = item[i];
        }

        encoder = e;
    }
}
