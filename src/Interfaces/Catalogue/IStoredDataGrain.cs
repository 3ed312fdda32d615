using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// One stored data, keyed by its id (UUID, lower case): the only writer of its row, and the keeper of its versions. Each build writes a new
/// version under its own key prefix, and a version is deleted only when it is not the current one and no published layer shows it.
/// </summary>
[Alias("grid.stored-data")]
public interface IStoredDataGrain : IGrainWithStringKey
{
    /// <summary>Creates it with status CREATED.</summary>
    [Alias("Create")]
    Task CreateAsync(NewStoredData created);

    /// <summary>Merges an entity patch: name, description, edition, extent, extra, open, public_activity; other members are ignored.</summary>
    [Alias("Patch")]
    Task PatchAsync(string patchJson, Initiator initiator);

    /// <summary>Adds or replaces tags.</summary>
    [Alias("SetTags")]
    Task SetTagsAsync(IReadOnlyDictionary<string, string> tags);

    /// <summary>Removes tags; unknown keys are ignored.</summary>
    [Alias("RemoveTags")]
    Task RemoveTagsAsync(IReadOnlyList<string> keys);

    /// <summary>
    /// Lets other datastores list and show it and take it as an input. Throws <see cref="InvalidInputException"/> when one does not exist or is its own.
    /// </summary>
    [Alias("Share")]
    Task ShareAsync(IReadOnlyList<Guid> datastores);

    /// <summary>Takes that back; what they have made of it stays theirs, and executions that run go on.</summary>
    [Alias("Unshare")]
    Task UnshareAsync(IReadOnlyList<Guid> datastores);

    /// <summary>
    /// Begins a build: GENERATING for new data, MODIFYING for data that has a version. Returns the prefix for the new version's objects; the
    /// same execution gets the same prefix again. Throws <see cref="ConflictException"/> while another execution writes, or when deleted.
    /// </summary>
    [Alias("BeginVersion")]
    Task<string> BeginVersionAsync(Guid execution);

    /// <summary>Makes the finished build the current version, in one transaction, and the data GENERATED. A second call changes nothing.</summary>
    [Alias("CompleteVersion")]
    Task CompleteVersionAsync(Guid execution, PyramidSummary pyramid, Initiator initiator);

    /// <summary>The same for a build of COPC files.</summary>
    [Alias("CompleteCloud")]
    Task CompleteCloudAsync(Guid execution, PointCloudSummary cloud, Initiator initiator);

    /// <summary>Gives up the build: UNSTABLE, with its objects deleted behind the call. A former version stays usable by what it serves.</summary>
    [Alias("AbandonVersion")]
    Task AbandonVersionAsync(Guid execution, string reason, Initiator initiator);

    /// <summary>Looks again for versions that nothing serves, and deletes their objects after the grace time, behind the call.</summary>
    [Alias("ReleaseVersions")]
    Task ReleaseVersionsAsync();

    /// <summary>
    /// Deletes it: gone from the API when this returns, its objects deleted behind the call. Throws <see cref="ConflictException"/> while a
    /// configuration uses it or an execution writes it.
    /// </summary>
    [Alias("Delete")]
    Task DeleteAsync(Initiator initiator);
}

/// <summary>What is known of stored data at creation.</summary>
[GenerateSerializer, Alias("grid.new-stored-data"), Immutable]
public sealed record NewStoredData
{
    [Id(0)] public required Guid Datastore { get; init; }

    [Id(1)] public required string Name { get; init; }

    /// <summary>For example <c>ROK4-PYRAMID-RASTER</c>.</summary>
    [Id(2)] public required string Type { get; init; }

    [Id(3)] public required string StorageType { get; init; }

    /// <summary>Labels of the storage, as lists show them.</summary>
    [Id(4)] public IReadOnlyList<string> StorageLabels { get; init; } = [];

    [Id(5)] public string? Contact { get; init; }

    [Id(6)] public required Initiator Initiator { get; init; }
}
