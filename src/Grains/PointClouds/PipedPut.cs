using System.IO.Pipelines;
using Grid.Storage;

namespace Grid.Grains.PointClouds;

/// <summary>Puts an object while it is being made: what is written goes on at once, and a few megabytes at most wait.</summary>
internal static class PipedPut
{
    private const int Piece = 1 << 20, Waiting = 8 << 20;

    /// <summary>Runs <paramref name="write"/> with a stream whose content becomes the object. When it fails, there is no object.</summary>
    public static async Task<T> PutAsync<T>(IObjectStore store, string key, Func<Stream, Task<T>> write, CancellationToken cancellation)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: Waiting, resumeWriterThreshold: Waiting / 2, minimumSegmentSize: 1 << 16, useSynchronizationContext: false));
        var put = PutAsync(store, key, pipe.Reader, cancellation);
        Exception? failure = null;
        T? result = default;
        try
        {
            await using var stream = new PieceStream(pipe.Writer);
            result = await write(stream);
        }
        catch (Exception error)
        {
            failure = error;
        }

        await pipe.Writer.CompleteAsync(failure);
        try
        {
            await put;
        }
        catch (Exception) when (failure is not null and not StoreEndedException)
        {
            // The writer's failure is the reason of both.
        }

        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return result!;
    }

    private static async Task PutAsync(IObjectStore store, string key, PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            await using var content = reader.AsStream();
            await store.PutAsync(key, content, cancellation);
        }
        finally
        {
            // A writer that still writes learns that nobody reads.
            await reader.CompleteAsync();
        }
    }

    private sealed class StoreEndedException() : IOException("the store has given the object up");

    private sealed class PieceStream(PipeWriter writer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (; buffer.Length > 0; buffer = buffer[Math.Min(Piece, buffer.Length)..])
            {
                if ((await writer.WriteAsync(buffer[..Math.Min(Piece, buffer.Length)], cancellationToken)).IsCompleted)
                    throw new StoreEndedException();
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
