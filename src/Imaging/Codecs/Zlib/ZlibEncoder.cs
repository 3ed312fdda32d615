using System.IO.Compression;

namespace Grid.Imaging.Codecs.Zlib;

/// <summary>Tiles as zlib streams, level 6, no predictor: TIFF compression 8 (Adobe deflate).</summary>
internal sealed class ZlibEncoder : TileEncoder
{
    private static readonly ZLibCompressionOptions _options = new() { CompressionLevel = 6 };
    private readonly MemoryStream _stream = new();

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples)
    {
        _stream.SetLength(0);
        using (var zlib = new ZLibStream(_stream, _options, leaveOpen: true))
            zlib.Write(samples);
        return _stream.GetBuffer().AsSpan(0, (int)_stream.Length);
    }
}
