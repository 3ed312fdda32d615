using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// One offering, keyed by its id (UUID, lower case): a configuration served at an endpoint. It is the only writer of the offering's row and
/// of the published layer that the frontends serve.
/// </summary>
[Alias("grid.offering")]
public interface IOfferingGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates it PUBLISHING; PUBLISHED, or UNSTABLE with an event that says why, a little later. Throws <see cref="InvalidInputException"/>
    /// or <see cref="ConflictException"/> when the endpoint cannot take it.
    /// </summary>
    [Alias("Create")]
    Task CreateAsync(NewOffering request);

    /// <summary>Serves the configuration and the data as they are now, in one step: MODIFYING, then PUBLISHED.</summary>
    [Alias("Synchronise")]
    Task SynchroniseAsync(Initiator initiator);

    /// <summary>Merges a patch: open, available, extra, public_activity; other members are ignored.</summary>
    [Alias("Patch")]
    Task PatchAsync(string patchJson, Initiator initiator);

    /// <summary>Stops serving it: UNPUBLISHING, and gone a little later.</summary>
    [Alias("Unpublish")]
    Task UnpublishAsync(Initiator initiator);
}

/// <summary>A request to publish a configuration.</summary>
/// <param name="RequestJson">The body as the REST API takes it: endpoint, open, public_activity.</param>
[GenerateSerializer, Alias("grid.new-offering"), Immutable]
public sealed record NewOffering(
    [property: Id(0)] Guid Datastore, [property: Id(1)] Guid Configuration, [property: Id(2)] string RequestJson, [property: Id(3)] Initiator Initiator);
