using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>
/// The memory of a codec's models, on the pinned heap: pointers into it hold as long as the arena is reachable. <see cref="Restart"/> makes all models fresh in
/// microseconds: a model's tables are written at its first use only, so that small chunks cost little.
/// </summary>
internal sealed unsafe class ModelArena
{
    private const int LeastBlock = 1 << 11, GreatestBlock = 1 << 17;

    private readonly List<byte[]> _blocks = [];
    private readonly List<(nint First, int Count, int Stride)> _symbols = [];
    private readonly List<nint> _integers = [];
    private int _blockBytes = LeastBlock;
    private byte* _next;
    private byte* _end;

    /// <summary>A model of so many symbols.</summary>
    public SymbolModel* Symbols(int symbols) => Symbols(1, symbols);

    /// <summary>Several models of so many symbols each, each <see cref="SymbolModel.SizeOf"/> bytes behind the one before.</summary>
    public SymbolModel* Symbols(int count, int symbols)
    {
        var stride = SymbolModel.SizeOf(symbols);
        var memory = Take(count * stride);
        var first = SymbolModel.Create(memory, symbols);
        for (var i = 1; i < count; i++)
            _ = SymbolModel.Create(memory + (i * stride), symbols);
        _symbols.Add(((nint)first, count, stride));
        return first;
    }

    /// <summary>Several models, by index.</summary>
    public SymbolModels SymbolArray(int count, int symbols) => new(Symbols(count, symbols), SymbolModel.SizeOf(symbols));

    public IntegerModel* Integer(int bits, int contexts)
    {
        var model = (IntegerModel*)Take((sizeof(IntegerModel) + 31) & ~31);
        IntegerModel.Create(model, this, bits, contexts);
        model->Restart();
        _integers.Add((nint)model);
        return model;
    }

    /// <summary>Room for plain values, all zero; they are the owner's to restart.</summary>
    public T* Values<T>(int count)
        where T : unmanaged
    {
        var bytes = ((count * sizeof(T)) + 31) & ~31;
        var values = Take(bytes);
        new Span<byte>(values, bytes).Clear();
        return (T*)values;
    }

    /// <summary>Makes all models as they were made.</summary>
    public void Restart()
    {
        foreach (var (first, count, stride) in _symbols)
        {
            for (var i = 0; i < count; i++)
                ((SymbolModel*)(first + (i * stride)))->Restart();
        }

        foreach (var model in _integers)
            ((IntegerModel*)model)->Restart();
    }

    private byte* Take(int bytes)
    {
        if (_end - _next < bytes)
        {
            var block = GC.AllocateUninitializedArray<byte>(Math.Max(_blockBytes, bytes + 32), pinned: true);
            _blockBytes = Math.Min(2 * _blockBytes, GreatestBlock);
            _blocks.Add(block);
            var start = (byte*)Unsafe.AsPointer(ref block[0]);
            _next = (byte*)(((nint)start + 31) & ~31);
            _end = start + block.Length;
        }

        var taken = _next;
        _next += bytes;
        return taken;
    }
}

/// <summary>Models of one size, by index.</summary>
internal readonly unsafe struct SymbolModels(SymbolModel* first, int stride)
{
    private readonly byte* _first = (byte*)first;
    private readonly nint _stride = stride;

    public SymbolModel* this[uint index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (SymbolModel*)(_first + ((nint)index * _stride));
    }
}
