using System.Runtime.Intrinsics.X86;
using Grid.Imaging.Resampling;

namespace Grid.Imaging.Tests.Resampling;

public unsafe class FourTapKernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Vector_form_gives_the_bytes_of_the_scalar_form(int channels)
    {
        using var window = Raster.Rent(200, 60, new PixelFormat(SampleType.UInt8, channels));
        Pictures.Noise(window.Pixels, 3);

        // The hardest contrasts, where sums are largest.
        for (var i = 0; i < window.Pixels.Length / 2; i++)
            window.Pixels[i] = (byte)(window.Pixels[i] < 128 ? 0 : 255);
        var random = new Random(11);
        foreach (var interpolation in new[] { Interpolation.Bicubic, Interpolation.Linear })
        {
            fixed (short* weights = KernelTable.For(interpolation, 1).Fixed)
            fixed (byte* pixels = window.Pixels)
            {
                for (var round = 0; round < 300; round++)
                {
                    var run = new SourceRun
                    {
                        Pixels = pixels, Width = 200, Channels = channels, Count = random.Next(1, 150),
                        X = random.Next(2 << 16, 10 << 16), Y = random.Next(20 << 16, 40 << 16), DeltaX = random.Next(50_000, 70_000), DeltaY = random.Next(-5000, 5000),
                    };
                    byte[] vector = new byte[1000], scalar = new byte[1000];
                    vector.AsSpan().Fill(77);
                    scalar.AsSpan().Fill(77);
                    fixed (byte* a = vector, b = scalar)
                    {
                        FourTapKernel.Run(run, weights, weights, a);
                        FourTapKernel.RunScalar(run, weights, weights, b);
                    }

                    Assert.Equal(scalar, vector);
                }
            }
        }

        Assert.True(Avx2.IsSupported, "this machine has no AVX2: the vector form was not tested");
    }

    [Theory]
    [InlineData(Interpolation.Linear, 1, 4)]
    [InlineData(Interpolation.Bicubic, 1, 4)]
    [InlineData(Interpolation.Bicubic, 1.04, 4)]
    [InlineData(Interpolation.Bicubic, 2, 8)]
    [InlineData(Interpolation.Lanczos, 1, 6)]
    [InlineData(Interpolation.Lanczos2, 1, 4)]
    [InlineData(Interpolation.Lanczos4, 1, 8)]
    [InlineData(Interpolation.Lanczos, 2.5, 16)]
    public void Weights_sum_to_one_at_every_step(Interpolation interpolation, double ratio, int taps)
    {
        var table = KernelTable.For(interpolation, ratio);

        Assert.Equal(taps, table.Taps);
        for (var step = 0; step < KernelTable.Steps; step++)
        {
            Assert.Equal(1, table.Weights.Skip(step * taps).Take(taps).Sum(), 1e-5);
            if (table.Fixed is not null)
                Assert.Equal(16384, table.Fixed.Skip(step * 4).Take(4).Sum(weight => weight));
        }
    }

    [Theory]
    [InlineData(Interpolation.Lanczos2, 2)]
    [InlineData(Interpolation.Lanczos, 3)]
    [InlineData(Interpolation.Lanczos4, 4)]
    public void Lanczos_weights_are_those_of_its_formula(Interpolation interpolation, int radius)
    {
        var table = KernelTable.For(interpolation, 1);
        foreach (var step in new[] { 0, 100, 512, 900 })
        {
            var place = step / (double)KernelTable.Steps;
            var expected = Enumerable.Range(1 - radius, 2 * radius).Select(tap => Sinc(tap - place) * Sinc((tap - place) / radius)).ToList();
            for (var tap = 0; tap < expected.Count; tap++)
                Assert.Equal(expected[tap] / expected.Sum(), table.Weights[(step * table.Taps) + tap], 2e-3);
        }

        static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
    }

    [Fact]
    public void Catmull_rom_half_way_has_the_weights_of_the_book()
    {
        // -1/16, 9/16, 9/16, -1/16
        Assert.Equal([-1024, 9216, 9216, -1024], KernelTable.For(Interpolation.Bicubic, 1).Fixed!.Skip(512 * 4).Take(4).Select(w => (int)w));
    }
}
