using System.Security.Cryptography;
using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>
/// Passes a file on while it counts its bytes and computes their MD5. Remembers why reading failed, so that the caller can tell a broken
/// request from a broken store.
/// </summary>
public sealed class DigestingStream(Stream inner, long maxBytes) : Stream
{
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    public long BytesRead { get; private set; }

    /// <summary>The exception that ended reading, or null.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The digest of what was read, lower-case hexadecimal; once.</summary>
    public string Md5() => Convert.ToHexStringLower(_md5.GetHashAndReset());

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _md5.AppendData(buffer.Span[..read]);
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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The body of a request is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _md5.Dispose();
        base.Dispose(disposing);
    }
}
