using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>
/// The codec of one layer of a layered chunk (formats 6 to 10): one attribute of all points, in a stream of its own. Models and last values are kept a
/// scanner channel. One chunk at a time; not thread safe.
/// </summary>
internal abstract unsafe class Layer
{
    /// <summary>The most symbols, bits and raw values that one point takes.</summary>
    public abstract int SymbolsPerPoint { get; }

    /// <summary>Begins a chunk whose first point is stored as it is.</summary>
    public abstract void Restart(byte* first, int channel);

    /// <summary>Writes the layer's attribute of a block's points. Returns false when the stream is corrupt or goes beyond <paramref name="end"/>.</summary>
    public abstract bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end);

    public abstract void Encode(PointBlock block, ref ArithmeticEncoder encoder);

    /// <summary>True of a layer that every chunk has.</summary>
    public virtual bool IsAlwaysWritten => false;

    /// <summary>True when a record's attribute is the same as in the chunk's first: a chunk of such points has no such layer.</summary>
    public abstract bool IsSame(byte* record, byte* first);
}
