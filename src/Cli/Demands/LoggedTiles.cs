using Grid.Tiling;

namespace Grid.Cli.Demands;

/// <summary>
/// The tiles that WMTS GetTile requests ask for, in key-value pairs: a line holds an address, its query, or a whole line of a server's log. Lines that ask for
/// no tile of the set are passed over, as rok4/pytools' TMSIZER does.
/// </summary>
/// <param name="levels">Levels that count; empty for all.</param>
/// <param name="layers">Layers that count, whatever their case; empty for all.</param>
public sealed class LoggedTiles(TileMatrixSet set, IReadOnlyCollection<string> levels, IReadOnlyCollection<string> layers)
{
    /// <summary>Longest line that is looked at.</summary>
    private const int LongestLine = 65_536;

    /// <summary>The tiles of the lines, one a line at most.</summary>
    public IEnumerable<TileIndex> Read(TextReader lines)
    {
        while (lines.ReadLine() is { } line)
        {
            if (line.Length <= LongestLine && TryRead(line, out var tile))
                yield return tile;
        }
    }

    private bool TryRead(string line, out TileIndex tile)
    {
        tile = default;
        string? level = null, col = null, row = null, layer = null, asked = null;
        var query = line.AsSpan(line.IndexOf('?', StringComparison.Ordinal) + 1);
        // A log goes on after the address.
        var end = query.IndexOfAny(' ', '"', '\t');
        query = end < 0 ? query : query[..end];
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if (equals < 0)
                continue;
            var value = pair[(equals + 1)..];
            switch (pair[..equals].ToString().ToUpperInvariant())
            {
                case "TILEMATRIX": level = Text(value); break;
                case "TILECOL": col = Text(value); break;
                case "TILEROW": row = Text(value); break;
                case "LAYER": layer = Text(value); break;
                case "TILEMATRIXSET": asked = Text(value); break;
            }
        }

        // A restricted set bears the set's name and its levels: PM_0_19.
        if (asked is null || !(asked.Equals(set.Id, StringComparison.OrdinalIgnoreCase) || asked.StartsWith(set.Id + "_", StringComparison.OrdinalIgnoreCase))
            || level is null || set.Find(level) is not { } matrix || (levels.Count > 0 && !levels.Contains(level))
            || (layers.Count > 0 && !layers.Contains(layer, StringComparer.OrdinalIgnoreCase))
            || !long.TryParse(col, out var c) || !long.TryParse(row, out var r))
        {
            return false;
        }

        tile = new TileIndex(matrix, c, r);
        return true;

        static string Text(ReadOnlySpan<char> value) => Uri.UnescapeDataString(value.ToString());
    }
}
