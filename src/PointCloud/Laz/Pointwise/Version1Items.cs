using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>POINT10 version 1, of files before 2011.</summary>
internal sealed unsafe class Point10Version1 : PointwiseItemVersion1
{
    private readonly IntegerModel* _dx;
    private readonly IntegerModel* _dy;
    private readonly IntegerModel* _z;
    private readonly IntegerModel* _intensity;
    private readonly IntegerModel* _angle;
    private readonly IntegerModel* _source;
    private readonly SymbolModel* _changed;
    private readonly SymbolModels _returns;
    private readonly SymbolModels _class;
    private readonly SymbolModels _user;
    private readonly byte* _last;
    private readonly int[] _lastDx = new int[3];
    private readonly int[] _lastDy = new int[3];
    private int _oldest;

    public Point10Version1()
        : base(20)
    {
        _dx = Arena.Integer(32, 1);
        _dy = Arena.Integer(32, 20);
        _z = Arena.Integer(32, 20);
        _intensity = Arena.Integer(16, 1);
        _angle = Arena.Integer(8, 2);
        _source = Arena.Integer(16, 1);
        _changed = Arena.Symbols(64);
        _returns = Arena.SymbolArray(256, 256);
        _class = Arena.SymbolArray(256, 256);
        _user = Arena.SymbolArray(256, 256);
        _last = Arena.Values<byte>(20);
    }

    public override int SymbolsPerPoint => 4 + (6 * IntegerModel.SymbolsPerNumber);

    public override void Restart(byte* first)
    {
        Arena.Restart();
        Array.Clear(_lastDx);
        Array.Clear(_lastDy);
        _oldest = 0;
        Unsafe.CopyBlockUnaligned(_last, first, 20);
    }

    public override void Decode(ref ArithmeticDecoder decoder, byte* item)
    {
        var d = decoder;
        var last = _last;
        var dx = IntegerModel.Decode(_dx, ref d, Middle(_lastDx), 0, out var kx);
        var dy = IntegerModel.Decode(_dy, ref d, Middle(_lastDy), Math.Min(kx, 19), out var ky);
        _lastDx[_oldest] = dx;
        _lastDy[_oldest] = dy;
        _oldest = (_oldest + 1) % 3;
        *(int*)last += dx;
        *(int*)(last + 4) += dy;
        var kz = (kx + ky) / 2;
        *(int*)(last + 8) = IntegerModel.Decode(_z, ref d, *(int*)(last + 8), Math.Min(kz, 19));
        var changed = d.Symbol(_changed);
        if ((changed & 32) != 0)
            *(ushort*)(last + 12) = (ushort)IntegerModel.Decode(_intensity, ref d, *(ushort*)(last + 12), 0);
        if ((changed & 16) != 0)
            last[14] = (byte)d.Symbol(_returns[last[14]]);
        if ((changed & 8) != 0)
            last[15] = (byte)d.Symbol(_class[last[15]]);
        if ((changed & 4) != 0)
            last[16] = (byte)IntegerModel.Decode(_angle, ref d, last[16], kz < 3 ? 1 : 0);
        if ((changed & 2) != 0)
            last[17] = (byte)d.Symbol(_user[last[17]]);
        if ((changed & 1) != 0)
            *(ushort*)(last + 18) = (ushort)IntegerModel.Decode(_source, ref d, *(ushort*)(last + 18), 0);
        decoder = d;
        Unsafe.CopyBlockUnaligned(item, last, 20);
    }

    private static int Middle(int[] of) => Math.Max(Math.Min(of[0], of[1]), Math.Min(Math.Max(of[0], of[1]), of[2]));
}

/// <summary>GPSTIME11 version 1: one sequence of times.</summary>
internal sealed unsafe class GpsTime11Version1 : PointwiseItemVersion1
{
    private readonly SymbolModel* _multiple;
    private readonly SymbolModel* _zero;
    private readonly IntegerModel* _coder;
    private long _time;
    private int _difference;
    private int _extremes;

