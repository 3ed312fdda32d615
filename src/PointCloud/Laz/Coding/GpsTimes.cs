namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// The coder of GPS times, bit patterns of doubles: GPSTIME11 version 2, and the time layer of POINT14, which has no symbol for an unchanged time. Up to
/// four interleaved sequences of times are followed, each with its last difference.
/// </summary>
internal sealed unsafe class GpsTimes
{
    /// <summary>The most symbols, bits and raw values of one time, switches of sequence included.</summary>
    public const int SymbolsPerTime = (2 * MaxSwitches) + 1 + IntegerModel.SymbolsPerNumber + 2;

    /// <summary>Encoders switch once at most; a corrupt stream could go on for ever.</summary>
    private const int MaxSwitches = 4;

    private const int MaxMultiple = 500;
    private const int MinMultiple = -10;
    private const uint Unchanged = 511;

    private readonly uint _skip;
    private readonly SymbolModel* _multiple;
    private readonly SymbolModel* _zero;
    private readonly IntegerModel* _difference;
    private readonly long[] _times = new long[4];
    private readonly int[] _differences = new int[4];
    private readonly int[] _extremes = new int[4];
    private int _last;
    private int _next;

    /// <param name="codesUnchanged">Whether an unchanged time has a symbol.</param>
    public GpsTimes(ModelArena arena, bool codesUnchanged)
    {
        _skip = codesUnchanged ? 0u : 1;
        _multiple = arena.Symbols(codesUnchanged ? 516 : 515);
        _zero = arena.Symbols(codesUnchanged ? 6 : 5);
        _difference = arena.Integer(32, 9);
    }

    /// <summary>The time coded last.</summary>
    public long Last => _times[_last];

    /// <summary>Begins with a first time; the arena is restarted by its owner.</summary>
    public void Restart(long first)
    {
        Array.Clear(_times);
        Array.Clear(_differences);
        Array.Clear(_extremes);
        _times[0] = first;
        _last = _next = 0;
    }

    /// <summary>The next time.</summary>
    public long Decode(ref ArithmeticDecoder decoder)
    {
        for (var switches = 0; switches <= MaxSwitches; switches++)
        {
            ref var difference = ref _differences[_last];
            if (difference == 0)
            {
                var d = decoder;
                var symbol = d.Symbol<SearchTo16>(_zero) + _skip;
                decoder = d;
                if (symbol > 2)
                {
                    _last = (_last + (int)symbol - 2) & 3;
                    continue;
                }

                if (symbol == 1)
                {
                    difference = IntegerModel.DecodeApart(_difference, ref decoder, 0, 0, out _);
                    _times[_last] += difference;
                    _extremes[_last] = 0;
                }
                else if (symbol == 2)
                {
                    DecodeWhole(ref decoder);
                }
            }
            else
            {
                var d = decoder;
                var symbol = d.LikelySymbol<SearchTo1024>(_multiple);
                decoder = d;
                if (symbol >= Unchanged)
                    symbol += _skip;
                if (symbol > Unchanged + 1)
                {
                    _last = (_last + (int)(symbol - Unchanged - 1)) & 3;
                    continue;
                }

                if (symbol < Unchanged)
                    DecodeMultiple(ref decoder, (int)symbol, ref difference);
                else if (symbol == Unchanged + 1)
                    DecodeWhole(ref decoder);
            }

            return _times[_last];
        }

        decoder.SetCorrupt();
        return 0;
    }

    private void DecodeMultiple(ref ArithmeticDecoder d, int symbol, ref int difference)
    {
        if (symbol == 1)
        {
            _times[_last] += IntegerModel.DecodeApart(_difference, ref d, difference, 1, out _);
            _extremes[_last] = 0;
            return;
        }

        var multiple = symbol <= MaxMultiple ? symbol : MaxMultiple - symbol;
        var coded = IntegerModel.DecodeApart(_difference, ref d, multiple * difference, ContextOf(multiple), out _);
        _times[_last] += coded;
        if (IsExtreme(multiple))
            CountExtreme(coded);
    }

