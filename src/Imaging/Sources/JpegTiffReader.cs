using System.Buffers;
using Grid.Imaging.Codecs;
using Grid.Imaging.Codecs.TurboJpeg;
using Microsoft.Win32.SafeHandles;

namespace Grid.Imaging.Sources;

/// <summary>Reads a TIFF of JPEG tiles or strips, each decoded at once to the lot's format: the samples that libtiff gives, without its copies.</summary>
internal sealed class JpegTiffReader : ChunkedReader
{
    /// <summary>A larger block, as of a file of one strip, is better decoded in parts by GDAL.</summary>
    private const int MostBlockPixels = 4096 * 1024;

    private readonly SafeFileHandle _file;
    private readonly TiffBlocks _layout;
    private readonly LotRaster _raster;
    private readonly PixelFormat _format;
    private readonly TurboJpegStreamDecoder _decoder;
    private readonly byte[]? _nodata;

    private JpegTiffReader(SafeFileHandle file, TiffBlocks layout, TurboJpegStreamDecoder decoder, LotRaster raster, PixelFormat format, long lot, ChunkCache cache)
        : base(raster, format, lot, cache, (layout.BlockWidth, layout.BlockHeight))
    {
        _file = file;
        _layout = layout;
        _decoder = decoder;
        _raster = raster;
        _format = format;
        _nodata = NodataMask.AsBytes(raster.Pixels.Nodata);
    }

    /// <summary>Null when the file is no such TIFF after all; GDAL reads it then.</summary>
    internal static JpegTiffReader? TryOpen(LotRaster raster, PixelFormat format, long lot, ChunkCache cache)
    {
        if (!raster.ReadsAsJpeg || raster.GdalPath.StartsWith("/vsi", StringComparison.Ordinal))
            return null;
        SafeFileHandle? file = null;
        try
        {
            TiffBlocks? layout;
            using (var stream = new FileStream(raster.GdalPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096))
                layout = TiffBlocks.TryParse(stream, isJpeg: true, raster.Width, raster.Height, format.Channels, format.BytesPerSample);
            if (layout is null || (long)layout.BlockWidth * layout.BlockHeight > MostBlockPixels)
                return null;
            file = File.OpenHandle(raster.GdalPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new JpegTiffReader(file, layout, new TurboJpegStreamDecoder(layout.JpegTables), raster, format, lot, cache);
        }
        catch (TileCodecException)
        {
            file?.Dispose();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new UnreadableRasterException(raster.Name, "the file cannot be opened.", failure);
        }
    }

    public override void Dispose()
    {
        _decoder.Dispose();
        _file.Dispose();
    }

    protected override void Decode(Chunk chunk, int col, int row, int cols, int rows)
    {
        var block = (row / _layout.BlockHeight * _layout.BlocksAcross) + (col / _layout.BlockWidth);
        var length = (int)_layout.Lengths[block];
        int rowBytes = cols * _format.Channels, blockRowBytes = _layout.BlockWidth * _format.Channels, blockBytes = blockRowBytes * _layout.BlockHeight;
        var jpeg = ArrayPool<byte>.Shared.Rent(length);
        var padded = cols == _layout.BlockWidth && rows == _layout.BlockHeight ? null : ArrayPool<byte>.Shared.Rent(blockBytes);
        try
        {
            if (ReadAll(jpeg.AsSpan(0, length), _layout.Offsets[block]) < length)
                throw new UnreadableRasterException(_raster.Name, $"row {row} is no longer in the file: it was cut after it was delivered.");
            _decoder.Decode(
                jpeg.AsSpan(0, length), _format.Channels, _layout.BlockWidth, _layout.BlockHeight, (padded ?? chunk.Pixels).AsSpan(0, blockBytes), out var found);
            if (found < rows)
                throw new TileCodecException("libjpeg-turbo", $"the block has {found} rows instead of {rows}");
            for (var y = 0; padded is not null && y < rows; y++)
                padded.AsSpan(y * blockRowBytes, rowBytes).CopyTo(chunk.Pixels.AsSpan(y * rowBytes));
        }
        catch (Exception failure) when (failure is TileCodecException or IOException)
        {
            throw new UnreadableRasterException(_raster.Name,
                $"columns {col} to {col + cols - 1}, rows {row} to {row + rows - 1} cannot be decoded ({failure.Message.TrimEnd('.')}).", failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(jpeg);
            if (padded is not null)
                ArrayPool<byte>.Shared.Return(padded);
        }

        var mask = chunk.Mask.AsSpan(0, cols * rows);
        if (_nodata is null)
            mask.Fill(255);
        else
            NodataMask.FromBytes(chunk.Pixels.AsSpan(0, rows * rowBytes), _nodata, _raster.Pixels.Tolerance, mask);
        chunk.IsFull = !mask.ContainsAnyExcept((byte)255);
    }

    private int ReadAll(Span<byte> target, long offset)
    {
        var done = 0;
        for (int count; done < target.Length && (count = RandomAccess.Read(_file, target[done..], offset + done)) > 0;)
            done += count;
        return done;
    }
}
