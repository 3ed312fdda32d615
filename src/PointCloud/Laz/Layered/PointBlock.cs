using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>Points of a block that follow each other and share models.</summary>
/// <param name="Start">Index of the first in the block.</param>
/// <param name="Context">Whose models code them: a scanner channel.</param>
/// <param name="Previous">The context before.</param>
/// <param name="IsNew">The context is used for the first time: its last values are those of <paramref name="Previous"/>.</param>
/// <param name="KeepsPrevious">The last values are read from <paramref name="Previous"/> and written there: item version 3's way with the first point after a switch.</param>
internal readonly record struct Run(int Start, int Count, byte Context, byte Previous, bool IsNew, bool KeepsPrevious = false)
{
    /// <summary>Index of the first point behind it.</summary>
    public int End => Start + Count;

    /// <summary>The context that holds the last values.</summary>
    public int Last => KeepsPrevious ? Previous : Context;
}

/// <summary>
/// A few hundred points of a layered chunk, small enough for the processor's nearest cache: each layer in turn works on all of them. The first layer
/// leaves here what the others need to know of each point.
/// </summary>
internal sealed unsafe class PointBlock
{
    public const int Capacity = 512;

    /// <summary>Bits of <see cref="Changed"/>.</summary>
    public const int ChannelBit = 64, SourceBit = 32, TimeBit = 16, AngleBit = 8, CountBit = 4, ReturnBits = 3;

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(4 * Capacity, pinned: true);
    private readonly List<Run> _runs = new(Capacity);
    private readonly List<Run> _itemRuns = new(Capacity);
    private readonly int _itemVersion;
    private int _itemsUsed;
    private byte _itemContext;

    /// <param name="itemVersion">3 or 4.</param>
    public PointBlock(int recordLength, int itemVersion)
    {
        Stride = recordLength;
        _itemVersion = itemVersion;
        Changed = (byte*)Unsafe.AsPointer(ref _memory[0]);
        Level = Changed + Capacity;
        HeightContext = Level + Capacity;
        IntensityClass = HeightContext + Capacity;
    }

    /// <summary>The records, <see cref="Stride"/> bytes each. There is always one before them.</summary>
    public byte* Records { get; set; }

    public int Stride { get; }

    public int Count { get; set; }

    /// <summary>A point's first symbol: what differs from its channel's last point.</summary>
    public byte* Changed { get; }

    /// <summary>|number of returns - return number|, at most 7.</summary>
    public byte* Level { get; }

    public byte* HeightContext { get; }

    /// <summary>4 for a first return, 2 for a last one, 1 when the time changed.</summary>
    public byte* IntensityClass { get; }

    /// <summary>Points of one scanner channel in a row.</summary>
    public List<Run> Runs => _runs;

    /// <summary>As <see cref="Runs"/>, but for colours, waves and extra bytes, whose contexts follow rules of their own.</summary>
    public List<Run> ItemRuns => _itemRuns;

    public byte* this[int point]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Records + ((nint)point * Stride);
    }

    /// <summary>Begins a chunk whose first point is of a channel.</summary>
    public void Restart(byte channel)
    {
        _itemContext = channel;
        _itemsUsed = 1 << channel;
    }

    /// <summary>Finds the <see cref="ItemRuns"/> from the runs and changes.</summary>
    public void SplitItems()
    {
        _itemRuns.Clear();
        if (_itemVersion == 4)
        {
            foreach (var run in _runs)
                AddItems(run.Start, run.Count, run.Context);
            return;
        }

        // Version 3 tells the items the channel only where it changes, and channel 0 otherwise.
        foreach (var run in _runs)
        {
            var switched = (Changed[run.Start] & ChannelBit) != 0 ? 1 : 0;
            if (switched == 1)
                AddItems(run.Start, 1, run.Context);
            if (run.Count > switched)
                AddItems(run.Start + switched, run.Count - switched, 0);
        }
    }

    private void AddItems(int start, int count, byte context)
    {
        var previous = _itemContext;
        _itemContext = context;
        var isNew = (_itemsUsed & (1 << context)) == 0;
        _itemsUsed |= 1 << context;
        if (context != previous && !isNew && _itemVersion == 3)
        {
            _itemRuns.Add(new Run(start, 1, context, previous, false, KeepsPrevious: true));
            start++;
            count--;
        }

        if (count > 0)
            _itemRuns.Add(new Run(start, count, context, previous, isNew));
    }
}
