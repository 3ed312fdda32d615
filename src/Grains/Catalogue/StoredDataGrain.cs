using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Catalogue;

/// <summary>
/// One stored data: its life cycle, and which of its pyramid versions live. Commands come from processing executions, offerings and the REST
/// API; what goes out are the row that lists read, and the deletion of objects that nothing serves any more.
/// </summary>
public sealed partial class StoredDataGrain(
    CatalogueStore store, PyramidVersions versions, PyramidRemoval removal, PyramidRetention retention, DatastoreStorages storages, Sharings sharings,
    ILogger<StoredDataGrain> logger)
    : Grain, IStoredDataGrain, IRemindable
{
    private const string RemovalReminder = "removal";

    private IGrainTimer? _removing;

    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    public async Task CreateAsync(NewStoredData created)
    {
        var doc = new JsonObject
        {
            ["open"] = false,
            ["public_activity"] = true,
            ["storage"] = new JsonObject
            {
                ["type"] = created.StorageType,
                ["labels"] = new JsonArray([.. created.StorageLabels.Select(label => (JsonNode)label)]),
            },
        };
        if (created.Contact is not null)
            doc["contact"] = created.Contact;
        var columns = new Dictionary<string, object?>
        {
            ["datastore"] = created.Datastore, ["name"] = created.Name, ["type"] = created.Type, ["status"] = StoredDataStatus.Created,
            ["storage_type"] = created.StorageType,
        };
        await store.InsertAsync(EntityTable.StoredData, Id, columns, doc, new EntityEvent("Création", created.Initiator));
    }

    public async Task PatchAsync(string patchJson, Initiator initiator)
    {
        var row = await ReadLiveAsync();
        var columns = new Dictionary<string, object?>();
        var doc = row.Doc;
        StoredDataPatch.Apply(JsonNode.Parse(patchJson) as JsonObject ?? [], columns, doc);
        await store.UpdateAsync(EntityTable.StoredData, Id, columns, doc, new EntityEvent("Modification", initiator));
    }

    public async Task SetTagsAsync(IReadOnlyDictionary<string, string> tags)
    {
        var all = (await ReadLiveAsync()).Tags;
        foreach (var (key, value) in tags)
            all[key] = value;
        await store.UpdateAsync(EntityTable.StoredData, Id, new Dictionary<string, object?> { ["tags"] = all });
    }

    public async Task RemoveTagsAsync(IReadOnlyList<string> keys)
    {
        var all = (await ReadLiveAsync()).Tags;
        foreach (var key in keys)
            all.Remove(key);
        await store.UpdateAsync(EntityTable.StoredData, Id, new Dictionary<string, object?> { ["tags"] = all });
    }

    public async Task ShareAsync(IReadOnlyList<Guid> datastores)
    {
        if (datastores.Contains((await ReadLiveAsync()).Datastore))
            throw new InvalidInputException($"The stored data {Id} belongs to the datastore: share it with others.");
        if (await sharings.AddAsync(Id, datastores) is { Count: > 0 } missing)
            throw new InvalidInputException($"There is no datastore {string.Join(", ", missing)}.");
    }

    public async Task UnshareAsync(IReadOnlyList<Guid> datastores)
    {
        await ReadLiveAsync();
        await sharings.RemoveAsync(Id, datastores);
    }

    public async Task<string> BeginVersionAsync(Guid execution)
    {
        var row = await ReadLiveAsync();
        var known = await versions.ListAsync(Id);
        if (known.FirstOrDefault(one => one.Execution == execution) is { } ended && ended.Status != PyramidVersionStatus.Building)
            throw new ConflictException($"The execution {execution} has already ended its build of the stored data {Id}.");
        if (known.FirstOrDefault(one => one.Status == PyramidVersionStatus.Building && one.Execution != execution) is { } other)
            throw new ConflictException($"The stored data {Id} is being written by the execution {other.Execution}.");
        var begun = await versions.BeginAsync(Id, execution, storages.PrefixOf(row.Doc["storage"]?["labels"]?.AsArray().Select(label => (string)label!) ?? []));
        var status = known.Any(one => one.Status == PyramidVersionStatus.Current) ? StoredDataStatus.Modifying : StoredDataStatus.Generating;
        if (row.Status != status)
            await store.UpdateAsync(EntityTable.StoredData, Id, new Dictionary<string, object?> { ["status"] = status });
        return begun.StoragePrefix;
    }

    public Task CompleteVersionAsync(Guid execution, PyramidSummary pyramid, Initiator initiator) => CompleteAsync(
        execution, PyramidVersions.DescriptionOf(pyramid), doc => GeneratedPyramid.Describe(pyramid, doc), pyramid.SizeBytes + (pyramid.Tiles?.Files.Sum(file => file.SizeBytes) ?? 0), GeneratedPyramid.CrsOf(pyramid), initiator);

    public Task CompleteCloudAsync(Guid execution, PointCloudSummary cloud, Initiator initiator) => CompleteAsync(
        execution, PyramidVersions.DescriptionOf(cloud), doc => GeneratedPyramid.Describe(cloud, doc), cloud.SizeBytes, cloud.Crs, initiator);

    public async Task AbandonVersionAsync(Guid execution, string reason, Initiator initiator)
    {
        if (await store.FindAsync(EntityTable.StoredData, Id) is not { } row)
            return;
        var building = (await versions.ListAsync(Id)).FirstOrDefault(one => one.Execution == execution && one.Status == PyramidVersionStatus.Building);
        if (building is not null && row.Status != StoredDataStatus.Deleted)
        {
            var unstable = new Dictionary<string, object?> { ["status"] = StoredDataStatus.Unstable };
            await store.UpdateAsync(EntityTable.StoredData, Id, unstable, row.Doc, new EntityEvent("Génération en échec", initiator, reason));
        }

        await versions.AbandonAsync(Id, execution);
        await RemoveBehindAsync();
    }

    public async Task ReleaseVersionsAsync()
    {
        // A deletion that was cut short after its first word goes on here.
        var isDeleted = (await store.FindAsync(EntityTable.StoredData, Id))?.Status == StoredDataStatus.Deleted;
        if (isDeleted && await versions.UserOfAsync(Id) is null && await versions.ReaderOfAsync(Id) is null)
            await versions.RemoveAllAsync(Id);
        else
            await versions.RetireUnservedAsync(Id, retention.Grace);
        await RemoveBehindAsync();
    }

    public async Task DeleteAsync(Initiator initiator)
    {
        var row = await ReadLiveAsync();
        if ((await versions.ListAsync(Id)).FirstOrDefault(one => one.Status == PyramidVersionStatus.Building) is { } building)
            throw new ConflictException($"The stored data {Id} is being written by the execution {building.Execution}: abort it first.");
        await RefuseWhileUsedAsync();
        // The reminder comes first: once the row says it is deleted, nobody asks for its deletion again.
        await this.RegisterOrUpdateReminder(RemovalReminder, PyramidRetention.Interval, PyramidRetention.Interval);
        await store.UpdateAsync(EntityTable.StoredData, Id, new Dictionary<string, object?> { ["status"] = StoredDataStatus.Deleted });
        try
        {
            // A configuration or execution that came meanwhile has either seen the deletion, or is seen here.
            await RefuseWhileUsedAsync();
        }
        catch (ConflictException)
        {
            await store.UpdateAsync(EntityTable.StoredData, Id, new Dictionary<string, object?> { ["status"] = row.Status });
            throw;
        }

        await versions.RemoveAllAsync(Id);
        await RemoveBehindAsync();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => ReleaseVersionsAsync();

    private async Task CompleteAsync(Guid execution, JsonObject described, Action<JsonObject> describe, long sizeBytes, string? srs, Initiator initiator)
    {
        var row = await ReadLiveAsync();
        await versions.CompleteAsync(Id, execution, described);
        var current = (await versions.ListAsync(Id)).FirstOrDefault(one => one.Status == PyramidVersionStatus.Current);
        // The row follows the versions: a call that was cut between the two is repeated by the execution until both agree.
        if (current?.Execution == execution && row.Status != StoredDataStatus.Generated)
        {
            var doc = row.Doc;
            describe(doc);
            var columns = new Dictionary<string, object?> { ["status"] = StoredDataStatus.Generated, ["size"] = sizeBytes, ["srs"] = srs };
            await store.UpdateAsync(EntityTable.StoredData, Id, columns, doc, new EntityEvent("Génération", initiator));
            LogGenerated(Id, current.Version, sizeBytes);
        }

        await ReleaseVersionsAsync();
    }

    /// <summary>Registers the removal so that a crash only delays it, and begins it unless it is under way.</summary>
    private async Task RemoveBehindAsync()
    {
        var waiting = (await versions.ListAsync(Id)).Where(one => one.Status is PyramidVersionStatus.Former or PyramidVersionStatus.Removing).ToList();
        if (waiting.Count == 0)
        {
            if (await this.GetReminder(RemovalReminder) is { } reminder)
                await this.UnregisterReminder(reminder);
            return;
        }

        await this.RegisterOrUpdateReminder(RemovalReminder, PyramidRetention.Interval, PyramidRetention.Interval);
        if (waiting.Any(one => one.Status == PyramidVersionStatus.Removing))
        {
            _removing ??= this.RegisterGrainTimer(RemoveSomeAsync, new GrainTimerCreationOptions
            {
                DueTime = TimeSpan.Zero, Period = TimeSpan.FromSeconds(1), KeepAlive = true,
            });
        }
    }

    /// <summary>Deletes a bounded number of objects; the timer calls again while some are left.</summary>
    private async Task RemoveSomeAsync(CancellationToken cancellation)
    {
        foreach (var version in (await versions.ListAsync(Id)).Where(one => one.Status == PyramidVersionStatus.Removing))
        {
            if (!await removal.DeleteSomeAsync(version.StoragePrefix, cancellation))
                return;
            await versions.RemovedAsync(Id, version.Version);
            LogRemoved(Id, version.Version, version.StoragePrefix);
        }

        _removing?.Dispose();
        _removing = null;
        await RemoveBehindAsync();
    }

    private async Task<EntityRow> ReadLiveAsync()
    {
        var row = await store.ReadAsync(EntityTable.StoredData, Id);
        return row.Status == StoredDataStatus.Deleted ? throw new NotFoundException("stored data", Id) : row;
    }

    private async Task RefuseWhileUsedAsync()
    {
        if (await versions.UserOfAsync(Id) is { } configuration)
            throw new ConflictException($"The stored data {Id} is used by the configuration {configuration}: delete the configuration first.");
        if (await versions.ReaderOfAsync(Id) is { } execution)
            throw new ConflictException($"The stored data {Id} is an input of the execution {execution}, which runs: wait for its end, or abort it.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored data {Id} is generated: version {Version}, {SizeBytes} bytes")]
    private partial void LogGenerated(Guid id, int version, long sizeBytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored data {Id}: version {Version} under {Prefix} is deleted")]
    private partial void LogRemoved(Guid id, int version, string prefix);
}
