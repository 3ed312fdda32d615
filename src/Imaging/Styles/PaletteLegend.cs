using System.Globalization;
using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Pictures;

namespace Grid.Imaging.Styles;

/// <summary>
/// A palette as a picture: a line for each of its colours, the highest value on top, the colour on the left and its values on the right. Entries that
/// follow one another in one colour share a line, transparent ones have none, and of many some are left out.
/// </summary>
public static class PaletteLegend
{
    private const int LineHeight = 20, SwatchWidth = 30, Margin = 4, Scale = 2, MostLines = 16;

    /// <summary>Width and height of <see cref="Draw"/>'s picture; null for a palette with nothing to show.</summary>
    public static (int Width, int Height)? SizeOf(Palette palette, string unit = "") =>
        Lines(palette, unit) is { Count: > 0 } lines
            ? (SwatchWidth + (3 * Margin) + (lines.Max(line => line.Text.Length) * (PixelText.GlyphWidth + 1) * Scale), (lines.Count * LineHeight) + (2 * Margin))
            : null;

    /// <summary>The picture as PNG, RGB and alpha; null for a palette with nothing to show.</summary>
    /// <param name="palette">What to draw.</param>
    /// <param name="unit">Follows each value: <c>°</c>, <c>%</c> or nothing.</param>
    public static byte[]? Draw(Palette palette, string unit = "")
    {
        if (SizeOf(palette, unit) is not var (width, height))
            return null;
        var pixels = new byte[width * height * 4];
        var top = Margin;
        foreach (var (colour, text) in Lines(palette, unit))
        {
            for (var y = top + 1; y < top + LineHeight - 1; y++)
            {
                for (var x = Margin; x < Margin + SwatchWidth; x++)
                    ((byte[])[colour.Red, colour.Green, colour.Blue, colour.Alpha]).CopyTo(pixels, ((y * width) + x) * 4);
            }

            Write(pixels, width, SwatchWidth + (2 * Margin), top + ((LineHeight - (PixelText.GlyphHeight * Scale)) / 2), text);
            top += LineHeight;
        }

        using var encoder = new PngEncoder(width, height, 4);
        return encoder.Encode(pixels).ToArray();
    }

    private static IReadOnlyList<(PaletteColour Colour, string Text)> Lines(Palette palette, string unit)
    {
        var lines = new List<(PaletteColour Colour, double First, double Last)>();
        foreach (var colour in palette.Colours)
        {
            if (lines.Count > 0 && lines[^1].Colour == colour with { Value = lines[^1].Colour.Value })
                lines[^1] = lines[^1] with { Last = colour.Value };
            else
                lines.Add((colour, colour.Value, colour.Value));
        }

        lines.RemoveAll(line => line.Colour.Alpha == 0 && !palette.IsOpaque);
        var shown = lines.Count <= MostLines ? lines : [.. Enumerable.Range(0, MostLines).Select(i => lines[i * (lines.Count - 1) / (MostLines - 1)])];
        shown.Reverse();
        return [.. shown.Select(line => (palette.IsOpaque ? line.Colour with { Alpha = 255 } : line.Colour, line.First == line.Last
            ? Number(line.First) + unit
            : $"{Number(line.First)} - {Number(line.Last)}{unit}"))];

        static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
    }

    private static void Write(byte[] pixels, int width, int left, int top, string text)
    {
        foreach (var character in text)
        {
            for (var i = 0; i < PixelText.GlyphHeight * PixelText.GlyphWidth * Scale * Scale; i++)
            {
                int x = i % (PixelText.GlyphWidth * Scale), y = i / (PixelText.GlyphWidth * Scale);
                if (PixelText.IsInk(character, x / Scale, y / Scale))
                    pixels[((((top + y) * width) + left + x) * 4) + 3] = 255;
            }

            left += (PixelText.GlyphWidth + 1) * Scale;
        }
    }
}
