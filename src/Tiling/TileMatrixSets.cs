using System.Collections.Frozen;

namespace Grid.Tiling;

/// <summary>
/// The tile matrix sets of the Géoplateforme (ROK4's published list), computed from a compact table. Names, origins, cell sizes and matrix sizes
/// are those of the published files, which other servers' pyramids rely on.
/// </summary>
public static class TileMatrixSets
{
    private static readonly FrozenDictionary<string, TileMatrixSet> s_published =
        TileMatrixSetTable.Build().ToFrozenDictionary(set => set.Id, StringComparer.Ordinal);

    private static volatile Sets s_sets = new(s_published);

    /// <summary>Identifiers written inside two published files, which differ from the files' names; descriptors may use either.</summary>
    private static readonly FrozenDictionary<string, string> s_aliases = new Dictionary<string, string>
    {
        ["EPSG2154_1m_MNT"] = "2154_1M_MNT",
        ["EPSG2154_50cm_MNT"] = "2154_50cm_MNT",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every known set, in ordinal order of identifiers.</summary>
    public static IReadOnlyCollection<TileMatrixSet> All => s_sets.All;

    /// <summary>Whether a set is one of the published ones.</summary>
    public static bool IsPublished(string id) => s_published.ContainsKey(id) || s_aliases.ContainsKey(id);

    /// <summary>Knows an operator's own sets beside the published ones from now on, in place of those given before.</summary>
    /// <exception cref="InvalidTileMatrixSetException">A set has the name of a published one, or two have one name.</exception>
    public static void Use(IReadOnlyCollection<TileMatrixSet> own)
    {
        foreach (var set in own)
        {
            if (IsPublished(set.Id))
                throw new InvalidTileMatrixSetException($"Tile matrix set {set.Id} is a published one: give another name to yours.");
        }

        if (own.GroupBy(set => set.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidTileMatrixSetException($"There are two tile matrix sets {twice.Key}.");
        s_sets = new Sets(s_published.Values.Concat(own).ToFrozenDictionary(set => set.Id, StringComparer.Ordinal));
    }

    /// <summary>The set of an exact name, or null. A <c>.json</c> ending is tolerated, as descriptors may carry it.</summary>
    public static TileMatrixSet? Find(string id)
    {
        if (s_sets.ById.TryGetValue(id, out var set))
            return set;
        if (s_aliases.TryGetValue(id, out var name))
            return s_published[name];
        return id.EndsWith(".json", StringComparison.Ordinal) ? Find(id[..^5]) : null;
    }

    private sealed class Sets(FrozenDictionary<string, TileMatrixSet> byId)
    {
        public FrozenDictionary<string, TileMatrixSet> ById => byId;

        public IReadOnlyCollection<TileMatrixSet> All { get; } = [.. byId.Values.OrderBy(set => set.Id, StringComparer.Ordinal)];
    }
}
