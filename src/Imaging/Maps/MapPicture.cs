using System.Runtime.CompilerServices;

namespace Grid.Imaging.Maps;

/// <summary>What stands behind the layers of a map.</summary>
/// <param name="IsTransparent">Nothing: where no layer has data the picture is transparent, if its format can be.</param>
/// <param name="Colour">The colour 0xRRGGBB there otherwise.</param>
public readonly record struct MapBackground(bool IsTransparent, int Colour)
{
    public byte Red => (byte)(Colour >> 16);

    public byte Green => (byte)(Colour >> 8);

    public byte Blue => (byte)Colour;

    public bool IsGrey => Red == Green && Green == Blue;
}

/// <summary>Puts the layers of a map on one another.</summary>
public static class MapPicture
{
    /// <summary>
    /// Layers of UInt8, bottom first, blended over the background by their opacity (the last of two or four channels; 0 where the mask is). Takes the
    /// layers over: they are disposed, unless one of them is the picture.
    /// </summary>
    /// <param name="isGrey">Whether the picture may be grey, as it then is when the background is: no layer has colours.</param>
    /// <param name="keepsOpacity">Whether a picture over nothing has an opacity channel even where nothing shines through, so that its channels do not
    /// depend on its content.</param>
    public static Raster Blend(IReadOnlyList<Raster> layers, int width, int height, MapBackground background, bool isGrey, bool keepsOpacity)
    {
        keepsOpacity &= background.IsTransparent;
        isGrey &= background.IsGrey || background.IsTransparent;
        if (!keepsOpacity && layers is [{ Format.Channels: 1 or 3 } only] && isGrey == (only.Format.Channels == 1))
        {
            if (only.IsFull)
                return only;
            if (!background.IsTransparent)
            {
                FillGaps(only, only.Format.Channels == 3 ? [background.Red, background.Green, background.Blue] : [background.Red]);
                return only;
            }
        }

        using var canvas = Raster.Rent(width, height, new PixelFormat(SampleType.UInt8, 4));
        var pixels = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(canvas.Pixels);
        pixels.Fill(background.IsTransparent ? 0 : background.Red | ((uint)background.Green << 8) | ((uint)background.Blue << 16) | 0xFF000000);
        foreach (var layer in layers)
        {
            Over(canvas.Pixels, layer);
            layer.Dispose();
        }

        return Pack(canvas, isGrey, keepsOpacity);
    }

    /// <summary>Layers of one format, bottom first, each covering those below it wherever it has data; takes them over as <see cref="Blend"/> does.</summary>
    public static Raster Cover(IReadOnlyList<Raster> layers)
    {
        var bottom = layers[0];
        var size = bottom.Format.BytesPerPixel;
        foreach (var layer in layers.Skip(1))
        {
            for (var i = 0; i < layer.Mask.Length; i++)
            {
                if (layer.Mask[i] == 0)
                    continue;
                layer.Pixels.Slice(i * size, size).CopyTo(bottom.Pixels[(i * size)..]);
                bottom.Mask[i] = 255;
            }

            bottom.IsFull |= layer.IsFull;
            layer.Dispose();
        }

        return bottom;
    }

    /// <summary>Gives the pixels without data a value; the raster is then full.</summary>
    public static void FillGaps(Raster raster, ReadOnlySpan<byte> pixel)
    {
        if (raster.IsFull)
            return;
        var size = pixel.Length;
        Span<byte> pixels = raster.Pixels, mask = raster.Mask;
        for (var at = 0; at < mask.Length;)
        {
            var start = mask[at..].IndexOf((byte)0);
            if (start < 0)
                break;
            start += at;
            var length = mask[start..].IndexOfAnyExcept((byte)0);
            length = length < 0 ? mask.Length - start : length;
            for (var i = start; i < start + length; i++)
                pixel.CopyTo(pixels[(i * size)..]);
            at = start + length;
        }

        mask.Fill(255);
        raster.IsFull = true;
    }

    private static void Over(Span<byte> canvas, Raster layer)
    {
        var channels = layer.Format.Channels;
        Span<byte> source = layer.Pixels, mask = layer.Mask;
        var hasAlpha = channels is 2 or 4;
        for (int i = 0, from = 0, to = 0; i < mask.Length; i++, from += channels, to += 4)
        {
            if (!layer.IsFull && mask[i] == 0)
                continue;
            int alpha = hasAlpha ? source[from + channels - 1] : 255;
            if (alpha == 0)
                continue;
            var (red, green, blue) = channels <= 2 ? (source[from], source[from], source[from]) : (source[from], source[from + 1], source[from + 2]);
            int under = canvas[to + 3];
            if (alpha == 255 || under == 0)
            {
                (canvas[to], canvas[to + 1], canvas[to + 2], canvas[to + 3]) = (red, green, blue, (byte)alpha);
                continue;
            }

            // Porter and Duff's "over" of colours that are not premultiplied.
            var rest = under * (255 - alpha);
            var total = (alpha * 255) + rest;
            canvas[to] = Mix(red, canvas[to], alpha, rest, total);
            canvas[to + 1] = Mix(green, canvas[to + 1], alpha, rest, total);
            canvas[to + 2] = Mix(blue, canvas[to + 2], alpha, rest, total);
            canvas[to + 3] = (byte)((total + 127) / 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Mix(byte over, byte under, int alpha, int rest, int total) => (byte)(((over * alpha * 255) + (under * rest) + (total / 2)) / total);

    private static Raster Pack(Raster canvas, bool isGrey, bool keepsOpacity)
    {
        Span<byte> from = canvas.Pixels;
        var opaque = !keepsOpacity;
        for (var at = 3; at < from.Length && opaque; at += 4)
            opaque = from[at] == 255;
        var colours = isGrey ? 1 : 3;
        var packed = Raster.Rent(canvas.Width, canvas.Height, new PixelFormat(SampleType.UInt8, opaque ? colours : colours + 1));
        packed.Mask.Fill(255);
        packed.IsFull = true;
        Span<byte> to = packed.Pixels;
        var channels = packed.Format.Channels;
        for (int at = 0, put = 0; at < from.Length; at += 4, put += channels)
        {
            to[put] = from[at];
            if (!isGrey)
                (to[put + 1], to[put + 2]) = (from[at + 1], from[at + 2]);
            if (!opaque)
                to[put + channels - 1] = from[at + 3];
        }

        return packed;
    }
}
