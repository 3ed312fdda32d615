using System.Buffers;
using System.Buffers.Binary;
using Grid.Imaging.Codecs.Zlib;

namespace Grid.Imaging.Codecs.Png;

/// <summary>
/// PNG of 8 bits a sample (ISO/IEC 15948): grey, grey and alpha, RGB, RGB and alpha, palette (expanded to RGB, or to RGB and alpha when it
/// has a transparency chunk), all filters, interlaced or not. Every CRC is checked. Sizes are the caller's: a picture that says otherwise is refused
/// before anything is allocated.
/// </summary>
internal static class PngDecoder
{
    private const string Codec = "PNG";

    /// <summary>The seven passes of Adam7: first column, first row, column step, row step.</summary>
    private static ReadOnlySpan<byte> Adam7 => [0, 0, 8, 8, 4, 0, 8, 8, 0, 4, 4, 8, 2, 0, 4, 4, 0, 2, 2, 4, 1, 0, 2, 2, 0, 1, 1, 2];

    public static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(PngChunks.Signature);

    public static void Decode(ReadOnlySpan<byte> png, PixelFormat format, int width, int height, Span<byte> samples)
    {
        if (format.Sample != SampleType.UInt8)
            throw new TileCodecException(Codec, "PNG tiles hold UInt8 samples");
        var data = new MemoryStream();
        ReadOnlySpan<byte> palette = default, transparency = default;
        int colourType = -1, interlace = 0;
        var rest = png[8..];
        for (uint type = 0; type != PngChunks.End;)
        {
            if (rest.Length < 12)
                throw new TileCodecException(Codec, "the file ends before IEND");
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                throw new TileCodecException(Codec, "a chunk passes the end of the file");
            type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            var body = rest.Slice(8, (int)length);
            if (PngChunks.Crc(rest.Slice(4, 4 + (int)length)) != BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]))
                throw new TileCodecException(Codec, "a chunk's CRC is wrong");
            rest = rest[(12 + (int)length)..];
            if (type == PngChunks.Header)
                (colourType, interlace) = ReadHeader(body, width, height);
            else if (type == PngChunks.Palette)
                palette = body;
            else if (type == PngChunks.Transparency)
                transparency = body;
            else if (type == PngChunks.Data)
                data.Write(body);
        }

        var stored = colourType switch { 0 or 3 => 1, 4 => 2, 2 => 3, 6 => 4, _ => throw new TileCodecException(Codec, "no header chunk") };
        var channels = colourType == 3 ? (transparency.IsEmpty ? 3 : 4) : stored;
        if (channels != format.Channels)
            throw new TileCodecException(Codec, $"the tile has {channels} channels instead of {format.Channels}");
        data.Position = 0;
        if (colourType != 3)
        {
            Unpack(data, stored, width, height, interlace, samples);
            return;
        }

        var indices = ArrayPool<byte>.Shared.Rent(width * height);
        Unpack(data, 1, width, height, interlace, indices);
        for (var i = 0; i < width * height; i++)
        {
            int index = indices[i];
            if ((index * 3) + 3 > palette.Length)
                throw new TileCodecException(Codec, $"colour {index} is not in the palette of {palette.Length / 3}");
            palette.Slice(index * 3, 3).CopyTo(samples[(i * channels)..]);
            if (channels == 4)
                samples[(i * 4) + 3] = index < transparency.Length ? transparency[index] : (byte)255;
        }

        ArrayPool<byte>.Shared.Return(indices);
    }

    private static (int ColourType, int Interlace) ReadHeader(ReadOnlySpan<byte> body, int width, int height)
    {
        if (body.Length != 13)
            throw new TileCodecException(Codec, "the header chunk has not 13 bytes");
        uint w = BinaryPrimitives.ReadUInt32BigEndian(body), h = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        if (w != width || h != height)
            throw new TileCodecException(Codec, $"the tile is {w} × {h} pixels instead of {width} × {height}");
        if (body[8] != 8 || body[10] != 0 || body[11] != 0 || body[12] > 1)
            throw new TileCodecException(Codec, $"{body[8]} bits a sample, compression {body[10]}, filter method {body[11]}, interlace {body[12]}: tiles have 8, 0, 0, 0 or 1");
        return (body[9], body[12]);
    }

    private static void Unpack(MemoryStream data, int channels, int width, int height, int interlace, Span<byte> samples)
    {
        ReadOnlySpan<byte> passes = interlace == 0 ? [0, 0, 1, 1] : Adam7;
        var total = 0;
        for (var p = 0; p < passes.Length; p += 4)
            total += RowsBytes(Count(width, passes[p], passes[p + 2]), Count(height, passes[p + 1], passes[p + 3]), channels);
        var buffer = ArrayPool<byte>.Shared.Rent(total);
        try
        {
            var rows = buffer.AsSpan(0, total);
            ZlibDecoder.Decode(data, rows);
            for (var p = 0; p < passes.Length; p += 4)
            {
                int w = Count(width, passes[p], passes[p + 2]), h = Count(height, passes[p + 1], passes[p + 3]);
                if (w == 0 || h == 0)
                    continue;
                Unfilter(rows, w * channels, h, channels);
                for (var row = 0; row < h; row++)
                {
                    var line = rows.Slice((row * ((w * channels) + 1)) + 1, w * channels);
                    var to = samples[((((passes[p + 1] + (row * passes[p + 3])) * width) + passes[p]) * channels)..];
                    if (interlace == 0)
                    {
                        line.CopyTo(to);
                        continue;
                    }

                    for (var col = 0; col < w; col++)
                        line.Slice(col * channels, channels).CopyTo(to[(col * passes[p + 2] * channels)..]);
                }

                rows = rows[RowsBytes(w, h, channels)..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Count(int size, int first, int step) => Math.Max(0, (size - first + step - 1) / step);

    private static int RowsBytes(int width, int height, int channels) => width == 0 ? 0 : height * ((width * channels) + 1);

    /// <summary>Undoes the five filters of clause 9 in place; each row is preceded by its filter's number.</summary>
    private static void Unfilter(Span<byte> rows, int stride, int height, int pixel)
    {
        Span<byte> above = default;
        for (var row = 0; row < height; row++)
        {
            var filter = rows[row * (stride + 1)];
            var line = rows.Slice((row * (stride + 1)) + 1, stride);
            if (filter > 4)
                throw new TileCodecException(Codec, $"row {row} has filter {filter}: 0 to 4 exist");
            if (filter != 0)
            {
                for (var i = 0; i < stride; i++)
                {
                    int left = i >= pixel ? line[i - pixel] : 0;
                    int up = row > 0 ? above[i] : 0;
                    int corner = row > 0 && i >= pixel ? above[i - pixel] : 0;
                    line[i] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) >> 1, _ => Paeth(left, up, corner) });
                }
            }

            above = line;
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int a = Math.Abs(up - corner), b = Math.Abs(left - corner), c = Math.Abs(left + up - corner - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
