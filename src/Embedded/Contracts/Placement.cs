using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Says on which silo a grain is activated. There is one silo here, so that only stateless workers make a difference.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute : Attribute
{
    protected PlacementAttribute()
    {
    }

    protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

    /// <summary>A strategy of the application's own; null for one of Orleans'.</summary>
    public PlacementStrategy? PlacementStrategy { get; }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class RandomPlacementAttribute : PlacementAttribute;

[AttributeUsage(AttributeTargets.Class)]
public sealed class HashBasedPlacementAttribute : PlacementAttribute;

[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;

[AttributeUsage(AttributeTargets.Class)]
public sealed class ActivationCountBasedPlacementAttribute : PlacementAttribute;

[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceOptimizedPlacementAttribute : PlacementAttribute;
