namespace Grid.Imaging.Styles;

/// <summary>
/// One colour becomes another (<c>colorize</c>) in pictures of 3 or 4 channels: every pixel whose channels are all within the tolerance of the source's.
/// A source without opacity takes pixels of any; a destination of 4 channels adds opacity, one of 3 takes it away.
/// </summary>
/// <param name="source">3 or 4 samples.</param>
/// <param name="destination">3 or 4 samples.</param>
/// <param name="tolerance">Grey levels either way.</param>
public sealed class ColorizeStyle(byte[] source, byte[] destination, int tolerance) : IRasterStyle
{
    public int Margin => 0;

    public PixelFormat? OutputOf(PixelFormat input) =>
        input is { Sample: SampleType.UInt8, Channels: 3 or 4 } ? new PixelFormat(SampleType.UInt8, destination.Length) : null;

    public void Apply(Raster window, double cellWidthMetres, double cellHeightMetres, Raster output)
    {
        window.Mask.CopyTo(output.Mask);
        output.IsFull = window.IsFull;
        int from = window.Format.Channels, to = destination.Length, compared = Math.Min(from, source.Length);
        var samples = window.Pixels;
        var mask = window.Mask;
        var pixels = output.Pixels;
        for (var i = 0; i < mask.Length; i++)
        {
            var pixel = samples.Slice(i * from, from);
            var made = pixels.Slice(i * to, to);
            if (mask[i] == 0)
                made.Clear();
            else if (IsSource(pixel[..compared]))
                destination.CopyTo(made);
            else
            {
                pixel[..3].CopyTo(made);
                if (to == 4)
                    made[3] = from == 4 ? pixel[3] : (byte)255;
            }
        }
    }

    private bool IsSource(ReadOnlySpan<byte> pixel)
    {
        for (var c = 0; c < pixel.Length; c++)
        {
            if (Math.Abs(pixel[c] - source[c]) > tolerance)
                return false;
        }

        return true;
    }
}
