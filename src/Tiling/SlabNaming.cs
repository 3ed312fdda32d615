using System.Globalization;

namespace Grid.Tiling;

/// <summary>What a slab holds: pixels, or which pixels have data.</summary>
public enum SlabKind
{
    Data,
    Mask,
}

/// <summary>
/// The names of slabs under a pyramid's folder, as ROK4 has them. In folders (storage FILE), column and row are written in base 36 and their digits
/// interleaved, column first: one folder a pair of digits, the least significant pair being the file's name, so that at most 1,296 neighbours share a
/// folder. In object stores the name is decimal.
/// </summary>
public static class SlabNaming
{
    /// <summary>ROK4's default number of folders between the level's and the file.</summary>
    public const int DefaultPathDepth = 2;

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary><c>DATA</c> or <c>MASK</c>.</summary>
    public static string Folder(SlabKind kind) => kind == SlabKind.Data ? "DATA" : "MASK";

    /// <summary>
    /// The path under the level's folder: column 1374, row 20268 at depth 2 is <c>1F/2N/60.tif</c>. Digits beyond the depth are written before the
    /// first folder's pair.
    /// </summary>
    public static string FilePath(long col, long row, int pathDepth = DefaultPathDepth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(col);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfNegative(pathDepth);
        var pairs = pathDepth + 1;
        for (long largest = Math.Max(col, row), power = Power(pairs); largest >= power; power *= 36)
            pairs++;
        Span<char> path = stackalloc char[(2 * pairs) + pathDepth + 4];
        ".tif".CopyTo(path[^4..]);
        var at = path.Length - 4;
        for (var pair = 0; pair < pairs; pair++)
        {
            path[--at] = Digits[(int)(row % 36)];
            path[--at] = Digits[(int)(col % 36)];
            col /= 36;
            row /= 36;
            if (pair < pathDepth)
                path[--at] = '/';
        }

        return new string(path);
    }

    /// <summary>The path under the pyramid's folder: <c>DATA/8/1F/2N/60.tif</c>.</summary>
    public static string FileKey(SlabKind kind, SlabIndex slab, int pathDepth = DefaultPathDepth) =>
        $"{Folder(kind)}/{slab.Level}/{FilePath(slab.Col, slab.Row, pathDepth)}";

    /// <summary>The object's name under the pyramid's prefix: <c>DATA_8_1374_20268</c>.</summary>
    public static string ObjectKey(SlabKind kind, SlabIndex slab) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder(kind)}_{slab.Level}_{slab.Col}_{slab.Row}");

    /// <summary>Reads what <see cref="FileKey"/> writes, at any depth.</summary>
    public static bool TryParseFileKey(ReadOnlySpan<char> key, out SlabKind kind, out SlabIndex slab)
    {
        slab = default;
        if (!TryParseFolder(ref key, '/', out kind) || !key.EndsWith(".tif", StringComparison.Ordinal))
            return false;
        key = key[..^4];
        var slash = key.IndexOf('/');
        if (slash <= 0)
            return false;
        var level = key[..slash];
        long col = 0, row = 0;
        var isCol = true;
        for (var at = slash + 1; at < key.Length; at++)
        {
            if (key[at] == '/')
            {
                // A separator stands between pairs only.
                if (!isCol || at == slash + 1 || key[at - 1] == '/')
                    return false;
                continue;
            }

            var digit = Digits.IndexOf(key[at], StringComparison.Ordinal);
            if (digit < 0 || Math.Max(col, row) > long.MaxValue / 64)
                return false;
            if (isCol)
                col = (col * 36) + digit;
            else
                row = (row * 36) + digit;
            isCol = !isCol;
        }

        if (!isCol || key.Length < slash + 3 || key[^1] == '/')
            return false;
        slab = new SlabIndex(level.ToString(), col, row);
        return true;
    }

    /// <summary>Reads what <see cref="ObjectKey"/> writes; level names may hold underscores.</summary>
    public static bool TryParseObjectKey(ReadOnlySpan<char> key, out SlabKind kind, out SlabIndex slab)
    {
        slab = default;
        if (!TryParseFolder(ref key, '_', out kind))
            return false;
        var second = key.LastIndexOf('_');
        var first = second > 0 ? key[..second].LastIndexOf('_') : -1;
        if (first <= 0 || !TryParseDecimal(key[(first + 1)..second], out var col) || !TryParseDecimal(key[(second + 1)..], out var row))
            return false;
        slab = new SlabIndex(key[..first].ToString(), col, row);
        return true;
    }

    private static bool TryParseFolder(ref ReadOnlySpan<char> key, char separator, out SlabKind kind)
    {
        kind = key.StartsWith("MASK", StringComparison.Ordinal) ? SlabKind.Mask : SlabKind.Data;
        if (key.Length < 6 || key[4] != separator || !key.StartsWith(Folder(kind), StringComparison.Ordinal))
            return false;
        key = key[5..];
        return true;
    }

    private static bool TryParseDecimal(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static long Power(int exponent)
    {
        long power = 1;
        for (var i = 0; i < exponent && power < long.MaxValue / 36; i++)
            power *= 36;
        return power;
    }
}
