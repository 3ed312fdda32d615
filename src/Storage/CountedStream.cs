namespace Grid.Storage;

/// <summary>An object that is read: its bytes are told to operators as they pass.</summary>
/// <param name="content">It is disposed of with this one.</param>
/// <param name="store">The store's name.</param>
internal sealed class CountedStream(Stream content, string store) : Stream
{
    public override bool CanRead => content.CanRead;

    public override bool CanSeek => content.CanSeek;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => content.Position;
        set => content.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Counted(content.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Counted(content.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await content.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("An object is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is read only.");

    public override ValueTask DisposeAsync() => content.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
    }

    private int Counted(int read)
    {
        if (read > 0)
            StoreInstruments.Moved(store, "open", read);
        return read;
    }
}
