using System.Runtime.InteropServices;

namespace Grid.Imaging.Codecs.TurboJpeg;

/// <summary>RGB tiles to JFIF, YCbCr 4:2:0, accurate DCT, libjpeg's standard tables at the given quality.</summary>
internal sealed unsafe class TurboJpegEncoder(int width, int height, int quality) : TileEncoder
{
    private readonly TurboJpegHandle _handle = TurboJpegNative.tjInitCompress().OrThrow();
    private readonly nuint _capacity = TurboJpegNative.tjBufSize(width, height, TurboJpegNative.Subsampling420);
    private byte* _jpeg = (byte*)NativeMemory.Alloc(TurboJpegNative.tjBufSize(width, height, TurboJpegNative.Subsampling420));

    ~TurboJpegEncoder() => Dispose(false);

    public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples)
    {
        ObjectDisposedException.ThrowIf(_jpeg is null, this);
        if (samples.Length < width * height * 3)
            throw new ArgumentException($"{samples.Length} bytes for a tile of {width} × {height} RGB pixels");
        var size = _capacity;
        var jpeg = _jpeg;
        fixed (byte* source = samples)
        {
            TurboJpegNative.Check(
                TurboJpegNative.tjCompress2(
                    _handle, source, width, width * 3, height, TurboJpegNative.PixelFormatRgb, &jpeg, &size,
                    TurboJpegNative.Subsampling420, quality, TurboJpegNative.FlagNoRealloc | TurboJpegNative.FlagAccurateDct),
                _handle,
                "compression");
        }

        return new ReadOnlySpan<byte>(_jpeg, (int)size);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _handle.Dispose();
        NativeMemory.Free(_jpeg);
        _jpeg = null;
    }
}
