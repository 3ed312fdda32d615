namespace Grid.Imaging.Resampling;

/// <summary>
/// The correction that ROK4's merge4tiff calls gamma: of a mean m of 8 bits, 255 − 255·((255 − m) / 255)^gamma. Black and white stay; below 1 what is
/// between becomes darker. Opacity, the last of 2 or 4 channels, stays too, and so do floats.
/// </summary>
public sealed class GammaTable
{
    private readonly byte[]? _values;

    private GammaTable(byte[]? values) => _values = values;

    /// <summary>Changes nothing.</summary>
    public static GammaTable None { get; } = new(null);

    public static GammaTable Of(double gamma) => gamma == 1
        ? None
        : new GammaTable([.. Enumerable.Range(0, 256).Select(mean => (byte)Math.Round(255 - (255 * Math.Pow((255 - mean) / 255.0, gamma))))]);

    /// <summary>Corrects a rectangle of a raster.</summary>
    public void Apply(Raster raster, int col, int row, int width, int height)
    {
        if (_values is not { } values || raster.Format.Sample != SampleType.UInt8)
            return;
        var channels = raster.Format.Channels;
        var colours = channels is 2 or 4 ? channels - 1 : channels;
        for (var y = row; y < row + height; y++)
        {
            var line = raster.Pixels.Slice(((y * raster.Width) + col) * channels, width * channels);
            for (var i = 0; i < line.Length; i += channels)
            {
                for (var channel = i; channel < i + colours; channel++)
                    line[channel] = values[line[channel]];
            }
        }
    }
}
