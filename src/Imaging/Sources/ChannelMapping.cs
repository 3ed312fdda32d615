using System.Numerics;
using Grid.Imaging.Inspection;

namespace Grid.Imaging.Sources;

/// <summary>
/// Which source band makes each channel of a lot's format. Grey spreads over red, green and blue; colours become grey by their luma (ITU-R BT.601,
/// section 2.5.1); alpha is dropped or added opaque; bands past the wanted channels are left out.
/// </summary>
internal sealed class ChannelMapping
{
    private const int Opaque = -1;
    private const int Luma = -2;
    private readonly int[] _from;

    private ChannelMapping(int[] from, int bands)
    {
        _from = from;
        Bands = bands;
        IsIdentity = from.Length == bands && from.Select((band, channel) => band == channel).All(same => same);
    }

    /// <summary>Bands of the source pixels, palettes being expanded to four.</summary>
    internal int Bands { get; }

    internal bool IsIdentity { get; }

    /// <summary>Null when no mapping makes sense; <paramref name="reason"/> then says why.</summary>
    internal static ChannelMapping? Find(PixelDescription pixels, int channels, out string reason)
    {
        reason = "";
        if (pixels.Colour == ColourModel.Palette)
            return new ChannelMapping(Colours(channels, colours: 3, alpha: 3, isRgb: true)!, 4);
        if (pixels.Bands == channels && pixels.AlphaBand is 0 || (pixels.AlphaBand == channels && pixels.Bands == channels))
            return new ChannelMapping([.. Enumerable.Range(0, channels)], pixels.Bands);
        var alpha = pixels.AlphaBand > 0 ? pixels.AlphaBand - 1 : Opaque;
        var colours = pixels.Bands - (alpha >= 0 ? 1 : 0);
        var isFirst = alpha < 0 || alpha == pixels.Bands - 1;
        if (isFirst && Colours(channels, colours, alpha, pixels.Colour == ColourModel.Rgb) is { } from)
            return new ChannelMapping(from, pixels.Bands);
        reason = $"its {pixels.Bands} bands cannot be shown as {channels} channel(s); "
            + "deliver one grey band, or red, green and blue, with or without a last alpha band.";
        return null;
    }

    internal void Apply<T>(ReadOnlySpan<T> source, Span<T> target)
        where T : unmanaged, INumber<T>
    {
        var opaque = T.CreateSaturating(255);
        var channels = _from.Length;
        for (var pixel = 0; pixel * channels < target.Length; pixel++)
        {
            var samples = source.Slice(pixel * Bands, Bands);
            for (var channel = 0; channel < channels; channel++)
            {
                target[(pixel * channels) + channel] = _from[channel] switch
                {
                    Opaque => opaque,
                    Luma => LumaOf(samples),
                    var band => samples[band],
                };
            }
        }
    }

    private static int[]? Colours(int channels, int colours, int alpha, bool isRgb) => channels switch
    {
        1 => colours == 1 || !isRgb ? [0] : [Luma],
        2 => colours == 1 ? [0, alpha] : isRgb ? [Luma, alpha] : [0, 1],
        3 => colours == 1 ? [0, 0, 0] : colours >= 3 ? [0, 1, 2] : null,
        4 => colours == 1 ? [0, 0, 0, alpha] : colours >= 4 && alpha < 0 ? [0, 1, 2, 3] : colours >= 3 ? [0, 1, 2, alpha] : null,
        _ => null,
    };

    private static T LumaOf<T>(ReadOnlySpan<T> rgb)
        where T : unmanaged, INumber<T>
    {
        float red = float.CreateSaturating(rgb[0]), green = float.CreateSaturating(rgb[1]), blue = float.CreateSaturating(rgb[2]);
        var luma = (0.299f * red) + (0.587f * green) + (0.114f * blue);
        return T.CreateSaturating(typeof(T) == typeof(byte) ? MathF.Round(luma) : luma);
    }
}
