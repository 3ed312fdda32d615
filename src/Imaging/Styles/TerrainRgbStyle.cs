using System.Runtime.InteropServices;

namespace Grid.Imaging.Styles;

/// <summary>
/// Heights in the three bytes of RGB (<c>terrainrgb</c>): height = least + (R·65536 + G·256 + B)·step, to the nearest step. Heights beyond what three
/// bytes hold have the nearest that they hold.
/// </summary>
public sealed class TerrainRgbStyle(double leastHeight, double step) : IRasterStyle
{
    private const int Most = (1 << 24) - 1;

    /// <summary>Whether clients of Mapbox's terrain-RGB read the heights.</summary>
    public bool IsMapbox => leastHeight == -10_000 && step == 0.1;

    public int Margin => 0;

    public PixelFormat? OutputOf(PixelFormat input) => input.Channels == 1 ? new PixelFormat(SampleType.UInt8, 3) : null;

    public void Apply(Raster window, double cellWidthMetres, double cellHeightMetres, Raster output)
    {
        window.Mask.CopyTo(output.Mask);
        output.IsFull = window.IsFull;
        var mask = output.Mask;
        var pixels = output.Pixels;
        var samples = window.Pixels;
        var isFloat = window.Format.Sample == SampleType.Float32;
        var heights = isFloat ? MemoryMarshal.Cast<byte, float>(samples) : default;
        if (isFloat)
            output.IsFull &= !ValueWindow.MaskNaN(heights, mask);
        for (var i = 0; i < mask.Length; i++)
        {
            var height = isFloat ? heights[i] : samples[i];
            var steps = mask[i] == 0 ? 0 : (int)Math.Clamp(Math.Round((height - leastHeight) / step), 0, Most);
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = ((byte)(steps >> 16), (byte)(steps >> 8), (byte)steps);
        }
    }
}
