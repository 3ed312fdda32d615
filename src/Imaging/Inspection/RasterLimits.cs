namespace Grid.Imaging.Inspection;

/// <summary>How large a raster may claim to be before any of it is decoded. What is beyond is refused from the header alone.</summary>
public sealed record RasterLimits
{
    public static RasterLimits Default { get; } = new();

    /// <summary>Pixels of one raster. 40 Gpix is a 200,000-pixel square.</summary>
    public long MaxPixels { get; init; } = 40_000_000_000;

    public int MaxBands { get; init; } = 16;

    /// <summary>Decoded bytes of one block (tile, strip) with all bands: what reading one pixel costs in memory.</summary>
    public long MaxBlockBytes { get; init; } = 256L << 20;

    /// <summary>Blocks of one raster; the index of a file holds 16 bytes for each.</summary>
    public long MaxBlocks { get; init; } = 20_000_000;

    /// <summary>
    /// Decoded bytes for each byte of the file. Deflate cannot pass 1032; a file beyond is sparse or a bomb. Asked only of rasters that decode to more
    /// than <see cref="RatioAsksFromBytes"/>.
    /// </summary>
    public double MaxDecompressionRatio { get; init; } = 1100;

    public long RatioAsksFromBytes { get; init; } = 1L << 30;

    /// <summary>Null when the raster is within the limits, else the sentence that says which one it passes.</summary>
    internal string? Violation(RasterInfo info)
    {
        const string Advice = "cut it into smaller rasters, or write it again if the header is damaged";
        if (info.Pixels > MaxPixels)
            return $"it claims {info.Width} x {info.Height} pixels, more than the {MaxPixels:N0} that one raster may have; {Advice}.";
        if (info.Bands > MaxBands)
            return $"it has {info.Bands} bands; at most {MaxBands} are accepted.";
        var pixelBytes = info.Bands * BytesOf(info.Sample);
        var blockBytes = (long)info.BlockWidth * info.BlockHeight * pixelBytes;
        if (blockBytes > MaxBlockBytes)
        {
            return $"one block of {info.BlockWidth} x {info.BlockHeight} pixels decodes to {blockBytes:N0} bytes, more than {MaxBlockBytes:N0}; "
                + "write it with smaller tiles or strips.";
        }

        var blocks = (((long)info.Width + info.BlockWidth - 1) / info.BlockWidth) * (((long)info.Height + info.BlockHeight - 1) / info.BlockHeight);
        if (blocks > MaxBlocks)
            return $"it claims {blocks:N0} blocks, more than {MaxBlocks:N0}; write it with larger tiles or strips.";
        var decoded = (double)info.Pixels * pixelBytes * info.BitsPerSample / (8 * BytesOf(info.Sample));
        if (info.LengthBytes > 0 && decoded > RatioAsksFromBytes && decoded / info.LengthBytes > MaxDecompressionRatio)
        {
            return $"its {info.LengthBytes:N0} bytes claim to decode to {decoded:N0}, more than {MaxDecompressionRatio:N0} times as many; "
                + "deliver a raster without such empty or constant areas, or write it again if the header is damaged.";
        }

        return null;
    }

    internal static int BytesOf(StoredSample sample) => sample switch
    {
        StoredSample.UInt8 => 1,
        StoredSample.UInt16 or StoredSample.Int16 => 2,
        StoredSample.Float64 => 8,
        _ => 4,
    };
}
