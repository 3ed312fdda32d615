using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// All regions of a plan, in the order in which a build begins them: subtree by subtree, a region after those that it is made of, what is large before what
/// is small. So the way to the top is short from wherever the last regions end, and these are small ones. The same plan gives the same sequence.
/// </summary>
public sealed class BuildSequence
{
    private readonly List<PyramidRegion> _regions = [];
    private readonly List<int> _user = [];
    private readonly List<IReadOnlyList<int>> _parts = [];
    private readonly List<int> _barrier = [];

    /// <summary>Orders the regions of the tiers from <see cref="PyramidPlan.FirstTier"/> on.</summary>
    public BuildSequence(PyramidPlan plan)
    {
        var tiers = plan.Tiers.Skip(plan.FirstTier).ToList();
        for (int first = 0, next; first < tiers.Count; first = next)
        {
            next = first + 1;
            while (next < tiers.Count && tiers[next] is { SourceLevel: not null, IsHalfOfSource: true })
                next++;
            Add(plan, tiers[first..next], tiers[first].SourceLevel is null ? 0 : _regions.Count);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _regions.Count;

    public PyramidRegion this[int position] => _regions[position];

    /// <summary>The position of the region that reads what this one makes; -1 for none.</summary>
    public int UserOf(int position) => _user[position];

    /// <summary>The positions of the regions that have this one as their <see cref="UserOf"/>: it can begin when they are done.</summary>
    public IReadOnlyList<int> PartsOf(int position) => _parts[position];

    /// <summary>How many regions from the first on must be done before this one begins, beside its parts: all that its level may be resampled from.</summary>
    public int BarrierOf(int position) => _barrier[position];

    // Tiers each of which halves the one before.
    private void Add(PyramidPlan plan, List<PyramidTier> tiers, int barrier)
    {
        var below = plan.Regions(tiers[0]).Select(region => new Subtree(region, plan.SlabsOf(region), [])).ToList();
        for (var i = 1; i < tiers.Count; i++)
        {
            var steps = plan.TileMatrixSet.PositionOf(tiers[i - 1].RootLevel) - plan.TileMatrixSet.PositionOf(tiers[i].RootLevel);
            var parts = below.ToLookup(part => (part.Region.Root.Col >> steps, part.Region.Root.Row >> steps));
            below = [.. plan.Regions(tiers[i]).Select(region =>
            {
                var its = parts[(region.Root.Col, region.Root.Row)].OrderByDescending(part => part.Slabs).ToList();
                return new Subtree(region, plan.SlabsOf(region) + its.Sum(part => part.Slabs), its);
            })];
        }

        foreach (var whole in below.OrderByDescending(whole => whole.Slabs))
            Add(whole, barrier);
    }

    private int Add(Subtree subtree, int barrier)
    {
        var parts = subtree.Parts.Select(part => Add(part, barrier)).ToList();
        var position = _regions.Count;
        parts.ForEach(part => _user[part] = position);
        _regions.Add(subtree.Region);
        _user.Add(-1);
        _parts.Add(parts);
        _barrier.Add(barrier);
        return position;
    }

    private sealed record Subtree(PyramidRegion Region, long Slabs, List<Subtree> Parts);
}
