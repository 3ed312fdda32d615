using System.Globalization;
using Grid.Grains.Pyramids;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Grid.Silo.Engine;

/// <summary>The silos that Orleans' membership knows as active, each with the places for regions that its labels tell.</summary>
internal sealed class RegionSilos(ISiloStatusOracle silos, ISiloMetadataCache labels, PyramidBuildOptions options) : IRegionSilos
{
    private readonly RegionPlaces<SiloAddress> _places = new();

    public int Others => silos.GetActiveSilos().Count(silo => !silo.Equals(silos.SiloAddress));

    public int Window => Others == 0 ? options.RegionsInFlight : RegionPlaces<SiloAddress>.WindowOf(silos.GetActiveSilos().Select(PlacesOf));

    public bool IsLost(string region) => _places.TryFind(region, out var silo) && !silos.GetActiveSilos().Contains(silo);

    public void Leave(string region) => _places.Leave(region);

    /// <summary>The silo for a region.</summary>
    /// <exception cref="SiloUnavailableException">None of the silos computes regions.</exception>
    public SiloAddress Choose(string region, IReadOnlyList<SiloAddress> among) =>
        _places.TryChoose(region, [.. among.Select(silo => (silo, PlacesOf(silo)))], out var chosen)
            ? chosen
            : throw new SiloUnavailableException($"No silo computes regions: Grid:Pyramids:RegionsPerSilo is 0 on all {among.Count}.");

    // A silo's labels come a moment after it has joined; it is taken to be like this one until then.
    private int PlacesOf(SiloAddress silo) =>
        labels.GetSiloMetadata(silo).Metadata.TryGetValue(SiloLabels.Places, out var places) ? int.Parse(places, CultureInfo.InvariantCulture) : options.RegionsPerSilo;
}

/// <summary>Orleans' way to <see cref="RegionSilos.Choose"/>.</summary>
internal sealed class RegionPlacementDirector(RegionSilos silos) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, compatible) ?? silos.Choose(target.GrainIdentity.Key.ToString()!, compatible));
    }
}
