using System.Runtime.Intrinsics.X86;
using Grid.Imaging.Resampling;

namespace Grid.Imaging.Tests.Resampling;

public unsafe class SeparableKernelTests
{
    private const int Side = 160;

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void Vector_form_gives_the_bytes_of_the_scalar_form(int channels, bool isCubic)
    {
        using var window = Contrasts(channels);
        var random = new Random(5);
        var made = 0;
        for (var round = 0; round < 400; round++)
        {
            var rows = random.Next(1, SeparableKernel.MostRows + 1);
            if (!TryBlock(random, rows, out _, out var block))
                continue;
            made++;
            byte[] vector = new byte[rows * 200], scalar = new byte[rows * 200];
            vector.AsSpan().Fill(77);
            scalar.AsSpan().Fill(77);
            fixed (byte* pixels = window.Pixels, a = vector, b = scalar)
            {
                SeparableKernel.Run(pixels, Side, channels, block, rows, isCubic, a, 200);
                SeparableKernel.RunScalar(pixels, Side, channels, block, rows, isCubic, b, 200);
            }

            Assert.Equal(scalar, vector);
        }

        Assert.InRange(made, 100, 400);
        Assert.True(Avx2.IsSupported, "this machine has no AVX2: the vector form was not tested");
    }

    // The kernel along the rows is evaluated where the output's column runs through the row, as two passes do; in double precision throughout.
    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void Pixels_are_those_of_the_same_kernel_in_double_precision(int channels, bool isCubic)
    {
        using var window = Contrasts(channels);
        var interpolation = isCubic ? Interpolation.Bicubic : Interpolation.Linear;
        var random = new Random(6);
        double sum = 0;
        long count = 0;
        for (var round = 0; round < 60; round++)
        {
            const int Rows = 40;
            if (!TryBlock(random, Rows, out var affine, out var block))
                continue;
            var made = new byte[Rows * 96];
            fixed (byte* pixels = window.Pixels, output = made)
                SeparableKernel.Run(pixels, Side, channels, block, Rows, isCubic, output, 96);
            for (var i = 0; i < Rows * SeparableKernel.Columns; i++)
            {
                int col = i % SeparableKernel.Columns, row = i / SeparableKernel.Columns;
                double x = affine.X + (col * affine.XPerCol) + (row * affine.XPerRow), y = affine.Y + (col * affine.YPerCol) + (row * affine.YPerRow);
                for (var c = 0; c < channels; c++)
                {
                    var expected = Exact(window, x, y, affine.XPerRow / affine.YPerRow, c, interpolation);
                    var difference = Math.Abs(made[(row * 96) + (col * channels) + c] - expected);
                    Assert.True(difference < 1.2, $"at {x}, {y}: {made[(row * 96) + (col * channels) + c]} instead of {expected}");
                    sum += difference;
                    count++;
                }
            }
        }

        // Rounding to whole grey levels alone makes 0.25.
        Assert.InRange(sum / count, 0, 0.28);
    }

    [Fact]
    public void Plain_areas_keep_their_value()
    {
        using var window = Raster.Rent(Side, Side, new PixelFormat(SampleType.UInt8, 3));
        var random = new Random(7);
        for (var level = 0; level < 256; level++)
        {
            window.Pixels.Fill((byte)level);
            while (true)
            {
                if (!TryBlock(random, SeparableKernel.MostRows, out _, out var block))
                    continue;
                var made = new byte[SeparableKernel.MostRows * 96];
                fixed (byte* pixels = window.Pixels, output = made)
                    SeparableKernel.Run(pixels, Side, 3, block, SeparableKernel.MostRows, true, output, 96);
                Assert.False(made.AsSpan().ContainsAnyExcept((byte)level), $"grey level {level}");
                break;
            }
        }
    }

    [Theory]
    [InlineData(0.2, 0)]
    [InlineData(0, 0.2)]
    public void Oblique_blocks_are_refused(double xPerRow, double yPerCol)
    {
        (double X, double Y) Place(int col, int row) => (20 + (0.98 * col) + (xPerRow * row), 20 + (yPerCol * col) + (0.98 * row));

        Assert.False(AffineBlock.TryCreate(Place(0, 0), Place(32, 0), Place(0, 64), Place(32, 64), 64, Side, out _));
    }

    private static double Exact(Raster window, double x, double y, double slope, int channel, Interpolation interpolation)
    {
        double sum = 0;
        var firstRow = (int)Math.Floor(y) - 1;
        for (var row = firstRow; row < firstRow + 4; row++)
        {
            var through = x + ((row - y) * slope);
            var firstCol = (int)Math.Floor(through) - 1;
            for (var col = firstCol; col < firstCol + 4; col++)
            {
                sum += window.Pixels[(((row * Side) + col) * window.Format.Channels) + channel]
                    * Interpolations.Weight(interpolation, col - through) * Interpolations.Weight(interpolation, row - y);
            }
        }

        return Math.Clamp(sum, 0, 255);
    }

    private static bool TryBlock(Random random, int rows, out (double X, double Y, double XPerCol, double XPerRow, double YPerCol, double YPerRow) affine, out AffineBlock block)
    {
        var steep = random.Next(3) == 0 ? 0.12 : 0.01;
        affine = (
            random.Next(14, 70) + random.NextDouble(), random.Next(14, 50) + random.NextDouble(),
            0.6 + (0.64 * random.NextDouble()), steep * ((2 * random.NextDouble()) - 1), steep * ((2 * random.NextDouble()) - 1), 0.6 + (0.64 * random.NextDouble()));
        var a = affine;
        (double X, double Y) Place(int col, int row) => (a.X + (a.XPerCol * col) + (a.XPerRow * row), a.Y + (a.YPerCol * col) + (a.YPerRow * row));
        return AffineBlock.TryCreate(
            Place(0, 0), Place(SeparableKernel.Columns, 0), Place(0, rows), Place(SeparableKernel.Columns, rows), rows, Side, out block);
    }

    /// <summary>Noise, half of it of the hardest contrasts, where sums are largest.</summary>
    private static Raster Contrasts(int channels)
    {
        var window = Raster.Rent(Side, Side, new PixelFormat(SampleType.UInt8, channels));
        Pictures.Noise(window.Pixels, 3);
        for (var i = 0; i < window.Pixels.Length / 2; i++)
            window.Pixels[i] = (byte)(window.Pixels[i] < 128 ? 0 : 255);
        return window;
    }
}
