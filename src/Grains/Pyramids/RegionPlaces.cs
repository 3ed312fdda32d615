using System.Diagnostics.CodeAnalysis;

namespace Grid.Grains.Pyramids;

/// <summary>
/// Where the regions are that builds of this silo have in flight, and where the next goes: to the silo whose places are taken least. Regions that
/// another silo's builds started are not seen, and need not be: each build fills all places evenly. Safe for concurrent use.
/// </summary>
/// <param name="random">Decides between silos that are taken alike, so that builds which lead few regions do not all choose the same.</param>
/// <typeparam name="TSilo">What names a silo.</typeparam>
public sealed class RegionPlaces<TSilo>(Random? random = null)
    where TSilo : notnull
{
    private readonly Lock _gate = new();
    private readonly Random _random = random ?? Random.Shared;
    private readonly Dictionary<string, TSilo> _regions = [];
    private readonly Dictionary<TSilo, int> _taken = [];

    /// <summary>
    /// How many regions of one build are worth having in flight: those that all silos compute at once and, for each silo that computes any, one more, which
    /// begins when a place falls free.
    /// </summary>
    public static int WindowOf(IEnumerable<int> places) => places.Where(number => number > 0).Sum(number => number + 1);

    /// <summary>Chooses a silo and counts the region there; one that was counted elsewhere is no longer.</summary>
    /// <param name="region">The region's key.</param>
    /// <param name="silos">The silos there are, with the regions that each computes at once; 0 for one that computes none.</param>
    /// <returns>False when no silo computes regions.</returns>
    public bool TryChoose(string region, IReadOnlyList<(TSilo Silo, int Places)> silos, out TSilo chosen)
    {
        lock (_gate)
        {
            Forget(region);
            var first = silos.Count > 0 ? _random.Next(silos.Count) : 0;
            (int Index, double Load) best = (-1, double.PositiveInfinity);
            for (var i = 0; i < silos.Count; i++)
            {
                var index = (first + i) % silos.Count;
                var (silo, places) = silos[index];
                var load = (_taken.GetValueOrDefault(silo) + 1.0) / places;
                if (places > 0 && load < best.Load)
                    best = (index, load);
            }

            chosen = best.Index < 0 ? default! : silos[best.Index].Silo;
            if (best.Index < 0)
                return false;
            _regions[region] = chosen;
            _taken[chosen] = _taken.GetValueOrDefault(chosen) + 1;
            return true;
        }
    }

    /// <summary>The silo where a region is counted; false for one that is not.</summary>
    public bool TryFind(string region, [MaybeNullWhen(false)] out TSilo silo)
    {
        lock (_gate)
            return _regions.TryGetValue(region, out silo);
    }

    /// <summary>Counts a region no longer; no effect on one that is not counted.</summary>
    public void Leave(string region)
    {
        lock (_gate)
            Forget(region);
    }

    private void Forget(string region)
    {
        if (_regions.Remove(region, out var silo) && --_taken[silo] == 0)
            _taken.Remove(silo);
    }
}
