using Microsoft.Win32.SafeHandles;

namespace Grid.PointCloud;

/// <summary>
/// Bytes that are read by range: a file, an object of a store, a resource on the web. Reads may come from several threads at once. Failures to read are the
/// source's own exceptions.
/// </summary>
public interface IByteSource : IAsyncDisposable
{
    /// <summary>What errors call it.</summary>
    string Name { get; }

    long LengthBytes { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/> on; returns the bytes read, fewer only at the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default);
}

/// <summary>A local file. Reads are made on the caller's thread: who decodes what is read holds it longer, and would lose it on the way.</summary>
public sealed class FileByteSource : IByteSource
{
    private readonly SafeFileHandle _file;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public FileByteSource(string path)
    {
        Name = Path.GetFileName(path);
        _file = File.OpenHandle(path);
        LengthBytes = RandomAccess.GetLength(_file);
    }

    public string Name { get; }

    public long LengthBytes { get; }

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var done = 0;
        while (done < buffer.Length)
        {
            var read = RandomAccess.Read(_file, buffer.Span[done..], offset + done);
            if (read == 0)
                break;
            done += read;
        }

        return new ValueTask<int>(done);
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return default;
    }
}

/// <summary>A stream that can seek; it is disposed with the source. Reads wait for each other.</summary>
public sealed class StreamByteSource(Stream stream, string name) : IByteSource
{
    private readonly SemaphoreSlim _turn = new(1);

    public string Name { get; } = name;

    public long LengthBytes { get; } = stream.Length;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            stream.Position = offset;
            return await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        _turn.Dispose();
    }
}
