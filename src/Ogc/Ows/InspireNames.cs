using System.Collections.Frozen;

namespace Grid.Ogc.Ows;

/// <summary>
/// Harmonised names of view layers: the code of an INSPIRE theme and the name of a type, <c>OI.OrthoimageCoverage</c>, <c>EL.GridCoverage</c> (regulation (EU)
/// 1089/2010 article 14 and annexes II to IV). A layer has one when it is named so, or when one of its keywords is such a name.
/// </summary>
public static class InspireNames
{
    // The themes of directive 2007/2/EC, as the regulation's layers begin.
    private static readonly FrozenSet<string> s_themes = FrozenSet.ToFrozenSet(
    [
        "AC", "AD", "AF", "AM", "AU", "BR", "BU", "CP", "EF", "EL", "ER", "GE", "GG", "GN", "HB", "HH", "HY",
        "LC", "LU", "MF", "MR", "NZ", "OF", "OI", "PD", "PF", "PS", "RS", "SD", "SO", "SR", "SU", "TN", "US",
    ]);

    /// <summary>Whether a name has the form of a harmonised one.</summary>
    public static bool Is(string name)
    {
        var parts = name.Split('.');
        return parts.Length >= 2 && s_themes.Contains(parts[0])
            && parts.Skip(1).All(part => part.Length > 1 && char.IsAsciiLetterUpper(part[0]) && part.Any(char.IsAsciiLetterLower) && part.All(char.IsAsciiLetterOrDigit));
    }

    /// <summary>The harmonised name of a layer; null when it has none.</summary>
    public static string? Of(string name, IEnumerable<string> keywords) => Is(name) ? name : keywords.FirstOrDefault(Is);
}
