using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Grid.Imaging.Sources;

/// <summary>Reads an uncompressed TIFF straight into windows: one positioned read a row of pixels of a strip, or a tile's rows.</summary>
internal sealed class PlainTiffReader : RasterReader
{
    private readonly SafeFileHandle _file;
    private readonly TiffBlocks _layout;
    private readonly LotRaster _raster;
    private readonly PixelFormat _format;
    private readonly byte[]? _nodataBytes;
    private readonly float[]? _nodataFloats;
    private readonly bool _mayHaveHoles;

    private PlainTiffReader(SafeFileHandle file, TiffBlocks layout, LotRaster raster, PixelFormat format)
    {
        _file = file;
        _layout = layout;
        _raster = raster;
        _format = format;
        _nodataBytes = format.Sample == SampleType.UInt8 ? NodataMask.AsBytes(raster.Pixels.Nodata) : null;
        _nodataFloats = format.Sample == SampleType.Float32 ? NodataMask.AsFloats(raster.Pixels.Nodata) : null;
        _mayHaveHoles = _nodataBytes is not null || format.Sample == SampleType.Float32;
    }

    /// <summary>Null when the file is no plain TIFF after all; GDAL reads it then.</summary>
    internal static PlainTiffReader? TryOpen(LotRaster raster, PixelFormat format)
    {
        if (!raster.ReadsPlainly || raster.GdalPath.StartsWith("/vsi", StringComparison.Ordinal))
            return null;
        SafeFileHandle? file = null;
        try
        {
            TiffBlocks? layout;
            using (var stream = new FileStream(raster.GdalPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096))
                layout = TiffBlocks.TryParse(stream, isJpeg: false, raster.Width, raster.Height, format.Channels, format.BytesPerSample);
            if (layout is null)
                return null;
            file = File.OpenHandle(raster.GdalPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new PlainTiffReader(file, layout, raster, format);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new UnreadableRasterException(raster.Name, "the file cannot be opened.", failure);
        }
    }

    internal override void Paint(
        int col, int row, int width, int height, Raster window, int windowCol, int windowRow, bool keepsBelow, CancellationToken cancellation)
    {
        var pixelBytes = _format.BytesPerPixel;
        var isTiledAndDirect = _layout.BlocksAcross > 1 && !(keepsBelow && _mayHaveHoles);
        if (isTiledAndDirect)
            ReadTiles(col, row, width, height, window, windowCol, windowRow, cancellation);
        var scratch = keepsBelow && _mayHaveHoles ? ArrayPool<byte>.Shared.Rent(width * (pixelBytes + 1)) : null;
        try
        {
            for (var y = 0; y < height; y++)
            {
                if ((y & 63) == 0)
                    cancellation.ThrowIfCancellationRequested();
                var pixels = window.Pixels.Slice(((windowRow + y) * window.StrideBytes) + (windowCol * pixelBytes), width * pixelBytes);
                var mask = window.Mask.Slice(((windowRow + y) * window.Width) + windowCol, width);
                if (scratch is null)
                {
                    if (!isTiledAndDirect)
                        ReadRow(col, row + y, pixels);
                    FillMask(pixels, mask);
                }
                else
                {
                    Span<byte> rowPixels = scratch.AsSpan(0, width * pixelBytes), rowMask = scratch.AsSpan(width * pixelBytes, width);
                    ReadRow(col, row + y, rowPixels);
                    FillMask(rowPixels, rowMask);
                    CopyData(rowPixels, rowMask, pixelBytes, pixels, mask);
                }
            }
        }
        finally
        {
            if (scratch is not null)
                ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    public override void Dispose() => _file.Dispose();

    private void FillMask(ReadOnlySpan<byte> pixels, Span<byte> mask)
    {
        if (_nodataBytes is not null)
            NodataMask.FromBytes(pixels, _nodataBytes, _raster.Pixels.Tolerance, mask);
        else if (_mayHaveHoles)
            NodataMask.FromFloats(MemoryMarshal.Cast<byte, float>(pixels), _format.Channels, _nodataFloats, _raster.Pixels.Tolerance, mask);
        else
            mask.Fill(255);
    }

    // A row of a tile is too short for a read of its own: whole rows of a tile are read at once, and their wanted part copied.
    private void ReadTiles(int col, int row, int width, int height, Raster window, int windowCol, int windowRow, CancellationToken cancellation)
    {
        int pixelBytes = _layout.PixelBytes, tileBytes = _layout.BlockWidth * pixelBytes;
        var scratch = ArrayPool<byte>.Shared.Rent(tileBytes * Math.Min(_layout.BlockHeight, height));
        try
        {
            for (var top = row; top < row + height; top = ((top / _layout.BlockHeight) + 1) * _layout.BlockHeight)
            {
                var rows = Math.Min(row + height, ((top / _layout.BlockHeight) + 1) * _layout.BlockHeight) - top;
                for (var left = col; left < col + width; left = ((left / _layout.BlockWidth) + 1) * _layout.BlockWidth)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var tile = (top / _layout.BlockHeight * _layout.BlocksAcross) + (left / _layout.BlockWidth);
                    var bytes = (Math.Min(col + width, ((left / _layout.BlockWidth) + 1) * _layout.BlockWidth) - left) * pixelBytes;
                    ReadExactly(scratch.AsSpan(0, rows * tileBytes), _layout.Offsets[tile] + ((long)(top % _layout.BlockHeight) * tileBytes), top);
                    for (var y = 0; y < rows; y++)
                    {
                        scratch.AsSpan((y * tileBytes) + (left % _layout.BlockWidth * pixelBytes), bytes).CopyTo(
                            window.Pixels[(((windowRow + top - row + y) * window.StrideBytes) + ((windowCol + left - col) * pixelBytes))..]);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private void ReadRow(int col, int row, Span<byte> pixels)
    {
        var pixelBytes = _layout.PixelBytes;
        int blockRow = row / _layout.BlockHeight, rowInBlock = row % _layout.BlockHeight;
        while (pixels.Length > 0)
        {
            int blockCol = col / _layout.BlockWidth, colInBlock = col % _layout.BlockWidth;
            var bytes = Math.Min(pixels.Length, (_layout.BlockWidth - colInBlock) * pixelBytes);
            var offset = _layout.Offsets[(blockRow * _layout.BlocksAcross) + blockCol]
                + ((((long)rowInBlock * _layout.BlockWidth) + colInBlock) * pixelBytes);
            ReadExactly(pixels[..bytes], offset, row);
            pixels = pixels[bytes..];
            col += bytes / pixelBytes;
        }
    }

    private void ReadExactly(Span<byte> target, long offset, int row)
    {
        try
        {
            while (target.Length > 0)
            {
                var count = RandomAccess.Read(_file, target, offset);
                if (count == 0)
                    throw new UnreadableRasterException(_raster.Name, $"row {row} is no longer in the file: it was cut after it was delivered.");
                target = target[count..];
                offset += count;
            }
        }
        catch (IOException failure)
        {
            throw new UnreadableRasterException(_raster.Name, $"row {row} cannot be read: {failure.Message}", failure);
        }
    }
}
