using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>One configuration, keyed by its id (UUID, lower case): how stored data are to be served. Nothing is served before an offering publishes it.</summary>
[Alias("grid.configuration")]
public interface IConfigurationGrain : IGrainWithStringKey
{
    /// <summary>
    /// Validates and creates it, UNPUBLISHED. Throws <see cref="InvalidInputException"/> with every fault, or <see cref="ConflictException"/>
    /// when its (type, layer_name) is taken on the platform.
    /// </summary>
    [Alias("Create")]
    Task CreateAsync(NewConfiguration request);

    /// <summary>Replaces name, type_infos, attribution and metadata. Type and layer_name cannot change; read-only members of the body are ignored.</summary>
    [Alias("Replace")]
    Task ReplaceAsync(string bodyJson, Initiator initiator);

    /// <summary>Merges a patch: name and extra; other members are ignored.</summary>
    [Alias("Patch")]
    Task PatchAsync(string patchJson, Initiator initiator);

    [Alias("SetTags")]
    Task SetTagsAsync(IReadOnlyDictionary<string, string> tags);

    [Alias("RemoveTags")]
    Task RemoveTagsAsync(IReadOnlyList<string> keys);

    /// <summary>Called by its offerings after each change of theirs: sets the status from them.</summary>
    [Alias("RefreshStatus")]
    Task RefreshStatusAsync(string? eventTitle, Initiator initiator);

    /// <summary>Deletes it and frees its layer name. Throws <see cref="ConflictException"/> while it has offerings.</summary>
    [Alias("Delete")]
    Task DeleteAsync();
}

/// <summary>A request to create a configuration.</summary>
/// <param name="RequestJson">The body as the REST API takes it.</param>
/// <param name="LayerNamePrefix">What the datastore's layer names must begin with; null where it sets nothing.</param>
[GenerateSerializer, Alias("grid.new-configuration"), Immutable]
public sealed record NewConfiguration(
    [property: Id(0)] Guid Datastore, [property: Id(1)] string RequestJson, [property: Id(2)] string? LayerNamePrefix, [property: Id(3)] Initiator Initiator);
