using System.Collections.Frozen;

namespace Grid.Tiling;

/// <summary>
/// The tile matrix sets of the Géoplateforme (ROK4's published list), computed from a compact table. Names, origins, cell sizes and matrix sizes
/// are those of the published files, which other servers' pyramids rely on.
/// </summary>
public static class TileMatrixSets
{
    private static readonly FrozenDictionary<string, TileMatrixSet> s_sets =
        TileMatrixSetTable.Build().ToFrozenDictionary(set => set.Id, StringComparer.Ordinal);

    /// <summary>Identifiers written inside two published files, which differ from the files' names; descriptors may use either.</summary>
    private static readonly FrozenDictionary<string, string> s_aliases = new Dictionary<string, string>
    {
        ["EPSG2154_1m_MNT"] = "2154_1M_MNT",
        ["EPSG2154_50cm_MNT"] = "2154_50cm_MNT",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every known set, in ordinal order of identifiers.</summary>
    public static IReadOnlyCollection<TileMatrixSet> All { get; } = [.. s_sets.Values.OrderBy(set => set.Id, StringComparer.Ordinal)];

    /// <summary>The set of an exact name, or null. A <c>.json</c> ending is tolerated, as descriptors may carry it.</summary>
    public static TileMatrixSet? Find(string id)
    {
        if (s_sets.TryGetValue(id, out var set))
            return set;
        if (s_aliases.TryGetValue(id, out var name))
            return s_sets[name];
        return id.EndsWith(".json", StringComparison.Ordinal) ? Find(id[..^5]) : null;
    }
}
