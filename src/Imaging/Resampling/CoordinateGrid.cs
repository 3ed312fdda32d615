namespace Grid.Imaging.Resampling;

/// <summary>
/// Where the pixels of an output block lie in a source: the exact transform at the centres of every <see cref="Step"/>th pixel, bilinear in between.
/// The step is the largest power of two, 256 at most, at which the approximation is within <see cref="MaxErrorPixels"/> of the exact transform at
/// the middles of every cell and of its edges. Places count in source pixels from the centre of pixel (0, 0), x then y, rows down. A cell of which a corner
/// has no image is without data.
/// </summary>
internal sealed class CoordinateGrid
{
    public const double MaxErrorPixels = 0.1;
    private const int LargestStep = 256;
    private const int SmallestStep = 8;

    private readonly double[] _x;
    private readonly double[] _y;

    private CoordinateGrid(int step, int cols, int rows, double[] x, double[] y)
    {
        Step = step;
        Cols = cols;
        Rows = rows;
        _x = x;
        _y = y;
    }

    /// <summary>Output pixels between two nodes.</summary>
    public int Step { get; }

    /// <summary>Cells across; nodes are one more.</summary>
    public int Cols { get; }

    public int Rows { get; }

    /// <summary>Largest distance between approximation and exact transform at the middles of cells and edges, in source pixels.</summary>
    public double ErrorPixels { get; private init; }

    /// <param name="target">The output block; its width and height are counted from its origin.</param>
    /// <param name="source">The source's grid.</param>
    /// <param name="transform">From the output's CRS to the source's; null when they are the same.</param>
    public static CoordinateGrid Build(PixelGrid target, PixelGrid source, ICoordinateTransform? transform)
    {
        for (var step = LargestStep; ; step /= 2)
        {
            var grid = Build(target, source, transform, step);
            if (grid.ErrorPixels <= MaxErrorPixels || step == SmallestStep)
                return grid;
        }
    }

    /// <summary>The place of a node.</summary>
    public (double X, double Y) Node(int col, int row) => (_x[(row * (Cols + 1)) + col], _y[(row * (Cols + 1)) + col]);

    /// <summary>Whether the four corners of a cell have an image.</summary>
    public bool IsValid(int col, int row)
    {
        var at = (row * (Cols + 1)) + col;
        return !double.IsNaN(_x[at] + _x[at + 1] + _x[at + Cols + 1] + _x[at + Cols + 2]);
    }

    /// <summary>The rectangle of places that the output pixels of a block have; null when none has an image.</summary>
    public (double MinX, double MinY, double MaxX, double MaxY)? Bounds(int col, int row, int width, int height)
    {
        double minX = double.PositiveInfinity, minY = minX, maxX = double.NegativeInfinity, maxY = maxX;
        for (var cellRow = row / Step; cellRow <= (row + height - 1) / Step; cellRow++)
        {
            for (var cellCol = col / Step; cellCol <= (col + width - 1) / Step; cellCol++)
            {
                if (!IsValid(cellCol, cellRow))
                    continue;
                for (var corner = 0; corner < 4; corner++)
                {
                    // A bilinear patch has its extremes at the corners of the part asked for.
                    var atX = Math.Clamp((corner & 1) == 0 ? col : col + width - 1, cellCol * Step, (cellCol + 1) * Step);
                    var atY = Math.Clamp((corner & 2) == 0 ? row : row + height - 1, cellRow * Step, (cellRow + 1) * Step);
                    var (x, y) = Place(cellCol, cellRow, (atX - (cellCol * Step)) / (double)Step, (atY - (cellRow * Step)) / (double)Step);
                    (minX, minY, maxX, maxY) = (Math.Min(minX, x), Math.Min(minY, y), Math.Max(maxX, x), Math.Max(maxY, y));
                }
            }
        }

        return minX <= maxX ? (minX, minY, maxX, maxY) : null;
    }

