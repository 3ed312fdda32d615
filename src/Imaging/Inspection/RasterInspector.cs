using System.Globalization;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Inspection;

/// <summary>Reads what a raster is from its header, and proves that its whole content decodes. Safe for concurrent use.</summary>
public static partial class RasterInspector
{
    private const int Paletted = 2, Red = 3, Green = 4, Blue = 5, AlphaBand = 6;
    private const int PerDataset = 2, FromAlpha = 4, FromNodata = 8;

    /// <summary>Reads the header. Nothing is decoded; whether the raster is placed and usable in a lot is <see cref="LotInspector"/>'s to say.</summary>
    /// <param name="gdalPath">A local path or a <c>/vsis3/</c> path.</param>
    /// <param name="name">The name its producer knows it by.</param>
    /// <exception cref="UnreadableRasterException">It is not a raster, its header is damaged, or it passes a limit.</exception>
    /// <exception cref="GdalUnavailableException">GDAL is not installed.</exception>
    public static RasterInfo Inspect(string gdalPath, string name, RasterLimits? limits = null)
    {
        using var dataset = RasterOpening.Open(gdalPath, name);
        var info = Describe(dataset, gdalPath);
        return (limits ?? RasterLimits.Default).Violation(info) is { } violation ? throw new UnreadableRasterException(name, violation) : info;
    }

    private static RasterInfo Describe(GdalDataset dataset, string gdalPath)
    {
        var info = Describe(dataset, RasterOpening.LengthOf(gdalPath));
        return PamFile.Find(gdalPath) is { } side ? side.Over(info) : info;
    }

    private static RasterInfo Describe(GdalDataset dataset, long lengthBytes)
    {
        var sample = SampleOf(dataset);
        var (blockWidth, blockHeight) = dataset.BlockSize(1);
        var alpha = Enumerable.Range(1, dataset.Bands).FirstOrDefault(band => dataset.ColorInterpretation(band) == AlphaBand);
        var (orientation, grid) = Place(dataset.GeoTransform(), dataset.Width, dataset.Height);
        using var crs = dataset.SpatialReference();
        return new RasterInfo
        {
            Name = dataset.Name,
            Driver = dataset.Driver,
            LengthBytes = lengthBytes,
            Width = dataset.Width,
            Height = dataset.Height,
            Bands = dataset.Bands,
            Sample = sample,
            BitsPerSample = int.TryParse(dataset.BandMetadata(1, "NBITS", "IMAGE_STRUCTURE"), out var bits) ? bits : 8 * RasterLimits.BytesOf(sample),
            Colour = ColourOf(dataset, alpha),
            AlphaBand = alpha,
            Nodata = [.. Enumerable.Range(1, dataset.Bands).Select(dataset.Nodata)],
            Mask = MaskOf(dataset, alpha),
            Compression = dataset.Metadata("COMPRESSION", "IMAGE_STRUCTURE"),
            BlockWidth = blockWidth,
            BlockHeight = blockHeight,
            CrsName = crs is null ? null : string.Intern(SpatialReference.Name(crs) ?? ""),
            CrsAuthority = crs is null || SpatialReference.Authority(crs) is not { } authority ? null : string.Intern(authority),
            CrsWkt = crs is null ? null : string.Intern(SpatialReference.ToWkt(crs)),
            Orientation = orientation,
            CouldHoldCrs = grid is not null && dataset.Driver is "GTiff" or "JP2OpenJPEG" && !dataset.Files().Any(IsWorldFile),
            Grid = grid,
        };
    }

    // World files: .tfw, .tifw, .jgw, .j2w, .wld… GDAL lists the one that it took the georeference from.
    private static bool IsWorldFile(string path) =>
        Path.GetExtension(path) is { Length: >= 3 } extension && (extension[^1] is 'w' or 'W' || extension.Equals(".wld", StringComparison.OrdinalIgnoreCase));

    private static StoredSample SampleOf(GdalDataset dataset) => dataset.Type(1) switch
    {
        GdalDataType.Byte => StoredSample.UInt8,
        GdalDataType.UInt16 => StoredSample.UInt16,
        GdalDataType.Int16 => StoredSample.Int16,
        GdalDataType.UInt32 => StoredSample.UInt32,
        GdalDataType.Int32 => StoredSample.Int32,
        GdalDataType.Float32 => StoredSample.Float32,
        GdalDataType.Float64 => StoredSample.Float64,
        var other => throw new UnreadableRasterException(dataset.Name, string.Create(
            CultureInfo.InvariantCulture, $"its samples are of GDAL's type {(int)other} (complex or 64-bit); deliver 8, 16 or 32-bit integers, or floats.")),
    };

    private static ColourModel ColourOf(GdalDataset dataset, int alpha)
    {
        var colours = dataset.Bands - (alpha > 0 ? 1 : 0);
        return (dataset.ColorInterpretation(1), colours) switch
        {
            (Paletted, 1) => ColourModel.Palette,
            (_, 1) => ColourModel.Gray,
            (Red, >= 3) when dataset.ColorInterpretation(2) == Green && dataset.ColorInterpretation(3) == Blue => ColourModel.Rgb,
            _ => ColourModel.Other,
        };
    }

    private static MaskKind MaskOf(GdalDataset dataset, int alpha)
    {
        var flags = dataset.MaskFlags(1);
        return (flags & FromAlpha) != 0 || (alpha > 0 && (flags & (PerDataset | FromNodata)) == 0) ? MaskKind.Alpha
            : (flags & PerDataset) != 0 ? MaskKind.Band
            : (flags & FromNodata) != 0 ? MaskKind.Nodata
            : MaskKind.None;
    }

    /// <param name="geoTransform">GDAL's six coefficients; null without georeference.</param>
    internal static (Orientation Orientation, PixelGrid? Grid) Place(double[]? geoTransform, int width, int height)
    {
        if (geoTransform is not { } t || t.Any(v => !double.IsFinite(v)) || t[1] == 0 || t[5] == 0)
            return (geoTransform is { } degenerate && (degenerate[2] != 0 || degenerate[4] != 0) ? Orientation.Rotated : Orientation.Unplaced, null);

        // A shear below a hundredth of a pixel over the whole raster is the rounding of its writer.
        var isSheared = Math.Abs(t[2]) * height > 0.01 * Math.Abs(t[1]) || Math.Abs(t[4]) * width > 0.01 * Math.Abs(t[5]);
        if (isSheared || t[1] < 0)
            return (Orientation.Rotated, null);
        return t[5] < 0
            ? (Orientation.NorthUp, new PixelGrid(t[0], t[3], t[1], -t[5], width, height))
            : (Orientation.SouthUp, new PixelGrid(t[0], t[3] + (t[5] * height), t[1], t[5], width, height));
    }
}
