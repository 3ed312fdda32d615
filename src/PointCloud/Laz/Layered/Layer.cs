using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>True of a layer that takes long enough for each point that it is worth decoding with another one.</summary>
    public virtual bool IsPaired => false;

    /// <summary>This layer and another one, decoded together; null for a layer that is decoded alone.</summary>
    public virtual LayerPair? With(Layer second) => null;

    /// <summary>Makes the pair of which this is the second.</summary>
    public virtual LayerPair? After<TFirst>(CodedLayer<TFirst> first)
        where TFirst : struct, ILayerCoder => null;
}

/// <summary>Models and last values of a layer, while points of one run are coded. Generic code is compiled for each kind of its own.</summary>
internal unsafe interface ILayerCoder
{
    /// <summary>Decodes a point's attribute into its record.</summary>
    void Decode(ref ArithmeticDecoder decoder, PointBlock block, int point);

    void Encode(ref ArithmeticEncoder encoder, PointBlock block, int point);

    /// <summary>Keeps the last values for the next run.</summary>
    void Close();
}

/// <summary>A layer that depends on the first one only, so that its points are coded one after another without looking at other layers.</summary>
internal abstract unsafe class CodedLayer<TCoder> : Layer
    where TCoder : struct, ILayerCoder
{
    /// <summary>The runs by which the layer's contexts change.</summary>
    public abstract List<Run> Runs(PointBlock block);

    public abstract TCoder Open(PointBlock block, in Run run);

    public sealed override bool Decode(PointBlock block, ref ArithmeticDecoder decoder, byte* end)
    {
        var d = decoder;
        foreach (ref readonly var run in CollectionsMarshal.AsSpan(Runs(block)))
        {
            var coder = Open(block, run);
            for (var i = run.Start; i < run.End; i++)
            {
                coder.Decode(ref d, block, i);
                if (d.Next > end)
                    return false;
            }

            coder.Close();
        }

        decoder = d;
        return !d.IsCorrupt;
    }

    public sealed override void Encode(PointBlock block, ref ArithmeticEncoder encoder)
    {
        var e = encoder;
        foreach (ref readonly var run in CollectionsMarshal.AsSpan(Runs(block)))
        {
            var coder = Open(block, run);
            for (var i = run.Start; i < run.End; i++)
                coder.Encode(ref e, block, i);
            coder.Close();
        }

        encoder = e;
    }

    public sealed override LayerPair? With(Layer second) => second.After(this);

    public sealed override LayerPair? After<TFirst>(CodedLayer<TFirst> first) => new LayerPair<TFirst, TCoder>(first, this);
}
