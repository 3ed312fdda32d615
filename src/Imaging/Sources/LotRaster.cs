using Grid.Imaging.Inspection;

namespace Grid.Imaging.Sources;

/// <summary>One raster of a lot in its sheet: what remains in memory of it, for as long as the lot is open.</summary>
/// <param name="Ordinal">Position in the lot: a later raster covers an earlier one.</param>
/// <param name="Col">Column of the sheet where the raster's first column lies.</param>
/// <param name="Row">Row of the sheet where the raster's northernmost row lies.</param>
/// <param name="IsSouthUp">The file's first row is its southernmost.</param>
/// <param name="ReadsPlainly">Its header promises uncompressed interleaved samples of the lot's own format.</param>
/// <param name="ReadsAsJpeg">Its header promises JPEG blocks of the lot's own format.</param>
internal sealed record LotRaster(
    int Ordinal, string GdalPath, string Name, int Width, int Height, long Col, long Row, bool IsSouthUp, bool ReadsPlainly, bool ReadsAsJpeg,
    int BlockWidth, int BlockHeight, PixelDescription Pixels)
{
    /// <summary>Null unless only what touches the border lacks data.</summary>
    internal SharedEdgeMask? Edges { get; } = Pixels.IsAtEdgesOnly ? new SharedEdgeMask() : null;

    internal static bool IsPlain(RasterInfo info, PixelDescription pixels, PixelFormat target) =>
        info.Compression is null && info.Orientation == Orientation.NorthUp && IsTiffOf(info, pixels, target);

    internal static bool IsJpeg(RasterInfo info, PixelDescription pixels, PixelFormat target) =>
        info.Compression is "JPEG" or "YCbCr JPEG" && target.Sample == SampleType.UInt8 && IsTiffOf(info, pixels, target);

    private static bool IsTiffOf(RasterInfo info, PixelDescription pixels, PixelFormat target) =>
        info.Driver == "GTiff" && BitConverter.IsLittleEndian
        && ((info.Sample == StoredSample.UInt8 && info.BitsPerSample == 8 && target.Sample == SampleType.UInt8)
            || (info.Sample == StoredSample.Float32 && target.Sample == SampleType.Float32))
        && info.Bands == target.Channels && info.Colour != ColourModel.Palette && info.AlphaBand == 0
        && (pixels.Mask is MaskKind.None or MaskKind.Nodata) && !pixels.IsAtEdgesOnly;
}
