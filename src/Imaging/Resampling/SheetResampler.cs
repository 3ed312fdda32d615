namespace Grid.Imaging.Resampling;

/// <summary>
/// Takes one source to one output block (a slab): says which source pixels a part of the block needs, then resamples that part tile by tile from
/// a window that holds them. After construction, safe for concurrent calls.
/// </summary>
internal sealed unsafe class SheetResampler
{
    /// <summary>Largest side of a window: places inside it are 16.16 fixed point.</summary>
    public const int MaxWindowSide = 16_000;

    private const double PhaseTolerance = 0.01;
    private const int MaskedBlock = 32;

    private readonly CoordinateGrid _grid;
    private readonly KernelTable _kernelX;
    private readonly KernelTable _kernelY;
    private readonly Interpolation _interpolation;
    private readonly bool _isSeparable;

    /// <param name="target">The block.</param>
    /// <param name="source">The source.</param>
    /// <param name="transform">From the block's CRS to the source's; null when they are the same.</param>
    /// <param name="interpolation">The kernel; same-CRS grids whose pixels coincide are copied whatever it is.</param>
    public SheetResampler(PixelGrid target, IRasterSource source, ICoordinateTransform? transform, Interpolation interpolation)
    {
        Source = source;
        _grid = CoordinateGrid.Build(target, source.Grid, transform);
        var (ratioX, ratioY) = _grid.Ratio();
        var (x, y) = _grid.Node(0, 0);
        var coincide = transform is null && IsOne(target.CellX / source.Grid.CellX, target.Width) && IsOne(target.CellY / source.Grid.CellY, target.Height)
            && Math.Abs(x - Math.Round(x)) < PhaseTolerance && Math.Abs(y - Math.Round(y)) < PhaseTolerance;
        _interpolation = coincide ? Interpolation.Nearest : interpolation;
        _kernelX = KernelTable.For(_interpolation, ratioX);
        _kernelY = KernelTable.For(_interpolation, ratioY);
        _isSeparable = _interpolation is Interpolation.Bicubic or Interpolation.Linear && _kernelX.Fixed is not null && _kernelY.Fixed is not null
            && SeparableKernel.Makes(source.Format);
    }

    public IRasterSource Source { get; }

    /// <summary>The source pixels that an output rectangle needs, taps included; null when none of them is in the source.</summary>
    public PixelWindow? WindowOf(PixelWindow part) => WindowOf((int)part.Col, (int)part.Row, (int)part.Width, (int)part.Height);

    /// <summary>As above.</summary>
    public PixelWindow? WindowOf(int col, int row, int width, int height)
    {
        if (_grid.Bounds(col, row, width, height) is not { } b)
            return null;
        double minX = Math.Floor(b.MinX) + _kernelX.FirstTap - 1, maxX = Math.Floor(b.MaxX) + 1 + (_kernelX.Taps / 2) + 1;
        double minY = Math.Floor(b.MinY) + _kernelY.FirstTap - 1, maxY = Math.Floor(b.MaxY) + 1 + (_kernelY.Taps / 2) + 1;
        var grid = Source.Grid;
        return maxX < 0 || maxY < 0 || minX >= grid.Width || minY >= grid.Height
            ? null
            : new PixelWindow((long)minX, (long)minY, (long)(maxX - minX + 1), (long)(maxY - minY + 1));
    }

    /// <summary>
    /// Resamples an output rectangle into a tile. Where the source has no data the mask becomes 0 and the samples are left alone.
    /// </summary>
    /// <param name="window">Source pixels, among them all that <see cref="WindowOf"/> says.</param>
    /// <param name="map">Where <paramref name="window"/> has data.</param>
    /// <param name="at">Where the window begins in the source.</param>
    /// <param name="tile">Of the source's format.</param>
    /// <param name="tileCol">First column of the tile in the block.</param>
    /// <param name="tileRow">First row of the tile in the block.</param>
    /// <param name="col">First column to make, in the block.</param>
    /// <param name="row">First row to make, in the block.</param>
    /// <param name="width">Columns to make, all inside the tile.</param>
    /// <param name="height">Rows to make.</param>
    /// <returns>Whether every pixel made has data.</returns>
    public bool Resample(
        Raster window, BlockMap map, PixelWindow at, Raster tile, int tileCol, int tileRow, int col, int row, int width, int height)
    {
        var full = map.IsFull;
        if (!full && _grid.Bounds(col, row, width, height) is { } b)
        {
            var (minX, minY, maxX, maxY) = Taps(b, at);
            full = map.IsFullIn(minX, minY, maxX, maxY);
        }

        // Long runs where nothing is masked; along edges, blocks small enough for most of them to be full or empty.
        var side = full ? _grid.Step : Math.Min(MaskedBlock, _grid.Step);
        var allFull = true;
        for (var y = row; y < row + height; y = Next(y, side, row + height))
        {
            var blockHeight = Next(y, side, row + height) - y;
            for (var x = col; x < col + width; x = Next(x, side, col + width))
            {
                var blockWidth = Next(x, side, col + width) - x;
                allFull &= Block(window, map, at, tile, x - tileCol, y - tileRow, x, y, blockWidth, blockHeight, full);
            }
        }

        return allFull;
    }

