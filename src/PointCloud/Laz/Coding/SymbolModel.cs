using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// The adaptive frequencies of 2 to 1024 symbols (Said's FastAC, as LASzip uses it: shift 15, at most 32768 counts). Lives in a <see cref="ModelArena"/>.
/// <para>
/// After this header come the upper bounds of the symbols' shares, then their counts, both 16-bit. Bounds are kept minus 32768, so that 16 of them are
/// compared with a value in one signed vector instruction; the header's first half holds every 16th (or 64th) bound, to find the group to look into.
/// A symbol is found without a branch that could be predicted wrongly, whatever the data.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct SymbolModel
{
    private const int MaxTotal = 1 << 15;
    private const int Bias = 32768;
    private const short Beyond = short.MaxValue;

    /// <summary>Symbols until the bounds are made anew from the counts; <see cref="Prepare"/> must run when it is 0. Deferring that to the next use changes nothing.</summary>
    [FieldOffset(32)] public int Until;
    [FieldOffset(36)] private int _cycle;
    [FieldOffset(40)] private uint _total;
    [FieldOffset(44)] public uint Last;
    [FieldOffset(48)] private int _countsOffset;
    [FieldOffset(52)] private int _groupShift;

    /// <summary>The most frequent symbol but the last, when the bounds were made; and its share.</summary>
    [FieldOffset(56)] public ushort Likely;
    [FieldOffset(58)] public ushort LikelyLow;
    [FieldOffset(60)] public ushort LikelyWidth;

    /// <summary>The lower bound of symbol 0, just before the first upper bound.</summary>
    [FieldOffset(62)] public short Floor;

    /// <summary>Bytes that a model of so many symbols takes, a multiple of 32.</summary>
    public static int SizeOf(int symbols) => 64 + (2 * sizeof(short) * Padded(symbols));

    /// <summary>Lays out a model; it is fresh until its first use.</summary>
    public static void Create(SymbolModel* model, int symbols)
    {
        model->Last = (uint)symbols - 1;
        model->_groupShift = GroupShift(symbols);
        model->_countsOffset = 64 + (sizeof(short) * Padded(symbols));
        model->Floor = -Bias;
        new Span<short>(model, 16).Fill(Beyond);
        new Span<short>((byte*)model + 64, Padded(symbols)).Fill(Beyond);
        model->Restart();
    }

    /// <summary>Forgets all symbols seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Restart()
    {
        Until = 0;
        _total = 0;
    }

    /// <summary>The symbol whose share holds <paramref name="value"/> (0 to 32767), of a model of up to 16 symbols.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FindSmall(SymbolModel* model, uint value) => CountUpTo((short*)model + 32, (short)(value - Bias));

    /// <summary>As <see cref="FindSmall"/>, of a model of up to 256 symbols.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Find(SymbolModel* model, uint value)
    {
        var wanted = (short)(value - Bias);
        var group = 16 * CountUpTo((short*)model, wanted);
        return group + CountUpTo((short*)model + 32 + group, wanted);
    }

    /// <summary>As <see cref="FindSmall"/>, of a model of 9 to 48 symbols.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FindMiddle(SymbolModel* model, uint value)
    {
        var wanted = (short)(value - Bias);
        var bounds = (short*)model + 32;
        return CountUpTo(bounds, wanted) + CountUpTo(bounds + 16, wanted) + CountUpTo(bounds + 32, wanted);
    }

    /// <summary>As <see cref="FindSmall"/>, of a model of 257 to 1024 symbols.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FindLarge(SymbolModel* model, uint value)
    {
        var wanted = (short)(value - Bias);
        var group = 64 * CountUpTo((short*)model, wanted);
        var bounds = (short*)model + 32 + group;
        return group + CountUpTo(bounds, wanted) + CountUpTo(bounds + 16, wanted) + CountUpTo(bounds + 32, wanted) + CountUpTo(bounds + 48, wanted);
    }

    /// <summary>The lower bound of a symbol's share, 0 to 32767.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Low(SymbolModel* model, uint symbol) => (uint)(((short*)model)[31 + symbol] + Bias);

    /// <summary>The width of a symbol's share; of the last symbol, up to 32768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Width(SymbolModel* model, uint symbol) => (uint)(((short*)model)[32 + symbol] - ((short*)model)[31 + symbol]);

    /// <summary>Counts a symbol that was coded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(SymbolModel* model, uint symbol)
    {
        ((ushort*)((byte*)model + model->_countsOffset))[symbol]++;
        model->Until--;
    }

    /// <summary>Makes the bounds from the counts: those of a fresh model at its first use, and from then on after a growing number of symbols.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Prepare(SymbolModel* model)
    {
        int symbols = (int)model->Last + 1, padded = Padded(symbols);
        var counts = (ushort*)((byte*)model + model->_countsOffset);
        var fresh = model->_total == 0;
        if (fresh)
        {
            new Span<ushort>(counts, symbols).Fill(1);
            new Span<ushort>(counts + symbols, padded - symbols).Clear();
            model->_cycle = symbols;
        }

        model->_total += (uint)model->_cycle;
        if (model->_total > MaxTotal)
            model->_total = Halve(counts, symbols);

        var upper = (short*)model + 32;
        SetBounds(counts, upper, padded, 0x80000000 / model->_total);
        upper[symbols - 1] = 0;
        for (var i = symbols; i < padded; i++)
            upper[i] = Beyond;
        for (int i = 0, step = 1 << model->_groupShift; (i + 1) * step <= padded; i++)
            ((short*)model)[i] = upper[((i + 1) * step) - 1];

        var likely = MostFrequent(counts, symbols - 1);
        model->Likely = (ushort)likely;
        model->LikelyLow = (ushort)Low(model, likely);
        model->LikelyWidth = (ushort)Width(model, likely);
        model->_cycle = fresh ? (symbols + 6) >> 1 : Math.Min((5 * model->_cycle) >> 2, (symbols + 6) << 3);
        model->Until = model->_cycle;
    }

    private static uint Halve(ushort* counts, int symbols)
    {
        uint total = 0;
        for (var i = 0; i < symbols; i++)
            total += counts[i] = (ushort)((counts[i] + 1) >> 1);
        return total;
    }

    private static uint MostFrequent(ushort* counts, int symbols)
    {
        ushort most = 0;
        var i = 0;
        if (Vector256.IsHardwareAccelerated && symbols >= 32)
        {
            var highest = Vector256<ushort>.Zero;
            for (; i <= symbols - 16; i += 16)
                highest = Vector256.Max(highest, Vector256.Load(counts + i));
            for (var lane = 0; lane < 16; lane++)
                most = Math.Max(most, highest[lane]);
        }

        for (; i < symbols; i++)
            most = Math.Max(most, counts[i]);
        return (uint)new ReadOnlySpan<ushort>(counts, symbols).IndexOf(most);
    }

    private static void SetBounds(ushort* counts, short* upper, int padded, uint scale)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            SetBoundsByVector(counts, upper, padded, scale);
            return;
        }

        uint sum = 0;
        for (var i = 0; i < padded; i++)
        {
            sum += counts[i];
            upper[i] = (short)(((scale * sum) >> 16) - Bias);
        }
    }

    private static void SetBoundsByVector(ushort* counts, short* upper, int padded, uint scale)
    {
        var carry = Vector256<uint>.Zero;
        var factor = Vector256.Create(scale);
        var bias = Vector256.Create((uint)Bias);
        for (var i = 0; i < padded; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(counts + i));
            low = RunningSum(low) + carry;
            carry = Vector256.Shuffle(low, Vector256.Create(7u));
            high = RunningSum(high) + carry;
            carry = Vector256.Shuffle(high, Vector256.Create(7u));
            low = Vector256.ShiftRightLogical(low * factor, 16) - bias;
            high = Vector256.ShiftRightLogical(high * factor, 16) - bias;
            Vector256.Narrow(low, high).AsInt16().Store(upper + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RunningSum(Vector256<uint> v)
    {
        v += Vector256.Shuffle(v, Vector256.Create(8u, 0, 1, 2, 3, 4, 5, 6));
        v += Vector256.Shuffle(v, Vector256.Create(8u, 8, 0, 1, 2, 3, 4, 5));
        return v + Vector256.Shuffle(v, Vector256.Create(8u, 8, 8, 8, 0, 1, 2, 3));
    }

    /// <summary>How many of 16 ascending bounds are not above <paramref name="wanted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint CountUpTo(short* bounds, short wanted)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            var above = Vector256.GreaterThan(Vector256.Load(bounds), Vector256.Create(wanted));
            return (uint)BitOperations.TrailingZeroCount(above.AsByte().ExtractMostSignificantBits()) >> 1;
        }

        return CountUpToScalar(bounds, wanted);
    }

    internal static uint CountUpToScalar(short* bounds, short wanted)
    {
        uint count = 0;
        for (var half = 8u; half > 0; half >>= 1)
            count += bounds[count + half - 1] <= wanted ? half : 0;
        return count + (bounds[count] <= wanted ? 1u : 0);
    }

    private static int GroupShift(int symbols) => symbols > 256 ? 6 : 4;

    /// <summary>Bounds kept, those of no symbol included: whole groups, and what <see cref="FindMiddle"/> looks at.</summary>
    private static int Padded(int symbols)
    {
        var group = 1 << GroupShift(symbols);
        return symbols <= 8 ? group : Math.Max((symbols + group - 1) & -group, 48);
    }
}
