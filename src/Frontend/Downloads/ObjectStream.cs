using Grid.Storage;

namespace Grid.Frontend.Downloads;

/// <summary>
/// An object as a stream that can seek. What is read in sequence is read ahead, more and more up to a mebibyte, so that a range of kilobytes costs one
/// small read and a whole file few large ones.
/// </summary>
public sealed class ObjectStream(IObjectStore store, ObjectInfo found) : Stream
{
    private const int LeastRead = 1 << 16, MostRead = 1 << 20;

    private byte[] _buffer = [];
    private long _start;
    private int _filled;
    private int _next = LeastRead;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => found.LengthBytes;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || Position >= Length)
            return 0;
        if (Position < _start || Position >= _start + _filled)
            await FillAsync(cancellationToken);
        var at = (int)(Position - _start);
        var count = Math.Min(buffer.Length, _filled - at);
        _buffer.AsMemory(at, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task FillAsync(CancellationToken cancellation)
    {
        var size = (int)Math.Min(_next, Length - Position);
        if (_buffer.Length < size)
            _buffer = new byte[Math.Min(MostRead, Math.Max(size, 2 * _buffer.Length))];
        (_start, _filled) = (Position, 0);
        var read = await store.ReadAsync(found.Key, Position, _buffer.AsMemory(0, size), cancellation);
        if (read < size)
            throw new StorageException($"\"{found.Key}\" ends before byte {Position + size}.");
        _filled = read;
        _next = Math.Min(MostRead, 2 * _next);
    }
}