    private static int Next(int position, int side, int end) => Math.Min(((position / side) + 1) * side, end);

    private static bool IsOne(double ratio, long pixels) => Math.Abs(ratio - 1) * pixels < PhaseTolerance;

    private (int MinX, int MinY, int MaxX, int MaxY) Taps((double MinX, double MinY, double MaxX, double MaxY) b, PixelWindow at) => (
        (int)(Math.Floor(b.MinX) + _kernelX.FirstTap - 1 - at.Col), (int)(Math.Floor(b.MinY) + _kernelY.FirstTap - 1 - at.Row),
        (int)(Math.Floor(b.MaxX) + 1 + (_kernelX.Taps / 2) - at.Col), (int)(Math.Floor(b.MaxY) + 1 + (_kernelY.Taps / 2) - at.Row));

    /// <summary>Makes a rectangle that lies in one cell of the coordinate grid.</summary>
    private bool Block(
        Raster window, BlockMap map, PixelWindow at, Raster tile, int tileX, int tileY, int col, int row, int width, int height, bool full)
    {
        int step = _grid.Step, cellCol = col / step, cellRow = row / step;
        var valid = _grid.IsValid(cellCol, cellRow);
        if (valid && !full && _grid.Bounds(col, row, width, height) is { } b)
        {
            var (minX, minY, maxX, maxY) = Taps(b, at);
            valid = !map.IsEmptyIn(minX, minY, maxX, maxY);
            full = map.IsFullIn(minX, minY, maxX, maxY);
        }

        var mask = tile.Mask;
        if (!valid)
        {
            for (var y = 0; y < height; y++)
                mask.Slice(((tileY + y) * tile.Width) + tileX, width).Clear();
            return false;
        }

        fixed (byte* source = window.Pixels, sourceMask = window.Mask, output = tile.Pixels, outputMask = mask)
        {
            var part = new Part(source, sourceMask, window, at, tile.Format, tile.Width, cellCol, cellRow);
            var to = ((nint)tileY * tile.Width) + tileX;
            var pixel = tile.Format.BytesPerPixel;
            if (full && _isSeparable && width % SeparableKernel.Columns == 0 && window.Width >= SeparableKernel.SourceColumns)
            {
                for (var y = 0; y < height; y += SeparableKernel.MostRows)
                {
                    var rows = Math.Min(SeparableKernel.MostRows, height - y);
                    for (var x = 0; x < width; x += SeparableKernel.Columns)
                    {
                        var first = to + ((nint)y * tile.Width) + x;
                        if (!TrySeparable(part, window.Height, col + x, row + y, rows, output + (first * pixel)))
                            Rows(part, col + x, row + y, SeparableKernel.Columns, rows, full, output + (first * pixel), outputMask + first);
                    }
                }

                for (var y = 0; y < height; y++)
                    mask.Slice(((tileY + y) * tile.Width) + tileX, width).Fill(255);
            }
            else
            {
                Rows(part, col, row, width, height, full, output + (to * pixel), outputMask + to);
            }
        }

        return full;
    }

    private bool TrySeparable(in Part part, int windowHeight, int col, int row, int rows, byte* output)
    {
        int left = col - (part.CellCol * _grid.Step), top = row - (part.CellRow * _grid.Step);
        var isAffine = AffineBlock.TryCreate(
            Place(part, left, top), Place(part, left + SeparableKernel.Columns, top), Place(part, left, top + rows),
            Place(part, left + SeparableKernel.Columns, top + rows), rows, windowHeight, out var block);
        if (isAffine)
        {
            SeparableKernel.Run(
                part.Pixels, part.Width, part.Format.Channels, block, rows, _interpolation == Interpolation.Bicubic, output,
                (nint)part.TileWidth * part.Format.BytesPerPixel);
        }

        return isAffine;
    }

