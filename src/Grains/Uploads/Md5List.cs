using System.Text;

namespace Grid.Grains.Uploads;

/// <summary>
/// An MD5 file as <c>md5sum</c> writes it: a line a file, the digest in hexadecimal, one or more blanks (and <c>*</c> for binary), the path.
/// </summary>
public static class Md5List
{
    /// <summary>Longest line looked at, in characters.</summary>
    public const int MaxLineLength = 4096;

    /// <summary>
    /// Reads the lines. A line that is not one becomes an entry whose digest is null. Paths lose a leading <c>./</c>; blank lines and lines that
    /// begin with <c>#</c> are skipped.
    /// </summary>
    public static async Task<IReadOnlyList<Md5Entry>> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false), leaveOpen: true);
        var entries = new List<Md5Entry>();
        for (var number = 1; await reader.ReadLineAsync(cancellation) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line) && !line.StartsWith('#'))
                entries.Add(Parse(line, number));
        }

        return entries;
    }

    private static Md5Entry Parse(string line, int number)
    {
        if (line.Length > MaxLineLength || line.Length < 34 || !IsDigest(line.AsSpan(0, 32)) || line[32] is not (' ' or '\t'))
            return new Md5Entry(number, null, "");
        var path = line[32..].TrimStart(' ', '\t').TrimEnd('\r');
        if (path.StartsWith('*'))
            path = path[1..];
        path = path.Replace('\\', '/');
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        return path.Length == 0 ? new Md5Entry(number, null, "") : new Md5Entry(number, line[..32].ToLowerInvariant(), path);
    }

    private static bool IsDigest(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }
}

/// <summary>A line of an MD5 file.</summary>
/// <param name="Digest">Lower-case hexadecimal, or null when the line cannot be read.</param>
public sealed record Md5Entry(int Line, string? Digest, string Path);
