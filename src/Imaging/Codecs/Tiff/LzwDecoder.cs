namespace Grid.Imaging.Codecs.Tiff;

/// <summary>
/// TIFF's LZW (TIFF 6.0 section 13): codes of 9 to 12 bits, most significant bit first, whose width grows one code early. Strings are kept as
/// (position, length) in the output already written, so no table of bytes is needed.
/// </summary>
internal static class LzwDecoder
{
    private const int Clear = 256;
    private const int End = 257;
    private const int TableSize = 4096;

    public static void Decode(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        Span<int> position = stackalloc int[TableSize];
        Span<int> length = stackalloc int[TableSize];
        int next = 258, width = 9, to = 0, previousAt = -1, previousLength = 0, bits = 0, from = 0;
        uint pending = 0;
        while (to < samples.Length)
        {
            while (bits < width && from < encoded.Length)
            {
                pending = (pending << 8) | encoded[from++];
                bits += 8;
            }

            if (bits < width)
                throw new TileCodecException("LZW", $"the stream ends after {to} bytes instead of {samples.Length}");
            bits -= width;
            var code = (int)(pending >> bits) & ((1 << width) - 1);
            if (code == Clear)
            {
                (next, width, previousAt) = (258, 9, -1);
                continue;
            }

            if (code == End)
                throw new TileCodecException("LZW", $"the stream ends after {to} bytes instead of {samples.Length}");
            if (code > next || (code >= 256 && previousAt < 0) || (code == next && previousAt < 0))
                throw new TileCodecException("LZW", $"code {code} is not in the table of {next}");

            // Each new string is the previous one and the byte that follows it in the output.
            if (previousAt >= 0 && next < TableSize)
            {
                position[next] = previousAt;
                length[next] = previousLength + 1;
                next++;
            }

            var at = to;
            if (code < 256)
            {
                samples[to++] = (byte)code;
                previousLength = 1;
            }
            else
            {
                if (code >= next)
                    throw new TileCodecException("LZW", $"code {code} is not in the table of {next}");
                previousLength = length[code];
                for (int i = 0, source = position[code]; i < previousLength && to < samples.Length; i++)
                    samples[to++] = samples[source++];
            }

            previousAt = at;
            if (next + 1 >= 1 << width && width < 12)
                width++;
        }
    }
}
