using System.Globalization;
using System.Runtime.InteropServices;
using Grid.Imaging.Codecs;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Resampling;

/// <summary>
/// Outputs as fine as their source and coarser, on a grid of the same CRS that does not coincide with it, against sums with weights computed in double
/// precision, and against GDAL.
/// </summary>
public class ReductionTests
{
    private const int Side = 1700;
    private const double Offset = 20.37;

    public static TheoryData<Interpolation, string, double> Kernels()
    {
        var data = new TheoryData<Interpolation, string, double>();
        foreach (var ratio in new[] { 1, 1.7, 2.3, 3 })
        {
            data.Add(Interpolation.Nearest, "near", ratio);
            data.Add(Interpolation.Linear, "bilinear", ratio);
            data.Add(Interpolation.Bicubic, "cubic", ratio);
            data.Add(Interpolation.Lanczos, "lanczos", ratio);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Reduction_is_the_sum_weighted_by_the_widened_kernel(Interpolation interpolation, string theirs, double ratio)
    {
        using var picture = Pictures.Waves(Side, Side, new PixelFormat(SampleType.UInt8, 1));
        var exact = Exact(picture, interpolation, ratio, phase: place => place);

        using var ours = Warp(picture, interpolation, ratio);
        var gdal = GdalWarp(picture, theirs, ratio);

        // Both round to whole grey levels, which alone differs from the exact sum by a quarter in the mean.
        Assert.InRange(Difference(ours.Pixels, exact), 0, 0.3);
        if (interpolation != Interpolation.Lanczos || ratio == 1)
        {
            Assert.InRange(Difference(gdal, exact), 0, 0.35);
            return;
        }

        // GDAL 3.6 weighs the taps of a widened Lanczos by their distances from the pixel left of the place, as if the place were there: a picture moves by
        // up to a source pixel. With its distances, the exact sum is GDAL's; with the true ones, it is ours.
        Assert.InRange(Difference(gdal, Exact(picture, interpolation, ratio, Math.Floor)), 0, 0.35);
        Assert.True(Difference(gdal, exact) > 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.7)]
    [InlineData(2.3)]
    [InlineData(3)]
    public void Slope_keeps_its_place_under_lanczos(double ratio)
    {
        using var picture = Raster.Rent(Side, Side, new PixelFormat(SampleType.Float32, 1));
        Pictures.Fill(picture, (x, _, _) => x);

        using var ours = Warp(picture, Interpolation.Lanczos, ratio);

        var values = MemoryMarshal.Cast<byte, float>(ours.Pixels);
        for (var x = 0; x < 512; x++)
            Assert.Equal(Place(x, ratio), values[(256 * 512) + x], 0.02);
    }

    private static double Place(int pixel, double ratio) => Offset + ((pixel + 0.5) * ratio) - 0.5;

    private static double Difference(ReadOnlySpan<byte> pixels, double[] exact)
    {
        double sum = 0;
        for (var i = 0; i < exact.Length; i++)
            sum += Math.Abs(pixels[i] - exact[i]);
        return sum / exact.Length;
    }

    /// <summary>Rows, then columns.</summary>
    private static double[] Exact(Raster picture, Interpolation interpolation, double ratio, Func<double, double> phase)
    {
        var rows = new double[Side * 512];
        var result = new double[512 * 512];
        for (var u = 0; u < 512; u++)
        {
            var (first, weights) = Weights(interpolation, ratio, Place(u, ratio), phase);
            for (var y = 0; y < Side; y++)
            {
                for (var k = 0; k < weights.Length; k++)
                    rows[(y * 512) + u] += picture.Pixels[(y * Side) + first + k] * weights[k];
            }
        }

        for (var v = 0; v < 512; v++)
        {
            var (first, weights) = Weights(interpolation, ratio, Place(v, ratio), phase);
            for (var k = 0; k < weights.Length; k++)
            {
                for (var u = 0; u < 512; u++)
                    result[(v * 512) + u] += rows[((first + k) * 512) + u] * weights[k];
            }
        }

        return result;
    }

    private static (int First, double[] Weights) Weights(Interpolation interpolation, double ratio, double place, Func<double, double> phase)
    {
        if (interpolation == Interpolation.Nearest)
            return ((int)Math.Floor(place + 0.5), [1]);
        var radius = ratio * interpolation switch { Interpolation.Linear => 1, Interpolation.Bicubic => 2, _ => 3 };
        var from = phase(place);
        int first = (int)Math.Ceiling(from - radius), last = (int)Math.Floor(from + radius);
        var weights = Enumerable.Range(first, last - first + 1).Select(tap => Kernel(interpolation, Math.Abs(tap - from) / ratio)).ToArray();
        var sum = weights.Sum();
        return (first, [.. weights.Select(weight => weight / sum)]);
    }

    /// <summary>The kernels by their textbook formulas.</summary>
    private static double Kernel(Interpolation interpolation, double x) => interpolation switch
    {
        Interpolation.Linear => Math.Max(0, 1 - x),
        Interpolation.Bicubic when x < 1 => (1.5 * Math.Pow(x, 3)) - (2.5 * x * x) + 1,
        Interpolation.Bicubic => x < 2 ? (-0.5 * Math.Pow(x, 3)) + (2.5 * x * x) - (4 * x) + 2 : 0,
        _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static Raster Warp(Raster picture, Interpolation interpolation, double ratio)
    {
        var source = new MemorySource(0, 0, 1, picture);
        var resampler = new SheetResampler(new PixelGrid(Offset, -Offset, ratio, ratio, 512, 512), source, null, interpolation);
        var at = resampler.WindowOf(0, 0, 512, 512)!.Value;
        using var window = Raster.Rent((int)at.Width, (int)at.Height, source.Format);
        Assert.True(source.Read(at.Col, at.Row, window, default));
        var output = Raster.Rent(512, 512, source.Format);
        resampler.Resample(window, new BlockMap(window), at, output, 0, 0, 0, 0, 512, 512);
        Assert.True(output.Mask.IndexOfAnyExcept((byte)255) < 0);
        return output;
    }

    private static byte[] GdalWarp(Raster picture, string kernel, double ratio)
    {
        using var folder = new TemporaryFolder();
        using (var writer = new SlabWriter(new SlabFormat(TileCompression.Raw, picture.Format, new SlabSize(1, 1), [0], Side, Side)))
        {
            writer.Add(0, picture.Pixels);
            using var slab = writer.Finish();
            File.WriteAllBytes(folder.File("slab.tif"), slab.Memory.ToArray());
        }

        OutsideTools.Run(
            "gdal_translate", "-q", "-a_srs", "EPSG:2154", "-a_ullr", "0", "0", Text(Side), Text(-Side), folder.File("slab.tif"), folder.File("source.tif"));
        OutsideTools.Run(
            "gdalwarp", "-q", "-r", kernel, "-et", "0", "-te", Text(Offset), Text(-Offset - (512 * ratio)), Text(Offset + (512 * ratio)), Text(-Offset),
            "-ts", "512", "512", folder.File("source.tif"), folder.File("warped.tif"));
        return OutsideTools.Samples(folder.File("warped.tif"));
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
