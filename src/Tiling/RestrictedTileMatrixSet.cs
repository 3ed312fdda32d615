using System.Diagnostics.CodeAnalysis;

namespace Grid.Tiling;

/// <summary>
/// A tile matrix set limited to the levels that a layer uses, named <c>SET_top_bottom</c> as WMTS services of the Géoplateforme advertise it
/// (<c>PM_0_19</c>, <c>2154_5cm_6_22</c>). The top level is the coarsest.
/// </summary>
public sealed record RestrictedTileMatrixSet(TileMatrixSet Set, string Top, string Bottom)
{
    public string Name => $"{Set.Id}_{Top}_{Bottom}";

    /// <summary>The restriction as a set of its own, under its restricted name.</summary>
    public TileMatrixSet ToTileMatrixSet()
    {
        var top = Set.PositionOf(Top);
        var bottom = Set.PositionOf(Bottom);
        return new TileMatrixSet(Name, Set.Crs, [.. Set.Matrices.Skip(top).Take(bottom - top + 1)], Set.Title);
    }

    /// <summary>Restricts a set; throws <see cref="ArgumentException"/> when it lacks a level, or when <paramref name="top"/> is finer than <paramref name="bottom"/>.</summary>
    public static RestrictedTileMatrixSet Of(TileMatrixSet set, string top, string bottom)
    {
        var (from, to) = (set.PositionOf(top), set.PositionOf(bottom));
        return from >= 0 && from <= to
            ? new RestrictedTileMatrixSet(set, top, bottom)
            : throw new ArgumentException(
                $"Levels {top} to {bottom} of tile matrix set {set.Id}: levels go from {set.Matrices[0].Id} (top) to {set.Matrices[^1].Id} (bottom).");
    }

    /// <summary>
    /// Reads a restricted name of a known set, or a known set's own name, which means all its levels. Set names may hold underscores and end in
    /// digits: the name is split from its end, and only at levels that the set has.
    /// </summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out RestrictedTileMatrixSet? restricted) =>
        TryParse(name, TileMatrixSets.Find, out restricted);

    /// <summary>As above, among the sets that <paramref name="find"/> knows.</summary>
    public static bool TryParse(string name, Func<string, TileMatrixSet?> find, [NotNullWhen(true)] out RestrictedTileMatrixSet? restricted)
    {
        restricted = null;
        if (find(name) is { } whole)
        {
            restricted = new RestrictedTileMatrixSet(whole, whole.Matrices[0].Id, whole.Matrices[^1].Id);
            return true;
        }

        // Level names may themselves hold underscores in sets that ROK4 does not know, hence every pair of cuts and not only the last two.
        for (var second = name.LastIndexOf('_'); second > 0; second = name.LastIndexOf('_', second - 1))
        {
            for (var first = name.LastIndexOf('_', second - 1); first > 0; first = name.LastIndexOf('_', first - 1))
            {
                if (find(name[..first]) is not { } set)
                    continue;
                var (top, bottom) = (name[(first + 1)..second], name[(second + 1)..]);
                var from = set.PositionOf(top);
                if (from < 0 || from > set.PositionOf(bottom))
                    continue;
                restricted = new RestrictedTileMatrixSet(set, top, bottom);
                return true;
            }
        }

        return false;
    }
}
