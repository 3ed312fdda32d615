namespace Grid.Imaging.Codecs;

/// <summary>
/// How the tiles of a slab are compressed (ROK4's names: raw, jpg, jpg90, png, zip; lzw and pkb are only read; jpgpng and webp are Grid's own).
/// </summary>
public enum TileCompression
{
    /// <summary>Samples as they are, little-endian.</summary>
    Raw,

    /// <summary>A complete JFIF stream a tile, quality 75, 4:2:0.</summary>
    Jpeg,

    /// <summary>A complete JFIF stream a tile, quality 90, 4:2:0.</summary>
    Jpeg90,

    /// <summary>A complete PNG a tile.</summary>
    Png,

    /// <summary>A zlib stream (RFC 1950) of the samples, no predictor.</summary>
    Zip,

    /// <summary>TIFF 6.0 section 13; read only.</summary>
    Lzw,

    /// <summary>TIFF 6.0 section 9; read only.</summary>
    PackBits,

    /// <summary>
    /// A JPEG of quality 90 where every pixel has data, elsewhere a PNG of four channels whose opacity is the mask: seamless over other maps, and nearly as
    /// small as JPEG. Grid's own; ROK4 reads the former tiles alone.
    /// </summary>
    JpegPng,

    /// <summary>A WebP a tile, lossy of quality 80, with the mask as opacity where some pixel has no data. Grid's own; GDAL reads such slabs, ROK4 does not.</summary>
    WebP,
}

/// <summary>Names and limits of the compressions.</summary>
public static class TileCompressions
{
    /// <summary>The names of those that are written, as a build order has them.</summary>
    public static IReadOnlyList<string> Written { get; } = ["raw", "jpg", "jpg90", "png", "zip", "jpgpng", "webp"];

    /// <summary>The compression a build order or a descriptor's format part names ("jpg90", "JPG90"); null for an unknown name.</summary>
    public static TileCompression? Find(string name) => name.ToLowerInvariant() switch
    {
        "raw" or "none" => TileCompression.Raw,
        "jpg" => TileCompression.Jpeg,
        "jpg90" => TileCompression.Jpeg90,
        "png" => TileCompression.Png,
        "zip" => TileCompression.Zip,
        "lzw" => TileCompression.Lzw,
        "pkb" => TileCompression.PackBits,
        "jpgpng" => TileCompression.JpegPng,
        "webp" => TileCompression.WebP,
        _ => null,
    };

    /// <summary>The name in capitals, as in the descriptor's <c>format</c> between <c>TIFF_</c> and the sample type.</summary>
    public static string NameOf(TileCompression compression) => compression switch
    {
        TileCompression.Raw => "RAW",
        TileCompression.Jpeg => "JPG",
        TileCompression.Jpeg90 => "JPG90",
        TileCompression.Png => "PNG",
        TileCompression.Zip => "ZIP",
        TileCompression.Lzw => "LZW",
        TileCompression.PackBits => "PKB",
        TileCompression.JpegPng => "JPGPNG",
        TileCompression.WebP => "WEBP",
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, null),
    };

    /// <summary>The descriptor's <c>format</c>, for example <c>TIFF_JPG90_UINT8</c>.</summary>
    public static string FormatOf(TileCompression compression, SampleType sample) =>
        $"TIFF_{NameOf(compression)}_{(sample == SampleType.UInt8 ? "UINT8" : "FLOAT32")}";

    /// <summary>Whether a decoded tile has the samples that were encoded.</summary>
    public static bool IsLossless(TileCompression compression) => compression is not (TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng or TileCompression.WebP);

    /// <summary>Whether the tiles themselves tell which of their pixels have data, so that neither masks nor nodata values are needed for it.</summary>
    public static bool KeepsOpacity(TileCompression compression) => compression is TileCompression.JpegPng or TileCompression.WebP;

    /// <summary>Why tiles of this format cannot be written with this compression, or null when they can.</summary>
    public static string? WhyNot(TileCompression compression, PixelFormat format) => compression switch
    {
        _ when format.Channels is < 1 or > 4 => $"{format.Channels} channels: 1 to 4 are allowed",
        TileCompression.Jpeg or TileCompression.Jpeg90 or TileCompression.JpegPng or TileCompression.WebP when format != new PixelFormat(SampleType.UInt8, 3) =>
            $"{NameOf(compression)} with {format.Channels} channels of {format.Sample}: {NameOf(compression)} takes 3 channels of UInt8; {(format.Sample == SampleType.UInt8 ? "PNG, ZIP and RAW take these" : "ZIP and RAW take these")}",
        TileCompression.Png when format.Sample != SampleType.UInt8 => $"PNG with {format.Sample}: PNG takes UInt8; ZIP and RAW take these",
        TileCompression.Lzw or TileCompression.PackBits => $"{NameOf(compression)} is read, not written: take RAW, ZIP, PNG, JPG, JPG90, JPGPNG or WEBP",
        _ => null,
    };
}
