using System.Runtime.InteropServices;

namespace Grid.Imaging.Gdal;

/// <summary>GDAL's and OSR's C functions (gdal.h, ogr_srs_api.h, cpl_error.h; ABI 3.4 and later), bound under the name that <see cref="GdalLibrary"/> resolves.</summary>
internal static partial class GdalNative
{
    internal const string Library = "gdal";

    static GdalNative() => GdalLibrary.ResolveNames();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_GTiff();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_JP2OpenJPEG();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_PNG();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_JPEG();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_EHdr();

    [LibraryImport(Library)]
    internal static partial void GDALRegister_AAIGrid();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetDriverByName(string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALVersionInfo(string request);

    [LibraryImport(Library)]
    internal static partial void GDALSetCacheMax64(long bytes);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void CPLSetConfigOption(string key, string? value);

    [LibraryImport(Library)]
    internal static partial nint CPLSetErrorHandler(nint handler);

    [LibraryImport(Library)]
    internal static partial void CPLErrorReset();

    [LibraryImport(Library)]
    internal static partial int CPLGetLastErrorType();

    [LibraryImport(Library)]
    internal static partial int CPLGetLastErrorNo();

    [LibraryImport(Library)]
    internal static partial nint CPLGetLastErrorMsg();

    [LibraryImport(Library)]
    internal static partial void VSIFree(nint memory);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint VSIFOpenL(string path, string access);

    [LibraryImport(Library)]
    internal static partial int VSIFSeekL(nint file, ulong offset, int whence);

    [LibraryImport(Library)]
    internal static partial ulong VSIFTellL(nint file);

    [LibraryImport(Library)]
    internal static unsafe partial nuint VSIFReadL(byte* buffer, nuint size, nuint count, nint file);

    [LibraryImport(Library)]
    internal static partial int VSIFCloseL(nint file);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial DatasetHandle GDALOpenEx(string name, uint flags, string?[] drivers, nint options, nint siblings);

    [LibraryImport(Library)]
    internal static partial void GDALClose(nint dataset);

    [LibraryImport(Library)]
    internal static partial void GDALFlushCache(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial nint GDALGetFileList(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial void CSLDestroy(nint list);

    [LibraryImport(Library)]
    internal static partial nint GDALGetDatasetDriver(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial nint GDALGetDriverShortName(nint driver);

    [LibraryImport(Library)]
    internal static partial int GDALGetRasterXSize(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial int GDALGetRasterYSize(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial int GDALGetRasterCount(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial int GDALGetGCPCount(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static unsafe partial int GDALGetGeoTransform(DatasetHandle dataset, double* six);

    [LibraryImport(Library)]
    internal static partial nint GDALGetSpatialRef(DatasetHandle dataset);

    [LibraryImport(Library)]
    internal static partial nint GDALGetRasterBand(DatasetHandle dataset, int band);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetMetadataItem(nint holder, string name, string? domain);

    [LibraryImport(Library, EntryPoint = "GDALGetMetadataItem", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GDALGetDatasetMetadataItem(DatasetHandle dataset, string name, string? domain);

    [LibraryImport(Library)]
    internal static partial GdalDataType GDALGetRasterDataType(nint band);

    [LibraryImport(Library)]
    internal static partial int GDALGetRasterColorInterpretation(nint band);

    [LibraryImport(Library)]
    internal static partial int GDALGetMaskFlags(nint band);

    [LibraryImport(Library)]
    internal static partial nint GDALGetMaskBand(nint band);

    [LibraryImport(Library)]
    internal static partial double GDALGetRasterNoDataValue(nint band, out int success);

    [LibraryImport(Library)]
    internal static partial void GDALGetBlockSize(nint band, out int width, out int height);

    [LibraryImport(Library)]
    internal static partial nint GDALGetRasterColorTable(nint band);

    [LibraryImport(Library)]
    internal static partial int GDALGetColorEntryCount(nint table);

    [LibraryImport(Library)]
    internal static unsafe partial short* GDALGetColorEntry(nint table, int entry);

    [LibraryImport(Library)]
    internal static unsafe partial int GDALDatasetRasterIOEx(
        DatasetHandle dataset, int write, int col, int row, int width, int height, byte* buffer, int bufferWidth, int bufferHeight,
        GdalDataType type, int bandCount, int* bands, long pixelBytes, long lineBytes, long bandBytes, nint extra);

    [LibraryImport(Library)]
    internal static unsafe partial int GDALRasterIOEx(
        nint band, int write, int col, int row, int width, int height, byte* buffer, int bufferWidth, int bufferHeight,
        GdalDataType type, long pixelBytes, long lineBytes, nint extra);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial DatasetHandle GDALCreate(nint driver, string path, int width, int height, int bands, GdalDataType type, string?[] options);

    [LibraryImport(Library)]
    internal static unsafe partial int GDALSetGeoTransform(DatasetHandle dataset, double* coefficients);

    [LibraryImport(Library)]
    internal static partial int GDALSetSpatialRef(DatasetHandle dataset, SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial int GDALSetRasterNoDataValue(nint band, double value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial byte* VSIGetMemFileBuffer(string path, out ulong length, int unlinkAndSeize);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int VSIUnlink(string path);

    [LibraryImport(Library)]
    internal static partial void OSRSetPROJEnableNetwork(int enabled);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SpatialReferenceHandle OSRNewSpatialReference(string? wkt);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OSRSetFromUserInput(SpatialReferenceHandle crs, string text);

    [LibraryImport(Library)]
    internal static partial SpatialReferenceHandle OSRClone(nint crs);

    [LibraryImport(Library)]
    internal static partial void OSRRelease(nint crs);

    [LibraryImport(Library)]
    internal static partial void OSRSetAxisMappingStrategy(SpatialReferenceHandle crs, int strategy);

    [LibraryImport(Library)]
    internal static partial int OSRAutoIdentifyEPSG(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial nint OSRGetName(SpatialReferenceHandle crs);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRGetAuthorityName(SpatialReferenceHandle crs, string? node);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSRGetAuthorityCode(SpatialReferenceHandle crs, string? node);

    [LibraryImport(Library)]
    internal static partial int OSRExportToWkt(SpatialReferenceHandle crs, out nint wkt);

    [LibraryImport(Library)]
    internal static partial int OSRExportToProj4(SpatialReferenceHandle crs, out nint text);

    [LibraryImport(Library)]
    internal static partial int OSRIsSameEx(SpatialReferenceHandle a, SpatialReferenceHandle b, nint options);

    [LibraryImport(Library)]
    internal static partial int OSRGetAreaOfUse(SpatialReferenceHandle crs, out double west, out double south, out double east, out double north, out nint name);

    [LibraryImport(Library)]
    internal static partial int OSREPSGTreatsAsLatLong(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial int OSREPSGTreatsAsNorthingEasting(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial int OSRIsGeographic(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial int OSRIsProjected(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial double OSRGetLinearUnits(SpatialReferenceHandle crs, out nint name);

    [LibraryImport(Library)]
    internal static partial int OSRIsCompound(SpatialReferenceHandle crs);

    [LibraryImport(Library)]
    internal static partial int OSRStripVertical(SpatialReferenceHandle crs);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial double OSRGetTargetLinearUnits(SpatialReferenceHandle crs, string node, out nint name);

    [LibraryImport(Library)]
    internal static partial TransformHandle OCTNewCoordinateTransformation(SpatialReferenceHandle from, SpatialReferenceHandle to);

    [LibraryImport(Library)]
    internal static partial TransformHandle OCTNewCoordinateTransformationEx(nint from, nint to, TransformOptionsHandle options);

    [LibraryImport(Library)]
    internal static partial TransformOptionsHandle OCTNewCoordinateTransformationOptions();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OCTCoordinateTransformationOptionsSetOperation(TransformOptionsHandle options, string operation, int isReversed);

    [LibraryImport(Library)]
    internal static partial void OCTDestroyCoordinateTransformationOptions(nint options);

    [LibraryImport(Library)]
    internal static partial void OCTDestroyCoordinateTransformation(nint transform);

    [LibraryImport(Library)]
    internal static unsafe partial int OCTTransformEx(TransformHandle transform, int count, double* x, double* y, double* z, int* succeeded);
}

/// <summary>GDALDataType: the sample types that this platform reads.</summary>
internal enum GdalDataType
{
    Unknown = 0,
    Byte = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Float64 = 7,
}