    public GpsTime11Version1()
        : base(8)
    {
        _multiple = Arena.Symbols(512);
        _zero = Arena.Symbols(3);
        _coder = Arena.Integer(32, 6);
    }

    public override int SymbolsPerPoint => 1 + 4 + IntegerModel.SymbolsPerNumber;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        (_time, _difference, _extremes) = (*(long*)first, 0, 0);
    }

    public override void Decode(ref ArithmeticDecoder d, byte* item)
    {
        if (_difference == 0)
            DecodeFirst(ref d);
        else
            DecodeMultiple(ref d, (int)d.LikelySymbol<SearchTo1024>(_multiple));
        *(long*)item = _time;
    }

    private void DecodeFirst(ref ArithmeticDecoder d)
    {
        switch (d.Symbol<SearchTo16>(_zero))
        {
            case 1:
                _difference = IntegerModel.Decode(_coder, ref d, 0, 0);
                _time += _difference;
                break;
            case 2:
                _time = (long)d.RawLong();
                break;
        }
    }

    private void DecodeMultiple(ref ArithmeticDecoder d, int multiple)
    {
        if (multiple >= 510)
        {
            _time = multiple == 510 ? (long)d.RawLong() : _time;
            return;
        }

        var (predicted, context) = multiple switch
        {
            0 => (_difference / 4, 2),
            1 => (_difference, 1),
            < 10 => (multiple * _difference, 3),
            < 50 => (multiple * _difference, 4),
            _ => (multiple * _difference, 5),
        };
        var coded = IntegerModel.Decode(_coder, ref d, predicted, context);
        _time += coded;
        if (multiple == 1)
        {
            _difference = coded;
            _extremes = 0;
        }
        else if (multiple is 0 or 509 && ++_extremes > 3)
        {
            _difference = coded;
            _extremes = 0;
        }
    }
}

/// <summary>RGB12 version 1.</summary>
internal sealed unsafe class Rgb12Version1 : PointwiseItemVersion1
{
    private readonly SymbolModel* _used;
    private readonly IntegerModel* _bytes;
    private readonly byte* _last;

    public Rgb12Version1()
        : base(6)
    {
        _used = Arena.Symbols(64);
        _bytes = Arena.Integer(8, 6);
        _last = Arena.Values<byte>(6);
    }

    public override int SymbolsPerPoint => 1 + (6 * IntegerModel.SymbolsPerNumber);

    public override void Restart(byte* first)
    {
        Arena.Restart();
        Unsafe.CopyBlockUnaligned(_last, first, 6);
    }

    public override void Decode(ref ArithmeticDecoder d, byte* item)
    {
        var used = d.Symbol(_used);
        for (var i = 0; i < 6; i++)
        {
            if ((used & (1u << i)) != 0)
                _last[i] = (byte)IntegerModel.Decode(_bytes, ref d, _last[i], i);
        }

        Unsafe.CopyBlockUnaligned(item, _last, 6);
    }
}

/// <summary>BYTE version 1.</summary>
internal sealed unsafe class ExtraBytesVersion1 : PointwiseItemVersion1
{
    private readonly IntegerModel* _bytes;
    private readonly byte* _last;

    public ExtraBytesVersion1(int count)
        : base(count)
    {
        _bytes = Arena.Integer(8, count);
        _last = Arena.Values<byte>(count);
    }

    public override int SymbolsPerPoint => Size * IntegerModel.SymbolsPerNumber;

    public override void Restart(byte* first)
    {
        Arena.Restart();
        Unsafe.CopyBlockUnaligned(_last, first, (uint)Size);
    }

    public override void Decode(ref ArithmeticDecoder d, byte* item)
    {
        for (var i = 0; i < Size; i++)
            item[i] = _last[i] = (byte)IntegerModel.Decode(_bytes, ref d, _last[i], i);
    }
}
