using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Grid.Imaging.Codecs.Png;

/// <summary>
/// Pictures of any size as PNG (ISO/IEC 15948), made for being sent at once: each row is filtered by what makes its bytes smallest of "none", "sub" and
/// "up" (the least sum of absolute differences, § 12.8), and compressed lightly.
/// </summary>
internal static class PngPicture
{
    private const int DataStart = 8 + 25 + 8;
    private static readonly ZLibCompressionOptions Light = new() { CompressionLevel = 2, CompressionStrategy = ZLibCompressionStrategy.Default };

    private static ReadOnlySpan<byte> ColourTypes => [0, 4, 2, 6];

    /// <param name="samples"><c>[row, col, channel]</c> without padding.</param>
    /// <param name="channels">1 grey, 2 grey and opacity, 3 RGB, 4 RGB and opacity.</param>
    public static byte[] Encode(ReadOnlySpan<byte> samples, int width, int height, int channels)
    {
        var stride = width * channels;
        using var png = new MemoryStream((stride * height / 2) + 1024);
        png.SetLength(DataStart);
        png.Position = DataStart;
        var rows = ArrayPool<byte>.Shared.Rent(3 * (stride + 1));
        try
        {
            using var zlib = new ZLibStream(png, Light, leaveOpen: true);
            Span<byte> none = rows.AsSpan(0, stride + 1), sub = rows.AsSpan(stride + 1, stride + 1), up = rows.AsSpan(2 * (stride + 1), stride + 1);
            (none[0], sub[0], up[0]) = (0, 1, 2);
            for (var row = 0; row < height; row++)
            {
                var line = samples.Slice(row * stride, stride);
                line.CopyTo(none[1..]);
                Subtract(line[channels..], line, sub[(1 + channels)..]);
                line[..channels].CopyTo(sub[1..]);
                var best = Cost(sub[1..]) < Cost(none[1..]) ? sub : none;
                if (row > 0)
                {
                    Subtract(line, samples.Slice((row - 1) * stride, stride), up[1..]);
                    if (Cost(up[1..]) < Cost(best[1..]))
                        best = up;
                }

                zlib.Write(best);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rows);
        }

        var dataEnd = (int)png.Length;
        png.SetLength(dataEnd + 4 + 12);
        var bytes = png.GetBuffer().AsSpan(0, (int)png.Length);
        PngChunks.Signature.CopyTo(bytes);
        var header = bytes[8..];
        BinaryPrimitives.WriteInt32BigEndian(header[8..], width);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], height);
        header[16] = 8;
        header[17] = ColourTypes[channels - 1];
        header[18..21].Clear();
        PngChunks.Close(header, PngChunks.Header, 13);
        PngChunks.Close(bytes[(DataStart - 8)..], PngChunks.Data, dataEnd - DataStart);
        PngChunks.Close(bytes[(dataEnd + 4)..], PngChunks.End, 0);
        return bytes.ToArray();
    }

    /// <summary><c>output = a − b</c>, byte by byte, for the length of a.</summary>
    private static void Subtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> output)
    {
        var i = 0;
        for (; i <= a.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(a[i..]) - new Vector<byte>(b[i..])).CopyTo(output[i..]);
        for (; i < a.Length; i++)
            output[i] = (byte)(a[i] - b[i]);
    }

    /// <summary>The sum of the bytes' distances from 0, taken as signed.</summary>
    private static long Cost(ReadOnlySpan<byte> row)
    {
        long cost = 0;
        var i = 0;
        while (i <= row.Length - Vector<byte>.Count)
        {
            // Sums of 16 bits hold 256 vectors of distances up to 128 and more.
            var sums = Vector<ushort>.Zero;
            for (var n = 0; n < 128 && i <= row.Length - Vector<byte>.Count; n++, i += Vector<byte>.Count)
            {
                var bytes = new Vector<byte>(row[i..]);
                Vector.Widen(Vector.Min(bytes, Vector<byte>.Zero - bytes), out var low, out var high);
                sums += low + high;
            }

            Vector.Widen(sums, out var first, out var second);
            cost += Vector.Sum(first + second);
        }

        for (; i < row.Length; i++)
            cost += Math.Min(row[i], 256 - row[i]);
        return cost;
    }
}
