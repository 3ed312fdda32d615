using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Interfaces.Uploads;

/// <summary>
/// One upload, keyed by its id (UUID, lower case): the only writer of its row and of its list of files. It owns the life cycle
/// OPEN → CHECKING → CLOSED or UNSTABLE → OPEN …, DELETED at the end. Files change in OPEN alone. All but <see cref="CreateAsync"/> throw
/// <see cref="NotFoundException"/> when there is no such upload, and <see cref="ConflictException"/> when the state forbids what is asked.
/// </summary>
[Alias("grid.upload")]
public interface IUploadGrain : IGrainWithStringKey
{
    /// <summary>Creates it, OPEN and empty.</summary>
    [Alias("Create")]
    Task CreateAsync(NewUpload created);

    [Alias("Patch")]
    Task PatchAsync(UploadPatch patch, Initiator initiator);

    /// <summary>Merges tags into those it has.</summary>
    [Alias("SetTags")]
    Task SetTagsAsync(IReadOnlyDictionary<string, string> tags);

    [Alias("RemoveTags")]
    Task RemoveTagsAsync(IReadOnlyList<string> keys);

    /// <summary>Asks leave to stream a file to the key of the ticket; every ticket must be ended. Throws <see cref="ConflictException"/> when the quota is used up.</summary>
    /// <param name="bytes">What the delivery will take at most, so that others find that much less; 0 when nobody knows.</param>
    [Alias("BeginSizedDelivery")]
    Task<DeliveryTicket> BeginDeliveryAsync(FileKind kind, string path, long bytes);

    /// <summary>Records the stored file, or with null gives the ticket back. Of several deliveries of one path the last one stored is recorded.</summary>
    [Alias("EndDelivery")]
    Task EndDeliveryAsync(Guid ticket, DeliveredFile? file);

    /// <summary>Removes a file, or throws <see cref="NotFoundException"/>.</summary>
    [Alias("RemoveFile")]
    Task RemoveFileAsync(FileKind kind, string path);

    /// <summary>Ends the delivery and starts the checks of the upload's type.</summary>
    [Alias("Close")]
    Task CloseAsync(Initiator initiator, string? callbackJson);

    /// <summary>From CLOSED or UNSTABLE back to OPEN.</summary>
    [Alias("Open")]
    Task OpenAsync(Initiator initiator);

    /// <summary>Runs further checks on a closed upload.</summary>
    [Alias("AskChecks")]
    Task AskChecksAsync(IReadOnlyList<Guid> checks, Initiator initiator);

    /// <summary>Stops a check that has not ended; it counts as failed.</summary>
    [Alias("CancelCheck")]
    Task CancelCheckAsync(Guid execution);

    /// <summary>Called by a check execution when it has ended: moves the upload on when it was the last one.</summary>
    [Alias("CheckEnded")]
    Task CheckEndedAsync();

    /// <summary>Goes on with what a stopped process left: checks to run, files to remove.</summary>
    [Alias("Resume")]
    Task ResumeAsync();

    /// <summary>DELETED at once; the files go a little later, the record and its checks' reports stay.</summary>
    [Alias("Delete")]
    Task DeleteAsync(Initiator initiator);
}
