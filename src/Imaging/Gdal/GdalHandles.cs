using Microsoft.Win32.SafeHandles;

namespace Grid.Imaging.Gdal;

/// <summary>An open GDALDatasetH. Its bands live as long as it does. One thread at a time may use it.</summary>
internal sealed class DatasetHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GdalNative.GDALClose(handle);
        return true;
    }
}

/// <summary>A counted reference to an OGRSpatialReferenceH.</summary>
internal sealed class SpatialReferenceHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GdalNative.OSRRelease(handle);
        return true;
    }
}

/// <summary>An OGRCoordinateTransformationH. One thread at a time may use it.</summary>
internal sealed class TransformHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GdalNative.OCTDestroyCoordinateTransformation(handle);
        return true;
    }
}

/// <summary>An OGRCoordinateTransformationOptionsH.</summary>
internal sealed class TransformOptionsHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        GdalNative.OCTDestroyCoordinateTransformationOptions(handle);
        return true;
    }
}
