using Grid.Imaging.Codecs;

namespace Grid.Imaging.Maps;

/// <summary>
/// Which pixels of a stored tile have data, where no mask is stored, neither beside it nor in it. Without loss, a pixel whose samples are all nodata's has none. In JPEG, nodata is
/// known to within a few grey levels, which roofs and snow have too: there a pixel without data must also lie in or beside a block of 16 × 16 pixels
/// (what one minimum coded unit holds) that looks like nodata throughout.
/// </summary>
internal static class TileMask
{
    private const int Unit = 16;
    private const int Tolerance = 3;

    /// <summary>Writes the mask; returns false, with the mask unspecified, when every pixel has data.</summary>
    public static bool TryFind(ReadOnlySpan<byte> pixels, int width, int height, ReadOnlySpan<byte> nodata, TileCompression compression, Span<byte> mask) =>
        !TileCompressions.KeepsOpacity(compression)
        && (TileCompressions.IsLossless(compression) ? FindExact(pixels, nodata, mask) : FindByUnits(pixels, width, height, nodata, mask));

    private static bool FindExact(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> nodata, Span<byte> mask)
    {
        var size = nodata.Length;
        if (size == 1)
        {
            if (!pixels.Contains(nodata[0]))
                return false;
        }
        else if (pixels.IndexOf(nodata) < 0)
        {
            return false;
        }

        var any = false;
        for (var i = 0; i < mask.Length; i++)
        {
            var isNodata = pixels.Slice(i * size, size).SequenceEqual(nodata);
            mask[i] = isNodata ? (byte)0 : (byte)255;
            any |= isNodata;
        }

        return any;
    }

    private static bool FindByUnits(ReadOnlySpan<byte> pixels, int width, int height, ReadOnlySpan<byte> nodata, Span<byte> mask)
    {
        int cols = (width + Unit - 1) / Unit, rows = (height + Unit - 1) / Unit;
        Span<bool> units = cols * rows <= 1024 ? stackalloc bool[cols * rows] : new bool[cols * rows];
        var any = false;
        for (var unit = 0; unit < units.Length; unit++)
            any |= units[unit] = IsNodata(pixels, width, height, nodata, unit % cols * Unit, unit / cols * Unit);
        if (!any)
            return false;

        mask.Fill(255);
        var size = nodata.Length;
        for (var unit = 0; unit < units.Length; unit++)
        {
            int col = unit % cols, row = unit / cols;
            if (!HasNear(units, cols, rows, col, row))
                continue;
            for (var y = row * Unit; y < Math.Min(height, (row + 1) * Unit); y++)
            {
                for (var x = col * Unit; x < Math.Min(width, (col + 1) * Unit); x++)
                {
                    var at = (y * width) + x;
                    if (units[unit] || IsNear(pixels.Slice(at * size, size), nodata))
                        mask[at] = 0;
                }
            }
        }

        return true;
    }

    private static bool HasNear(ReadOnlySpan<bool> units, int cols, int rows, int col, int row)
    {
        for (var y = Math.Max(0, row - 1); y <= Math.Min(rows - 1, row + 1); y++)
        {
            for (var x = Math.Max(0, col - 1); x <= Math.Min(cols - 1, col + 1); x++)
            {
                if (units[(y * cols) + x])
                    return true;
            }
        }

        return false;
    }

    private static bool IsNodata(ReadOnlySpan<byte> pixels, int width, int height, ReadOnlySpan<byte> nodata, int left, int top)
    {
        var size = nodata.Length;
        for (var y = top; y < Math.Min(height, top + Unit); y++)
        {
            for (var x = left; x < Math.Min(width, left + Unit); x++)
            {
                if (!IsNear(pixels.Slice(((y * width) + x) * size, size), nodata))
                    return false;
            }
        }

        return true;
    }

    private static bool IsNear(ReadOnlySpan<byte> pixel, ReadOnlySpan<byte> nodata)
    {
        for (var c = 0; c < nodata.Length; c++)
        {
            if (Math.Abs(pixel[c] - nodata[c]) > Tolerance)
                return false;
        }

        return true;
    }
}
