namespace Grid.Imaging.Codecs.TurboJpeg;

/// <summary>
/// Abbreviated JPEG streams, which have their tables in common (ITU-T T.81, B.4 and B.5), to RGB or grey samples; a stream may have tables of its own. One
/// thread at a time.
/// </summary>
internal sealed unsafe class TurboJpegStreamDecoder : IDisposable
{
    private readonly byte[] _tables;
    private TurboJpegHandle _handle;

    /// <param name="tables">The stream of tables; empty when there is none.</param>
    /// <exception cref="TileCodecException">The tables are damaged.</exception>
    public TurboJpegStreamDecoder(byte[] tables)
    {
        _tables = tables;
        _handle = Prime();
    }

    /// <summary>Decodes a stream; rows follow one another without padding.</summary>
    /// <param name="jpeg">The stream.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="width">The width that the stream must have.</param>
    /// <param name="mostRows">The height that it must not pass.</param>
    /// <param name="samples">Gets the samples.</param>
    /// <param name="rows">The height that it has.</param>
    /// <exception cref="TileCodecException">The stream cannot be decoded.</exception>
    public void Decode(ReadOnlySpan<byte> jpeg, int channels, int width, int mostRows, Span<byte> samples, out int rows)
    {
        try
        {
            fixed (byte* source = jpeg, destination = samples)
            {
                TurboJpegNative.Check(
                    TurboJpegNative.tjDecompressHeader3(_handle, source, (nuint)jpeg.Length, out var w, out rows, out _, out _), _handle, "header");
                if (w != width || rows > mostRows || samples.Length < (long)w * rows * channels)
                    throw new TileCodecException("libjpeg-turbo", $"the block is {w} × {rows} pixels instead of {width} × {mostRows}");
                TurboJpegNative.Check(
                    TurboJpegNative.tjDecompress2(
                        _handle, source, (nuint)jpeg.Length, destination, width, width * channels, rows,
                        channels == 3 ? TurboJpegNative.PixelFormatRgb : TurboJpegNative.PixelFormatGray, TurboJpegNative.FlagAccurateDct),
                    _handle,
                    "decompression",
                    allowWarnings: true);
            }
        }
        catch (TileCodecException)
        {
            // After an error in a header the library goes on in the middle of that header with the next stream.
            _handle.Dispose();
            _handle = Prime();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    private TurboJpegHandle Prime()
    {
        var handle = TurboJpegNative.tjInitDecompress().OrThrow();
        try
        {
            fixed (byte* tables = _tables)
            {
                if (_tables.Length > 0)
                    TurboJpegNative.Check(TurboJpegNative.tjDecompressHeader3(handle, tables, (nuint)_tables.Length, out _, out _, out _, out _), handle, "tables");
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
