using System.Runtime.InteropServices;
using Grid.Imaging.Maps;

namespace Grid.Imaging.Gdal;

/// <summary>Writes TIFFs of one picture, with or without its place, by GDAL's driver into memory.</summary>
internal static class GeoTiffWriter
{
    private static long _written;

    /// <param name="picture">1 to 4 channels of UInt8 or Float32; the second of two and the fourth of four UInt8 are opacity.</param>
    /// <param name="frame">The place; null writes none.</param>
    /// <param name="nodata">Tagged as such; null for none.</param>
    /// <param name="compression"><c>raw</c>, <c>lzw</c>, <c>deflate</c> or <c>packbits</c>.</param>
    /// <exception cref="GdalException">GDAL could not write it.</exception>
    public static unsafe byte[] Write(Raster picture, MapFrame? frame, double? nodata, string compression)
    {
        GdalLibrary.Require();
        var (channels, isByte) = (picture.Format.Channels, picture.Format.Sample == SampleType.UInt8);
        var path = $"/vsimem/grid-map-{Interlocked.Increment(ref _written)}.tif";
        var options = new List<string>
        {
            "INTERLEAVE=PIXEL",
            $"COMPRESS={(compression == "raw" ? "NONE" : compression.ToUpperInvariant())}",
            $"PHOTOMETRIC={(isByte && channels >= 3 ? "RGB" : "MINISBLACK")}",
            $"PROFILE={(frame is null ? "BASELINE" : "GDALGeoTIFF")}",
        };
        if (isByte && channels is 2 or 4)
            options.Add("ALPHA=NON-PREMULTIPLIED");
        try
        {
            Fill(path, picture, frame, nodata, [.. options, null]);
            return Take(path);
        }
        finally
        {
            // It is there only when something failed.
            _ = GdalNative.VSIUnlink(path);
        }
    }

    private static unsafe void Fill(string path, Raster picture, MapFrame? frame, double? nodata, string?[] options)
    {
        var (channels, isByte) = (picture.Format.Channels, picture.Format.Sample == SampleType.UInt8);
        GdalErrors.Reset();
        var driver = GdalNative.GDALGetDriverByName("GTiff");
        var type = isByte ? GdalDataType.Byte : GdalDataType.Float32;
        using var file = GdalNative.GDALCreate(driver, path, picture.Width, picture.Height, channels, type, options);
        if (file.IsInvalid)
            throw GdalErrors.Failure("GDALCreate", "a map");
        if (frame is not null)
            Place(file, frame);
        if (nodata is { } value && GdalNative.GDALSetRasterNoDataValue(GdalNative.GDALGetRasterBand(file, 1), value) != 0)
            throw GdalErrors.Failure("GDALSetRasterNoDataValue", "a map");
        long sample = picture.Format.BytesPerSample, pixel = picture.Format.BytesPerPixel;
        int* bands = stackalloc int[] { 1, 2, 3, 4 };
        fixed (byte* samples = picture.Pixels)
        {
            if (GdalNative.GDALDatasetRasterIOEx(
                file, 1, 0, 0, picture.Width, picture.Height, samples, picture.Width, picture.Height, type, channels, bands, pixel, pixel * picture.Width, sample, 0) != 0)
            {
                throw GdalErrors.Failure("GDALDatasetRasterIOEx", "a map");
            }
        }
    }

    private static unsafe byte[] Take(string path)
    {
        var bytes = GdalNative.VSIGetMemFileBuffer(path, out var length, 1);
        if (bytes is null)
            throw GdalErrors.Failure("VSIGetMemFileBuffer", "a map");
        try
        {
            return new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();
        }
        finally
        {
            GdalNative.VSIFree((nint)bytes);
        }
    }

    private static unsafe void Place(DatasetHandle file, MapFrame frame)
    {
        var six = stackalloc double[] { frame.Extent.MinX, frame.CellX, 0, frame.Extent.MaxY, 0, -frame.CellY };
        if (GdalNative.GDALSetGeoTransform(file, six) != 0)
            throw GdalErrors.Failure("GDALSetGeoTransform", "a map");
        using var crs = SpatialReference.Parse(frame.Crs);
        if (GdalNative.GDALSetSpatialRef(file, crs) != 0)
            throw GdalErrors.Failure("GDALSetSpatialRef", "a map");
    }
}
