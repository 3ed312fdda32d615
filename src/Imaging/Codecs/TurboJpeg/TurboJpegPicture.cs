using System.Buffers;

namespace Grid.Imaging.Codecs.TurboJpeg;

/// <summary>
/// Pictures of any size as JFIF: colours as YCbCr 4:2:0, accurate DCT, libjpeg's standard tables at the given quality. One native instance a thread, and
/// pooled memory for what is encoded.
/// </summary>
internal static unsafe class TurboJpegPicture
{
    [ThreadStatic]
    private static TurboJpegHandle? _handle;

    /// <param name="samples"><c>[row, col, channel]</c> without padding.</param>
    /// <param name="channels">1 grey, 3 RGB.</param>
    /// <param name="quality">1 to 100.</param>
    public static byte[] Encode(ReadOnlySpan<byte> samples, int width, int height, int channels, int quality)
    {
        if (samples.Length < width * height * channels)
            throw new ArgumentException($"{samples.Length} bytes for a picture of {width} × {height} pixels of {channels} channels");
        var handle = _handle ??= TurboJpegNative.tjInitCompress().OrThrow();
        var subsampling = channels == 3 ? TurboJpegNative.Subsampling420 : TurboJpegNative.SubsamplingGray;
        var size = TurboJpegNative.tjBufSize(width, height, subsampling);
        var buffer = ArrayPool<byte>.Shared.Rent(checked((int)size));
        try
        {
            fixed (byte* source = samples, start = buffer)
            {
                var jpeg = start;
                TurboJpegNative.Check(
                    TurboJpegNative.tjCompress2(
                        handle, source, width, width * channels, height, channels == 3 ? TurboJpegNative.PixelFormatRgb : TurboJpegNative.PixelFormatGray, &jpeg, &size,
                        subsampling, quality, TurboJpegNative.FlagNoRealloc | TurboJpegNative.FlagAccurateDct),
                    handle,
                    "compression");
            }

            return buffer.AsSpan(0, (int)size).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
