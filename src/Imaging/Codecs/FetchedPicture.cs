using System.Buffers.Binary;
using Grid.Imaging.Codecs.Png;

namespace Grid.Imaging.Codecs;

/// <summary>Pictures that map services answer with: JPEG, PNG of 8 bits a sample, or bare Float32 samples (<c>image/x-bil;bits=32</c>).</summary>
public static class FetchedPicture
{
    private const byte JpegMark = 0xFF;

    /// <summary>
    /// Decodes a picture into a raster of the picture's size. Opacity becomes the mask, 0 being no data, unless the raster has a channel for it;
    /// grey becomes red, green and blue where three channels are wanted.
    /// </summary>
    /// <exception cref="TileCodecException">The bytes are no such picture, are damaged, or hold another size or other channels.</exception>
    public static void Decode(ReadOnlySpan<byte> picture, Raster raster)
    {
        raster.Mask.Fill(255);
        raster.IsFull = true;
        var format = raster.Format;
        if (format.Sample == SampleType.Float32)
        {
            TileDecoder.Decode(TileCompression.Raw, picture, format, raster.Width, raster.Height, raster.Pixels);
            return;
        }

        var isPng = PngDecoder.IsPng(picture);
        if (!isPng && !(picture.Length > 2 && picture[0] == JpegMark && picture[1] == 0xD8))
            throw new TileCodecException("map", "the answer is neither PNG nor JPEG");
        var stored = isPng ? PngChannels(picture) : 3;
        if (stored == format.Channels)
        {
            TileDecoder.Decode(isPng ? TileCompression.Png : TileCompression.Jpeg, picture, format, raster.Width, raster.Height, raster.Pixels);
            return;
        }

        using var other = Raster.Rent(raster.Width, raster.Height, new PixelFormat(SampleType.UInt8, stored));
        TileDecoder.Decode(isPng ? TileCompression.Png : TileCompression.Jpeg, picture, other.Format, other.Width, other.Height, other.Pixels);
        Convert(other, raster);
    }

    private static int PngChannels(ReadOnlySpan<byte> png)
    {
        if (png.Length < 33)
            throw new TileCodecException("PNG", "the file ends within its header");
        return png[25] switch
        {
            0 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => HasChunk(png, "tRNS"u8) ? 4 : 3,
        };
    }

    private static bool HasChunk(ReadOnlySpan<byte> png, ReadOnlySpan<byte> name)
    {
        for (long at = 8; at + 12 <= png.Length;)
        {
            if (png.Slice((int)at + 4, 4).SequenceEqual(name))
                return true;
            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(png[(int)at..]);
        }

        return false;
    }

    private static void Convert(Raster from, Raster to)
    {
        int stored = from.Format.Channels, wanted = to.Format.Channels;
        int colours = stored is 2 or 4 ? stored - 1 : stored, wantedColours = wanted is 2 or 4 ? wanted - 1 : wanted;
        if (colours != wantedColours && colours != 1)
            throw new TileCodecException("map", $"the answer has {stored} channels instead of {wanted}");
        Span<byte> source = from.Pixels, target = to.Pixels, mask = to.Mask;
        for (var i = 0; i < mask.Length; i++)
        {
            Span<byte> pixel = source.Slice(i * stored, stored), made = target.Slice(i * wanted, wanted);
            for (var channel = 0; channel < wantedColours; channel++)
                made[channel] = pixel[colours == 1 ? 0 : channel];
            var opacity = colours < stored ? pixel[^1] : (byte)255;
            if (wantedColours < wanted)
                made[^1] = opacity;
            else if (opacity == 0)
                mask[i] = 0;
        }

        to.IsFull = !mask.ContainsAnyExcept((byte)255);
    }
}
