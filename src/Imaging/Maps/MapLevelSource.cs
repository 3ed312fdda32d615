namespace Grid.Imaging.Maps;

/// <summary>A level as a raster, from the tiles that a map holds.</summary>
internal sealed class MapLevelSource(MapPyramid pyramid, MapLevel level) : IRasterSource
{
    public PixelGrid Grid => level.Grid;

    public PixelFormat Format => pyramid.Pixels;

    /// <summary>The tiles; to be set before the first read.</summary>
    public MapTiles? Tiles { get; set; }

    public bool Read(long col, long row, Raster window, CancellationToken cancellation)
    {
        var tiles = Tiles ?? throw new InvalidOperationException("The tiles of the level have not been put in.");
        int tileWidth = level.Matrix.TileWidth, tileHeight = level.Matrix.TileHeight;
        long covered = 0;
        var any = false;
        window.IsFull = false;

        // Masks are written tile by tile only once one of them has gaps: most windows have none.
        var masked = false;
        long firstCol = Math.Max(col, 0) / tileWidth, lastCol = Math.Min(col + window.Width, Grid.Width) - 1;
        long firstRow = Math.Max(row, 0) / tileHeight, lastRow = Math.Min(row + window.Height, Grid.Height) - 1;
        var held = new List<(DecodedTile Tile, long Left, long Top)>();
        try
        {
            for (var tileRow = firstRow; tileRow * tileHeight <= lastRow; tileRow++)
            {
                for (var tileCol = firstCol; tileCol * tileWidth <= lastCol; tileCol++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (tiles.Take(new TilePlace(tileCol, tileRow)) is not { } tile)
                        continue;
                    held.Add((tile, (tileCol * tileWidth) - col, (tileRow * tileHeight) - row));
                    any = true;
                    masked |= tile.Mask is not null;
                    covered += Covered(held[^1].Left, tileWidth, window.Width) * Covered(held[^1].Top, tileHeight, window.Height);
                }
            }

            window.IsFull = !masked && covered == (long)window.Width * window.Height;
            if (window.IsFull)
                window.Mask.Fill(255);
            else
                window.Mask.Clear();
            foreach (var (tile, left, top) in held)
                Copy(tile, left, top, tileWidth, tileHeight, window, !window.IsFull);
            return any;
        }
        finally
        {
            foreach (var (tile, _, _) in held)
                tiles.Release(tile);
        }
    }

    private static long Covered(long start, int length, int window) => Math.Min(start + length, window) - Math.Max(start, 0);

    private static void Copy(DecodedTile tile, long left, long top, int tileWidth, int tileHeight, Raster window, bool withMask)
    {
        int firstX = (int)Math.Max(0, -left), lastX = (int)Math.Min(tileWidth, window.Width - left);
        int firstY = (int)Math.Max(0, -top), lastY = (int)Math.Min(tileHeight, window.Height - top);
        var size = window.Format.BytesPerPixel;
        Span<byte> pixels = window.Pixels, mask = window.Mask;
        for (var y = firstY; y < lastY; y++)
        {
            var to = (int)(((top + y) * window.Width) + left + firstX);
            var from = (y * tileWidth) + firstX;
            tile.Pixels.AsSpan(from * size, (lastX - firstX) * size).CopyTo(pixels[(to * size)..]);
            if (!withMask)
                continue;
            if (tile.Mask is { } gaps)
                gaps.AsSpan(from, lastX - firstX).CopyTo(mask[to..]);
            else
                mask.Slice(to, lastX - firstX).Fill(255);
        }
    }
}
