using System.Runtime.InteropServices;
using Grid.Imaging.Resampling;

namespace Grid.Imaging.Tests.Resampling;

public class DecimationTests
{
    public static TheoryData<SampleType, int, bool> Cases()
    {
        var data = new TheoryData<SampleType, int, bool>();
        foreach (var masked in new[] { false, true })
        {
            foreach (var channels in new[] { 1, 2, 3, 4 })
            {
                data.Add(SampleType.UInt8, channels, masked);
                data.Add(SampleType.Float32, channels, masked);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mean_is_that_of_a_plain_reference(SampleType sample, int channels, bool masked)
    {
        var format = new PixelFormat(sample, channels);
        using Raster child = Raster.Rent(256, 256, format), parent = Raster.Rent(256, 256, format);
        Pictures.Fill(child, (x, y, c) => Math.Floor(Pictures.Wave(x * 31, y * 17, c)));
        if (sample == SampleType.UInt8)
            Pictures.Noise(child.Pixels, 5);
        if (masked)
        {
            Pictures.Noise(child.Mask[20_000..30_000], 9);
            foreach (ref var m in child.Mask)
                m = m < 128 ? (byte)0 : (byte)255;
            child.Mask[..10_000].Clear();
            child.IsFull = false;
        }

        parent.Pixels.Fill(77);
        parent.Mask.Clear();

        var full = Decimation.Halve(child, parent, 1, 0);

        Assert.Equal(!masked, full);
        for (var y = 0; y < 256; y++)
        {
            for (var x = 0; x < 256; x++)
            {
                var inside = x >= 128 && y < 128;
                for (var c = 0; c < channels; c++)
                {
                    var (expected, any) = inside ? Mean(child, x - 128, y, c) : (0, false);
                    Assert.Equal(any ? 255 : 0, parent.Mask[(y * 256) + x]);
                    if (any)
                        Assert.Equal(expected, Value(parent, x, y, c), 1e-3);
                    else
                        Assert.Equal(77, parent.Pixels[(((y * 256) + x) * format.BytesPerPixel) + c]);
                }
            }
        }
    }

    [Fact]
    public void Rounding_of_noise_neither_darkens_nor_brightens()
    {
        var format = new PixelFormat(SampleType.UInt8, 1);
        using Raster child = Raster.Rent(2048, 2048, format), parent = Raster.Rent(2048, 2048, format);
        Pictures.Noise(child.Pixels, 1);
        child.Mask.Fill(255);
        child.IsFull = true;
        for (var quadrant = 0; quadrant < 4; quadrant++)
            Decimation.Halve(child, parent, quadrant % 2, quadrant / 2);

        // Every rounding rule but "halves to even" shifts this by an eighth of a grey level a level.
        Assert.Equal(Average(child), Average(parent), 0.01);
    }

    private static double Average(Raster raster)
    {
        double sum = 0;
        foreach (var value in raster.Pixels)
            sum += value;
        return sum / raster.Pixels.Length;
    }

    private static double Value(Raster raster, int x, int y, int c)
    {
        var at = (((y * raster.Width) + x) * raster.Format.Channels) + c;
        return raster.Format.Sample == SampleType.UInt8 ? raster.Pixels[at] : MemoryMarshal.Cast<byte, float>(raster.Pixels)[at];
    }

    private static (double Value, bool Any) Mean(Raster child, int x, int y, int c)
    {
        var values = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            int cx = (2 * x) + (i % 2), cy = (2 * y) + (i / 2);
            if (child.Mask[(cy * child.Width) + cx] != 0)
                values.Add(Value(child, cx, cy, c));
        }

        if (values.Count == 0)
            return (0, false);
        var mean = values.Average();
        return (child.Format.Sample == SampleType.UInt8 ? Math.Round(mean, MidpointRounding.ToEven) : mean, true);
    }
}
