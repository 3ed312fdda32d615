namespace Grid.Imaging.Codecs;

/// <summary>How the tiles of a slab are compressed (ROK4's names: raw, jpg, jpg90, png, zip; lzw and pkb are only read).</summary>
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
}

/// <summary>Names and limits of the compressions.</summary>
public static class TileCompressions
{
    /// <summary>The compression a build order or a descriptor's format part names ("jpg90", "JPG90"); null for a name ROK4 does not know.</summary>
    public static TileCompression? Find(string name) => name.ToLowerInvariant() switch
    {
        "raw" or "none" => TileCompression.Raw,
        "jpg" => TileCompression.Jpeg,
        "jpg90" => TileCompression.Jpeg90,
        "png" => TileCompression.Png,
        "zip" => TileCompression.Zip,
        "lzw" => TileCompression.Lzw,
        "pkb" => TileCompression.PackBits,
        _ => null,
    };

    /// <summary>ROK4's name in capitals, as in the descriptor's <c>format</c> between <c>TIFF_</c> and the sample type.</summary>
    public static string NameOf(TileCompression compression) => compression switch
    {
        TileCompression.Raw => "RAW",
        TileCompression.Jpeg => "JPG",
        TileCompression.Jpeg90 => "JPG90",
        TileCompression.Png => "PNG",
        TileCompression.Zip => "ZIP",
        TileCompression.Lzw => "LZW",
        TileCompression.PackBits => "PKB",
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, null),
    };

    /// <summary>The descriptor's <c>format</c>, for example <c>TIFF_JPG90_UINT8</c>.</summary>
    public static string FormatOf(TileCompression compression, SampleType sample) =>
        $"TIFF_{NameOf(compression)}_{(sample == SampleType.UInt8 ? "UINT8" : "FLOAT32")}";

    /// <summary>Whether a decoded tile has the samples that were encoded.</summary>
    public static bool IsLossless(TileCompression compression) => compression is not (TileCompression.Jpeg or TileCompression.Jpeg90);

    /// <summary>Why tiles of this format cannot be written with this compression, or null when they can.</summary>
    public static string? WhyNot(TileCompression compression, PixelFormat format) => compression switch
    {
        _ when format.Channels is < 1 or > 4 => $"{format.Channels} channels: 1 to 4 are allowed",
        TileCompression.Jpeg or TileCompression.Jpeg90 when format != new PixelFormat(SampleType.UInt8, 3) =>
            $"{NameOf(compression)} with {format.Channels} channels of {format.Sample}: JPEG takes 3 channels of UInt8",
        TileCompression.Png when format.Sample != SampleType.UInt8 => $"PNG with {format.Sample}: PNG takes UInt8",
        TileCompression.Lzw or TileCompression.PackBits => $"{NameOf(compression)} is read, not written: take RAW, ZIP, PNG, JPG or JPG90",
        _ => null,
    };
}
