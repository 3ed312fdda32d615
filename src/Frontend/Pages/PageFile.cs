using System.IO.Compression;
using System.Security.Cryptography;

namespace Grid.Frontend.Pages;

/// <summary>One built file of the web pages, held in memory as it goes to the socket.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Brotli">The same, Brotli-compressed; null where that saves nothing (images).</param>
/// <param name="ContentType">Media type, with the charset for text.</param>
/// <param name="ETag">Strong entity tag of <paramref name="Bytes"/>, quoted; the compressed form has its own, see <see cref="BrotliETag"/>.</param>
/// <param name="Hashed">True when the file's name carries a digest of its content, so that it never changes under its name.</param>
public sealed record PageFile(byte[] Bytes, byte[]? Brotli, string ContentType, string ETag, bool Hashed)
{
    /// <summary>Entity tag of the compressed form (RFC 9110 § 8.8.1: a strong tag names one representation).</summary>
    public string BrotliETag => ETag.Insert(ETag.Length - 1, "-br");

    /// <summary>Reads a file of the built folder.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="hashed">True for a file whose name carries its digest.</param>
    public static PageFile Read(string path, bool hashed)
    {
        var bytes = File.ReadAllBytes(path);
        var (contentType, isText) = TypeOf(Path.GetExtension(path));
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
        return new PageFile(bytes, isText ? Compress(bytes) : null, contentType, etag, hashed);
    }

    private static byte[]? Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            brotli.Write(bytes);
        return compressed.Length < bytes.Length ? compressed.ToArray() : null;
    }

    private static (string ContentType, bool IsText) TypeOf(string extension) => extension switch
    {
        ".html" => ("text/html; charset=utf-8", true),
        ".js" => ("text/javascript; charset=utf-8", true),
        ".css" => ("text/css; charset=utf-8", true),
        ".svg" => ("image/svg+xml", true),
        ".json" or ".map" => ("application/json", true),
        ".txt" => ("text/plain; charset=utf-8", true),
        ".png" => ("image/png", false),
        ".woff2" => ("font/woff2", false),
        _ => ("application/octet-stream", false),
    };
}
