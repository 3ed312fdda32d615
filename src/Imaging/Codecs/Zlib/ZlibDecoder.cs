using System.IO.Compression;

namespace Grid.Imaging.Codecs.Zlib;

/// <summary>Zlib streams whose decoded length is known: never more than that is produced, whatever the stream claims.</summary>
internal static class ZlibDecoder
{
    public static unsafe void Decode(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        fixed (byte* start = encoded)
        {
            using var stream = new UnmanagedMemoryStream(start, encoded.Length);
            Decode(stream, samples);
        }
    }

    public static void Decode(Stream encoded, Span<byte> samples)
    {
        try
        {
            using var zlib = new ZLibStream(encoded, CompressionMode.Decompress, leaveOpen: true);
            var read = zlib.ReadAtLeast(samples, samples.Length, throwOnEndOfStream: false);
            if (read < samples.Length)
                throw new TileCodecException("zlib", $"the stream ends after {read} bytes instead of {samples.Length}");
        }
        catch (InvalidDataException e)
        {
            throw new TileCodecException("zlib", "the stream is damaged", e);
        }
    }
}
