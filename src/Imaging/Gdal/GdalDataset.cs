using System.Runtime.InteropServices;

namespace Grid.Imaging.Gdal;

/// <summary>One open raster. Bands are numbered from 1. One thread at a time may use it.</summary>
internal sealed class GdalDataset : IDisposable
{
    private const uint RasterReadOnlyVerbose = 0x02 | 0x40;
    private readonly DatasetHandle _dataset;
    private readonly string _path;

    private GdalDataset(DatasetHandle dataset, string path, string name)
    {
        _dataset = dataset;
        _path = path;
        Name = name;
        Width = GdalNative.GDALGetRasterXSize(dataset);
        Height = GdalNative.GDALGetRasterYSize(dataset);
        Bands = GdalNative.GDALGetRasterCount(dataset);
    }

    internal string Name { get; }

    internal int Width { get; }

    internal int Height { get; }

    internal int Bands { get; }

    internal string Driver => Marshal.PtrToStringUTF8(GdalNative.GDALGetDriverShortName(GdalNative.GDALGetDatasetDriver(_dataset))) ?? "";

    internal bool HasControlPoints => GdalNative.GDALGetGCPCount(_dataset) > 0;

    /// <exception cref="GdalException">No registered driver reads it; GDAL's sentence names the raster by <paramref name="name"/>.</exception>
    internal static GdalDataset Open(string path, string name)
    {
        GdalLibrary.Require();
        GdalErrors.Reset();
        var dataset = GdalNative.GDALOpenEx(path, RasterReadOnlyVerbose, GdalLibrary.Drivers, 0, 0);
        if (!dataset.IsInvalid)
            return new GdalDataset(dataset, path, name);
        dataset.Dispose();
        throw Named(GdalErrors.Failure("GDALOpenEx", name), path, name);
    }

    /// <summary>The six coefficients, or null when the raster is not georeferenced.</summary>
    internal unsafe double[]? GeoTransform()
    {
        var six = new double[6];
        fixed (double* coefficients = six)
            return GdalNative.GDALGetGeoTransform(_dataset, coefficients) == 0 ? six : null;
    }

    /// <summary>The raster's own path and those of the files beside it that say something of it.</summary>
    internal unsafe IReadOnlyList<string> Files()
    {
        var list = GdalNative.GDALGetFileList(_dataset);
        try
        {
            var files = new List<string>();
            for (var entry = (nint*)list; entry != null && *entry != 0; entry++)
                files.Add(Marshal.PtrToStringUTF8(*entry)!);
            return files;
        }
        finally
        {
            GdalNative.CSLDestroy(list);
        }
    }

    internal SpatialReferenceHandle? SpatialReference() => Gdal.SpatialReference.Of(_dataset);

    internal GdalDataType Type(int band) => GdalNative.GDALGetRasterDataType(Band(band));

    /// <summary>GDALColorInterp: 1 grey, 2 palette, 3 red, 4 green, 5 blue, 6 alpha.</summary>
    internal int ColorInterpretation(int band) => GdalNative.GDALGetRasterColorInterpretation(Band(band));

    /// <summary>GMF_ flags: 1 all valid, 2 per dataset, 4 alpha, 8 nodata.</summary>
    internal int MaskFlags(int band) => GdalNative.GDALGetMaskFlags(Band(band));

    internal double? Nodata(int band)
    {
        var value = GdalNative.GDALGetRasterNoDataValue(Band(band), out var success);
        return success != 0 ? value : null;
    }

    internal (int Width, int Height) BlockSize(int band)
    {
        GdalNative.GDALGetBlockSize(Band(band), out var width, out var height);
        return (width, height);
    }

    internal string? Metadata(string item, string? domain) => Marshal.PtrToStringUTF8(GdalNative.GDALGetDatasetMetadataItem(_dataset, item, domain));

    internal string? BandMetadata(int band, string item, string? domain) => Marshal.PtrToStringUTF8(GdalNative.GDALGetMetadataItem(Band(band), item, domain));

    /// <summary>The palette as [entry, red green blue alpha], or null.</summary>
    internal unsafe byte[]? Palette(int band)
    {
        var table = GdalNative.GDALGetRasterColorTable(Band(band));
        if (table == 0)
            return null;
        var count = Math.Clamp(GdalNative.GDALGetColorEntryCount(table), 0, 256);
        var palette = new byte[256 * 4];
        for (var entry = 0; entry < count; entry++)
        {
            var colours = GdalNative.GDALGetColorEntry(table, entry);
            for (var i = 0; i < 4; i++)
                palette[(entry * 4) + i] = (byte)Math.Clamp((int)colours[i], 0, 255);
        }

        return palette;
    }

    /// <summary>Reads a window of some bands as <c>[row, col, band]</c>, converted to <paramref name="type"/> (Byte or Float32).</summary>
    /// <exception cref="GdalException">A block of the window cannot be read or decoded.</exception>
    internal unsafe void Read(int col, int row, int width, int height, ReadOnlySpan<int> bands, GdalDataType type, Span<byte> buffer)
    {
        var sampleBytes = type == GdalDataType.Byte ? 1 : 4;
        long pixelBytes = sampleBytes * bands.Length, lineBytes = pixelBytes * width;
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, lineBytes * height, nameof(buffer));
        GdalErrors.Reset();
        fixed (byte* target = buffer)
        fixed (int* numbers = bands)
        {
            var code = GdalNative.GDALDatasetRasterIOEx(
                _dataset, 0, col, row, width, height, target, width, height, type, bands.Length, numbers, pixelBytes, lineBytes, sampleBytes, 0);
            if (code != 0)
                throw Named(GdalErrors.Failure("GDALDatasetRasterIOEx", Name), _path, Name);
        }
    }

    /// <summary>Reads a window of the dataset's mask as <c>[row, col]</c>; 0 is no data.</summary>
    /// <exception cref="GdalException">A block of the mask cannot be read or decoded.</exception>
    internal unsafe void ReadMask(int col, int row, int width, int height, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, width * height, nameof(buffer));
        GdalErrors.Reset();
        fixed (byte* target = buffer)
        {
            var code = GdalNative.GDALRasterIOEx(
                GdalNative.GDALGetMaskBand(Band(1)), 0, col, row, width, height, target, width, height, GdalDataType.Byte, 1, width, 0);
            if (code != 0)
                throw Named(GdalErrors.Failure("GDALRasterIOEx", Name), _path, Name);
        }
    }

    /// <summary>Drops the decoded blocks that GDAL holds, so that reading them decodes them, and complains of them, again.</summary>
    internal void DropBlocks() => GdalNative.GDALFlushCache(_dataset);

    public void Dispose() => _dataset.Dispose();

    private nint Band(int band)
    {
        var handle = GdalNative.GDALGetRasterBand(_dataset, band);
        return handle != 0 ? handle : throw new GdalException("GDALGetRasterBand", Name, $"band {band}: the bands are 1 to {Bands}");
    }

    // A producer knows the file by its own name, and must not learn where the host keeps it.
    private static GdalException Named(GdalException failure, string path, string name)
    {
        var explanation = failure.Explanation.Replace(path, name, StringComparison.Ordinal);
        var file = Path.GetFileName(path);
        return new GdalException(failure.Operation, name, file.Length > 4 ? explanation.Replace(file, name, StringComparison.Ordinal) : explanation);
    }
}