    /// <summary>The place in the window of a pixel of the part's cell.</summary>
    private (double X, double Y) Place(in Part part, int col, int row)
    {
        var (x, y) = _grid.Place(part.CellCol, part.CellRow, col / (double)_grid.Step, row / (double)_grid.Step);
        return (x - part.At.Col, y - part.At.Row);
    }

    private void Rows(in Part part, int col, int row, int width, int height, bool full, byte* output, byte* outputMask)
    {
        fixed (short* fixedX = _kernelX.Fixed, fixedY = _kernelY.Fixed, wideX = _kernelX.Wide, wideY = _kernelY.Wide)
        fixed (float* weightsX = _kernelX.Weights, weightsY = _kernelY.Weights)
        {
            var format = part.Format;
            var run = new SourceRun { Pixels = part.Pixels, Mask = part.Mask, Width = part.Width, Channels = format.Channels, Count = width };
            var step = _grid.Step;
            var before = col - (part.CellCol * step);
            var isInteger = full && format.Sample == SampleType.UInt8;
            for (var y = 0; y < height; y++, output += (nint)part.TileWidth * format.BytesPerPixel, outputMask += part.TileWidth)
            {
                var fractionY = (row + y - (part.CellRow * step)) / (double)step;
                var (leftX, leftY) = _grid.Place(part.CellCol, part.CellRow, 0, fractionY);
                var (rightX, rightY) = _grid.Place(part.CellCol, part.CellRow, 1, fractionY);
                var stepX = (rightX - leftX) / step;
                var stepY = (rightY - leftY) / step;
                run.X = ToFixed(leftX + (stepX * before) - part.At.Col);
                run.Y = ToFixed(leftY + (stepY * before) - part.At.Row);
                run.DeltaX = ToFixed(stepX);
                run.DeltaY = ToFixed(stepY);
                if (_interpolation == Interpolation.Nearest)
                {
                    MaskedKernel.RunNearest(run, format, output, outputMask);
                }
                else if (isInteger && fixedX is not null && fixedY is not null)
                {
                    FourTapKernel.Run(run, fixedX, fixedY, output);
                    new Span<byte>(outputMask, width).Fill(255);
                }
                else if (isInteger && wideX is not null && wideY is not null)
                {
                    ManyTapKernel.Run(run, _kernelX, _kernelY, wideX, wideY, output);
                    new Span<byte>(outputMask, width).Fill(255);
                }
                else
                {
                    MaskedKernel.Run(run, format, _kernelX, _kernelY, weightsX, weightsY, full, output, outputMask);
                }
            }
        }
    }

    /// <summary>The window that a rectangle of output pixels is made from, all in one cell of the coordinate grid.</summary>
    private readonly struct Part(byte* pixels, byte* mask, Raster window, PixelWindow at, PixelFormat format, int tileWidth, int cellCol, int cellRow)
    {
        public readonly byte* Pixels = pixels;
        public readonly byte* Mask = mask;
        public readonly int Width = window.Width;
        public readonly PixelWindow At = at;
        public readonly PixelFormat Format = format;
        public readonly int TileWidth = tileWidth;
        public readonly int CellCol = cellCol;
        public readonly int CellRow = cellRow;
    }

    private static int ToFixed(double places) => (int)Math.Floor((places * SourceRun.One) + 0.5);
}

/// <summary>A rectangle of a source's pixels; it may pass the source's edges.</summary>
internal readonly record struct PixelWindow(long Col, long Row, long Width, long Height)
{
    public PixelWindow Union(PixelWindow other)
    {
        long col = Math.Min(Col, other.Col), row = Math.Min(Row, other.Row);
        return new PixelWindow(
            col, row, Math.Max(Col + Width, other.Col + other.Width) - col, Math.Max(Row + Height, other.Row + other.Height) - row);
    }

    /// <summary>The rectangle, a little larger, in whole blocks of another that it lies in; those are counted from the other's first pixel.</summary>
    public PixelWindow OnBlocksOf(PixelWindow outer, int side)
    {
        // A kernel may ask for a pixel more than the taps of an exact place.
        const int Margin = 2;
        var (left, right) = OnBlocks(Col - outer.Col - Margin, Col + Width - outer.Col + Margin, outer.Width, side);
        var (top, bottom) = OnBlocks(Row - outer.Row - Margin, Row + Height - outer.Row + Margin, outer.Height, side);
        return new PixelWindow(outer.Col + left, outer.Row + top, right - left, bottom - top);
    }

    private static (long First, long End) OnBlocks(long first, long end, long length, int side) =>
        (Math.Max(0, first) / side * side, Math.Min(length, (end + side - 1) / side * side));
}
