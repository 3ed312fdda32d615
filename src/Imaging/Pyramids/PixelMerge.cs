namespace Grid.Imaging.Pyramids;

/// <summary>Lays one tile over another, sample by sample; masks are joined.</summary>
internal static class PixelMerge
{
    /// <summary>Puts <paramref name="over"/> upon <paramref name="tile"/>. Blending and products are for UInt8 samples.</summary>
    public static void Put(Raster over, Raster tile, MergeMethod method)
    {
        var format = tile.Format;
        var blends = method == MergeMethod.AlphaTop && format.Channels is 2 or 4;
        if ((blends || method == MergeMethod.Multiply) && format.Sample != SampleType.UInt8)
            throw new ArgumentException($"{method} of {format.Sample}: UInt8 samples are blended and multiplied");
        var size = format.BytesPerPixel;
        Span<byte> mask = tile.Mask, pixels = tile.Pixels, overMask = over.Mask, overPixels = over.Pixels;
        for (var i = 0; i < mask.Length; i++)
        {
            if (overMask[i] == 0)
                continue;
            Span<byte> from = overPixels.Slice(i * size, size), to = pixels.Slice(i * size, size);
            if (mask[i] == 0)
                from.CopyTo(to);
            else if (method == MergeMethod.Multiply)
                Multiply(from, to);
            else if (blends)
                Blend(from, to);
            else
                from.CopyTo(to);
            mask[i] = 255;
        }

        tile.IsFull = !mask.ContainsAnyExcept((byte)255);
    }

    private static void Multiply(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var channel = 0; channel < to.Length; channel++)
            to[channel] = (byte)(((from[channel] * to[channel]) + 127) / 255);
    }

    private static void Blend(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var alpha = from.Length - 1;
        // Both opacities in shares of 255².
        int above = from[alpha] * 255, below = to[alpha] * (255 - from[alpha]), whole = above + below;
        if (whole == 0)
            return;
        for (var channel = 0; channel < alpha; channel++)
            to[channel] = (byte)(((from[channel] * above) + (to[channel] * below) + (whole / 2)) / whole);
        to[alpha] = (byte)((whole + 127) / 255);
    }
}