    /// <summary>The place at fractions (0 to 1) of a cell.</summary>
    public (double X, double Y) Place(int cellCol, int cellRow, double fractionX, double fractionY)
    {
        var at = (cellRow * (Cols + 1)) + cellCol;
        var below = at + Cols + 1;
        double leftX = _x[at] + ((_x[below] - _x[at]) * fractionY), leftY = _y[at] + ((_y[below] - _y[at]) * fractionY);
        double rightX = _x[at + 1] + ((_x[below + 1] - _x[at + 1]) * fractionY), rightY = _y[at + 1] + ((_y[below + 1] - _y[at + 1]) * fractionY);
        return (leftX + ((rightX - leftX) * fractionX), leftY + ((rightY - leftY) * fractionX));
    }

    /// <summary>How many source pixels wide and high an output pixel is, at the middle of the block; 1 where it has no image.</summary>
    public (double X, double Y) Ratio()
    {
        for (int col = Cols / 2, row = Rows / 2, tried = 0; tried < Cols * Rows; tried++)
        {
            if (IsValid(col, row))
            {
                var ((x, y), (rightX, rightY), (belowX, belowY)) = (Node(col, row), Node(col + 1, row), Node(col, row + 1));
                return (Hypot(rightX - x, belowX - x) / Step, Hypot(rightY - y, belowY - y) / Step);
            }

            (col, row) = ((tried + 1) % Cols, (tried + 1) / Cols % Rows);
        }

        return (1, 1);
    }

    private static double Hypot(double a, double b) => Math.Sqrt((a * a) + (b * b));

    private static CoordinateGrid Build(PixelGrid target, PixelGrid source, ICoordinateTransform? transform, int step)
    {
        int cols = (int)((target.Width + step - 1) / step), rows = (int)((target.Height + step - 1) / step);
        var (x, y) = Exact(target, source, transform, cols + 1, rows + 1, step);
        var grid = new CoordinateGrid(step, cols, rows, x, y);
        return transform is null
            ? grid
            : new CoordinateGrid(step, cols, rows, x, y) { ErrorPixels = grid.LargestError(Exact(target, source, transform, (2 * cols) + 1, (2 * rows) + 1, step / 2)) };
    }

    /// <summary>
    /// Compares with the exact places on a lattice twice as fine. The middles of edges count as much as those of cells: under a conformal projection
    /// the errors of the four corners cancel out at a cell's middle, and only there.
    /// </summary>
    private double LargestError((double[] X, double[] Y) exact)
    {
        double error = 0;
        var stride = (2 * Cols) + 1;
        for (var row = 0; row <= 2 * Rows; row++)
        {
            for (var col = 1 - (row % 2); col < stride; col += 2 - (row % 2))
            {
                int cellCol = Math.Min(col / 2, Cols - 1), cellRow = Math.Min(row / 2, Rows - 1), at = (row * stride) + col;
                if (!IsValid(cellCol, cellRow) || double.IsNaN(exact.X[at]))
                {
                    error = IsValid(cellCol, cellRow) || !double.IsNaN(exact.X[at]) ? double.PositiveInfinity : error;
                    continue;
                }

                var (x, y) = Place(cellCol, cellRow, (col - (2 * cellCol)) / 2.0, (row - (2 * cellRow)) / 2.0);
                error = Math.Max(error, Hypot(x - exact.X[at], y - exact.Y[at]));
            }
        }

        return error;
    }

    private static (double[] X, double[] Y) Exact(
        PixelGrid target, PixelGrid source, ICoordinateTransform? transform, int cols, int rows, int step)
    {
        double[] x = new double[cols * rows], y = new double[cols * rows];
        for (var row = 0; row < rows; row++)
        {
            for (var col = 0; col < cols; col++)
            {
                x[(row * cols) + col] = target.OriginX + (((col * step) + 0.5) * target.CellX);
                y[(row * cols) + col] = target.OriginY - (((row * step) + 0.5) * target.CellY);
            }
        }

        transform?.Transform(x, y);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = ((x[i] - source.OriginX) / source.CellX) - 0.5;
            y[i] = ((source.OriginY - y[i]) / source.CellY) - 0.5;
            if (!double.IsFinite(x[i]) || !double.IsFinite(y[i]))
                x[i] = y[i] = double.NaN;
        }

        return (x, y);
    }
}
