using Grid.Interfaces.Catalogue;
using Grid.Storage;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>
/// Passes a file on while it counts its bytes and computes their MD5. Remembers why reading failed, so that the caller can tell a broken
/// request from a broken store.
/// </summary>
public sealed class DeliveredContent(Stream inner, long maxBytes) : DigestedStream(inner)
{
    public long BytesRead { get; private set; }

    /// <summary>The exception that ended reading, or null.</summary>
    public Exception? Failure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            BytesRead += read;
            if (BytesRead > maxBytes)
                throw new ConflictException($"The file passes the {maxBytes} bytes that its kind or the datastore's quota of uploads leaves it; nothing of it was kept.");
            return read;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Failure = failure;
            throw;
        }
    }
}
