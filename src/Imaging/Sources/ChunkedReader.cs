namespace Grid.Imaging.Sources;

/// <summary>
/// Reads a compressed raster in chunks of whole blocks that <see cref="ChunkCache"/> keeps in the lot's format: no block is decoded twice for a window,
/// and rarely for its neighbours.
/// </summary>
internal abstract class ChunkedReader(LotRaster raster, PixelFormat format, long lot, ChunkCache cache, (int Width, int Height) chunkSize) : RasterReader
{
    private readonly int _chunksAcross = (raster.Width + chunkSize.Width - 1) / chunkSize.Width;

    internal override void Paint(
        int col, int row, int width, int height, Raster window, int windowCol, int windowRow, bool keepsBelow, CancellationToken cancellation)
    {
        // Rows of the file, which a south-up raster counts from the other end.
        var top = raster.IsSouthUp ? raster.Height - row - height : row;
        for (var chunkRow = top / chunkSize.Height; chunkRow * (long)chunkSize.Height < top + height; chunkRow++)
        {
            for (var chunkCol = col / chunkSize.Width; chunkCol * (long)chunkSize.Width < col + width; chunkCol++)
            {
                cancellation.ThrowIfCancellationRequested();
                int left = chunkCol * chunkSize.Width, upper = chunkRow * chunkSize.Height;
                int chunkCols = Math.Min(chunkSize.Width, raster.Width - left), chunkRows = Math.Min(chunkSize.Height, raster.Height - upper);
                var key = new ChunkKey(lot, raster.Ordinal, (chunkRow * _chunksAcross) + chunkCol);
                var chunk = cache.Take(key, chunkCols * chunkRows, format.BytesPerPixel, (Reader: this, left, upper, chunkCols, chunkRows),
                    static (chunk, s) => s.Reader.Decode(chunk, s.left, s.upper, s.chunkCols, s.chunkRows));
                try
                {
                    int fromCol = Math.Max(col, left), toCol = Math.Min(col + width, left + chunkCols);
                    int fromRow = Math.Max(top, upper), toRow = Math.Min(top + height, upper + chunkRows);
                    for (var fileRow = fromRow; fileRow < toRow; fileRow++)
                    {
                        var y = windowRow + (raster.IsSouthUp ? top + height - 1 - fileRow : fileRow - top);
                        CopyRow(chunk, ((fileRow - upper) * chunkCols) + fromCol - left, toCol - fromCol, window, windowCol + fromCol - col, y, keepsBelow);
                    }
                }
                finally
                {
                    cache.Return(chunk);
                }
            }
        }
    }

    private void CopyRow(Chunk chunk, int start, int count, Raster window, int col, int row, bool keepsBelow)
    {
        var pixelBytes = format.BytesPerPixel;
        var pixels = chunk.Pixels.AsSpan(start * pixelBytes, count * pixelBytes);
        var mask = chunk.Mask.AsSpan(start, count);
        var targetPixels = window.Pixels.Slice((row * window.StrideBytes) + (col * pixelBytes), count * pixelBytes);
        var targetMask = window.Mask.Slice((row * window.Width) + col, count);
        if (keepsBelow && !chunk.IsFull)
        {
            CopyData(pixels, mask, pixelBytes, targetPixels, targetMask);
            return;
        }

        pixels.CopyTo(targetPixels);
        mask.CopyTo(targetMask);
    }

    /// <summary>Fills a chunk with the pixels from a column and row of the file on, and their mask.</summary>
    protected abstract void Decode(Chunk chunk, int col, int row, int cols, int rows);
}
