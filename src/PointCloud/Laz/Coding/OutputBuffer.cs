using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>A growing buffer for one arithmetic stream after another, on the pinned heap.</summary>
internal sealed unsafe class OutputBuffer
{
    private byte[] _bytes = [];

    private byte* _start;

    /// <summary>Begins a stream, with room for so many bytes.</summary>
    public ArithmeticEncoder Begin(int bytes)
    {
        if (_bytes.Length < bytes)
            Allocate(bytes);
        return ArithmeticEncoder.Start(_start);
    }

    /// <summary>Makes room for so many bytes behind those written; what a stream wrote may move.</summary>
    public void Reserve(ref ArithmeticEncoder encoder, int bytes)
    {
        var written = (int)(encoder.Next - _start);
        if (_bytes.Length - written >= bytes)
            return;
        var old = _bytes;
        Allocate(checked(Math.Max(2 * old.Length, written + bytes)));
        old.AsSpan(0, written).CopyTo(_bytes);
        encoder.Next = _start + written;
    }

    /// <summary>The bytes of a stream that has come so far.</summary>
    public ReadOnlySpan<byte> Written(in ArithmeticEncoder encoder) => new(_start, (int)(encoder.Next - _start));

    private void Allocate(int bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, 1 << 12), pinned: true);
        _start = (byte*)Unsafe.AsPointer(ref _bytes[0]);
    }
}
