namespace Grid.Imaging.Codecs.TurboJpeg;

/// <summary>JFIF tiles to RGB or grey samples; one native instance a thread.</summary>
internal static unsafe class TurboJpegDecoder
{
    [ThreadStatic]
    private static TurboJpegHandle? _handle;

    public static void Decode(ReadOnlySpan<byte> jpeg, PixelFormat format, int width, int height, Span<byte> samples)
    {
        if (format.Sample != SampleType.UInt8 || format.Channels is not (1 or 3))
            throw new TileCodecException("libjpeg-turbo", $"{format.Channels} channels of {format.Sample}: JPEG tiles hold 1 or 3 of UInt8");
        var handle = _handle ??= TurboJpegNative.tjInitDecompress().OrThrow();
        try
        {
            Decode(handle, jpeg, format, width, height, samples);
        }
        catch (TileCodecException)
        {
            // After an error in a header the library goes on in the middle of that header with the next stream.
            _handle = null;
            handle.Dispose();
            throw;
        }
    }

    private static void Decode(TurboJpegHandle handle, ReadOnlySpan<byte> jpeg, PixelFormat format, int width, int height, Span<byte> samples)
    {
        fixed (byte* source = jpeg, destination = samples)
        {
            TurboJpegNative.Check(
                TurboJpegNative.tjDecompressHeader3(handle, source, (nuint)jpeg.Length, out var w, out var h, out _, out _), handle, "header");
            if (w != width || h != height)
                throw new TileCodecException("libjpeg-turbo", $"the tile is {w} × {h} pixels instead of {width} × {height}");
            TurboJpegNative.Check(
                TurboJpegNative.tjDecompress2(
                    handle, source, (nuint)jpeg.Length, destination, width, width * format.Channels, height,
                    format.Channels == 3 ? TurboJpegNative.PixelFormatRgb : TurboJpegNative.PixelFormatGray, TurboJpegNative.FlagAccurateDct),
                handle,
                "decompression",
                allowWarnings: true);
        }
    }
}
