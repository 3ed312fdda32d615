using System.Diagnostics.CodeAnalysis;

namespace Grid.Tiling;

/// <summary>
/// How a pyramid's tiles are stored: ROK4's <c>TIFF_JPG90_UINT8</c> is compression <c>JPG90</c> of samples <c>UINT8</c>; <c>TIFF_PBF_MVT</c> holds
/// vector tiles. Both words are in capitals. <c>TIFF_JPGPNG_UINT8</c> (JPEG, and PNG with opacity where pixels lack) and <c>TIFF_WEBP_UINT8</c> are Grid's own.
/// </summary>
public readonly record struct PyramidFormat(string Compression, string SampleFormat)
{
    private static readonly string[] s_imageCompressions = ["JPG", "JPG90", "JPGPNG", "WEBP", "PNG"];
    private static readonly string[] s_compressions = ["RAW", "JPG", "JPG90", "PNG", "LZW", "ZIP", "PKB", "JPGPNG", "WEBP"];

    public string Name => $"TIFF_{Compression}_{SampleFormat}";

    /// <summary>Stands for tiles that are JPEG or PNG, each answered under its own type; the name that GeoWebCache gave them.</summary>
    public const string JpegOrPng = "image/vnd.jpeg-png";

    /// <summary>The MIME type that the stored bytes of a tile are served as (ROK4's table).</summary>
    public string MimeType => this switch
    {
        { Compression: "JPG" or "JPG90" } => "image/jpeg",
        { Compression: "PNG" } => "image/png",
        { Compression: "WEBP" } => "image/webp",
        { Compression: "JPGPNG" } => JpegOrPng,
        { Compression: "PBF" } => "application/x-protobuf",
        { SampleFormat: "FLOAT32", Compression: "RAW" or "ZIP" } => "image/x-bil;bits=32",
        _ => "image/tiff",
    };

    /// <summary>The extension of tile addresses, without a dot.</summary>
    public string FileExtension => MimeType switch
    {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        JpegOrPng => "jpgpng",
        "application/x-protobuf" => "pbf",
        "image/x-bil;bits=32" => "bil",
        _ => "tif",
    };

    /// <summary>The <c>Content-Encoding</c> under which stored bytes go out, or null: raw elevation deflated in the slab stays deflated on the wire.</summary>
    public string? ContentEncoding => this is { Compression: "ZIP", SampleFormat: "FLOAT32" } ? "deflate" : null;

    /// <summary>The format of a compression and sample type in any case; throws <see cref="InvalidPyramidException"/> when ROK4 has no such format.</summary>
    public static PyramidFormat Of(string compression, string sampleFormat) =>
        TryParse($"TIFF_{(compression.Equals("none", StringComparison.OrdinalIgnoreCase) ? "RAW" : compression)}_{sampleFormat}".ToUpperInvariant(), out var format)
            ? format.Value
            : throw new InvalidPyramidException(
                $"Compression {compression} of samples {sampleFormat}: UINT8 samples are stored RAW, JPG, JPG90, PNG, LZW, ZIP, PKB, JPGPNG or WEBP, FLOAT32 ones RAW, LZW, ZIP or PKB.");

    public static PyramidFormat Parse(string name) => TryParse(name, out var format)
        ? format.Value
        : throw new InvalidPyramidException($"Format \"{name}\" is unknown: formats look like TIFF_JPG90_UINT8, TIFF_ZIP_FLOAT32 or TIFF_PBF_MVT.");

    public static bool TryParse(string? name, [NotNullWhen(true)] out PyramidFormat? format)
    {
        format = null;
        if (name?.Split('_') is not ["TIFF", var compression, var sample])
            return false;
        var known = sample switch
        {
            "MVT" => compression == "PBF",
            "UINT8" => s_compressions.Contains(compression),
            "FLOAT32" => s_compressions.Contains(compression) && !s_imageCompressions.Contains(compression),
            _ => false,
        };
        if (known)
            format = new PyramidFormat(compression, sample);
        return known;
    }

    public override string ToString() => Name;
}
