using Grid.Imaging.Gdal;
using Grid.Imaging.Resampling;
using Grid.Tiling;

namespace Grid.Imaging.Maps;

/// <summary>
/// How one layer is drawn on a frame: from which level, on which pixels, and from which tiles. The level is the coarsest one that is at least as fine as
/// the map where the layer shows: a coarser level is never enlarged where a finer one exists. Places are PROJ's within a tenth of a pixel of the level.
/// </summary>
public sealed class MapPlan
{
    /// <summary>How much coarser than the map a level may be and still count as fine enough: what PROJ's rounding can make of equal resolutions.</summary>
    private const double Tolerance = 1.001;

    /// <summary>Side of the blocks that are drawn one by one; the same however many threads draw, for the bytes depend on it in the last bit.</summary>
    private const int BlockSide = 256;

    private const long MaxWindowBytes = 48L << 20;

    private readonly MapPyramid _pyramid;
    private readonly MapFrame _frame;
    private readonly MapLevelSource _source;
    private readonly SheetResampler _resampler;
    private readonly int _left;
    private readonly int _top;
    private readonly int _width;
    private readonly int _height;

    private MapPlan(MapPyramid pyramid, MapFrame frame, MapLevel level, (int Left, int Top, int Width, int Height) part, Interpolation interpolation, ICoordinateTransform? transform)
    {
        _pyramid = pyramid;
        _frame = frame;
        Level = level;
        (_left, _top, _width, _height) = part;
        _source = new MapLevelSource(pyramid, level);
        _resampler = new SheetResampler(frame.GridOf(_left, _top, _width, _height), _source, transform, interpolation);
        Tiles = [.. Blocks().SelectMany(TilesOf).Distinct()];
    }

    public MapLevel Level { get; }

    /// <summary>The tiles that the map is drawn from, each once; those that exist lie within the level's limits.</summary>
    public IReadOnlyList<TilePlace> Tiles { get; }

    /// <summary>Plans a layer; null when it shows nothing on the frame: elsewhere, or outside the area of use of the frame's CRS.</summary>
    /// <exception cref="UnknownCrsException">PROJ does not know one of the two CRS.</exception>
    /// <exception cref="GdalException">PROJ knows no way between them.</exception>
    public static MapPlan? Make(MapPyramid pyramid, MapFrame frame, Interpolation interpolation)
    {
        var area = frame.Extent;
        if (CrsDefinition.Find(frame.Crs)?.AreaOfUse is { } used)
            area = area.Intersection(used);
        if (area.IsEmpty)
            return null;
        using var transform = CoordinateTransforms.Rent(frame.Crs, pyramid.Crs);
        if (LevelFor(pyramid, frame, area, transform) is not { } level)
            return null;
        if (level.ReachIn(frame.Crs) is { } reach)
            area = area.Intersection(reach);
        return PixelsOf(frame, area) is { } part ? new MapPlan(pyramid, frame, level, part, interpolation, transform) : null;
    }

    /// <summary>Draws the layer: samples and mask of every pixel of the frame.</summary>
    /// <param name="tiles">The plan's tiles.</param>
    /// <param name="threads">Threads that may work at once.</param>
    /// <exception cref="UnreadableRasterException">A tile is damaged.</exception>
    public Raster Draw(MapTiles tiles, int threads, CancellationToken cancellation)
    {
        _source.Tiles = tiles;
        var drawn = Raster.Rent(_frame.Width, _frame.Height, _pyramid.Pixels);
        try
        {
            var isWhole = _left == 0 && _top == 0 && _width == _frame.Width && _height == _frame.Height;
            if (!isWhole)
                drawn.Mask.Clear();
            var blocks = Blocks().ToList();
            var full = isWhole;
            if (threads <= 1 || blocks.Count == 1)
            {
                foreach (var block in blocks)
                    full &= Draw(block, drawn, cancellation);
            }
            else
            {
                Parallel.ForEach(blocks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, block =>
                {
                    if (!Draw(block, drawn, cancellation))
                        Volatile.Write(ref full, false);
                });
            }

            // Blocks at the rim of the data are full as a rule, but cannot tell.
            drawn.IsFull = full || (isWhole && !drawn.Mask.ContainsAnyExcept((byte)255));
            return drawn;
        }
        catch (AggregateException several) when (several.InnerException is UnreadableRasterException unreadable)
        {
            drawn.Dispose();
            throw new UnreadableRasterException(unreadable.Raster, unreadable.Reason, several);
        }
        catch
        {
            drawn.Dispose();
            throw;
        }
    }

