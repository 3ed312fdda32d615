using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Codecs.TurboJpeg;

namespace Grid.Imaging.Codecs;

/// <summary>RGB tiles as JPEG where every pixel has data, and as PNG with opacity where some has none.</summary>
internal sealed class JpegPngEncoder(int width, int height) : TileEncoder
{
    private readonly TurboJpegEncoder _jpeg = new(width, height, 90);
    private PngEncoder? _png;
    private byte[]? _joined;

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples) => _jpeg.Encode(samples);

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> mask)
    {
        if (!mask.Contains((byte)0))
            return Encode(samples);
        _joined ??= new byte[width * height * 4];
        OpacityPixels.Join(samples, mask, _joined);
        return (_png ??= new PngEncoder(width, height, 4)).Encode(_joined);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _jpeg.Dispose();
        _png?.Dispose();
    }
}
