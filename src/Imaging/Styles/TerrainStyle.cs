using System.Buffers;

namespace Grid.Imaging.Styles;

/// <summary>
/// Hillshade, slope or aspect of one channel of heights, as grey or in a palette's colours. A pixel with a height is shown, one without is not, whatever
/// is around them.
/// </summary>
internal sealed class TerrainStyle(TerrainMeasure measure, Palette? palette) : IRasterStyle
{
    public int Margin => 1;

    public PixelFormat? OutputOf(PixelFormat input) => input.Channels == 1 ? palette?.Output ?? new PixelFormat(SampleType.UInt8, 1) : null;

    public void Apply(Raster window, double cellWidthMetres, double cellHeightMetres, Raster output)
    {
        var width = output.Width;
        using var values = new ValueWindow(window);
        var lines = ArrayPool<float>.Shared.Rent(3 * width);
        try
        {
            var toEast = lines.AsSpan(0, width);
            var toNorth = lines.AsSpan(width, width);
            var measures = lines.AsSpan(2 * width, width);
            for (var row = 0; row < output.Height; row++)
            {
                var mask = output.Mask.Slice(row * width, width);
                values.Mask(row + 1).Slice(1, width).CopyTo(mask);
                measure.Gradient.Line(values, row, cellWidthMetres, cellHeightMetres, toEast, toNorth);
                measure.Line(toEast, toNorth, mask, palette is not null, measures);
                var pixels = output.Pixels.Slice(row * output.StrideBytes, output.StrideBytes);
                if (palette is not null)
                    palette.Paint(measures, mask, pixels);
                else
                    Grey(measures, mask, pixels);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(lines);
        }

        output.IsFull = !output.Mask.Contains((byte)0);
    }

    private void Grey(ReadOnlySpan<float> measures, ReadOnlySpan<byte> mask, Span<byte> pixels)
    {
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = mask[i] == 0 ? (byte)0 : (byte)Math.Clamp(measure.GreyOf(measures[i]) + 0.5f, 0, 255);
    }
}
