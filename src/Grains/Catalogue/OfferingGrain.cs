using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Catalogue;

/// <summary>
/// One offering: it takes a configuration to the published layers and away from them. Each command writes the state that is to be left
/// (PUBLISHING, MODIFYING, UNPUBLISHING) and a reminder, then a timer does the work; a crash in between only delays it. An offering that is not
/// available is published in all but its layer.
/// </summary>
public sealed partial class OfferingGrain(
    CatalogueStore store, PublishedLayers layers, DatastoreEndpoints endpoints, ILogger<OfferingGrain> logger)
    : Grain, IOfferingGrain, IRemindable
{
    private const string WorkReminder = "work";

    private readonly HashSet<Guid> _touched = [];
    private IGrainTimer? _work;
    private Func<Task>? _rest;

    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    public async Task CreateAsync(NewOffering request)
    {
        var body = JsonNode.Parse(request.RequestJson) as JsonObject ?? throw new InvalidInputException("The body must be a JSON object.");
        var configuration = await store.ReadAsync(EntityTable.Configuration, request.Configuration);
        var endpoint = await endpoints.ForPublicationAsync(request.Datastore, body, configuration.Text("type")!);
        if (await layers.OfferingOfAsync(request.Configuration) is { } other)
            throw new ConflictException($"The configuration {request.Configuration} is already published by the offering {other}.");
        var problems = new List<string>();
        var doc = new JsonObject { ["public_activity"] = EntityMembers.Flag(body, "public_activity", problems) ?? true };
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
        await this.RegisterOrUpdateReminder(WorkReminder, Resumption.After, Resumption.After);
        var columns = new Dictionary<string, object?>
        {
            ["datastore"] = request.Datastore, ["configuration"] = request.Configuration, ["endpoint"] = endpoint,
            ["layer_name"] = configuration.Text("layer_name"), ["type"] = configuration.Text("type"), ["status"] = OfferingStatus.Publishing,
            // On an open endpoint an offering is open, whatever was asked.
            ["open"] = true,
        };
        await store.InsertAsync(EntityTable.Offering, Id, columns, doc, new EntityEvent("Création", request.Initiator));
        StartWork();
    }

    public async Task SynchroniseAsync(Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.Offering, Id);
        if (row.Status == OfferingStatus.Unpublishing)
            throw new ConflictException($"The offering {Id} is being unpublished.");
        await BeginAsync(OfferingStatus.Modifying, row.Doc, new EntityEvent("Modification", initiator));
        await RefreshConfigurationAsync(row, null);
    }

    public async Task PatchAsync(string patchJson, Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.Offering, Id);
        var patch = JsonNode.Parse(patchJson) as JsonObject ?? throw new InvalidInputException("The body must be a JSON object.");
        var problems = new List<string>();
        var columns = new Dictionary<string, object?>();
        // The endpoint is open, which forces the offering to be; a wish for less is checked in its form only.
        EntityMembers.Flag(patch, "open", problems);
        if (EntityMembers.Flag(patch, "available", problems) is { } available && available != row.Flag("available"))
            columns["available"] = available;
        var doc = row.Doc;
        EntityMembers.CopyFlag(patch, doc, "public_activity", problems);
        EntityMembers.CopyObject(patch, doc, "extra", problems);
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
        var happened = new EntityEvent("Modification", initiator);
        if (columns.ContainsKey("available") && row.Status != OfferingStatus.Unpublishing)
            await BeginAsync(OfferingStatus.Modifying, doc, happened, columns);
        else
            await store.UpdateAsync(EntityTable.Offering, Id, columns, doc, happened);
    }

    public async Task UnpublishAsync(Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.Offering, Id);
        await BeginAsync(OfferingStatus.Unpublishing, row.Doc, new EntityEvent("Dépublication", initiator));
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        StartWork();
        return Task.CompletedTask;
    }

    private async Task BeginAsync(string status, JsonObject doc, EntityEvent happened, Dictionary<string, object?>? columns = null)
    {
        await this.RegisterOrUpdateReminder(WorkReminder, Resumption.After, Resumption.After);
        await store.UpdateAsync(EntityTable.Offering, Id, new Dictionary<string, object?>(columns ?? []) { ["status"] = status }, doc, happened);
        StartWork();
    }

    private void StartWork() => _work ??= this.RegisterGrainTimer(WorkAsync, new GrainTimerCreationOptions
    {
        DueTime = TimeSpan.Zero, Period = TimeSpan.FromSeconds(1), KeepAlive = true,
    });

    /// <summary>Leaves the state that a command wrote. Repeated by the timer until the database has taken it.</summary>
    private async Task WorkAsync(CancellationToken cancellation)
    {
        try
        {
            if (await store.FindAsync(EntityTable.Offering, Id, cancellation) is { } row)
            {
                if (row.Status is OfferingStatus.Publishing or OfferingStatus.Modifying)
                    await PublishAsync(row);
                else if (row.Status == OfferingStatus.Unpublishing)
                    await WithdrawAsync(row);
                else if (row.Status == OfferingStatus.Published)
                    await FinishInterruptedAsync(row);
            }

            if (_rest is not null)
                await _rest();
            _rest = null;
            _touched.Clear();
        }
        catch (Exception transient) when (Outage.Is(transient))
        {
            LogRetry(Id, transient.Message);
            return;
        }

        _work?.Dispose();
        _work = null;
        if (await this.GetReminder(WorkReminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    private async Task PublishAsync(EntityRow row)
    {
        var configuration = await store.ReadAsync(EntityTable.Configuration, row.Uuid("configuration"));
        IReadOnlyList<Guid> touched;
        try
        {
            touched = row.Flag("available") ? await layers.PublishAsync(Id, configuration) : await layers.WithdrawAsync(Id);
        }
        catch (Exception refused) when (!Outage.Is(refused))
        {
            // What producers poll must end, also where the platform is at fault.
            if (refused is not EntrepotException)
                LogFailed(refused, Id);
            var unstable = new Dictionary<string, object?> { ["status"] = OfferingStatus.Unstable };
            LeaveRest(row, null, []);
            await store.UpdateAsync(EntityTable.Offering, Id, unstable, row.Doc, new EntityEvent(
                "Publication en échec", Initiator.Grid, refused is EntrepotException ? refused.Message : "An error within the platform; its log tells which."));
            return;
        }

        LeaveRest(row, row.Status == OfferingStatus.Publishing ? "Publication" : "Synchronisation", touched);
        await store.UpdateAsync(EntityTable.Offering, Id, new Dictionary<string, object?> { ["status"] = OfferingStatus.Published });
        LogPublished(Id, configuration.Text("layer_name"));
    }

    private async Task WithdrawAsync(EntityRow row)
    {
        LeaveRest(row, "Dépublication", await layers.WithdrawAsync(Id));
        await store.DeleteAsync(EntityTable.Offering, Id);
        LogWithdrawn(Id, row.Text("layer_name"));
    }

    // After the last write of the offering's own row nothing in it asks for more work, even where the write's answer is lost: what others are to be told is
    // left before it, and kept until they have been.
    private void LeaveRest(EntityRow row, string? happened, IReadOnlyList<Guid> storedData)
    {
        _touched.UnionWith(storedData);
        _rest = async () =>
        {
            await RefreshConfigurationAsync(row, happened);
            await ReleaseAsync(_touched);
        };
    }

    // Work that is begun with nothing left to do in the row was cut between that write and the rest, by the end of a process.
    private async Task FinishInterruptedAsync(EntityRow row)
    {
        if (_rest is null && await store.FindAsync(EntityTable.Configuration, row.Uuid("configuration")) is { } configuration)
            LeaveRest(row, null, configuration.Uuids("used_data"));
    }

    private Task RefreshConfigurationAsync(EntityRow row, string? happened) => GrainFactory
        .GetGrain<IConfigurationGrain>(row.Uuid("configuration").ToString()).RefreshStatusAsync(happened, Initiator.Grid);

    private async Task ReleaseAsync(IEnumerable<Guid> storedData)
    {
        foreach (var id in storedData)
            await GrainFactory.GetGrain<IStoredDataGrain>(id.ToString()).ReleaseVersionsAsync();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Offering {Id} serves the layer {Layer}")]
    private partial void LogPublished(Guid id, string? layer);

    [LoggerMessage(Level = LogLevel.Error, Message = "Offering {Id} cannot be published")]
    private partial void LogFailed(Exception failure, Guid id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Offering {Id} has withdrawn the layer {Layer}")]
    private partial void LogWithdrawn(Guid id, string? layer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Offering {Id} tries again: {Reason}")]
    private partial void LogRetry(Guid id, string reason);
}
