namespace Grid.Storage.Tests;

/// <summary>A stream as a network gives it: no length, uneven reads, and perhaps a broken connection.</summary>
internal sealed class TricklingStream(byte[] content, int failAfter = int.MaxValue) : Stream
{
    private int _position;
    private int _reads;

    public (int Bytes, Action Action)? AfterBytes { get; set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_position >= failAfter)
            throw new EndOfStreamException("the client went away");
        var most = (_reads++ % 5) switch { 0 => 1, 1 => 65_536, 2 => 1_000_003, 3 => 4096, _ => int.MaxValue };
        var length = Math.Min(Math.Min(count, most), content.Length - _position);
        content.AsSpan(_position, length).CopyTo(buffer.AsSpan(offset));
        _position += length;
        if (AfterBytes is { } after && _position >= after.Bytes)
            after.Action();
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var array = new byte[buffer.Length];
        var read = Read(array, 0, array.Length);
        array.AsSpan(0, read).CopyTo(buffer.Span);
        return new(read);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
