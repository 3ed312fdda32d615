using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Uploads;

/// <summary>
/// One upload. Bytes go from the frontend straight to the store; the grain gives leave, records what was stored and moves the life cycle on.
/// Its row is its state: nothing else is persisted, so a new activation finds all by reading it.
/// </summary>
public sealed partial class UploadGrain(
    CatalogueStore catalogue, UploadFiles files, CheckExecutions checks, [FromKeyedServices(StoreNames.Uploads)] IObjectStore store, ILogger<UploadGrain> logger)
    : Grain, IUploadGrain, IRemindable
{
    private const string ResumeReminder = "resume";

    /// <summary>A delivery that was never ended, because its frontend died, stops holding the upload open after this long.</summary>
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromHours(12);

    private static readonly TimeSpan s_removalPeriod = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<Guid, Delivery> _deliveries = [];
    private Guid _id;
    private EntityRow? _row;
    private string _status = "";
    private IGrainTimer? _removal;

    private EntityRow Row => _row ?? throw new NotFoundException(EntityTable.Upload.Kind, _id);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = Guid.Parse(this.GetPrimaryKeyString());
        Use(await catalogue.FindAsync(EntityTable.Upload, _id, cancellationToken));
        // Tickets are known to one activation: what another promised for them binds nobody any more.
        if (_row is not null)
            await files.ReleaseAllAsync(_id);
    }

    public async Task CreateAsync(NewUpload created)
    {
        if (_row is not null)
            throw new ConflictException($"Upload {_id} exists already.");
        var doc = new JsonObject { ["description"] = created.Description, ["contact"] = created.Contact, ["open"] = false };
        if (created.TypeInfosJson is not null)
            doc["type_infos"] = JsonNode.Parse(created.TypeInfosJson);
        var columns = new Dictionary<string, object?>
        {
            ["datastore"] = created.Datastore, ["name"] = created.Name, ["type"] = created.Type, ["srs"] = created.Srs,
            ["status"] = UploadStatus.Open, ["size"] = 0L,
        };
        await WriteAsync(() => catalogue.InsertAsync(EntityTable.Upload, _id, columns, doc, new EntityEvent("Création", created.Initiator)));
    }

    public async Task PatchAsync(UploadPatch patch, Initiator initiator)
    {
        RequireNotDeleted();
        if (patch.Srs is not null && patch.Srs != Row.Text("srs"))
            RequireOpen("its srs can change");
        var columns = new Dictionary<string, object?>();
        if (patch.Name is not null)
            columns["name"] = patch.Name;
        if (patch.Srs is not null)
            columns["srs"] = patch.Srs;
        var doc = Row.Doc.DeepClone().AsObject();
        if (patch.Description is not null)
            doc["description"] = patch.Description;
        if (patch.Open is not null)
            doc["open"] = patch.Open;
        if (patch.ExtentJson is not null)
            doc["extent"] = JsonNode.Parse(patch.ExtentJson);
        if (patch.ExtraJson is not null)
            doc["extra"] = JsonNode.Parse(patch.ExtraJson);
        await UpdateAsync(columns, doc, new EntityEvent("Modification", initiator));
    }

    public Task SetTagsAsync(IReadOnlyDictionary<string, string> tags)
    {
        RequireNotDeleted();
        var merged = Row.Tags.DeepClone().AsObject();
        foreach (var (key, value) in tags)
            merged[key] = value;
        return UpdateAsync(new() { ["tags"] = merged });
    }

    public Task RemoveTagsAsync(IReadOnlyList<string> keys)
    {
        RequireNotDeleted();
        var left = Row.Tags.DeepClone().AsObject();
        foreach (var key in keys)
            left.Remove(key);
        return UpdateAsync(new() { ["tags"] = left });
    }

    public async Task<DeliveryTicket> BeginDeliveryAsync(FileKind kind, string path, long bytes)
    {
        UploadPath.Checked(path);
        RequireOpen("files can be delivered");
        if (await files.FindClashAsync(_id, kind, path) is { } clash)
            throw new ConflictException($"\"{path}\" cannot be beside \"{clash}\": one name would be a file and a folder. Remove the other file first.");
        var id = Guid.NewGuid();
        var room = await files.ReserveAsync(Row.Datastore, _id, kind, path, id, bytes, LongestDelivery);
        if (room <= 0)
            throw new ConflictException($"The quota of uploads of datastore {Row.Datastore} is used up: delete uploads that are no longer needed.");
        var ticket = new DeliveryTicket(id, KeyOf(kind, path), room);
        _deliveries[ticket.Id] = new Delivery(kind, path, catalogue.Now);
        DelayDeactivation(LongestDelivery);
        return ticket;
    }

    public async Task EndDeliveryAsync(Guid ticket, DeliveredFile? file)
    {
        if (!_deliveries.Remove(ticket, out var delivery))
            throw new ConflictException($"The delivery {ticket} is not known any more: send the file again.");
        if (_deliveries.Count == 0)
            DelayDeactivation(TimeSpan.FromMinutes(-1));
        if (file is null)
        {
            await files.ReleaseAsync(ticket);
            return;
        }

        var key = KeyOf(delivery.Kind, delivery.Path);
        // What arrives after the deletion is no one's, and nothing else would find it.
        if (_status == UploadStatus.Deleted)
            await store.DeleteAsync(key);
        if (_status != UploadStatus.Open)
            await files.ReleaseAsync(ticket);
        RequireOpen("files can be delivered");
        // Another delivery of the path may have ended later: then the object is that one's, and so is the record.
        if (await store.FindAsync(key) is not { } stored || stored.ETag != file.ETag)
        {
            await files.ReleaseAsync(ticket);
            return;
        }

        if (!await files.TryPutAsync(Row.Datastore, _id, delivery.Kind, delivery.Path, file, ticket, LongestDelivery))
        {
            await store.DeleteAsync(key);
            await files.RemoveAsync(_id, delivery.Kind, delivery.Path);
            throw new ConflictException(
                $"\"{delivery.Path}\" has {file.SizeBytes} bytes, more than the quota of uploads of datastore {Row.Datastore} leaves; it was not kept.");
        }
    }

    public async Task RemoveFileAsync(FileKind kind, string path)
    {
        UploadPath.Checked(path);
        RequireOpen("files can be removed");
        if (await files.FindAsync(_id, kind, path) is null)
            throw new NotFoundException($"Upload {_id} has no {(kind == FileKind.Md5 ? "MD5 file" : "file")} \"{path}\".");
        await store.DeleteAsync(KeyOf(kind, path));
        await files.RemoveAsync(_id, kind, path);
    }

    public async Task CloseAsync(Initiator initiator, string? callbackJson)
    {
        RequireOpen("it can be closed");
        var underway = _deliveries.Values.Count(delivery => delivery.Begun > catalogue.Now - LongestDelivery);
        if (underway > 0)
            throw new ConflictException($"Upload {_id} is still receiving {underway} file(s): close it when they have arrived.");
        if ((await files.SomeAsync(_id, 1)).Count == 0)
            throw new ConflictException($"Upload {_id} has no file: deliver some before closing it.");
        var type = Row.Text("type")!;
        await CheckAsync(CheckCatalogue.All.Where(check => check.DefaultFor.Contains(type)).Select(check => check.Id), "Fermeture", initiator, callbackJson);
    }

    public async Task OpenAsync(Initiator initiator)
    {
        RequireNotDeleted();
        if (_status is not (UploadStatus.Closed or UploadStatus.Unstable))
            throw new ConflictException($"Upload {_id} is {_status}: only one that is CLOSED or UNSTABLE can be opened.");
        await RequireNotInUseAsync();
        await SetStatusAsync(UploadStatus.Open, new EntityEvent("Ouverture", initiator));
    }

    public async Task AskChecksAsync(IReadOnlyList<Guid> checks, Initiator initiator)
    {
        RequireNotDeleted();
        if (_status is not (UploadStatus.Closed or UploadStatus.Unstable))
            throw new ConflictException($"Upload {_id} is {_status}: further checks run on one that is CLOSED or UNSTABLE.");
        if (checks.FirstOrDefault(check => CheckCatalogue.Find(check) is null) is var unknown && unknown != Guid.Empty)
            throw new InvalidInputException($"There is no check {unknown}.");
        if (checks.Count > 0)
            await CheckAsync(checks.Distinct(), "Vérification", initiator, null);
    }

    public async Task CancelCheckAsync(Guid execution)
    {
        RequireNotDeleted();
        await GrainFactory.GetGrain<ICheckExecutionGrain>(execution.ToString()).CancelAsync();
        await CheckEndedAsync();
    }

    public async Task CheckEndedAsync()
    {
        if (_row is null || _status != UploadStatus.Checking)
            return;
        var latest = await checks.LatestAsync(_id);
        if (!latest.All(check => CheckStatus.IsFinal(check.Status)))
            return;
        await SetStatusAsync(latest.All(check => check.Status == CheckStatus.Success) ? UploadStatus.Closed : UploadStatus.Unstable, null);
        await ForgetReminderAsync();
    }

    public async Task ResumeAsync()
    {
        if (_row is not null && _status == UploadStatus.Checking)
        {
            foreach (var check in (await checks.LatestAsync(_id)).Where(check => !CheckStatus.IsFinal(check.Status)))
                await GrainFactory.GetGrain<ICheckExecutionGrain>(check.Execution.ToString()).StartAsync();
            await CheckEndedAsync();
        }
        else if (_row is not null && _status == UploadStatus.Deleted)
        {
            StartRemoval();
        }
        else
        {
            await ForgetReminderAsync();
        }
    }

    public async Task DeleteAsync(Initiator initiator)
    {
        RequireNotDeleted();
        await RequireNotInUseAsync();
        foreach (var check in (await checks.LatestAsync(_id)).Where(check => !CheckStatus.IsFinal(check.Status)))
            await GrainFactory.GetGrain<ICheckExecutionGrain>(check.Execution.ToString()).CancelAsync();
        await RemindAsync();
        await SetStatusAsync(UploadStatus.Deleted, new EntityEvent("Suppression", initiator));
        StartRemoval();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => ResumeAsync();

    private async Task CheckAsync(IEnumerable<Guid> wanted, string title, Initiator initiator, string? callbackJson)
    {
        // The reminder comes first: from here on a stopped process goes on with what it finds.
        await RemindAsync();
        var executions = new List<Guid>();
        foreach (var check in wanted)
            executions.Add(await checks.CreateAsync(Row.Datastore, _id, check, callbackJson));
        await SetStatusAsync(UploadStatus.Checking, new EntityEvent(title, initiator));
        foreach (var execution in executions)
            await GrainFactory.GetGrain<ICheckExecutionGrain>(execution.ToString()).StartAsync();
    }

    private void StartRemoval() => _removal ??= this.RegisterGrainTimer(
        RemoveSomeAsync, new GrainTimerCreationOptions(TimeSpan.Zero, s_removalPeriod) { KeepAlive = true });

    private async Task RemoveSomeAsync(CancellationToken cancellation)
    {
        try
        {
            await RemoveHundredAsync(cancellation);
        }
        catch (Exception failure) when (failure is StorageException || Outage.Is(failure))
        {
            // The timer's own pace is for work that goes on.
            LogRetry(_id, failure.Message);
            _removal?.Change(TimeSpan.FromSeconds(5), s_removalPeriod);
        }
    }

    private async Task RemoveHundredAsync(CancellationToken cancellation)
    {
        var some = await files.SomeAsync(_id, 100);
        await store.DeleteAsync([.. some.Select(file => KeyOf(file.Kind, file.Path))], cancellation);
        foreach (var (kind, path) in some)
        {
            cancellation.ThrowIfCancellationRequested();
            await files.RemoveAsync(_id, kind, path);
        }

        if (some.Count > 0)
            return;
        await store.DeleteAsync(UploadPath.HeadersKey(_id), cancellation);
        _removal?.Dispose();
        _removal = null;
        await ForgetReminderAsync();
    }

    private Task SetStatusAsync(string status, EntityEvent? happened) =>
        UpdateAsync(new() { ["status"] = status }, Row.Doc.DeepClone().AsObject(), happened);

    private Task UpdateAsync(Dictionary<string, object?> columns, JsonObject? doc = null, EntityEvent? happened = null) =>
        WriteAsync(() => catalogue.UpdateAsync(EntityTable.Upload, _id, columns, doc, happened));

    private async Task WriteAsync(Func<Task> write)
    {
        try
        {
            await write();
            Use(await catalogue.ReadAsync(EntityTable.Upload, _id));
        }
        catch
        {
            // The answer may be lost of a write that was made: the next activation reads what the row is.
            DeactivateOnIdle();
            throw;
        }
    }

    private void Use(EntityRow? row) => (_row, _status) = (row, row?.Status ?? "");

    private void RequireNotDeleted()
    {
        if (Row.Status == UploadStatus.Deleted)
            throw new ConflictException($"Upload {_id} is deleted.");
    }

    private void RequireOpen(string what)
    {
        if (Row.Status != UploadStatus.Open)
            throw new ConflictException($"Upload {_id} is {_status}: only while it is OPEN {what}.");
    }

    private async Task RequireNotInUseAsync()
    {
        if (await files.IsInUseAsync(_id))
            throw new ConflictException($"Upload {_id} is being read by a processing execution: wait for its end, or abort it.");
    }

    private string KeyOf(FileKind kind, string path) => kind == FileKind.Md5 ? UploadPath.Md5Key(_id, path) : UploadPath.DataKey(_id, path);

    private Task RemindAsync() => this.RegisterOrUpdateReminder(ResumeReminder, Resumption.After, Resumption.After);

    private async Task ForgetReminderAsync()
    {
        if (await this.GetReminder(ResumeReminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The removal of upload {Id} tries again: {Reason}")]
    private partial void LogRetry(Guid id, string reason);

    private sealed record Delivery(FileKind Kind, string Path, DateTimeOffset Begun);
}