    private void DecodeWhole(ref ArithmeticDecoder d)
    {
        var next = (_next + 1) & 3;
        var high = IntegerModel.DecodeApart(_difference, ref d, (int)(_times[_last] >> 32), 8, out _);
        Begin(next, ((long)high << 32) | d.Raw(32));
    }

    /// <summary>Codes a time. Where unchanged times have no symbol, the time must differ from <see cref="Last"/>.</summary>
    public void Encode(ref ArithmeticEncoder e, long time)
    {
        if (time == _times[_last])
        {
            if (_differences[_last] == 0)
                e.Symbol(_zero, 0);
            else
                e.Symbol(_multiple, Unchanged);
            return;
        }

        for (var other = 0; other < 4; other++)
        {
            var sequence = (_last + other) & 3;
            var difference = time - _times[sequence];
            if (difference != (int)difference)
                continue;
            if (other > 0)
            {
                EncodeSwitch(ref e, 2 + (uint)other);
                _last = sequence;

                // Another sequence may have this very time; only where it has a symbol may it be coded as unchanged.
                if (difference == 0 && _skip == 0)
                {
                    Encode(ref e, time);
                    return;
                }
            }

            EncodeDifference(ref e, (int)difference);
            _times[_last] = time;
            return;
        }

        EncodeSwitch(ref e, 2);
        IntegerModel.EncodeApart(_difference, ref e, (int)(_times[_last] >> 32), (int)(time >> 32), 8);
        e.Raw((uint)time, 32);
        Begin((_next + 1) & 3, time);
    }

    /// <summary>Codes that a whole time follows (2), or that the time belongs to another sequence (3 to 5).</summary>
    private void EncodeSwitch(ref ArithmeticEncoder e, uint symbol)
    {
        if (_differences[_last] == 0)
            e.Symbol(_zero, symbol - _skip);
        else
            e.Symbol(_multiple, symbol + Unchanged - 1 - _skip);
    }

    private void EncodeDifference(ref ArithmeticEncoder e, int coded)
    {
        ref var difference = ref _differences[_last];
        if (difference == 0)
        {
            e.Symbol(_zero, 1 - _skip);
            IntegerModel.EncodeApart(_difference, ref e, 0, coded, 0);
            difference = coded;
            _extremes[_last] = 0;
            return;
        }

        var multiple = Multiple(coded, difference);
        if (multiple == 1)
        {
            e.Symbol(_multiple, 1);
            IntegerModel.EncodeApart(_difference, ref e, difference, coded, 1);
            _extremes[_last] = 0;
            return;
        }

        multiple = Math.Clamp(multiple, MinMultiple, MaxMultiple);
        e.Symbol(_multiple, (uint)(multiple >= 0 ? multiple : MaxMultiple - multiple));
        IntegerModel.EncodeApart(_difference, ref e, multiple * difference, coded, ContextOf(multiple));
        if (IsExtreme(multiple))
            CountExtreme(coded);
    }

    /// <summary>How many times the last difference this one is. A ratio of 2^31 is taken as the least number, as a C compiler's conversion does on x86.</summary>
    private static int Multiple(int coded, int difference)
    {
        double ratio = (float)coded / (float)difference;
        ratio += ratio >= 0 ? 0.5 : -0.5;
        return ratio >= int.MaxValue + 1.0 ? int.MinValue : (int)ratio;
    }

    private static int ContextOf(int multiple) => multiple switch
    {
        0 => 7,
        MaxMultiple => 4,
        MinMultiple => 6,
        < 0 => 5,
        < 10 => 2,
        _ => 3,
    };

    private static bool IsExtreme(int multiple) => multiple is 0 or MaxMultiple or MinMultiple;

    private void CountExtreme(int coded)
    {
        if (++_extremes[_last] <= 3)
            return;
        _differences[_last] = coded;
        _extremes[_last] = 0;
    }

    private void Begin(int sequence, long time)
    {
        _last = _next = sequence;
        _times[sequence] = time;
        _differences[sequence] = 0;
        _extremes[sequence] = 0;
    }
}
