using System.Runtime.InteropServices;

namespace Grid.Imaging.Codecs.WebP;

/// <summary>Pictures as WebP by libwebp, at its default effort: lossy colours, opacity without loss.</summary>
internal static unsafe partial class WebPEncoder
{
    /// <summary>Longest side that the format takes.</summary>
    public const int MaxSide = 16383;

    private const string Library = "libwebp.so.7";

    /// <param name="samples"><c>[row, col, channel]</c> without padding.</param>
    /// <param name="channels">1 grey, 2 grey and opacity, 3 RGB, 4 RGB and opacity.</param>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="TileCodecException">The picture is too large, or the library failed.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> samples, int width, int height, int channels, int quality)
    {
        if (width > MaxSide || height > MaxSide)
            throw new TileCodecException("libwebp", $"{width} × {height} pixels: sides of {MaxSide} at most are allowed");
        if (channels <= 2)
        {
            samples = Coloured(samples, channels);
            channels += 2;
        }

        byte* webp;
        nuint length;
        fixed (byte* source = samples)
        {
            length = channels == 3
                ? WebPEncodeRGB(source, width, height, width * 3, quality, &webp)
                : WebPEncodeRGBA(source, width, height, width * 4, quality, &webp);
        }

        if (length == 0)
            throw new TileCodecException("libwebp", $"a picture of {width} × {height} pixels could not be encoded");
        try
        {
            return new ReadOnlySpan<byte>(webp, checked((int)length)).ToArray();
        }
        finally
        {
            WebPFree(webp);
        }
    }

    private static byte[] Coloured(ReadOnlySpan<byte> samples, int channels)
    {
        var coloured = new byte[samples.Length / channels * (channels + 2)];
        for (int from = 0, to = 0; from < samples.Length; from += channels, to += channels + 2)
        {
            coloured[to] = coloured[to + 1] = coloured[to + 2] = samples[from];
            if (channels == 2)
                coloured[to + 3] = samples[from + 1];
        }

        return coloured;
    }

    [LibraryImport(Library)]
    private static partial nuint WebPEncodeRGB(byte* rgb, int width, int height, int stride, float quality, byte** output);

    [LibraryImport(Library)]
    private static partial nuint WebPEncodeRGBA(byte* rgba, int width, int height, int stride, float quality, byte** output);

    [LibraryImport(Library)]
    private static partial void WebPFree(void* memory);
}
