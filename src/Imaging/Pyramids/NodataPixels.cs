using Grid.Imaging.Codecs;

namespace Grid.Imaging.Pyramids;

/// <summary>Which pixels of a decoded tile have data, where no mask is stored beside it.</summary>
public static class NodataPixels
{
    /// <summary>Grey levels by which nodata may miss its value in JPEG.</summary>
    public const int JpegTolerance = 3;

    /// <summary>
    /// Sets the mask of a tile: a pixel is without data when all its samples are nodata's, in JPEG to within <see cref="JpegTolerance"/>. Where tiles
    /// themselves tell, one that does not is data throughout.
    /// </summary>
    /// <param name="nodata">One value a channel.</param>
    public static void Mask(Raster tile, TileCompression compression, IReadOnlyList<double> nodata) => Mask(tile, compression, PixelOf(tile.Format, nodata));

    internal static void Mask(Raster tile, TileCompression compression, ReadOnlySpan<byte> nodata)
    {
        var pixels = tile.Pixels;
        var mask = tile.Mask;
        var size = nodata.Length;
        if (TileCompressions.KeepsOpacity(compression))
        {
            mask.Fill(255);
            return;
        }

        var tolerance = TileCompressions.IsLossless(compression) ? 0 : JpegTolerance;
        byte least = (byte)Math.Max(0, nodata[0] - tolerance), most = (byte)Math.Min(255, nodata[0] + tolerance);
        mask.Fill(255);
        // Few bytes are like nodata's first: what is between them is passed over many at a time.
        for (var i = 0; i < mask.Length; i++)
        {
            var next = pixels[(i * size)..].IndexOfAnyInRange(least, most);
            if (next < 0)
                return;
            i += next / size;
            if (IsNear(pixels.Slice(i * size, size), nodata, tolerance))
                mask[i] = 0;
        }
    }

    private static bool IsNear(ReadOnlySpan<byte> pixel, ReadOnlySpan<byte> nodata, int tolerance)
    {
        for (var i = 0; i < nodata.Length; i++)
        {
            if (Math.Abs(pixel[i] - nodata[i]) > tolerance)
                return false;
        }

        return true;
    }

    /// <summary>One pixel of nodata, in machine order; UInt8 values are rounded and clamped.</summary>
    public static byte[] PixelOf(PixelFormat format, IReadOnlyList<double> nodata)
    {
        var pixel = new byte[format.BytesPerPixel];
        for (var channel = 0; channel < format.Channels; channel++)
        {
            if (format.Sample == SampleType.UInt8)
                pixel[channel] = (byte)Math.Clamp(Math.Round(nodata[channel]), 0, 255);
            else
                BitConverter.TryWriteBytes(pixel.AsSpan(channel * 4), (float)nodata[channel]);
        }

        return pixel;
    }
}
