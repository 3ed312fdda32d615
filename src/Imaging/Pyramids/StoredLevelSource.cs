using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// A stored level of a pyramid as a raster, from which levels that are no 2×2 mean of it are resampled. Each window reads the slabs it touches, and
/// decodes the tiles it touches, once.
/// </summary>
internal sealed class StoredLevelSource(TileMatrix matrix, StoredSlabs slabs) : IRasterSource
{
    public PixelGrid Grid { get; } = new(
        matrix.OriginX, matrix.OriginY, matrix.CellSize, matrix.CellSize, matrix.MatrixWidth * matrix.TileWidth, matrix.MatrixHeight * matrix.TileHeight);

    public PixelFormat Format => slabs.Format.Pixels;

    public bool Read(long col, long row, Raster window, CancellationToken cancellation)
    {
        var format = slabs.Format;
        window.Mask.Clear();
        window.IsFull = false;
        var any = false;
        var covered = 0L;
        using var tile = Raster.Rent(format.TileWidth, format.TileHeight, format.Pixels);
        long firstCol = Math.Max(col, 0) / format.TileWidth, lastCol = Math.Min(col + window.Width, Grid.Width) - 1;
        long firstRow = Math.Max(row, 0) / format.TileHeight, lastRow = Math.Min(row + window.Height, Grid.Height) - 1;
        var open = new Dictionary<SlabIndex, (Slabs.SlabReader Data, Slabs.SlabReader? Mask)?>();
        for (var tileRow = firstRow; tileRow * format.TileHeight <= lastRow; tileRow++)
        {
            for (var tileCol = firstCol; tileCol * format.TileWidth <= lastCol; tileCol++)
            {
                cancellation.ThrowIfCancellationRequested();
                var slab = format.Size.SlabOf(matrix.Id, tileCol, tileRow);
                if (!open.TryGetValue(slab, out var stored))
                    open[slab] = stored = slabs.Find(slab);
                if (stored is null || !slabs.TryDecode(slab, stored.Value, format.Size.TileNumber(tileCol, tileRow), tile))
                    continue;
                any = true;
                covered += Copy(tile, (tileCol * format.TileWidth) - col, (tileRow * format.TileHeight) - row, window);
            }
        }

        window.IsFull = covered == (long)window.Width * window.Height;
        return any;
    }

    /// <summary>Copies a tile to its place in the window; returns the pixels copied when the tile is full, else 0.</summary>
    private static long Copy(Raster tile, long left, long top, Raster window)
    {
        int firstX = (int)Math.Max(0, -left), lastX = (int)Math.Min(tile.Width, window.Width - left);
        int firstY = (int)Math.Max(0, -top), lastY = (int)Math.Min(tile.Height, window.Height - top);
        var size = tile.Format.BytesPerPixel;
        for (var y = firstY; y < lastY; y++)
        {
            var to = (int)(((top + y) * window.Width) + left + firstX);
            var from = (y * tile.Width) + firstX;
            tile.Mask.Slice(from, lastX - firstX).CopyTo(window.Mask[to..]);
            tile.Pixels.Slice(from * size, (lastX - firstX) * size).CopyTo(window.Pixels[(to * size)..]);
        }

        return tile.IsFull ? (long)(lastX - firstX) * (lastY - firstY) : 0;
    }
}
