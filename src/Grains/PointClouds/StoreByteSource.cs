using Grid.PointCloud;
using Grid.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>An object, read by range.</summary>
public sealed class StoreByteSource(IObjectStore store, string key, string name, long lengthBytes) : IByteSource
{
    public string Name => name;

    public long LengthBytes => lengthBytes;

    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    public static async Task<StoreByteSource> OpenAsync(IObjectStore store, string key, string name, CancellationToken cancellation) =>
        new(store, key, name, (await store.FindAsync(key, cancellation) ?? throw new ObjectNotFoundException(key)).LengthBytes);

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        var read = await store.ReadAsync(key, offset, buffer, cancellation);
        return read >= 0 ? read : throw new ObjectNotFoundException(key);
    }

    public ValueTask DisposeAsync() => default;
}
