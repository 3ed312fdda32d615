using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// The adaptive frequencies of 2 to 1024 symbols (Said's FastAC, as LASzip uses it: shift 15, at most 32768 counts). Lives in a <see cref="ModelArena"/>.
/// <para>
/// Before this header are the lower bounds of the symbols' shares, the last symbol's just before it; behind it their counts; both 16-bit. A decoder's value
/// is compared with 16 bounds at once, each multiplied by the length of a share of one, which takes less time than to divide the value by it; the header's
/// first half holds every 16th (or 64th) bound, to find the group to look into. A symbol is found without a branch that could be predicted wrongly.
/// </para>
/// <para>
/// A symbol's place is where its upper bound, the next symbol's lower one, is: bytes from the header, 0 or less.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal unsafe struct SymbolModel
{
    /// <summary>Of bounds, the first of which are in the header.</summary>
    public const int Groups = 16;

    private const int HeaderSize = 64;
    private const int MaxTotal = 1 << 15;

    /// <summary>Symbols until the bounds are made anew from the counts; <see cref="Prepare"/> must run when it is 0. Deferring that to the next use changes nothing.</summary>
    [FieldOffset(32)] public int Until;
    [FieldOffset(36)] private int _cycle;
    [FieldOffset(40)] private uint _total;
    [FieldOffset(44)] public uint Last;

    /// <summary>The most frequent symbol but the last, when the bounds were made; and its share.</summary>
    [FieldOffset(48)] public ushort Likely;
    [FieldOffset(50)] public ushort LikelyLow;
    [FieldOffset(52)] public ushort LikelyWidth;

    /// <summary>Bytes that a model of so many symbols takes, a multiple of 32.</summary>
    public static int SizeOf(int symbols) => BoundsSize(symbols) + HeaderSize + CountsSize(symbols);

    /// <summary>Lays out a model in <see cref="SizeOf"/> bytes; it is fresh until its first use.</summary>
    public static SymbolModel* Create(byte* memory, int symbols)
    {
        new Span<byte>(memory, SizeOf(symbols)).Clear();
        var model = (SymbolModel*)(memory + BoundsSize(symbols));
        model->Last = (uint)symbols - 1;
        return model;
    }

    /// <summary>Forgets all symbols seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Restart()
    {
        Until = 0;
        _total = 0;
    }

    /// <summary>The place of the symbol whose share, times <paramref name="part"/>, holds <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Find<TSearch>(SymbolModel* model, uint value, uint part)
        where TSearch : struct, ISymbolSearch =>
        Avx2.IsSupported ? TSearch.Find(model, Vector256.Create(value), Vector256.Create(part)) : FindScalar(model, value / part);

    /// <summary>What the searches find, where there are no vectors: by <paramref name="share"/>, the value divided by the part.</summary>
    internal static nint FindScalar(SymbolModel* model, uint share)
    {
        uint symbol = 0;
        for (var half = 1u << BitOperations.Log2(model->Last); half > 0; half >>= 1)
        {
            var next = symbol + half;
            symbol = next <= model->Last && Low(model, next) <= share ? next : symbol;
        }

        return Place(model, symbol);
    }

    /// <summary>The symbol at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint At(SymbolModel* model, nint place) => (uint)(int)(place >> 1) + model->Last;

    /// <summary>The place of a symbol.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Place(SymbolModel* model, uint symbol) => (nint)(int)(symbol - model->Last) << 1;

    /// <summary>The lower bound of the share of the symbol at a place, 0 to 32767.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LowAt(SymbolModel* model, nint place) => *(ushort*)((byte*)model + place - 2);

    /// <summary>All bits of the last symbol's place, none of another one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint MaskOfLast(nint place) => (uint)(~(int)place >> 31);

    /// <summary>The width of the share of the symbol at a place; of the last symbol, minus its lower bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint WidthAt(SymbolModel* model, nint place) => *(ushort*)((byte*)model + place) - LowAt(model, place);

    /// <summary>The lower bound of a symbol's share.</summary>
    public static uint Low(SymbolModel* model, uint symbol) => LowAt(model, Place(model, symbol));

    /// <summary>Counts a symbol that was coded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(SymbolModel* model, uint symbol)
    {
        ((ushort*)((byte*)model + HeaderSize))[symbol]++;
        model->Until--;
    }

    /// <summary>Makes the bounds from the counts: those of a fresh model at its first use, and from then on after a growing number of symbols.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Prepare(SymbolModel* model)
    {
        var symbols = (int)model->Last + 1;
        var counts = (ushort*)((byte*)model + HeaderSize);
        var fresh = model->_total == 0;
        if (fresh)
        {
            new Span<ushort>(counts, symbols).Fill(1);
            model->_cycle = symbols;
        }

        model->_total += (uint)model->_cycle;
        if (model->_total > MaxTotal)
            model->_total = Halve(counts, symbols);

        var low = (ushort*)model - symbols;
        SetBounds(counts, low, symbols, 0x80000000 / model->_total);
        SetGroups(model, symbols);
        var likely = MostFrequent(counts, symbols - 1);
        model->Likely = (ushort)likely;
        model->LikelyLow = low[likely];
        model->LikelyWidth = (ushort)(WidthAt(model, Place(model, likely)));
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

    private static void SetBounds(ushort* counts, ushort* low, int symbols, uint scale)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            SetBoundsByVector(counts, low, symbols, scale);
            return;
        }

        uint sum = 0;
        for (var i = 0; i < symbols; i++)
        {
            low[i] = (ushort)((scale * sum) >> 16);
            sum += counts[i];
        }
    }

    /// <summary>16 at once: what it writes behind the last symbol's bound is in the header's groups, which are written after.</summary>
    private static void SetBoundsByVector(ushort* counts, ushort* low, int symbols, uint scale)
    {
        var carry = Vector256<uint>.Zero;
        var factor = Vector256.Create(scale);
        for (var i = 0; i < symbols; i += 16)
        {
            var (first, second) = Vector256.Widen(Vector256.Load(counts + i));
            var firstSums = RunningSum(first) + carry;
            carry = Vector256.Shuffle(firstSums, Vector256.Create(7u));
            var secondSums = RunningSum(second) + carry;
            carry = Vector256.Shuffle(secondSums, Vector256.Create(7u));
            first = Vector256.ShiftRightLogical((firstSums - first) * factor, 16);
            second = Vector256.ShiftRightLogical((secondSums - second) * factor, 16);
            Vector256.Narrow(first, second).Store(low + i);
        }
    }

    /// <summary>The first groups, which only models of more symbols have, begin with a bound of 0, as there is before the first group that there is.</summary>
    private static void SetGroups(SymbolModel* model, int symbols)
    {
        var groups = (ushort*)model;
        int size = GroupSize(symbols), missing = Groups - ((symbols + size - 1) / size);
        new Span<ushort>(groups, missing + 1).Clear();
        for (var i = missing + 1; i < Groups; i++)
            groups[i] = ((ushort*)model)[(size * (i - Groups)) - 1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RunningSum(Vector256<uint> v)
    {
        v += Vector256.Shuffle(v, Vector256.Create(8u, 0, 1, 2, 3, 4, 5, 6));
        v += Vector256.Shuffle(v, Vector256.Create(8u, 8, 0, 1, 2, 3, 4, 5));
        return v + Vector256.Shuffle(v, Vector256.Create(8u, 8, 8, 8, 0, 1, 2, 3));
    }

    private static int GroupSize(int symbols) => symbols > 256 ? 64 : 16;

    /// <summary>Of whole groups, and at least what <see cref="SearchTo33"/> looks at.</summary>
    private static int BoundsSize(int symbols)
    {
        var group = GroupSize(symbols);
        return symbols <= 8 ? 32 : sizeof(ushort) * Math.Max((symbols + group - 1) / group * group, 32);
    }

    private static int CountsSize(int symbols) => sizeof(ushort) * ((symbols + 15) & ~15);
}
