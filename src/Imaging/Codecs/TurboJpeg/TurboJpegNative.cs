using System.Runtime.InteropServices;

namespace Grid.Imaging.Codecs.TurboJpeg;

/// <summary>The few functions of the TurboJPEG 2 C API (turbojpeg.h) that tiles need.</summary>
internal static partial class TurboJpegNative
{
    public const int PixelFormatRgb = 0;
    public const int PixelFormatGray = 6;
    public const int Subsampling420 = 2;
    public const int SubsamplingGray = 3;
    public const int FlagNoRealloc = 1024;
    public const int FlagAccurateDct = 4096;

    private const string Library = "libturbojpeg.so.0";

    [LibraryImport(Library)]
    public static partial TurboJpegHandle tjInitCompress();

    [LibraryImport(Library)]
    public static partial TurboJpegHandle tjInitDecompress();

    [LibraryImport(Library)]
    public static partial int tjDestroy(nint handle);

    [LibraryImport(Library)]
    public static partial nuint tjBufSize(int width, int height, int subsampling);

    [LibraryImport(Library)]
    public static unsafe partial int tjCompress2(
        TurboJpegHandle handle, byte* source, int width, int pitch, int height, int pixelFormat,
        byte** jpeg, nuint* jpegSize, int subsampling, int quality, int flags);

    [LibraryImport(Library)]
    public static unsafe partial int tjDecompressHeader3(
        TurboJpegHandle handle, byte* jpeg, nuint jpegSize, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(Library)]
    public static unsafe partial int tjDecompress2(
        TurboJpegHandle handle, byte* jpeg, nuint jpegSize, byte* destination, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    private static partial nint tjGetErrorStr2(TurboJpegHandle handle);

    [LibraryImport(Library)]
    private static partial int tjGetErrorCode(TurboJpegHandle handle);

    /// <summary>Throws unless <paramref name="code"/> is 0; with <paramref name="allowWarnings"/> a damaged stream that still decoded passes.</summary>
    public static void Check(int code, TurboJpegHandle handle, string what, bool allowWarnings = false)
    {
        if (code == 0 || (allowWarnings && tjGetErrorCode(handle) == 0))
            return;
        throw new TileCodecException("libjpeg-turbo", $"{what}: {Marshal.PtrToStringUTF8(tjGetErrorStr2(handle))}");
    }
}

/// <summary>A TurboJPEG compressor or decompressor; one thread at a time.</summary>
internal sealed class TurboJpegHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>The handle itself, or the reason why the library gave none.</summary>
    public TurboJpegHandle OrThrow() => IsInvalid ? throw new TileCodecException("libjpeg-turbo", "no codec instance: out of memory") : this;

    protected override bool ReleaseHandle() => TurboJpegNative.tjDestroy(handle) == 0;
}
