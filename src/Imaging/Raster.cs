using System.Buffers;

namespace Grid.Imaging;

/// <summary>
/// A window of pixels in pooled memory: samples <c>[row, col, channel]</c> in machine order, and a mask <c>[row, col]</c> where 0 means no
/// data and 255 data. The mask is always present; <see cref="IsFull"/> says that every pixel has data, so that hot loops can skip it.
/// </summary>
public sealed class Raster : IDisposable
{
    private byte[]? _pixels;
    private byte[]? _mask;

    private Raster(int width, int height, PixelFormat format)
    {
        Width = width;
        Height = height;
        Format = format;
        _pixels = ArrayPool<byte>.Shared.Rent(checked(width * height * format.BytesPerPixel) + Slack);
        _mask = ArrayPool<byte>.Shared.Rent(checked(width * height) + Slack);
    }

    /// <summary>Bytes readable past the last sample and past the last mask byte, so that vector loads need no edge case.</summary>
    public const int Slack = 64;

    public int Width { get; }

    public int Height { get; }

    public PixelFormat Format { get; }

    /// <summary>True when the writer of the pixels found data everywhere. Set it after the mask; false is always safe.</summary>
    public bool IsFull { get; set; }

    public int StrideBytes => Width * Format.BytesPerPixel;

    /// <summary>The samples, without the slack.</summary>
    public Span<byte> Pixels => Buffer(_pixels).AsSpan(0, Height * StrideBytes);

    /// <summary>The mask, without the slack.</summary>
    public Span<byte> Mask => Buffer(_mask).AsSpan(0, Height * Width);

    /// <summary>A raster whose samples and mask are not initialised.</summary>
    public static Raster Rent(int width, int height, PixelFormat format) => new(width, height, format);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
        if (Interlocked.Exchange(ref _mask, null) is { } mask)
            ArrayPool<byte>.Shared.Return(mask);
    }

    private static byte[] Buffer(byte[]? buffer) => buffer ?? throw new ObjectDisposedException(nameof(Raster));
}
