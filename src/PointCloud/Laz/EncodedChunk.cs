using System.Buffers;

namespace Grid.PointCloud.Laz;

/// <summary>A chunk's bytes in a rented array, and what its points add to the header. Owned by one holder.</summary>
internal sealed class EncodedChunk(byte[] rented, int length, PointStatistics statistics) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => rented.AsMemory(0, length);

    public PointStatistics Statistics { get; } = statistics;

    public void Dispose() => ArrayPool<byte>.Shared.Return(rented);
}
