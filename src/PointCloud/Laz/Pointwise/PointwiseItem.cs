using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>
/// The codec of one item of a point in a pointwise chunk (formats 0 to 5): it predicts each point's item from the chunk's earlier ones. One chunk at a time;
/// not thread safe.
/// </summary>
internal abstract unsafe class PointwiseItem(int size)
{
    /// <summary>Bytes of the item in a point record.</summary>
    public int Size { get; } = size;

    /// <summary>The most symbols, bits and raw values that one point's item takes.</summary>
    public abstract int SymbolsPerPoint { get; }

    protected ModelArena Arena { get; } = new();

    /// <summary>Begins a chunk, whose first point is stored as it is.</summary>
    public abstract void Restart(byte* first);

    /// <summary>Writes the next point's item.</summary>
    public abstract void Decode(ref ArithmeticDecoder decoder, byte* item);

    /// <summary>Codes the next point's item.</summary>
    public abstract void Encode(ref ArithmeticEncoder encoder, byte* item);
}

/// <summary>An item of version 1, which is read but no longer written.</summary>
internal abstract unsafe class PointwiseItemVersion1(int size) : PointwiseItem(size)
{
    public sealed override void Encode(ref ArithmeticEncoder encoder, byte* item) => throw new NotSupportedException("items of version 1 are only read");
}
