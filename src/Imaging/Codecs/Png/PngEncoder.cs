using System.Buffers.Binary;
using System.IO.Compression;

namespace Grid.Imaging.Codecs.Png;

/// <summary>Tiles of 1 to 4 channels of 8 bits as PNG in the form that ROK4 writes: signature, IHDR, one IDAT, IEND; filter 0; zlib level 5.</summary>
internal sealed class PngEncoder(int width, int height, int channels) : TileEncoder
{
    private const int DataStart = 8 + 25 + 8;
    private static readonly ZLibCompressionOptions _options = new() { CompressionLevel = 5 };
    private readonly MemoryStream _stream = new();
    private readonly byte[] _rows = new byte[height * ((width * channels) + 1)];

    /// <summary>The colour type of IHDR: grey, grey and alpha, RGB, RGB and alpha.</summary>
    private static ReadOnlySpan<byte> ColourTypes => [0, 4, 2, 6];

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples)
    {
        var stride = width * channels;
        for (var row = 0; row < height; row++)
            samples.Slice(row * stride, stride).CopyTo(_rows.AsSpan((row * (stride + 1)) + 1));

        _stream.SetLength(DataStart);
        _stream.Position = DataStart;
        using (var zlib = new ZLibStream(_stream, _options, leaveOpen: true))
            zlib.Write(_rows);
        var dataEnd = (int)_stream.Length;
        _stream.SetLength(dataEnd + 4 + 12);

        var png = _stream.GetBuffer().AsSpan(0, (int)_stream.Length);
        PngChunks.Signature.CopyTo(png);
        var header = png[8..];
        BinaryPrimitives.WriteInt32BigEndian(header[8..], width);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], height);
        header[16] = 8;
        header[17] = ColourTypes[channels - 1];
        header[18..21].Clear();
        PngChunks.Close(header, PngChunks.Header, 13);
        PngChunks.Close(png[(DataStart - 8)..], PngChunks.Data, dataEnd - DataStart);
        PngChunks.Close(png[(dataEnd + 4)..], PngChunks.End, 0);
        return png;
    }
}
