using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// The platform-wide authority on one layer name of one configuration type, keyed <c>type/layer_name</c>: of several configurations that ask
/// for the name at once, one gets it.
/// </summary>
[Alias("grid.layer-name")]
public interface ILayerNameGrain : IGrainWithStringKey
{
    /// <summary>Takes the name for a configuration; again for the same one changes nothing. Throws <see cref="ConflictException"/> when another holds it.</summary>
    [Alias("Claim")]
    Task ClaimAsync(Guid configuration);

    /// <summary>Frees the name when that configuration holds it.</summary>
    [Alias("Release")]
    Task ReleaseAsync(Guid configuration);
}
