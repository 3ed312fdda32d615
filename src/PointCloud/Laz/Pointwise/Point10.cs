using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>POINT10 version 2: the 20 bytes that formats 0 to 5 begin with.</summary>
internal sealed unsafe class Point10 : PointwiseItem
{
    private const int ReturnsBit = 32, IntensityBit = 16, ClassBit = 8, AngleBit = 4, UserBit = 2, SourceBit = 1;

    private readonly SymbolModel* _changed;
    private readonly SymbolModels _returns;
    private readonly SymbolModels _class;
    private readonly SymbolModels _user;
    private readonly SymbolModels _angle;
    private readonly IntegerModel* _intensity;
    private readonly IntegerModel* _source;
    private readonly IntegerModel* _dx;
    private readonly IntegerModel* _dy;
    private readonly IntegerModel* _z;
    private readonly Median* _medians;
    private readonly ushort* _lastIntensity;
    private readonly int* _lastHeight;
    private readonly byte* _last;

    public Point10()
        : base(20)
    {
        _changed = Arena.Symbols(64);
        _intensity = Arena.Integer(16, 4);
        _angle = Arena.SymbolArray(2, 256);
        _source = Arena.Integer(16, 1);
        _dx = Arena.Integer(32, 2);
        _dy = Arena.Integer(32, 22);
        _z = Arena.Integer(32, 20);
        _medians = Arena.Values<Median>(32);
        _lastIntensity = Arena.Values<ushort>(16);
        _lastHeight = Arena.Values<int>(8);
        _last = Arena.Values<byte>(20);
        _returns = Arena.SymbolArray(256, 256);
        _class = Arena.SymbolArray(256, 256);
        _user = Arena.SymbolArray(256, 256);
    }

    public override int SymbolsPerPoint => 6 + (5 * IntegerModel.SymbolsPerNumber);

    public override void Restart(byte* first)
    {
        Arena.Restart();
        new Span<Median>(_medians, 32).Clear();
        new Span<ushort>(_lastIntensity, 16).Clear();
        new Span<int>(_lastHeight, 8).Clear();
        Unsafe.CopyBlockUnaligned(_last, first, 20);
    }

    public override void Decode(ref ArithmeticDecoder d, byte* item)
    {
        var last = _last;
        var copy = d;
        var changed = copy.LikelySymbol(_changed);
        d = copy;
        if ((changed & ReturnsBit) != 0)
            last[14] = (byte)d.Symbol(_returns[last[14]]);
        int r = last[14] & 7, n = (last[14] >> 3) & 7;
        int map = ReturnClasses.Map8[(n * 8) + r], level = Math.Abs(n - r);
        if ((changed & IntensityBit) != 0)
            _lastIntensity[map] = (ushort)IntegerModel.DecodeApart(_intensity, ref d, _lastIntensity[map], Math.Min(map, 3), out _);
        *(ushort*)(last + 12) = _lastIntensity[map];
        if ((changed & (ClassBit | AngleBit | UserBit | SourceBit)) != 0)
        {
            DecodeRest(ref d, last, changed);
        }

        var single = n == 1 ? 1 : 0;
        var median = _medians + (2 * map);
        var dx = IntegerModel.DecodeApart(_dx, ref d, median->Value, single, out var kx);
        Median.Add(median, dx);
        *(int*)last += dx;
        median++;
        var dy = IntegerModel.DecodeApart(_dy, ref d, median->Value, single + (kx < 20 ? kx & ~1 : 20), out var ky);
        Median.Add(median, dy);
        *(int*)(last + 4) += dy;
        var kz = (kx + ky) / 2;
        var z = IntegerModel.DecodeApart(_z, ref d, _lastHeight[level], single + (kz < 18 ? kz & ~1 : 18), out _);
        _lastHeight[level] = z;
        *(int*)(last + 8) = z;
        Unsafe.CopyBlockUnaligned(item, last, 20);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DecodeRest(ref ArithmeticDecoder d, byte* last, uint changed)
    {
        if ((changed & ClassBit) != 0)
            last[15] = (byte)d.Symbol(_class[last[15]]);
        if ((changed & AngleBit) != 0)
            last[16] += (byte)d.Symbol(_angle[(uint)(last[14] >> 6) & 1]);
        if ((changed & UserBit) != 0)
            last[17] = (byte)d.Symbol(_user[last[17]]);
        if ((changed & SourceBit) != 0)
            *(ushort*)(last + 18) = (ushort)IntegerModel.DecodeApart(_source, ref d, *(ushort*)(last + 18), 0, out _);
    }

    public override void Encode(ref ArithmeticEncoder e, byte* item)
    {
        var last = _last;
        int r = item[14] & 7, n = (item[14] >> 3) & 7;
        int map = ReturnClasses.Map8[(n * 8) + r], level = Math.Abs(n - r);
        var intensity = *(ushort*)(item + 12);
        var changed = (last[14] != item[14] ? ReturnsBit : 0) | (_lastIntensity[map] != intensity ? IntensityBit : 0)
            | (last[15] != item[15] ? ClassBit : 0) | (last[16] != item[16] ? AngleBit : 0) | (last[17] != item[17] ? UserBit : 0)
            | (*(ushort*)(last + 18) != *(ushort*)(item + 18) ? SourceBit : 0);
        var copy = e;
        copy.Symbol(_changed, (uint)changed);
        e = copy;
        if ((changed & ReturnsBit) != 0)
            e.Symbol(_returns[last[14]], item[14]);
        if ((changed & IntensityBit) != 0)
        {
            IntegerModel.EncodeApart(_intensity, ref e, _lastIntensity[map], intensity, Math.Min(map, 3));
            _lastIntensity[map] = intensity;
        }

        if ((changed & ClassBit) != 0)
            e.Symbol(_class[last[15]], item[15]);
        if ((changed & AngleBit) != 0)
            e.Symbol(_angle[(uint)(item[14] >> 6) & 1], (byte)(item[16] - last[16]));
        if ((changed & UserBit) != 0)
            e.Symbol(_user[last[17]], item[17]);
        if ((changed & SourceBit) != 0)
            IntegerModel.EncodeApart(_source, ref e, *(ushort*)(last + 18), *(ushort*)(item + 18), 0);

        var single = n == 1 ? 1 : 0;
        var median = _medians + (2 * map);
        var dx = *(int*)item - *(int*)last;
        var kx = IntegerModel.EncodeApart(_dx, ref e, median->Value, dx, single);
        Median.Add(median, dx);
        median++;
        var dy = *(int*)(item + 4) - *(int*)(last + 4);
        var ky = IntegerModel.EncodeApart(_dy, ref e, median->Value, dy, single + (kx < 20 ? kx & ~1 : 20));
        Median.Add(median, dy);
        var kz = (kx + ky) / 2;
        var z = *(int*)(item + 8);
        IntegerModel.EncodeApart(_z, ref e, _lastHeight[level], z, single + (kz < 18 ? kz & ~1 : 18));
        _lastHeight[level] = z;
        Unsafe.CopyBlockUnaligned(last, item, 20);
    }
}
