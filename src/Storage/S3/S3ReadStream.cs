using Amazon.S3.Model;

namespace Grid.Storage.S3;

/// <summary>An object's body; frees the connection with itself, and fails rather than ends early when the body is cut short.</summary>
internal sealed class S3ReadStream(GetObjectResponse answer) : Stream
{
    private readonly Stream _body = answer.ResponseStream;
    private readonly long _length = answer.ContentLength;
    private readonly string _key = answer.Key;
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => _length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Counted(_body.Read(buffer, offset, count), count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await _body.ReadAsync(buffer, cancellationToken), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            answer.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(int read, int asked)
    {
        _read += read;
        if (read == 0 && asked > 0 && _read < _length)
            throw new StorageException($"The body of \"{_key}\" ended after {_read} of {_length} bytes.");
        return read;
    }
}
