namespace Grid.Imaging.Sources;

/// <summary>
/// Which pixels of a raster without data by their value are connected to its border through others alike (4 neighbours), as <c>-touch-edges</c> of ROK4's manageNodata
/// has it: a white collar around a photo, and not the white roof inside. A bit a pixel.
/// </summary>
internal sealed class EdgeMask
{
    private readonly int _width;
    private readonly int _wordsPerRow;
    private readonly ulong[] _outside;

    /// <param name="masks">Gives the masks of some rows from one on, 0 where a pixel's value is that of no data.</param>
    /// <param name="rowsAtOnce">How many rows to ask for.</param>
    internal EdgeMask(int width, int height, int rowsAtOnce, Action<int, int, Span<byte>> masks)
    {
        _width = width;
        _wordsPerRow = (width + 63) / 64;
        var candidates = new ulong[(long)_wordsPerRow * height];
        _outside = new ulong[candidates.LongLength];
        var some = new byte[Math.Min(rowsAtOnce, height) * width];
        for (var top = 0; top < height; top += rowsAtOnce)
        {
            var rows = Math.Min(rowsAtOnce, height - top);
            masks(top, rows, some.AsSpan(0, rows * width));
            for (var row = 0; row < rows; row++)
            {
                var mask = some.AsSpan(row * width, width);
                for (var col = mask.IndexOf((byte)0); col >= 0 && col < width; col++)
                {
                    if (mask[col] == 0)
                        candidates[((long)(top + row) * _wordsPerRow) + (col >> 6)] |= 1UL << (col & 63);
                }
            }
        }

        Flood(candidates, height);
    }

    /// <summary>Whether a pixel is connected to the border.</summary>
    internal bool Contains(int col, int row) => IsSet(_outside, col, row);

    private void Flood(ulong[] candidates, int height)
    {
        var waiting = new Stack<(int Col, int Row)>();
        for (var col = 0; col < _width; col++)
        {
            Begin(col, 0);
            Begin(col, height - 1);
        }

        for (var row = 0; row < height; row++)
        {
            Begin(0, row);
            Begin(_width - 1, row);
        }

        // Whole runs of a row at once; of the rows above and below, the first pixel of each run that they touch.
        void Begin(int col, int row)
        {
            if (!IsOpen(col, row))
                return;
            waiting.Push((col, row));
            while (waiting.TryPop(out var at))
            {
                if (!IsOpen(at.Col, at.Row))
                    continue;
                int left = at.Col, right = at.Col;
                while (left > 0 && IsOpen(left - 1, at.Row))
                    left--;
                while (right < _width - 1 && IsOpen(right + 1, at.Row))
                    right++;
                for (var c = left; c <= right; c++)
                    _outside[((long)at.Row * _wordsPerRow) + (c >> 6)] |= 1UL << (c & 63);
                Touch(left, right, at.Row - 1);
                Touch(left, right, at.Row + 1);
            }
        }

        void Touch(int left, int right, int row)
        {
            if (row < 0 || row >= height)
                return;
            var isInRun = false;
            for (var c = left; c <= right; c++)
            {
                var isOpen = IsOpen(c, row);
                if (isOpen && !isInRun)
                    waiting.Push((c, row));
                isInRun = isOpen;
            }
        }

        bool IsOpen(int col, int row) => IsSet(candidates, col, row) && !IsSet(_outside, col, row);
    }

    private bool IsSet(ulong[] bits, int col, int row) => (bits[((long)row * _wordsPerRow) + (col >> 6)] >> (col & 63) & 1) != 0;
}

/// <summary>The edge mask of a raster as long as any of its readers is open.</summary>
internal sealed class SharedEdgeMask
{
    private readonly WeakReference<EdgeMask> _mask = new(null!);

    internal EdgeMask Get(Func<EdgeMask> make)
    {
        lock (_mask)
        {
            if (!_mask.TryGetTarget(out var mask))
                _mask.SetTarget(mask = make());
            return mask;
        }
    }
}
