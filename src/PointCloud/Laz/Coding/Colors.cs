using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>The coder of a colour, three 16-bit values: RGB12 version 2 and, a channel's, RGB14. Each byte is predicted from its last value and from the change of the ones before it.</summary>
internal sealed unsafe class Colors(ModelArena arena)
{
    public const int SymbolsPerColor = 7;

    private const int NotGrey = 64;

    private readonly SymbolModel* _used = arena.Symbols(128);
    private readonly SymbolModels _bytes = arena.SymbolArray(6, 256);

    /// <summary>Replaces <paramref name="color"/>, the last one, by the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Decode(ref ArithmeticDecoder decoder, ushort* color)
    {
        var d = decoder;
        var used = d.LikelySymbol(_used);
        decoder = d;
        if (used == 0)
            color[1] = color[2] = color[0];
        else
            DecodeChanged(ref decoder, color, used);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DecodeChanged(ref ArithmeticDecoder decoder, ushort* color, uint used)
    {
        var d = decoder;
        int lastRed = color[0], lastGreen = color[1], lastBlue = color[2];
        int redLow = lastRed & 255, redHigh = lastRed >> 8;
        if ((used & 1) != 0)
            redLow = (redLow + (int)d.Symbol(_bytes[0])) & 255;
        if ((used & 2) != 0)
            redHigh = (redHigh + (int)d.Symbol(_bytes[1])) & 255;
        color[0] = color[1] = color[2] = (ushort)((redHigh << 8) | redLow);
        if ((used & NotGrey) != 0)
        {
            int greenLow = lastGreen & 255, blueLow = lastBlue & 255, greenHigh = lastGreen >> 8, blueHigh = lastBlue >> 8;
            var change = redLow - (lastRed & 255);
            if ((used & 4) != 0)
                greenLow = (Clamp(greenLow + change) + (int)d.Symbol(_bytes[2])) & 255;
            if ((used & 16) != 0)
                blueLow = (Clamp(blueLow + ((change + greenLow - (lastGreen & 255)) / 2)) + (int)d.Symbol(_bytes[4])) & 255;
            change = redHigh - (lastRed >> 8);
            if ((used & 8) != 0)
                greenHigh = (Clamp(greenHigh + change) + (int)d.Symbol(_bytes[3])) & 255;
            if ((used & 32) != 0)
                blueHigh = (Clamp(blueHigh + ((change + greenHigh - (lastGreen >> 8)) / 2)) + (int)d.Symbol(_bytes[5])) & 255;
            color[1] = (ushort)((greenHigh << 8) | greenLow);
            color[2] = (ushort)((blueHigh << 8) | blueLow);
        }

        decoder = d;
    }

    /// <summary>Codes a colour after <paramref name="last"/>, and leaves it there. Returns false when it needed no bytes and is grey.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Encode(ref ArithmeticEncoder encoder, ushort* last, ushort* color)
    {
        int red = color[0] ^ last[0], green = color[1] ^ last[1], blue = color[2] ^ last[2];
        var used = ((red & 0x00FF) != 0 ? 1 : 0) | ((red & 0xFF00) != 0 ? 2 : 0) | ((green & 0x00FF) != 0 ? 4 : 0) | ((green & 0xFF00) != 0 ? 8 : 0)
            | ((blue & 0x00FF) != 0 ? 16 : 0) | ((blue & 0xFF00) != 0 ? 32 : 0) | (color[0] != color[1] || color[0] != color[2] ? NotGrey : 0);
        var e = encoder;
        e.Symbol(_used, (uint)used);
        encoder = e;
        if ((used & ~NotGrey) != 0)
            EncodeChanged(ref encoder, last, color, used);
        return used != 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EncodeChanged(ref ArithmeticEncoder encoder, ushort* last, ushort* color, int used)
    {
        var e = encoder;
        int lastRed = last[0], lastGreen = last[1], lastBlue = last[2];
        int red = color[0], green = color[1], blue = color[2];
        if ((used & 1) != 0)
            e.Symbol(_bytes[0], (byte)(red - lastRed));
        if ((used & 2) != 0)
            e.Symbol(_bytes[1], (byte)((red >> 8) - (lastRed >> 8)));
        if ((used & NotGrey) != 0)
        {
            var change = (red & 255) - (lastRed & 255);
            if ((used & 4) != 0)
                e.Symbol(_bytes[2], (byte)((green & 255) - Clamp((lastGreen & 255) + change)));
            if ((used & 16) != 0)
                e.Symbol(_bytes[4], (byte)((blue & 255) - Clamp((lastBlue & 255) + ((change + (green & 255) - (lastGreen & 255)) / 2))));
            change = (red >> 8) - (lastRed >> 8);
            if ((used & 8) != 0)
                e.Symbol(_bytes[3], (byte)((green >> 8) - Clamp((lastGreen >> 8) + change)));
            if ((used & 32) != 0)
                e.Symbol(_bytes[5], (byte)((blue >> 8) - Clamp((lastBlue >> 8) + ((change + (green >> 8) - (lastGreen >> 8)) / 2))));
        }

        encoder = e;
        Unsafe.CopyBlockUnaligned(last, color, 6);
    }

    private static int Clamp(int value) => Math.Min(Math.Max(value, 0), 255);
}
