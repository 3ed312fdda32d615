using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Grains.Catalogue;

/// <summary>One configuration: what is to be served and under which name. Its offerings serve it; it only answers for its own row and name.</summary>
public sealed class ConfigurationGrain(CatalogueStore store, PublishedLayers layers, UsedStyles styles) : Grain, IConfigurationGrain
{
    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    public async Task CreateAsync(NewConfiguration request)
    {
        var read = ConfigurationRequest.Read(Body(request.RequestJson), request.LayerNamePrefix);
        await CheckUsedAsync(request.Datastore, read);
        var name = GrainFactory.GetGrain<ILayerNameGrain>($"{read.Type}/{read.LayerName}");
        await name.ClaimAsync(Id);
        var doc = new JsonObject();
        Fill(doc, read);
        var columns = new Dictionary<string, object?>
        {
            ["datastore"] = request.Datastore, ["name"] = read.Name, ["layer_name"] = read.LayerName, ["type"] = read.Type,
            ["status"] = ConfigurationStatus.Unpublished, ["used_data"] = UsedIds(read),
        };
        try
        {
            await store.InsertAsync(EntityTable.Configuration, Id, columns, doc, new EntityEvent("Création", request.Initiator));
            // Stored data deleted since the first look either saw this row and stayed, or is seen to be gone here.
            await CheckUsedAsync(request.Datastore, read);
        }
        catch (EntrepotException)
        {
            await store.DeleteAsync(EntityTable.Configuration, Id);
            await name.ReleaseAsync(Id);
            throw;
        }
    }

    public async Task ReplaceAsync(string bodyJson, Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.Configuration, Id);
        var body = Body(bodyJson);
        foreach (var member in (string[])["type", "layer_name"])
        {
            if (body[member] is { } given && given.ToString() != row.Text(member))
                throw new InvalidInputException($"\"{member}\" is {row.Text(member)} and cannot change.");
            body[member] = row.Text(member);
        }

        var read = ConfigurationRequest.Read(body, layerNamePrefix: null);
        await CheckUsedAsync(row.Datastore, read);
        var doc = row.Doc;
        Fill(doc, read);
        var columns = new Dictionary<string, object?> { ["name"] = read.Name, ["used_data"] = UsedIds(read) };
        await store.UpdateAsync(EntityTable.Configuration, Id, columns, doc, new EntityEvent("Modification", initiator));
    }

    public async Task PatchAsync(string patchJson, Initiator initiator)
    {
        var row = await store.ReadAsync(EntityTable.Configuration, Id);
        var patch = Body(patchJson);
        var problems = new List<string>();
        var columns = new Dictionary<string, object?>();
        if (EntityMembers.Text(patch, "name", 1, 255, problems) is { } name)
            columns["name"] = name;
        var doc = row.Doc;
        EntityMembers.CopyObject(patch, doc, "extra", problems);
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
        await store.UpdateAsync(EntityTable.Configuration, Id, columns, doc, new EntityEvent("Modification", initiator));
    }

    public async Task SetTagsAsync(IReadOnlyDictionary<string, string> tags)
    {
        var all = (await store.ReadAsync(EntityTable.Configuration, Id)).Tags;
        foreach (var (key, value) in tags)
            all[key] = value;
        await store.UpdateAsync(EntityTable.Configuration, Id, new Dictionary<string, object?> { ["tags"] = all });
    }

    public async Task RemoveTagsAsync(IReadOnlyList<string> keys)
    {
        var all = (await store.ReadAsync(EntityTable.Configuration, Id)).Tags;
        foreach (var key in keys)
            all.Remove(key);
        await store.UpdateAsync(EntityTable.Configuration, Id, new Dictionary<string, object?> { ["tags"] = all });
    }

    public async Task RefreshStatusAsync(string? eventTitle, Initiator initiator)
    {
        if (await store.FindAsync(EntityTable.Configuration, Id) is not { } row)
            return;
        var offerings = await layers.OfferingStatusesAsync(Id);
        var status = offerings.Count == 0 ? ConfigurationStatus.Unpublished
            : offerings.Contains(OfferingStatus.Modifying) ? ConfigurationStatus.Synchronizing
            : ConfigurationStatus.Published;
        var happened = eventTitle is null ? null : new EntityEvent(eventTitle, initiator);
        if (status != row.Status || happened is not null)
            await store.UpdateAsync(EntityTable.Configuration, Id, new Dictionary<string, object?> { ["status"] = status }, row.Doc, happened);
    }

    public async Task DeleteAsync()
    {
        var row = await store.ReadAsync(EntityTable.Configuration, Id);
        var offerings = await layers.OfferingStatusesAsync(Id);
        if (offerings.Count > 0)
            throw new ConflictException($"The configuration {Id} has {offerings.Count} offerings: delete them first.");
        if (!await layers.DeleteConfigurationAsync(Id))
            throw new ConflictException($"The configuration {Id} has just been published: delete its offering first.");
        await GrainFactory.GetGrain<ILayerNameGrain>($"{row.Text("type")}/{row.Text("layer_name")}").ReleaseAsync(Id);
    }

    private async Task CheckUsedAsync(Guid datastore, ConfigurationRequest read)
    {
        if (read.Type == ConfigurationRequest.Download)
        {
            await DownloadRequest.CheckAsync(store, datastore, read.Used);
            return;
        }

        await UsedPyramids.CheckAsync(store, datastore, read.Used);
        await styles.CheckAsync(datastore, read.TypeInfos, read.Used);
    }

    private static void Fill(JsonObject doc, ConfigurationRequest read)
    {
        doc["type_infos"] = read.TypeInfos;
        doc["metadata"] = read.Metadata ?? new JsonArray();
        if (read.Attribution is null)
            doc.Remove("attribution");
        else
            doc["attribution"] = read.Attribution;
    }

    private static Guid[] UsedIds(ConfigurationRequest read) => [.. read.Used.Select(one => one.StoredData).Distinct()];

    private static JsonObject Body(string json) =>
        JsonNode.Parse(json) as JsonObject ?? throw new InvalidInputException("The body must be a JSON object.");
}

/// <summary>The states of configurations in the Entrepôt's words.</summary>
public static class ConfigurationStatus
{
    public const string Unpublished = "UNPUBLISHED";

    public const string Published = "PUBLISHED";

    /// <summary>An offering of it takes over its changes.</summary>
    public const string Synchronizing = "SYNCHRONIZING";
}

/// <summary>The states of offerings in the Entrepôt's words.</summary>
public static class OfferingStatus
{
    public const string Publishing = "PUBLISHING";

    public const string Published = "PUBLISHED";

    public const string Modifying = "MODIFYING";

    public const string Unpublishing = "UNPUBLISHING";

    /// <summary>The last publication failed; what was served before is still served.</summary>
    public const string Unstable = "UNSTABLE";
}