    private bool Draw(PixelWindow block, Raster drawn, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_resampler.WindowOf(block) is { } at)
        {
            using var window = Raster.Rent((int)at.Width, (int)at.Height, _pyramid.Pixels);
            if (_source.Read(at.Col, at.Row, window, cancellation))
            {
                return _resampler.Resample(
                    window, new BlockMap(window), at, drawn, -_left, -_top, (int)block.Col, (int)block.Row, (int)block.Width, (int)block.Height);
            }
        }

        for (var row = 0; row < block.Height; row++)
            drawn.Mask.Slice((int)(((_top + block.Row + row) * drawn.Width) + _left + block.Col), (int)block.Width).Clear();
        return false;
    }

    /// <summary>The part in blocks whose source windows fit in memory and in the resampler's fixed point.</summary>
    private IEnumerable<PixelWindow> Blocks()
    {
        for (var row = 0; row < _height; row += BlockSide)
        {
            for (var col = 0; col < _width; col += BlockSide)
            {
                foreach (var block in Fitting(new PixelWindow(col, row, Math.Min(BlockSide, _width - col), Math.Min(BlockSide, _height - row))))
                    yield return block;
            }
        }
    }

    private IEnumerable<PixelWindow> Fitting(PixelWindow block)
    {
        if (Fits(block) || (block.Width == 1 && block.Height == 1))
            return [block];
        var isWide = block.Width >= block.Height;
        var (width, height) = isWide ? ((block.Width + 1) / 2, block.Height) : (block.Width, (block.Height + 1) / 2);
        var rest = isWide
            ? new PixelWindow(block.Col + width, block.Row, block.Width - width, height)
            : new PixelWindow(block.Col, block.Row + height, width, block.Height - height);
        return Fitting(block with { Width = width, Height = height }).Concat(Fitting(rest));
    }

    private bool Fits(PixelWindow block) => _resampler.WindowOf(block) is not { } window
        || (window.Width <= SheetResampler.MaxWindowSide && window.Height <= SheetResampler.MaxWindowSide
            && window.Width * window.Height * _pyramid.Pixels.BytesPerPixel <= MaxWindowBytes);

    private IEnumerable<TilePlace> TilesOf(PixelWindow block)
    {
        if (_resampler.WindowOf(block) is not { } window)
            yield break;
        var limits = Level.Limits;
        int width = Level.Matrix.TileWidth, height = Level.Matrix.TileHeight;
        long lastCol = Math.Min(limits.MaxCol, (window.Col + window.Width - 1) / width), lastRow = Math.Min(limits.MaxRow, (window.Row + window.Height - 1) / height);
        for (var row = Math.Max(limits.MinRow, Math.Max(window.Row, 0) / height); row <= lastRow; row++)
        {
            for (var col = Math.Max(limits.MinCol, Math.Max(window.Col, 0) / width); col <= lastCol; col++)
                yield return new TilePlace(col, row);
        }
    }

    private static MapLevel? LevelFor(MapPyramid pyramid, MapFrame frame, Extent area, ICoordinateTransform? transform)
    {
        // Levels may span different areas: what is not shown at the map's place does not count.
        var shown = pyramid.Levels.Where(level => level.ReachIn(frame.Crs) is not { } reach || reach.Intersects(area)).ToList();
        if (shown.Count == 0)
            return null;
        var where = shown[^1].ReachIn(frame.Crs) is { } finest ? area.Intersection(finest) : area;
        var resolution = MapResolution.Finest(where, frame.CellX, frame.CellY, transform);
        return double.IsNaN(resolution) ? null : shown.FirstOrDefault(level => level.Matrix.CellSize <= resolution * Tolerance) ?? shown[^1];
    }

    /// <summary>The pixels whose centres lie in an area, from the frame's first on; null when there are none.</summary>
    private static (int Left, int Top, int Width, int Height)? PixelsOf(MapFrame frame, Extent area)
    {
        if (area.IsEmpty)
            return null;
        var left = First((area.MinX - frame.Extent.MinX) / frame.CellX, frame.Width);
        var right = First((area.MaxX - frame.Extent.MinX) / frame.CellX, frame.Width);
        var top = First((frame.Extent.MaxY - area.MaxY) / frame.CellY, frame.Height);
        var bottom = First((frame.Extent.MaxY - area.MinY) / frame.CellY, frame.Height);
        return left < right && top < bottom ? (left, top, right - left, bottom - top) : null;
    }

    private static int First(double place, int size) => (int)Math.Clamp(Math.Ceiling(place - 0.5), 0, size);
}
