using System.Globalization;

namespace Grid.Ogc.Wmts;

/// <summary>What <see cref="WmtsTileQuery"/> made of a query string.</summary>
public enum TileQueryOutcome
{
    /// <summary>A valid GetTile.</summary>
    Tile,

    /// <summary>A valid GetTile of a tile beyond the limits of its level.</summary>
    OutsideLimits,

    /// <summary>Anything else: another operation, an error, or a spelling that the fast way does not read. Ask <see cref="WmtsKvp"/>.</summary>
    Other,
}

/// <summary>
/// The fast way from a raw query string to a tile: one pass over the text, no allocation. What it accepts, <see cref="WmtsKvp"/> accepts too and
/// reads alike; whatever it does not understand it leaves to it.
/// </summary>
public static class WmtsTileQuery
{
    [Flags]
    private enum Seen
    {
        None = 0,
        Service = 1,
        Request = 2,
        Version = 4,
        Layer = 8,
        Style = 16,
        Format = 32,
        Set = 64,
        Level = 128,
        Row = 256,
        Col = 512,
        All = 1023,
    }

    public static TileQueryOutcome Parse(ReadOnlySpan<char> query, LayerCatalogue layers, out TileAddress tile, out LayerStyle style)
    {
        tile = default;
        style = LayerStyle.Normal;
        ReadOnlySpan<char> layerName = default, styleName = default, format = default, set = default, level = default;
        long row = 0, col = 0;
        var seen = Seen.None;
        var rest = query.TrimStart('?');
        while (!rest.IsEmpty)
        {
            var ampersand = rest.IndexOf('&');
            var pair = ampersand < 0 ? rest : rest[..ampersand];
            rest = ampersand < 0 ? default : rest[(ampersand + 1)..];
            var equals = pair.IndexOf('=');
            if (equals <= 0)
                continue;
            var value = pair[(equals + 1)..];
            var key = Key(pair[..equals]);
            if (key == Seen.None)
            {
                // A second "?" separates pairs, and an escaped name may be one of ours: both are for the careful reader.
                if (pair.ContainsAny('?', '%', '+'))
                    return TileQueryOutcome.Other;
                continue;
            }

            if ((seen & key) != 0 || (key != Seen.Format && value.ContainsAny('%', '+', '?')) || value.IsEmpty)
                return TileQueryOutcome.Other;
            seen |= key;
            switch (key)
            {
                case Seen.Service when !value.Equals("WMTS", StringComparison.OrdinalIgnoreCase):
                case Seen.Request when !value.Equals("GetTile", StringComparison.OrdinalIgnoreCase):
                case Seen.Version when !value.SequenceEqual("1.0.0"):
                case Seen.Row when !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out row):
                case Seen.Col when !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out col):
                    return TileQueryOutcome.Other;
                case Seen.Layer:
                    layerName = value;
                    break;
                case Seen.Style:
                    styleName = value;
                    break;
                case Seen.Format:
                    format = value;
                    break;
                case Seen.Set:
                    set = value;
                    break;
                case Seen.Level:
                    level = value;
                    break;
            }
        }

        if (seen != Seen.All
            || !layers.TryFind(layerName, out var layer)
            || layer.FindStyle(styleName) is not { } known
            || !layer.IsFormatOf(known, format)
            || !layer.AnswersToSet(set)
            || layer.FindLevel(level) is not { } found)
        {
            return TileQueryOutcome.Other;
        }

        style = known;
        tile = new TileAddress(layer, found, col, row);
        return found.Limits.Contains(col, row) ? TileQueryOutcome.Tile : TileQueryOutcome.OutsideLimits;
    }

    private static Seen Key(ReadOnlySpan<char> name)
    {
        var (candidate, key) = name.Length switch
        {
            5 when (name[0] | 0x20) == 'l' => ("LAYER", Seen.Layer),
            5 => ("STYLE", Seen.Style),
            6 => ("FORMAT", Seen.Format),
            7 when (name[0] | 0x20) == 's' => ("SERVICE", Seen.Service),
            7 when (name[0] | 0x20) == 'r' => ("REQUEST", Seen.Request),
            7 when (name[0] | 0x20) == 'v' => ("VERSION", Seen.Version),
            7 when (name[4] | 0x20) == 'r' => ("TILEROW", Seen.Row),
            7 => ("TILECOL", Seen.Col),
            10 => ("TILEMATRIX", Seen.Level),
            13 => ("TILEMATRIXSET", Seen.Set),
            _ => ("", Seen.None),
        };
        return name.Equals(candidate, StringComparison.OrdinalIgnoreCase) ? key : Seen.None;
    }
}
