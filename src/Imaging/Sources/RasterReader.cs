namespace Grid.Imaging.Sources;

/// <summary>An open file of a lot, that paints its pixels into windows. One thread at a time may use it; <see cref="ReaderPool"/> sees to it.</summary>
internal abstract class RasterReader : IDisposable
{
    /// <summary>
    /// Paints the pixels from (<paramref name="col"/>, <paramref name="row"/>) of the north-up raster into the window from
    /// (<paramref name="windowCol"/>, <paramref name="windowRow"/>) on, with their mask. With <paramref name="keepsBelow"/>, pixels without data
    /// leave what the window holds there; without, they get mask 0.
    /// </summary>
    /// <exception cref="UnreadableRasterException">A part cannot be read or decoded.</exception>
    internal abstract void Paint(
        int col, int row, int width, int height, Raster window, int windowCol, int windowRow, bool keepsBelow, CancellationToken cancellation);

    public abstract void Dispose();

    /// <summary>Copies the pixels that have data, in runs.</summary>
    protected static void CopyData(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> mask, int pixelBytes, Span<byte> targetPixels, Span<byte> targetMask)
    {
        var start = 0;
        while (start < mask.Length)
        {
            var skip = mask[start..].IndexOfAnyExcept((byte)0);
            if (skip < 0)
                return;
            start += skip;
            var run = mask[start..].IndexOf((byte)0);
            if (run < 0)
                run = mask.Length - start;
            pixels.Slice(start * pixelBytes, run * pixelBytes).CopyTo(targetPixels[(start * pixelBytes)..]);
            targetMask.Slice(start, run).Fill(255);
            start += run;
        }
    }
}
