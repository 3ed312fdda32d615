using System.Runtime.Intrinsics.X86;
using Grid.Imaging.Resampling;

namespace Grid.Imaging.Tests.Resampling;

public unsafe class ManyTapKernelTests
{
    /// <summary>The scalar form in turn is held to the general kernel of floating-point weights.</summary>
    [Theory]
    [InlineData(1, 1, 1.5)]
    [InlineData(2, 1.3, 2)]
    [InlineData(3, 1, 1.52)]
    [InlineData(3, 1.9, 1.4)]
    [InlineData(4, 2, 1)]
    public void Vector_form_gives_the_bytes_of_the_scalar_form(int channels, double ratioX, double ratioY)
    {
        var format = new PixelFormat(SampleType.UInt8, channels);
        using var window = Raster.Rent(300, 60, format);
        Pictures.Noise(window.Pixels, 3);
        window.Mask.Fill(255);

        // The hardest contrasts, where sums are largest.
        for (var i = 0; i < window.Pixels.Length / 2; i++)
            window.Pixels[i] = (byte)(window.Pixels[i] < 128 ? 0 : 255);
        var random = new Random(11);
        foreach (var interpolation in new[] { Interpolation.Bicubic, Interpolation.Linear, Interpolation.Lanczos })
        {
            KernelTable kernelX = KernelTable.For(interpolation, ratioX), kernelY = KernelTable.For(interpolation, ratioY);
            fixed (short* weightsX = kernelX.Wide, weightsY = kernelY.Wide)
            fixed (float* floatsX = kernelX.Weights, floatsY = kernelY.Weights)
            fixed (byte* pixels = window.Pixels, windowMask = window.Mask)
            {
                for (var round = 0; round < 100; round++)
                {
                    var run = new SourceRun
                    {
                        Pixels = pixels, Mask = windowMask, Width = 300, Channels = channels, Count = random.Next(1, 100),
                        X = random.Next(12 << 16, 20 << 16), Y = random.Next(22 << 16, 36 << 16), DeltaX = random.Next(60_000, 130_000), DeltaY = random.Next(-4000, 4000),
                    };
                    byte[] vector = new byte[500], scalar = new byte[500], general = new byte[500], mask = new byte[100];
                    vector.AsSpan().Fill(77);
                    scalar.AsSpan().Fill(77);
                    general.AsSpan().Fill(77);
                    fixed (byte* a = vector, b = scalar, c = general, m = mask)
                    {
                        ManyTapKernel.Run(run, kernelX, kernelY, weightsX, weightsY, a);
                        ManyTapKernel.RunScalar(run, kernelX, kernelY, weightsX, weightsY, b);
                        MaskedKernel.Run(run, format, kernelX, kernelY, floatsX, floatsY, true, c, m);
                    }

                    Assert.Equal(scalar, vector);
                    Assert.All(scalar.Zip(general), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
                }
            }
        }

        Assert.True(Avx2.IsSupported, "this machine has no AVX2: the vector form was not tested");
    }

    [Fact]
    public void Weights_sum_to_one_at_every_step_and_taps_beyond_the_kernel_weigh_nothing()
    {
        foreach (var (interpolation, ratio) in new[] { (Interpolation.Linear, 2.5), (Interpolation.Bicubic, 1.5), (Interpolation.Lanczos, 1.0) })
        {
            var table = KernelTable.For(interpolation, ratio);
            for (var step = 0; step < KernelTable.Steps; step++)
            {
                var weights = table.Wide!.Skip(step * table.WideTaps).Take(table.WideTaps).ToArray();
                Assert.Equal(16384, weights.Take(table.Taps).Sum(weight => weight));
                Assert.All(weights.Skip(table.Taps), weight => Assert.Equal(0, weight));
            }
        }

        Assert.Null(KernelTable.For(Interpolation.Bicubic, 6).Wide);
    }
}
