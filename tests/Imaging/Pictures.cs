using System.Runtime.InteropServices;

namespace Grid.Imaging.Tests;

/// <summary>Pictures made by formula, the same at every run.</summary>
internal static class Pictures
{
    /// <summary>Smooth waves with some detail, a different phase a channel: about 20 to 235.</summary>
    public static double Wave(double x, double y, int channel) =>
        127.5 + (60 * Math.Sin((x * 0.071) + channel)) + (35 * Math.Cos((y * 0.093) - channel)) + (12 * Math.Sin((x + (2 * y)) * 0.21));

    public static void Fill(Raster raster, Func<long, long, int, double> value, long col = 0, long row = 0)
    {
        var channels = raster.Format.Channels;
        raster.Mask.Fill(255);
        raster.IsFull = true;
        for (var y = 0; y < raster.Height; y++)
        {
            for (var x = 0; x < raster.Width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var at = (((y * raster.Width) + x) * channels) + c;
                    if (raster.Format.Sample == SampleType.UInt8)
                        raster.Pixels[at] = (byte)Math.Clamp(Math.Round(value(col + x, row + y, c)), 0, 255);
                    else
                        MemoryMarshal.Cast<byte, float>(raster.Pixels)[at] = (float)value(col + x, row + y, c);
                }
            }
        }
    }

    public static Raster Waves(int width, int height, PixelFormat format)
    {
        var raster = Raster.Rent(width, height, format);
        Fill(raster, (x, y, c) => format.Sample == SampleType.UInt8 ? Wave(x, y, c) : 100 + (5 * Wave(x, y, c)));
        return raster;
    }

    /// <summary>Noise of a linear congruential generator (Knuth's MMIX constants).</summary>
    public static void Noise(Span<byte> bytes, ulong seed)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            seed = (seed * 6364136223846793005) + 1442695040888963407;
            bytes[i] = (byte)(seed >> 56);
        }
    }
}
