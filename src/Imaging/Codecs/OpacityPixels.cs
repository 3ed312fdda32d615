namespace Grid.Imaging.Codecs;

/// <summary>Red, green and blue with the mask as a fourth channel, and back.</summary>
internal static class OpacityPixels
{
    /// <param name="samples">Three bytes a pixel.</param>
    /// <param name="mask">One byte a pixel; what is not 0 becomes opaque, what is 0 becomes transparent black.</param>
    /// <param name="joined">Four bytes a pixel.</param>
    public static void Join(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> mask, Span<byte> joined)
    {
        for (var i = 0; i < mask.Length; i++)
        {
            var pixel = joined.Slice(4 * i, 4);
            if (mask[i] == 0)
            {
                pixel.Clear();
                continue;
            }

            samples.Slice(3 * i, 3).CopyTo(pixel);
            pixel[3] = 255;
        }
    }

    /// <summary>The opposite of <see cref="Join"/>; half opacity and more is data.</summary>
    /// <param name="mask">255 or 0; may be empty when nobody asks for it.</param>
    public static void Split(ReadOnlySpan<byte> joined, Span<byte> samples, Span<byte> mask)
    {
        for (var i = 0; i < joined.Length / 4; i++)
        {
            joined.Slice(4 * i, 3).CopyTo(samples[(3 * i)..]);
            if (!mask.IsEmpty)
                mask[i] = joined[(4 * i) + 3] >= 128 ? (byte)255 : (byte)0;
        }
    }
}
