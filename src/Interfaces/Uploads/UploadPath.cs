using System.Text;
using Grid.Interfaces.Catalogue;

namespace Grid.Interfaces.Uploads;

/// <summary>
/// Where a file lies inside an upload: segments separated by <c>/</c>, the last one the file's name. Any Unicode but control characters, no
/// backslash, no empty, <c>.</c> or <c>..</c> segment, so that no path can leave the upload.
/// </summary>
public static class UploadPath
{
    /// <summary>Longest path, in UTF-8 bytes: a store's keys hold 1,024 with the upload's prefix.</summary>
    public const int MaxBytes = 960;

    /// <summary>Longest segment, in UTF-8 bytes: the limit of file systems.</summary>
    public const int MaxSegmentBytes = 255;

    /// <summary>Returns the path when it is one.</summary>
    /// <exception cref="InvalidInputException">It is not; the sentence says why.</exception>
    public static string Checked(string? path)
    {
        if (string.IsNullOrEmpty(path))
            throw new InvalidInputException("path: the file's path inside the upload is required, for example path=ortho/tile.tif.");
        if (Fault(path) is { } fault)
            throw new InvalidInputException($"path=\"{Printable(path)}\": {fault}.");
        return path;
    }

    /// <summary>The object key of a delivered file in the store of uploads.</summary>
    public static string DataKey(Guid upload, string path) => $"uploads/{upload}/{path}";

    /// <summary>The object key of an MD5 file in the store of uploads.</summary>
    public static string Md5Key(Guid upload, string name) => $"uploads-md5/{upload}/{name}";

    /// <summary>The object key of what an upload's check found its rasters to be, in the store of uploads.</summary>
    public static string HeadersKey(Guid upload) => $"uploads-headers/{upload}.json.gz";

    /// <summary>The folders above a path, outermost first: <c>a/b/c.tif</c> has <c>a</c> and <c>a/b</c>.</summary>
    public static IEnumerable<string> Folders(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static string? Fault(string path)
    {
        if (path[0] == '/' || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])))
            return "absolute paths are not allowed";
        if (path.Contains('\\'))
            return "segments are separated by /, and backslashes are not allowed";
        foreach (var rune in path.EnumerateRunes())
        {
            if (Rune.IsControl(rune))
                return "control characters are not allowed";
            if (rune == Rune.ReplacementChar)
                return "the text is not valid Unicode";
        }

        if (Encoding.UTF8.GetByteCount(path) > MaxBytes)
            return $"it is longer than {MaxBytes} bytes of UTF-8";
        foreach (var segment in path.Split('/'))
        {
            if (segment is "" or "." or "..")
                return "empty, . and .. segments are not allowed";
            if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
                return $"the name \"{segment[..32]}…\" is longer than {MaxSegmentBytes} bytes of UTF-8";
        }

        return null;
    }

    private static string Printable(string path)
    {
        var shown = string.Concat(path.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return path.Length > 200 ? shown + "…" : shown;
    }
}
