using System.Runtime.InteropServices;

namespace Grid.Imaging.Styles;

/// <summary>Colours by value (<c>palette</c>), of one channel.</summary>
public sealed class PaletteStyle(Palette palette) : IRasterStyle
{
    private readonly uint[] _bytes = palette.OfBytes();

    public int Margin => 0;

    public Palette Palette => palette;

    public PixelFormat? OutputOf(PixelFormat input) => input.Channels == 1 ? palette.Output : null;

    public void Apply(Raster window, double cellWidthMetres, double cellHeightMetres, Raster output)
    {
        window.Mask.CopyTo(output.Mask);
        output.IsFull = window.IsFull;
        if (window.Format.Sample == SampleType.Float32)
        {
            var values = MemoryMarshal.Cast<byte, float>(window.Pixels);
            output.IsFull &= !ValueWindow.MaskNaN(values, output.Mask);
            palette.Paint(values, output.Mask, output.Pixels);
            return;
        }

        var samples = window.Pixels;
        var mask = window.Mask;
        var pixels = output.Pixels;
        var channels = palette.IsOpaque ? 3 : 4;
        for (var i = 0; i < samples.Length; i++)
        {
            var colour = mask[i] != 0 ? _bytes[samples[i]] : 0;
            for (var c = 0; c < channels; c++)
                pixels[(i * channels) + c] = (byte)(colour >> (8 * c));
        }
    }
}
