using System.Buffers.Binary;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Codecs.Png;

/// <summary>Colours for stored grey PNG tiles without decoding them: IHDR becomes that of a palette, which follows it (ISO/IEC 15948 clause 11).</summary>
internal static class PngPalette
{
    private const int HeaderEnd = 33, ColourTypeAt = 25;
    private const byte Grey = 0, Indexed = 3;

    /// <summary>The tile in the palette's colours; the value of nodata is transparent.</summary>
    /// <exception cref="TileCodecException">The tile is no PNG of one channel of 8 bits.</exception>
    public static byte[] Replace(ReadOnlySpan<byte> png, Palette palette, byte nodata)
    {
        if (png.Length < HeaderEnd || !PngDecoder.IsPng(png) || png[24] != 8 || png[ColourTypeAt] != Grey)
            throw new TileCodecException("PNG", "the tile is not grey of 8 bits");
        const int PaletteLength = 12 + (3 * 256), OpacityLength = 12 + 256;
        var replaced = new byte[png.Length + PaletteLength + OpacityLength];
        png[..HeaderEnd].CopyTo(replaced);
        replaced[ColourTypeAt] = Indexed;
        Close(replaced.AsSpan(8), PngChunks.Header, 13);
        var colours = replaced.AsSpan(HeaderEnd);
        var opacity = replaced.AsSpan(HeaderEnd + PaletteLength);
        var bytes = palette.OfBytes();
        for (var value = 0; value < 256; value++)
        {
            var colour = bytes[value];
            (colours[8 + (3 * value)], colours[9 + (3 * value)], colours[10 + (3 * value)]) = ((byte)colour, (byte)(colour >> 8), (byte)(colour >> 16));
            opacity[8 + value] = value == nodata ? (byte)0 : palette.IsOpaque ? (byte)255 : (byte)(colour >> 24);
        }

        Close(colours, PngChunks.Palette, 3 * 256);
        Close(opacity, PngChunks.Transparency, 256);
        png[HeaderEnd..].CopyTo(replaced.AsSpan(HeaderEnd + PaletteLength + OpacityLength));
        return replaced;
    }

    private static void Close(Span<byte> chunk, uint type, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(chunk, length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[4..], type);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[(8 + length)..], PngChunks.Crc(chunk.Slice(4, 4 + length)));
    }
}
