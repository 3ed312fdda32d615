using Grid.Imaging.Pictures;

namespace Grid.Imaging.Maps;

/// <summary>A picture in place of a map that cannot be drawn: its background and, where one is wanted, a sentence that says why.</summary>
public static class NoticePicture
{
    private const int Margin = 3, LeastWidthOfLarge = 320;
    private static readonly PixelFormat s_greyAlpha = new(SampleType.UInt8, 2);

    /// <summary>The bytes of the picture in the form of the map; values are those of grey.</summary>
    /// <param name="text">What to say, in as many lines as fit; null leaves the background alone.</param>
    public static byte[] Write(int width, int height, MapBackground background, MapFormat format, string? text)
    {
        var frame = new MapFrame("OGC:CRS84", new Tiling.Extent(0, 0, width, height), width, height);
        var behind = background with { IsTransparent = background.IsTransparent && MapImage.HasOpacity(format) };
        using var layer = text is null ? null : Draw(width, height, text);
        var isValues = format is MapFormat.Bil or MapFormat.AsciiGrid;
        using var picture = MapPicture.Blend(
            layer is null ? [] : [layer], width, height, isValues ? new MapBackground(false, 0) : behind, isGrey: true, keepsOpacity: !MapImage.IsPicture(format) && !isValues);
        return MapImage.Write(picture, frame, new MapOutput(format), null);
    }

    /// <summary>Black letters on white strips, so that they are read on any background.</summary>
    private static Raster Draw(int width, int height, string text)
    {
        var raster = Raster.Rent(width, height, s_greyAlpha);
        raster.Pixels.Clear();
        raster.Mask.Fill(255);
        raster.IsFull = true;
        var scale = width >= LeastWidthOfLarge ? 2 : 1;
        int advance = (PixelText.GlyphWidth + 1) * scale, lineHeight = (PixelText.GlyphHeight + 3) * scale;
        var top = Margin;
        foreach (var line in PixelText.Lines(PixelText.Plain(text), Math.Max(1, (width - (2 * Margin)) / advance)))
        {
            for (var y = 0; y < lineHeight && top + y < height; y++)
            {
                for (var x = 0; x < (line.Length * advance) + scale && Margin + x < width; x++)
                {
                    // A pixel of white stands before the first letter and above each line.
                    int column = (x - scale) / scale, row = (y / scale) - 1;
                    var isInk = x >= scale && row is >= 0 and < PixelText.GlyphHeight && column % (PixelText.GlyphWidth + 1) < PixelText.GlyphWidth
                        && PixelText.IsInk(line[column / (PixelText.GlyphWidth + 1)], column % (PixelText.GlyphWidth + 1), row);
                    var at = (((top + y) * width) + Margin + x) * 2;
                    (raster.Pixels[at], raster.Pixels[at + 1]) = (isInk ? (byte)0 : (byte)255, 255);
                }
            }

            top += lineHeight;
        }

        return raster;
    }
}
