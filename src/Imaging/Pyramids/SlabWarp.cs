using System.Collections.Concurrent;
using Grid.Imaging.Resampling;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// Makes the tiles of one base slab from sheets of rasters: block of tiles by block, each by one thread, it reads the block's source window, once a sheet, then
/// warps, encodes and halves tile by tile. A slab whose window would pass <see cref="MaxWindowBytes"/> (a bottom level much coarser than the rasters) is made in parts, down to parts of a tile.
/// Later sheets cover earlier ones wherever they have data.
/// </summary>
internal sealed class SlabWarp
{
    /// <summary>Most bytes of samples in one source window: holds that of a 16 × 16 slab of RGB tiles at equal resolution.</summary>
    public const long MaxWindowBytes = 64L << 20;

    /// <summary>Tiles of a block: its window of RGB, 6 MiB at equal resolution, stays in a processor's cache, and its rows are long enough to be read one by one.</summary>
    private const int BlockCols = 8;

    private const int BlockRows = 4;

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
        var rectangle = RectangleOf(tiles);
        if (Fits(rectangle))
        {
            // Row by row, as the strips of files lie.
            var blocks = tiles.GroupBy(tile => (Row: tile.Row / BlockRows, Col: tile.Col / BlockCols)).OrderBy(block => block.Key).Select(block => block.ToList());
            InParallel(blocks, block => Block(block, rectangle, cancellation), cancellation);
        }
        else if (tiles.Count > 1)
        {
            // Halves of a Z curve are compact.
            Run(tiles[..(tiles.Count / 2)], cancellation);
            Run(tiles[(tiles.Count / 2)..], cancellation);
        }
        else
        {
            Tile(tiles[0].Col, tiles[0].Row, null, cancellation);
        }
    }

    // Threads read and warp blocks of their own: what a thread reads is in its processor's cache when it is warped.
    private void Block(List<(int Col, int Row)> tiles, PixelWindow whole, CancellationToken cancellation)
    {
        using var windows = new SheetWindows(_sheets, RectangleOf(tiles), whole, _format.Slab.Pixels, cancellation);
        foreach (var (col, row) in tiles)
            Tile(col, row, windows, cancellation);
    }

    private void InParallel<T>(IEnumerable<T> parts, Action<T> make, CancellationToken cancellation)
    {
        if (_parallelism == 1)
        {
            foreach (var part in parts)
                make(part);
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = _parallelism, CancellationToken = cancellation, TaskScheduler = ComputeThreads.OfThisThread };
        Parallel.ForEach(Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering), options, make);
    }

    private PixelWindow RectangleOf(List<(int Col, int Row)> tiles) => tiles.Select(tile => Pixels(tile.Col, tile.Row)).Aggregate((a, b) => a.Union(b));

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
            using var windows = new SheetWindows(_sheets, part, part, _format.Slab.Pixels, cancellation);
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
