using System.Buffers;
using System.Runtime.InteropServices;

namespace Grid.PointCloud.Octree;

/// <summary>Memory of one unit of work: hundreds of megabytes that go back to the system with the unit, which neither a heap nor a pool would give back.</summary>
internal sealed unsafe class NativeBytes : MemoryManager<byte>
{
    private readonly int _length;

    public NativeBytes(int length)
    {
        _length = length;
        Pointer = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));
    }

    public byte* Pointer { get; private set; }

    public override Span<byte> GetSpan() => new(Pointer, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(Pointer + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
