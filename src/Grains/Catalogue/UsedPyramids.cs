using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;

namespace Grid.Grains.Catalogue;

/// <summary>Compares what a configuration asks of stored data with what the data hold.</summary>
public static class UsedPyramids
{
    /// <summary>
    /// Checks that each stored data is a usable raster pyramid of the datastore, that it has the levels, and that several of them share one
    /// tile matrix set and compression and no level.
    /// </summary>
    /// <exception cref="InvalidInputException">Some do not; every fault is listed.</exception>
    public static async Task CheckAsync(CatalogueStore store, Guid datastore, IReadOnlyList<UsedPyramid> used)
    {
        var problems = new List<string>();
        var taken = new HashSet<string>();
        (string Set, string Compression)? first = null;
        foreach (var one in used)
        {
            var row = await store.FindAsync(EntityTable.StoredData, one.StoredData);
            if (row is null || row.Datastore != datastore || row.Status == StoredDataStatus.Deleted)
            {
                problems.Add($"There is no stored data {one.StoredData} in this datastore.");
                continue;
            }

            if (row.Text("type") != "ROK4-PYRAMID-RASTER")
            {
                problems.Add($"The stored data {one.StoredData} is of type {row.Text("type")}: a configuration takes ROK4-PYRAMID-RASTER.");
                continue;
            }

            if (row.Doc["type_infos"] is not JsonObject infos || row.Status is not (StoredDataStatus.Generated or StoredDataStatus.Modifying))
            {
                problems.Add($"The stored data {one.StoredData} is {row.Status}: it must be GENERATED or MODIFYING.");
                continue;
            }

            var shape = ((string)infos["tms"]!, (string)infos["compression"]!);
            first ??= shape;
            if (shape != first)
                problems.Add($"The stored data {one.StoredData} is {shape}: all used data must share tile matrix set and compression, here {first}.");
            foreach (var level in LevelsOf(one, infos, problems))
            {
                if (!taken.Add(level))
                    problems.Add($"The level {level} is taken from several stored data: each level comes from one.");
            }
        }

        if (problems.Count > 0)
            throw new InvalidInputException(problems);
    }

    private static IEnumerable<string> LevelsOf(UsedPyramid used, JsonObject infos, List<string> problems)
    {
        var levels = infos["levels"]!.AsArray().Select(level => level!.ToString()).ToList();
        int top = levels.IndexOf(used.TopLevel), bottom = levels.IndexOf(used.BottomLevel);
        foreach (var (name, level, position) in (ReadOnlySpan<(string, string, int)>)[("top_level", used.TopLevel, top), ("bottom_level", used.BottomLevel, bottom)])
        {
            if (position < 0)
                problems.Add($"The {name} {level} is not in the stored data {used.StoredData}: its levels are {levels[0]} to {levels[^1]}.");
        }

        if (top < 0 || bottom < 0)
            return [];
        if (top > bottom)
        {
            problems.Add($"The top_level {used.TopLevel} is finer than the bottom_level {used.BottomLevel} of the stored data {used.StoredData}.");
            return [];
        }

        return levels.Skip(top).Take(bottom - top + 1);
    }
}
