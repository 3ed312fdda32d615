using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Grid.Cli.Api;

/// <summary>
/// A <c>multipart/form-data</c> body (RFC 7578) with one part named <c>file</c>, streamed from disk with its exact Content-Length, and hashed on
/// the way, so that a file is read once.
/// </summary>
public sealed class MultipartFile : HttpContent
{
    private const int BufferBytes = 1 << 20;

    private readonly Stream _source;
    private readonly long _length;
    private readonly byte[] _head;
    private readonly byte[] _tail;
    private readonly Action<long>? _sent;
    private readonly string _name;

    /// <param name="source">The file's bytes from the current position on; disposed with this content.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="name">Name of the file in the part's header and in errors.</param>
    /// <param name="sent">Told the number of bytes of each block that went out.</param>
    public MultipartFile(Stream source, long length, string name, Action<long>? sent = null)
    {
        _source = source;
        _length = length;
        _name = name;
        _sent = sent;
        var boundary = "grid-" + Guid.NewGuid().ToString("N");
        var shownName = name.Replace("\\", "/").Replace("\"", "%22").Replace("\r", "%0D").Replace("\n", "%0A");
        _head = Encoding.UTF8.GetBytes(
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{shownName}\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        _tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={boundary}");
    }

    /// <summary>MD5 of the bytes that were sent, in lower-case hexadecimal; null before the end.</summary>
    public string? Md5 { get; private set; }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_head, cancellationToken);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[BufferBytes];
        var left = _length;
        while (left > 0)
        {
            var read = await _source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
            if (read == 0)
                throw new DeliveryException($"{_name} became shorter while it was sent: {_length - left} of {_length} bytes could be read");
            md5.AppendData(buffer, 0, read);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
            _sent?.Invoke(read);
        }

        await stream.WriteAsync(_tail, cancellationToken);
        Md5 = Convert.ToHexStringLower(md5.GetHashAndReset());
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _head.Length + _length + _tail.Length;
        return true;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        base.Dispose(disposing);
    }
}
