using Orleans.Placement;
using Orleans.Runtime;

namespace Grid.Grains.Pyramids;

/// <summary>Puts regions on the silo whose places for regions are taken least, as <see cref="RegionPlaces{TSilo}"/> counts them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RegionPlacementAttribute() : PlacementAttribute(new RegionPlacement());

/// <summary>The strategy that <see cref="RegionPlacementAttribute"/> names; silos have a director for it.</summary>
public sealed class RegionPlacement : PlacementStrategy;
