namespace Grid.Imaging.Codecs.Tiff;

/// <summary>PackBits (TIFF 6.0 section 9); rows are packed one by one, which a decoder need not know.</summary>
internal static class PackBitsDecoder
{
    public static void Decode(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        int from = 0, to = 0;
        while (to < samples.Length)
        {
            if (from + 1 >= encoded.Length)
                throw new TileCodecException("PackBits", $"the stream ends after {to} bytes instead of {samples.Length}");
            int count = (sbyte)encoded[from++];
            if (count == -128)
                continue;
            var length = Math.Min(count >= 0 ? count + 1 : 1 - count, samples.Length - to);
            if (count >= 0)
            {
                if (from + length > encoded.Length)
                    throw new TileCodecException("PackBits", $"the stream ends after {to} bytes instead of {samples.Length}");
                encoded.Slice(from, length).CopyTo(samples[to..]);
                from += count + 1;
            }
            else
            {
                samples.Slice(to, length).Fill(encoded[from++]);
            }

            to += length;
        }
    }
}
