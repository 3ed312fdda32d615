using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Codecs.Tiff;
using Grid.Imaging.Codecs.TurboJpeg;
using Grid.Imaging.Codecs.WebP;
using Grid.Imaging.Codecs.Zlib;

namespace Grid.Imaging.Codecs;

/// <summary>Decodes tiles of every compression that ROK4 slabs carry. Safe from any thread.</summary>
public static class TileDecoder
{
    /// <summary>
    /// Decodes one tile into <paramref name="samples"/>, <c>[row, col, channel]</c> without padding, whose length must be that of the tile.
    /// A deflate tile that begins as a PNG is read as one: slabs write both under the same TIFF tag.
    /// </summary>
    /// <exception cref="TileCodecException">The bytes are no valid stream, or hold another size or number of channels.</exception>
    public static void Decode(
        TileCompression compression, ReadOnlySpan<byte> encoded, PixelFormat format, int width, int height, Span<byte> samples) =>
        TryDecodeMask(compression, encoded, format, width, height, samples, default);

    /// <summary>
    /// Decodes one tile as <see cref="Decode"/>, and its mask where the tile itself holds one (255 with data, 0 without); returns whether it does. A tile
    /// of a compression that <see cref="TileCompressions.KeepsOpacity"/> and holds no mask is data throughout.
    /// </summary>
    /// <param name="mask">A byte a pixel; may be empty when nobody asks for it.</param>
    /// <exception cref="TileCodecException">As <see cref="Decode"/>.</exception>
    public static bool TryDecodeMask(
        TileCompression compression, ReadOnlySpan<byte> encoded, PixelFormat format, int width, int height, Span<byte> samples, Span<byte> mask)
    {
        if (samples.Length != width * height * format.BytesPerPixel)
            throw new ArgumentException($"{samples.Length} bytes for a tile of {width} × {height} pixels of {format.BytesPerPixel} bytes");
        switch (compression)
        {
            case TileCompression.Raw:
                if (encoded.Length < samples.Length)
                    throw new TileCodecException("raw tile", $"{encoded.Length} bytes instead of {samples.Length}");
                encoded[..samples.Length].CopyTo(samples);
                break;
            case TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng when PngDecoder.IsPng(encoded) && format.Channels == 3:
                using (var joined = Raster.Rent(width, height, new PixelFormat(SampleType.UInt8, 4)))
                {
                    PngDecoder.Decode(encoded, joined.Format, width, height, joined.Pixels);
                    OpacityPixels.Split(joined.Pixels, samples, mask);
                }

                return true;
            case TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng:
                TurboJpegDecoder.Decode(encoded, format, width, height, samples);
                break;
            case TileCompression.Png or TileCompression.Zip when PngDecoder.IsPng(encoded):
                PngDecoder.Decode(encoded, format, width, height, samples);
                break;
            case TileCompression.Zip:
                ZlibDecoder.Decode(encoded, samples);
                break;
            case TileCompression.Lzw:
                LzwDecoder.Decode(encoded, samples);
                break;
            case TileCompression.PackBits:
                PackBitsDecoder.Decode(encoded, samples);
                break;
            case TileCompression.WebP when format != new PixelFormat(SampleType.UInt8, 3):
                throw new TileCodecException("libwebp", $"{format.Channels} channels of {format.Sample}: WebP tiles hold 3 of UInt8");
            case TileCompression.WebP:
                return WebPDecoder.Decode(encoded, width, height, samples, mask);
            default:
                throw new TileCodecException(TileCompressions.NameOf(compression), "the tile does not begin with the PNG signature");
        }

        return false;
    }
}
