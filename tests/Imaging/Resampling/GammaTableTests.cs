using Grid.Imaging.Resampling;

namespace Grid.Imaging.Tests.Resampling;

public sealed class GammaTableTests
{
    [Theory]
    [InlineData(0.5, 0, 0)]
    [InlineData(0.5, 128, 75)]
    [InlineData(0.5, 255, 255)]
    [InlineData(2, 128, 192)]
    [InlineData(1, 77, 77)]
    public void Means_are_corrected_as_by_the_formula_and_black_and_white_stay(double gamma, byte mean, byte expected)
    {
        using var raster = Raster.Rent(2, 1, new PixelFormat(SampleType.UInt8, 4));
        raster.Pixels.Fill(mean);
        GammaTable.Of(gamma).Apply(raster, 1, 0, 1, 1);
        // The pixel beside it, and opacity, are as they were.
        Assert.Equal([mean, mean, mean, mean, expected, expected, expected, mean], raster.Pixels.ToArray());
    }

    [Fact]
    public void Heights_are_left_alone()
    {
        using var raster = Raster.Rent(1, 1, new PixelFormat(SampleType.Float32, 1));
        raster.Pixels.Fill(66);
        GammaTable.Of(0.5).Apply(raster, 0, 0, 1, 1);
        Assert.Equal([66, 66, 66, 66], raster.Pixels.ToArray());
    }
}
