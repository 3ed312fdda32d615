using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Fixtures;

/// <summary>A producer of a running grid, who uses its REST API alone: one method for each of the producer's acts, each waiting for its end.</summary>
public sealed class GridProducer : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private GridProducer(EntrepotClient api, string datastore) => (Api, Datastore) = (api, datastore);

    public EntrepotClient Api { get; }

    /// <summary>Path of the producer's datastore under the API's root.</summary>
    public string Datastore { get; }

    /// <summary>Logs in with the account that the grid made at its first start.</summary>
    public static Task<GridProducer> OfAsync(RunningGrid grid) => OfAsync(grid.Address, grid.Data);

    /// <summary>Logs in at an address with the account of a data folder.</summary>
    public static async Task<GridProducer> OfAsync(Uri address, string data)
    {
        var api = new EntrepotClient(address, Credentials.Read(Path.Combine(data, "secrets.json")));
        return new GridProducer(api, "datastores/" + await Delivery.DatastoreAsync(api, null, CancellationToken.None));
    }

    /// <summary>The same account in another community's datastore.</summary>
    public async Task<GridProducer> InAsync(string community) =>
        new(Api, "datastores/" + await Delivery.DatastoreAsync(Api, community, CancellationToken.None));

    /// <summary>Delivers a folder of rasters, or of point clouds, and waits until its checks have passed.</summary>
    /// <returns>The upload's id.</returns>
    public Task<string> UploadAsync(string folder, string name, string srs = "EPSG:2154", bool isLidar = false) => new UploadStep(
            Api, new PlainReport(TextWriter.Null, TimeProvider.System),
            new DeliveryOptions { Folder = folder, Name = name, Srs = srs, IsLidar = isLidar, PollInterval = Poll },
            Datastore["datastores/".Length..])
        .RunAsync(CancellationToken.None);

    /// <summary>Creates and launches an execution that makes a pyramid; does not wait for it.</summary>
    /// <param name="output">The name of new stored data, or the id of those that get a new version.</param>
    /// <returns>The execution's id and that of its stored data.</returns>
    public Task<(string Execution, string StoredData)> LaunchAsync(string upload, string output, JsonObject parameters) =>
        LaunchAsync("Calcul de pyramide raster", [upload], [], output, parameters);

    /// <summary>Creates and launches an execution of any processing; does not wait for it.</summary>
    /// <param name="output">The name of new stored data, or the id of those that get a new version.</param>
    /// <param name="storage">The storage tag of new stored data.</param>
    /// <returns>The execution's id and that of its stored data.</returns>
    public async Task<(string Execution, string StoredData)> LaunchAsync(
        string name, IReadOnlyList<string> uploads, IReadOnlyList<string> storedData, string output, JsonObject parameters, string storage = "PYRAMIDE")
    {
        var processing = (await Api.ListAsync($"{Datastore}/processings?name={Uri.EscapeDataString(name)}", default))[0]!;
        var execution = await Api.PostAsync($"{Datastore}/processings/executions", new JsonObject
        {
            ["processing"] = Json.Id(processing),
            ["inputs"] = new JsonObject
            {
                ["upload"] = new JsonArray([.. uploads.Select(id => (JsonNode)id)]), ["stored_data"] = new JsonArray([.. storedData.Select(id => (JsonNode)id)]),
            },
            ["output"] = new JsonObject
            {
                ["stored_data"] = new JsonObject { [Guid.TryParse(output, out _) ? "_id" : "name"] = output, ["storage_tags"] = new JsonArray(storage) },
            },
            ["parameters"] = parameters,
        }, default);
        await Api.PostAsync($"{Datastore}/processings/executions/{Json.Id(execution)}/launch", null, default);
        return (Json.Id(execution), Json.Id(execution["output"]!["stored_data"]!));
    }

    /// <summary>Waits until an execution has ended; returns its status.</summary>
    public async Task<string> EndOfAsync(string execution)
    {
        while (true)
        {
            if (await StatusOfAsync(execution) is ("SUCCESS" or "FAILURE" or "ABORTED") and var status)
                return status;
            await Task.Delay(Poll);
        }
    }

    /// <summary>An execution's status.</summary>
    public async Task<string> StatusOfAsync(string execution) => (string)(await Api.GetAsync($"{Datastore}/processings/executions/{execution}", default))["status"]!;

    /// <summary>Makes a pyramid and waits for it; throws with the execution's log when it ends otherwise.</summary>
    /// <returns>The stored data's id.</returns>
    public Task<string> BuildAsync(string upload, string output, JsonObject parameters) => RunAsync("Calcul de pyramide raster", [upload], [], output, parameters);

    /// <summary>Runs any processing and waits for it; throws with the execution's log when it ends otherwise than well.</summary>
    /// <returns>The id of its stored data.</returns>
    public async Task<string> RunAsync(
        string processing, IReadOnlyList<string> uploads, IReadOnlyList<string> inputs, string output, JsonObject parameters, string storage = "PYRAMIDE")
    {
        var (execution, storedData) = await LaunchAsync(processing, uploads, inputs, output, parameters, storage);
        var status = await EndOfAsync(execution);
        return status == "SUCCESS"
            ? storedData
            : throw new InvalidOperationException($"The build of {output} ended {status}:\n{string.Join('\n', await Api.ListAsync($"{Datastore}/processings/executions/{execution}/logs", default))}");
    }

    /// <summary>Publishes all levels of a pyramid as a layer, or the files of stored data, and waits until it is served.</summary>
    /// <param name="more">Members of <c>type_infos</c> beside title, abstract and data.</param>
    /// <param name="type">WMTS-TMS, WMS-RASTER or DOWNLOAD.</param>
    /// <returns>The offering's id.</returns>
    public async Task<string> PublishAsync(string storedData, string layer, JsonObject? more = null, string type = "WMTS-TMS")
    {
        var pyramid = await Api.GetAsync($"{Datastore}/stored_data/{storedData}", default);
        var levels = (pyramid["type_infos"]!["levels"]?.AsArray() ?? []).Select(level => (string)level!).ToList();
        var infos = more?.DeepClone().AsObject() ?? [];
        infos["title"] = layer;
        infos["abstract"] = layer;
        infos["used_data"] = new JsonArray(type == "DOWNLOAD"
            ? new JsonObject { ["stored_data"] = storedData, ["sub_name"] = layer }
            : new JsonObject { ["stored_data"] = storedData, ["top_level"] = levels.MinBy(int.Parse), ["bottom_level"] = levels.MaxBy(int.Parse) });
        var configuration = await Api.PostAsync($"{Datastore}/configurations", new JsonObject
        {
            ["type"] = type, ["name"] = layer, ["layer_name"] = layer, ["type_infos"] = infos,
        }, default);
        var endpoint = (await Api.GetAsync(Datastore, default))["endpoints"]!.AsArray()
            .Select(use => use!["endpoint"]!).First(one => (string?)one["type"] == type && (bool)one["open"]!);
        var offering = await Api.PostAsync(
            $"{Datastore}/configurations/{Json.Id(configuration)}/offerings", new JsonObject { ["endpoint"] = Json.Id(endpoint), ["open"] = true }, default);
        await WaitPublishedAsync(Json.Id(offering));
        return Json.Id(offering);
    }

    /// <summary>Publishes an offering's data anew, in the version that is current, and waits until that is served.</summary>
    public async Task SynchroniseAsync(string offering)
    {
        await Api.PutAsync($"{Datastore}/offerings/{offering}", null, default);
        await WaitPublishedAsync(offering);
    }

    public void Dispose() => Api.Dispose();

    private async Task WaitPublishedAsync(string offering)
    {
        while ((string?)(await Api.GetAsync($"{Datastore}/offerings/{offering}", default))["status"] is var status and not "PUBLISHED")
        {
            if (status == "UNSTABLE")
                throw new InvalidOperationException($"The offering {offering} is UNSTABLE.");
            await Task.Delay(Poll);
        }
    }
}
