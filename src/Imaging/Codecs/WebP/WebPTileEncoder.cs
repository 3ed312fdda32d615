namespace Grid.Imaging.Codecs.WebP;

/// <summary>RGB tiles as lossy WebP of quality 80, with opacity where some pixel has no data.</summary>
internal sealed class WebPTileEncoder(int width, int height) : TileEncoder
{
    private const int Quality = 80;

    private byte[]? _joined;

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples) => WebPEncoder.Encode(samples, width, height, 3, Quality);

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> mask)
    {
        if (!mask.Contains((byte)0))
            return Encode(samples);
        _joined ??= new byte[width * height * 4];
        OpacityPixels.Join(samples, mask, _joined);
        return WebPEncoder.Encode(_joined, width, height, 4, Quality);
    }
}
