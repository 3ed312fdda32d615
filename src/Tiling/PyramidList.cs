using System.Globalization;

namespace Grid.Tiling;

/// <summary>
/// ROK4's <c>NAME.list</c>: which slabs a pyramid has, and in which pyramid each really lies. Header lines <c>index=root</c>, where 0 is the pyramid's
/// own folder and the others those it refers to; a line <c>#</c>; then a line a slab. Written and read as a stream: lists reach millions of lines.
/// </summary>
public static class PyramidList
{
    /// <summary>
    /// Reads a list; slabs are read as they are enumerated, from <paramref name="text"/>, which stays the caller's. Throws
    /// <see cref="InvalidPyramidException"/> with the line's number, for the header at once and for slabs while they are enumerated.
    /// </summary>
    public static (IReadOnlyDictionary<int, string> Roots, IEnumerable<PyramidListEntry> Slabs) Read(TextReader text)
    {
        var roots = new Dictionary<int, string>();
        var line = 0;
        while (true)
        {
            line++;
            if (text.ReadLine() is not { } header)
                throw new InvalidPyramidException($"The list ends at line {line} before a line \"#\".");
            if (header == "#")
                break;
            var equals = header.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == header.Length - 1 || !TryIndex(header.AsSpan(0, equals), out var index) || !roots.TryAdd(index, header[(equals + 1)..]))
                throw new InvalidPyramidException($"Line {line} of the list is \"{header}\": header lines are \"index=root\", each index once.");
        }

        return (roots, Slabs(text, roots, line));
    }

    /// <summary>Writes the header, roots in order of index.</summary>
    public static void WriteHeader(TextWriter text, IReadOnlyDictionary<int, string> roots)
    {
        foreach (var (index, root) in roots.OrderBy(root => root.Key))
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{index}={root}\n"));
        text.Write("#\n");
    }

    /// <summary>Writes a slab's line.</summary>
    public static void Write(TextWriter text, PyramidListEntry slab) =>
        text.Write(string.Create(CultureInfo.InvariantCulture, $"{slab.Root}/{slab.Path}{(slab.Md5 is null ? "" : " " + slab.Md5)}\n"));

    private static IEnumerable<PyramidListEntry> Slabs(TextReader text, Dictionary<int, string> roots, int line)
    {
        while (text.ReadLine() is { } slab)
        {
            line++;
            if (slab.Length == 0)
                continue;
            var slash = slab.IndexOf('/', StringComparison.Ordinal);
            var space = slab.IndexOf(' ', StringComparison.Ordinal);
            var end = space < 0 ? slab.Length : space;
            if (slash <= 0 || slash + 1 >= end || !TryIndex(slab.AsSpan(0, slash), out var root) || !roots.ContainsKey(root))
                throw new InvalidPyramidException($"Line {line} of the list is \"{slab}\": slab lines are \"index/path\" with an index of the header.");
            yield return new PyramidListEntry(root, slab[(slash + 1)..end], space < 0 ? null : slab[space..].Trim());
        }
    }

    private static bool TryIndex(ReadOnlySpan<char> text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}

/// <summary>One slab of a list.</summary>
/// <param name="Root">Index of the pyramid that holds it; 0 is the list's own.</param>
/// <param name="Path">Key under that pyramid's folder: <c>DATA/8/1F/2N/60.tif</c> or <c>DATA_8_1374_20268</c>.</param>
/// <param name="Md5">Digest of the slab, in hexadecimal, or null.</param>
public readonly record struct PyramidListEntry(int Root, string Path, string? Md5 = null);
