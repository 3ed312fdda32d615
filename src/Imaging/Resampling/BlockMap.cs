namespace Grid.Imaging.Resampling;

/// <summary>
/// Which parts of a window are full of data and which have none, by blocks of 16 × 16 pixels: any rectangle is answered from four sums (a
/// summed-area table), so that kernels test masks pixel by pixel only along edges.
/// </summary>
internal sealed class BlockMap
{
    /// <summary>Pixels on a side of a block.</summary>
    public const int Side = 16;

    private readonly int _cols;
    private readonly int _rows;
    private readonly int[] _notFull;
    private readonly int[] _withData;

    public BlockMap(Raster window)
    {
        _cols = (window.Width + Side - 1) / Side;
        _rows = (window.Height + Side - 1) / Side;
        _notFull = new int[(_cols + 1) * (_rows + 1)];
        _withData = new int[(_cols + 1) * (_rows + 1)];
        if (window.IsFull)
        {
            IsFull = true;
            return;
        }

        var mask = window.Mask;
        for (var row = 0; row < _rows; row++)
        {
            int notFull = 0, withData = 0;
            for (var col = 0; col < _cols; col++)
            {
                var width = Math.Min(Side, window.Width - (col * Side));
                bool full = true, any = false;
                for (var y = row * Side; y < Math.Min(window.Height, (row + 1) * Side); y++)
                {
                    var line = mask.Slice((y * window.Width) + (col * Side), width);
                    full = full && !line.ContainsAnyExcept((byte)255);
                    any = any || line.ContainsAnyExcept((byte)0);
                }

                notFull += full ? 0 : 1;
                withData += any ? 1 : 0;
                var at = ((row + 1) * (_cols + 1)) + col + 1;
                _notFull[at] = _notFull[at - _cols - 1] + notFull;
                _withData[at] = _withData[at - _cols - 1] + withData;
            }
        }

        IsFull = _notFull[^1] == 0;
    }

    public bool IsFull { get; }

    /// <summary>Whether every pixel of a rectangle inside the window has data; false is always safe.</summary>
    public bool IsFullIn(int minX, int minY, int maxX, int maxY) => IsFull || Sum(_notFull, minX, minY, maxX, maxY) == 0;

    /// <summary>Whether no pixel of the rectangle has data; false is always safe.</summary>
    public bool IsEmptyIn(int minX, int minY, int maxX, int maxY) => !IsFull && Sum(_withData, minX, minY, maxX, maxY) == 0;

    private int Sum(int[] table, int minX, int minY, int maxX, int maxY)
    {
        int left = Math.Clamp(minX / Side, 0, _cols), right = Math.Clamp((maxX / Side) + 1, 0, _cols);
        int top = Math.Clamp(minY / Side, 0, _rows), bottom = Math.Clamp((maxY / Side) + 1, 0, _rows);
        var stride = _cols + 1;
        return table[(bottom * stride) + right] - table[(bottom * stride) + left] - table[(top * stride) + right] + table[(top * stride) + left];
    }
}
