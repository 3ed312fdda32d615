using Grid.Imaging.Resampling;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// Makes the tiles of one base slab from sheets of rasters: reads the source window of the slab once a sheet, then warps, encodes and halves tile by tile.
/// A slab whose window would pass <see cref="MaxWindowBytes"/> (a bottom level much coarser than the rasters) is made in parts, down to parts of a tile.
/// Later sheets cover earlier ones wherever they have data.
/// </summary>
internal sealed class SlabWarp
{
    /// <summary>Most bytes of samples in one source window: holds that of a 16 × 16 slab of RGB tiles at equal resolution.</summary>
    public const long MaxWindowBytes = 64L << 20;

    private readonly SheetResampler[] _sheets;
    private readonly TileMatrix _matrix;
    private readonly PyramidBuildFormat _format;
    private readonly SlabInHand _hand;
    private readonly TileLimits _tiles;
    private readonly int _parallelism;

    public SlabWarp(
        TileMatrix matrix, PyramidBuildFormat format, SlabInHand hand, IReadOnlyList<IRasterSource> sheets, ICoordinateTransform? transform, int parallelism)
    {
        _matrix = matrix;
        _format = format;
        _hand = hand;
        _parallelism = parallelism;
        _tiles = format.Slab.Size.TilesOf(hand.Slab);
        var size = format.Slab.Size;
        var extent = matrix.TileExtent(_tiles.MinCol, _tiles.MinRow);
        var grid = new PixelGrid(
            extent.MinX, extent.MaxY, matrix.CellSize, matrix.CellSize,
            size.TilesPerWidth * matrix.TileWidth, size.TilesPerHeight * matrix.TileHeight);
        _sheets = [.. sheets.Select(sheet => new SheetResampler(grid, sheet, transform, format.Interpolation))];
    }

    public void Run(CancellationToken cancellation)
    {
        var tiles = new List<(int Col, int Row)>();
        for (var row = 0; row < _format.Slab.Size.TilesPerHeight && _tiles.MinRow + row < _matrix.MatrixHeight; row++)
        {
            for (var col = 0; col < _format.Slab.Size.TilesPerWidth && _tiles.MinCol + col < _matrix.MatrixWidth; col++)
            {
                if (Array.Exists(_sheets, sheet => sheet.WindowOf(Pixels(col, row)) is not null))
                    tiles.Add((col, row));
                else
                    _hand.EmitEmpty(_tiles.MinCol + col, _tiles.MinRow + row);
            }
        }

        // Along a Z curve four neighbours follow one another, so that their parent's tile is finished at once.
        tiles.Sort((a, b) => ZOrder(a.Col, a.Row).CompareTo(ZOrder(b.Col, b.Row)));
        Run(tiles, cancellation);
    }

    private static long ZOrder(int col, int row)
    {
        long key = 0;
        for (var bit = 0; bit < 16; bit++)
            key |= ((long)((col >> bit) & 1) << (2 * bit)) | ((long)((row >> bit) & 1) << ((2 * bit) + 1));
        return key;
    }

    private void Run(List<(int Col, int Row)> tiles, CancellationToken cancellation)
    {
        if (tiles.Count == 0)
            return;
        cancellation.ThrowIfCancellationRequested();
        var rectangle = tiles.Select(tile => Pixels(tile.Col, tile.Row)).Aggregate((a, b) => a.Union(b));
        if (tiles.Count > 1 && !Fits(rectangle))
        {
            // Halves of a Z curve are compact.
            Run(tiles[..(tiles.Count / 2)], cancellation);
            Run(tiles[(tiles.Count / 2)..], cancellation);
            return;
        }

        using var windows = Fits(rectangle) ? new SheetWindows(_sheets, rectangle, _format.Slab.Pixels, cancellation) : null;
        if (_parallelism == 1 || windows is null)
        {
            foreach (var (col, row) in tiles)
                Tile(col, row, windows, cancellation);
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = _parallelism, CancellationToken = cancellation, TaskScheduler = ComputeThreads.OfThisThread };
        Parallel.ForEach(tiles, options, tile => Tile(tile.Col, tile.Row, windows, cancellation));
    }

    private void Tile(int col, int row, SheetWindows? windows, CancellationToken cancellation)
    {
        long tileCol = _tiles.MinCol + col, tileRow = _tiles.MinRow + row;
        using var tile = Raster.Rent(_matrix.TileWidth, _matrix.TileHeight, _format.Slab.Pixels);
        var rectangle = Pixels(col, row);
        if (windows is not null)
            tile.IsFull = windows.Warp(tile, rectangle, rectangle);
        else
            InParts(tile, rectangle, rectangle, cancellation);
        if (!tile.IsFull)
        {
            if (!tile.Mask.ContainsAnyExcept((byte)0))
            {
                _hand.EmitEmpty(tileCol, tileRow);
                return;
            }

            tile.IsFull = !tile.Mask.ContainsAnyExcept((byte)255);
        }

        _hand.Emit(tileCol, tileRow, tile);
    }

    private void InParts(Raster tile, PixelWindow place, PixelWindow part, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Fits(part) || (part.Width == 1 && part.Height == 1))
        {
            using var windows = new SheetWindows(_sheets, part, _format.Slab.Pixels, cancellation);
            windows.Warp(tile, place, part);
            return;
        }

        var (width, height) = part.Width >= part.Height ? ((part.Width + 1) / 2, part.Height) : (part.Width, (part.Height + 1) / 2);
        InParts(tile, place, part with { Width = width, Height = height }, cancellation);
        InParts(
            tile, place,
            part.Width >= part.Height
                ? new PixelWindow(part.Col + width, part.Row, part.Width - width, height)
                : new PixelWindow(part.Col, part.Row + height, width, part.Height - height),
            cancellation);
    }

    private bool Fits(PixelWindow rectangle)
    {
        foreach (var sheet in _sheets)
        {
            if (sheet.WindowOf(rectangle) is { } window
                && (window.Width > SheetResampler.MaxWindowSide || window.Height > SheetResampler.MaxWindowSide
                    || window.Width * window.Height * _format.Slab.Pixels.BytesPerPixel > MaxWindowBytes))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The pixels of a tile, counted from the slab's corner.</summary>
    private PixelWindow Pixels(int col, int row) =>
        new((long)col * _matrix.TileWidth, (long)row * _matrix.TileHeight, _matrix.TileWidth, _matrix.TileHeight);
}
