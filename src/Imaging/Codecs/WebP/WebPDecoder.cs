using System.Runtime.InteropServices;

namespace Grid.Imaging.Codecs.WebP;

/// <summary>WebP tiles to RGB samples, and to their mask where they have opacity, by libwebp.</summary>
internal static unsafe partial class WebPDecoder
{
    private const string Library = "libwebp.so.7";

    /// <summary>The variant of the library's interface for <c>WebPGetFeaturesInternal</c>; only its first byte is looked at (webp/decode.h).</summary>
    private const int AbiVersion = 0x0200;

    /// <summary>Decodes a tile into RGB samples and, where it has opacity, its mask; returns whether it has.</summary>
    /// <param name="mask">May be empty when nobody asks for it.</param>
    /// <exception cref="TileCodecException">The bytes are no WebP, are damaged, or hold another size.</exception>
    public static bool Decode(ReadOnlySpan<byte> webp, int width, int height, Span<byte> samples, Span<byte> mask)
    {
        fixed (byte* source = webp)
        {
            // Width, height, opacity, animation, kind, and five words of padding.
            var features = stackalloc int[10];
            if (WebPGetFeaturesInternal(source, (nuint)webp.Length, features, AbiVersion) != 0)
                throw new TileCodecException("libwebp", "the bytes are no WebP");
            if (features[0] != width || features[1] != height)
                throw new TileCodecException("libwebp", $"the tile is {features[0]} × {features[1]} pixels instead of {width} × {height}");
            if (features[2] == 0)
            {
                fixed (byte* rgb = samples)
                    Check(WebPDecodeRGBInto(source, (nuint)webp.Length, rgb, (nuint)(width * height * 3), width * 3));
                return false;
            }

            using var joined = Raster.Rent(width, height, new PixelFormat(SampleType.UInt8, 4));
            fixed (byte* rgba = joined.Pixels)
                Check(WebPDecodeRGBAInto(source, (nuint)webp.Length, rgba, (nuint)(width * height * 4), width * 4));
            OpacityPixels.Split(joined.Pixels, samples, mask);
            return true;
        }
    }

    private static void Check(byte* decoded)
    {
        if (decoded is null)
            throw new TileCodecException("libwebp", "the tile is damaged");
    }

    [LibraryImport(Library)]
    private static partial int WebPGetFeaturesInternal(byte* data, nuint size, int* features, int version);

    [LibraryImport(Library)]
    private static partial byte* WebPDecodeRGBInto(byte* data, nuint size, byte* output, nuint capacity, int stride);

    [LibraryImport(Library)]
    private static partial byte* WebPDecodeRGBAInto(byte* data, nuint size, byte* output, nuint capacity, int stride);
}
