using Grid.Tiling;

namespace Grid.Imaging.Sources;

/// <summary>
/// Consecutive rasters of a lot that share cell size and phase, as one mosaic. A later raster covers an earlier one wherever it has data. A window
/// reads only the files it touches, and none that a later raster hides. Safe for concurrent use.
/// </summary>
internal sealed class Sheet : IRasterSource
{
    [ThreadStatic]
    private static List<int>? _found;

    private readonly LotRaster[] _rasters;
    private readonly BucketIndex _index;
    private readonly long _lot;

    internal Sheet(long lot, PixelGrid grid, PixelFormat format, IReadOnlyList<LotRaster> rasters)
    {
        _lot = lot;
        Grid = grid;
        Format = format;
        _rasters = [.. rasters];
        _index = new BucketIndex([.. _rasters.Select(RectangleOf)]);
    }

    public PixelGrid Grid { get; }

    public PixelFormat Format { get; }

    internal long Pixels => _rasters.Sum(raster => (long)raster.Width * raster.Height);

    /// <summary>The rectangle of each raster, in CRS units.</summary>
    internal IEnumerable<Extent> RasterExtents => _rasters.Select(raster =>
    {
        var minX = Grid.OriginX + (raster.Col * Grid.CellX);
        var maxY = Grid.OriginY - (raster.Row * Grid.CellY);
        return new Extent(minX, maxY - (raster.Height * Grid.CellY), minX + (raster.Width * Grid.CellX), maxY);
    });

    /// <inheritdoc/>
    public bool Read(long col, long row, Raster window, CancellationToken cancellation)
    {
        if (window.Format != Format)
            throw new ArgumentException($"The window holds {window.Format}, the sheet {Format}.", nameof(window));
        window.IsFull = false;

        // Pixel rectangles, with rows as y.
        var asked = new Extent(col, row, col + window.Width, row + window.Height);
        var found = _found ??= [];
        _index.Find(asked, found);
        if (found.Count == 0)
            return false;
        // A window inside one raster is written all over, and one that has no holes is then full.
        var isInside = found.Count == 1 && RectangleOf(_rasters[found[0]]).Intersection(asked) == asked;
        if (!isInside)
            window.Mask.Clear();
        for (var i = 0; i < found.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var raster = _rasters[found[i]];
            var part = RectangleOf(raster).Intersection(asked);
            if (!IsHidden(part, found, i))
                Paint(raster, part, col, row, window, keepsBelow: MeetsEarlier(part, found, i), cancellation);
        }

        window.IsFull = (isInside && !_rasters[found[0]].Pixels.MayHaveHoles) || !window.Mask.ContainsAnyExcept((byte)255);
        return window.IsFull || window.Mask.ContainsAnyExcept((byte)0);
    }

    private static Extent RectangleOf(LotRaster raster) =>
        new(raster.Col, raster.Row, raster.Col + raster.Width, raster.Row + raster.Height);

    private void Paint(LotRaster raster, Extent part, long col, long row, Raster window, bool keepsBelow, CancellationToken cancellation)
    {
        var reader = ReaderPool.Shared.TryTake(_lot, raster.Ordinal)
            ?? PlainTiffReader.TryOpen(raster, Format)
            ?? (RasterReader?)JpegTiffReader.TryOpen(raster, Format, _lot, ChunkCache.Shared)
            ?? new GdalReader(raster, Format, _lot, ChunkCache.Shared);
        var isSound = false;
        try
        {
            reader.Paint(
                (int)((long)part.MinX - raster.Col), (int)((long)part.MinY - raster.Row), (int)part.Width, (int)part.Height,
                window, (int)((long)part.MinX - col), (int)((long)part.MinY - row), keepsBelow, cancellation);
            isSound = true;
        }
        finally
        {
            if (isSound)
                ReaderPool.Shared.Return(_lot, raster.Ordinal, reader);
            else
                reader.Dispose();
        }
    }

    private bool IsHidden(Extent part, List<int> found, int position)
    {
        for (var later = position + 1; later < found.Count; later++)
        {
            var other = RectangleOf(_rasters[found[later]]);
            if (!_rasters[found[later]].Pixels.MayHaveHoles
                && other.MinX <= part.MinX && other.MinY <= part.MinY && other.MaxX >= part.MaxX && other.MaxY >= part.MaxY)
            {
                return true;
            }
        }

        return false;
    }

    private bool MeetsEarlier(Extent part, List<int> found, int position)
    {
        for (var earlier = 0; earlier < position; earlier++)
        {
            if (RectangleOf(_rasters[found[earlier]]).Intersects(part))
                return true;
        }

        return false;
    }
}
