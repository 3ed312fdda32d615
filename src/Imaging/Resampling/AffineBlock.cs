namespace Grid.Imaging.Resampling;

/// <summary>
/// A small block of output pixels whose places in a source window are affine, as <see cref="SeparableKernel"/> takes them: in 16.16 fixed point, in source
/// pixels from the centre of the window's first pixel. Source rows are counted from <see cref="FirstRow"/>.
/// Output pixel (c, r) lies at source row (<see cref="RowAt"/> + c·<see cref="RowPerCol"/> + r·<see cref="RowPerRow"/>) / 65536; along source row s, the
/// column c of the output runs through source column (<see cref="ColAt"/> + c·<see cref="ColPerCol"/> + s·<see cref="ColPerRow"/>) / 65536.
/// </summary>
internal readonly struct AffineBlock
{
    /// <summary>Rows of the source under a block of full height, at the largest scale and slope.</summary>
    public const int MostSourceRows = 96;

    /// <summary>Steps steeper than this are left to <see cref="FourTapKernel"/>: a block would cross too many source rows.</summary>
    private const double SteepestSlope = 1 / 8.0;

    /// <summary>Largest distance of two output pixels, in source pixels: 8 of them and their taps then lie within 16 source pixels.</summary>
    private const double LargestScale = 1.25;

    private const double SmallestScale = 1 / 64.0;

    /// <summary>Departure from a parallelogram, in source pixels, at which places are no longer taken as affine.</summary>
    private const double LargestTwist = 1 / 64.0;

    public int FirstRow { get; private init; }

    public int SourceRows { get; private init; }

    public int ColAt { get; private init; }

    public int ColPerCol { get; private init; }

    public int ColPerRow { get; private init; }

    public int RowAt { get; private init; }

    public int RowPerCol { get; private init; }

    public int RowPerRow { get; private init; }

    /// <summary>
    /// The block of <see cref="SeparableKernel.Columns"/> × <paramref name="rows"/> pixels between four places: of the first pixel, of the one past the first
    /// row's end, of the one below the first column's end, and of the one past both. False when it is too oblique or too coarse for two passes.
    /// </summary>
    public static bool TryCreate(
        (double X, double Y) first, (double X, double Y) right, (double X, double Y) below, (double X, double Y) last, int rows, int windowHeight,
        out AffineBlock block)
    {
        block = default;
        const int Columns = SeparableKernel.Columns;
        double xPerCol = (right.X - first.X + last.X - below.X) / (2 * Columns), yPerCol = (right.Y - first.Y + last.Y - below.Y) / (2 * Columns);
        double xPerRow = (below.X - first.X + last.X - right.X) / (2 * rows), yPerRow = (below.Y - first.Y + last.Y - right.Y) / (2 * rows);
        double twistX = last.X - right.X - below.X + first.X, twistY = last.Y - right.Y - below.Y + first.Y;
        var slope = xPerRow / yPerRow;
        var scale = xPerCol - (yPerCol * slope);
        if (!(yPerRow is >= SmallestScale and <= LargestScale && scale is >= SmallestScale and <= LargestScale
            && Math.Abs(slope) <= SteepestSlope && Math.Abs(yPerCol) <= SteepestSlope && Math.Abs(twistX) + Math.Abs(twistY) <= LargestTwist))
        {
            return false;
        }

        // A quarter of the twist is left at each corner, and none at the middle.
        double x = first.X - (twistX / 4), y = first.Y - (twistY / 4);
        int rowAt = ToFixed(y), rowPerCol = ToFixed(yPerCol), rowPerRow = ToFixed(yPerRow);
        int across = (Columns - 1) * rowPerCol, down = (rows - 1) * rowPerRow;
        int firstRow = ((rowAt + Math.Min(across, 0)) >> 16) - 1, lastRow = ((rowAt + Math.Max(across, 0) + down) >> 16) + 2;
        if (firstRow < 0 || lastRow >= windowHeight || lastRow - firstRow >= MostSourceRows)
            return false;
        block = new AffineBlock
        {
            FirstRow = firstRow,
            SourceRows = lastRow - firstRow + 1,
            ColAt = ToFixed(x + ((firstRow - y) * slope)),
            ColPerCol = ToFixed(scale),
            ColPerRow = ToFixed(slope),
            RowAt = rowAt - (firstRow << 16),
            RowPerCol = rowPerCol,
            RowPerRow = rowPerRow,
        };
        return true;
    }

    private static int ToFixed(double places) => (int)Math.Floor((places * SourceRun.One) + 0.5);
}
