using System.Buffers;

namespace Grid.Imaging.Slabs;

/// <summary>Bytes in a rented array, given back on disposal. Owned by one holder.</summary>
public sealed class PooledBytes(byte[] rented, int length) : IDisposable
{
    private byte[]? _rented = rented;

    public int Length { get; } = length;

    public ReadOnlyMemory<byte> Memory => (_rented ?? throw new ObjectDisposedException(nameof(PooledBytes))).AsMemory(0, Length);

    public static PooledBytes Empty() => new([], 0);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { Length: > 0 } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
