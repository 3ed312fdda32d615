using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Grains.PointClouds;
using Grid.Grains.Pyramids.Harvest;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Processings;

/// <summary>
/// One execution of a processing: takes a producer's request, gives a pyramid build its order, follows it and tells stored data and producer
/// how it ended. A reminder stands from the launch to the end, so that an execution whose process was lost goes on by itself.
/// </summary>
public sealed partial class ProcessingExecutionGrain(
    [PersistentState("execution", "grid")] IPersistentState<ProcessingExecutionState> state,
    CatalogueStore store, ExecutionInputs inputs, PyramidVersions versions, HarvestOptions harvest,
    DatastoreStorages storages, TerrainTiles terrainTiles, ILogger<ProcessingExecutionGrain> logger)
    : Grain, IProcessingExecutionGrain, IRemindable
{
    private const string FollowReminder = "follow";

    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(250);

    // A small lot takes less than a second: its end is seen at once.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstLooks = TimeSpan.FromSeconds(5);

    private IGrainTimer? _following;
    private long _followedSince;
    private ExecutionLog? _log;

    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    private ExecutionLog Log => _log ??= new ExecutionLog(store, Id, "grid-raster-pyramid");

    public async Task CreateAsync(NewExecution request)
    {
        if (await store.FindAsync(EntityTable.ProcessingExecution, Id) is not null)
            throw new ConflictException($"The processing execution {Id} exists already.");
        var body = JsonNode.Parse(request.RequestJson) as JsonObject ?? throw new InvalidInputException("The body must be a JSON object.");
        var problems = new List<string>();
        var asked = ExecutionRequest.Read(body, problems);
        var uploads = asked is null ? [] : await inputs.ReadAsync(asked.Processing, request.Datastore, asked.Uploads, asked.Parameters["bottoms"] is not null, problems);
        var storedData = asked is null ? [] : await inputs.ReadStoredDataAsync(asked.Processing, request.Datastore, asked.StoredData, problems);
        if (asked?.OutputId is { } existing)
            await CheckOutputAsync(existing, request.Datastore, asked.Processing, problems);
        if (storedData.Count > 0 && problems.Count == 0)
            await CheckPyramidsAsync(asked!, problems);
        if ((string?)asked?.Parameters["harvest_url"] is { } url && harvest.Refusal(url) is { } refusal)
            problems.Add($"The parameter \"harvest_url\": {refusal}");
        if (problems.Count > 0 || asked is null)
            throw new InvalidInputException(problems);
        await inputs.RequireUsableAsync(asked.Processing, uploads);
        await storages.RequireRoomAsync(request.Datastore);

        var output = asked.OutputId ?? Guid.NewGuid();
        if (asked.OutputId is null)
        {
            var (kind, labels) = storages.Choose(asked.StorageTags);
            await GrainFactory.GetGrain<IStoredDataGrain>(output.ToString()).CreateAsync(new NewStoredData
            {
                Datastore = request.Datastore, Name = asked.OutputName, Type = asked.Processing.OutputStoredDataType,
                StorageType = kind, StorageLabels = labels,
                Contact = uploads.Concat(storedData).Select(row => row.Doc["contact"]?.ToString()).FirstOrDefault(), Initiator = request.Initiator,
            });
        }

        var doc = new JsonObject
        {
            ["processing"] = new JsonObject { ["_id"] = asked.Processing.Id.ToString(), ["name"] = asked.Processing.Name },
            ["parameters"] = asked.Parameters,
        };
        if (asked.Callback is not null)
            doc["callback"] = asked.Callback;
        await store.InsertAsync(EntityTable.ProcessingExecution, Id, new Dictionary<string, object?>
        {
            ["datastore"] = request.Datastore, ["processing"] = asked.Processing.Id, ["status"] = ExecutionStatus.Created,
            ["input_uploads"] = asked.Uploads.ToArray(), ["input_stored_data"] = asked.StoredData.ToArray(), ["output_stored_data"] = output,
        }, doc);
        foreach (var name in asked.UnknownParameters)
            Log.Warning($"The parameter \"{name}\" is unknown to this processing and has no effect.");
        await Log.FlushAsync();
    }

    public async Task LaunchAsync(Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.ProcessingExecution, Id);
        if (row.Status != ExecutionStatus.Created)
            throw new ConflictException($"The processing execution {Id} is {row.Status}: only a CREATED one can be launched.");
        var processing = ProcessingCatalogue.Find(row.Uuid("processing"))!;
        foreach (var upload in row.Uuids("input_uploads"))
            await inputs.RequireUsableAsync(processing, [await store.ReadAsync(EntityTable.Upload, upload)]);
        await this.RegisterOrUpdateReminder(FollowReminder, Resumption.After, Resumption.After);
        await SetStatusAsync(ExecutionStatus.Waiting, ("launch", store.Now));
        Log.Info($"Launched by {initiator.FirstName} {initiator.LastName}.");
        StartFollowing();
    }

    public async Task AbortAsync(Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.ProcessingExecution, Id);
        if (!ExecutionStatus.IsRunning(row.Status))
            throw new ConflictException($"The processing execution {Id} is {row.Status}: only one that is WAITING or in PROGRESS can be aborted.");
        if (state.State.AbortedBy is null)
        {
            state.State = state.State with { AbortedBy = $"{initiator.FirstName} {initiator.LastName}".Trim() };
            await state.WriteStateAsync();
            Log.Warning($"Abortion asked for by {state.State.AbortedBy}.");
        }

        StartFollowing();
    }

    public async Task SetCallbackAsync(string? callbackJson)
    {
        var row = await store.ReadAsync(EntityTable.ProcessingExecution, Id);
        if (ExecutionStatus.IsFinal(row.Status))
            throw new ConflictException($"The processing execution {Id} has ended ({row.Status}): its callback cannot change.");
        var doc = row.Doc;
        if (callbackJson is null)
            doc.Remove("callback");
        else
            doc["callback"] = JsonNode.Parse(callbackJson) as JsonObject ?? throw new InvalidInputException("\"callback\" must be an object.");
        await store.UpdateAsync(EntityTable.ProcessingExecution, Id, new Dictionary<string, object?>(), doc);
    }

    public async Task DeleteAsync()
    {
        var row = await store.ReadAsync(EntityTable.ProcessingExecution, Id);
        if (ExecutionStatus.IsRunning(row.Status))
            throw new ConflictException($"The processing execution {Id} is {row.Status}: abort it before deleting it.");
        await inputs.DeleteLogAsync(Id);
        await store.DeleteAsync(EntityTable.ProcessingExecution, Id);
        await state.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        StartFollowing();
        return Task.CompletedTask;
    }

    private async Task CheckPyramidsAsync(ExecutionRequest asked, List<string> problems)
    {
        if (asked.Processing == ProcessingCatalogue.TerrainModel)
        {
            await ExecutionInputs.StoredCloudAsync(versions, asked.StoredData[0]);
            return;
        }

        var pyramids = new List<FormerPyramid>();
        foreach (var id in asked.StoredData)
            pyramids.Add(await FormerPyramid.ReadAsync(versions, id));
        if (asked.Processing.TakesOverPyramids)
            FormerPyramid.CheckMerge(pyramids, asked.Parameters, problems);
        else if (asked.Processing == ProcessingCatalogue.RasterHead)
            pyramids[0].CheckHead(asked.Parameters, problems);
        else
            pyramids[0].CheckAgreement(asked.Parameters, problems);
        if (asked.Processing == ProcessingCatalogue.RasterHarvest && problems.Count == 0)
            RasterPyramidParameters.CheckHarvestOf(pyramids[0].Parameters(), asked.Parameters, problems);
    }

    private async Task CheckOutputAsync(Guid output, Guid datastore, ProcessingDefinition processing, List<string> problems)
    {
        var row = await store.FindAsync(EntityTable.StoredData, output);
        if (row is null || row.Datastore != datastore || row.Status == StoredDataStatus.Deleted)
            problems.Add($"There is no stored data {output} in this datastore.");
        else if (row.Text("type") != processing.OutputStoredDataType)
            problems.Add($"The stored data {output} is of type {row.Text("type")}: \"{processing.Name}\" makes {processing.OutputStoredDataType}.");
        else if (row.Status is StoredDataStatus.Generating or StoredDataStatus.Modifying)
            throw new ConflictException($"The stored data {output} is {row.Status}: wait for the execution that writes it, or abort it.");
    }

    private Task SetStatusAsync(string status, params (string Column, object? Value)[] columns)
    {
        var values = columns.ToDictionary(one => one.Column, one => one.Value);
        values["status"] = status;
        return store.UpdateAsync(EntityTable.ProcessingExecution, Id, values);
    }

    private void StartFollowing()
    {
        if (_following is not null)
            return;
        _followedSince = Stopwatch.GetTimestamp();
        _following = this.RegisterGrainTimer(FollowAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = FirstInterval, KeepAlive = true });
    }

    private async Task StopFollowingAsync()
    {
        _following?.Dispose();
        _following = null;
        if (await this.GetReminder(FollowReminder) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Execution {Id} is {Status}")]
    private partial void LogStatus(Guid id, string status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Execution {Id} tries again")]
    private partial void LogRetry(Exception reason, Guid id);
}
