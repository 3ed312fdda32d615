using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>The second part of a delivery: a processing execution that makes a pyramid of the upload, or stores the pyramid that it holds.</summary>
public sealed class BuildStep(EntrepotClient api, IReport report, DeliveryOptions options, string datastore)
{
    private const string ProcessingName = "Calcul ou mise à jour de pyramide raster";
    private const string OlderProcessingName = "Calcul de pyramide raster";
    private const string LidarProcessingName = "Calcul de pyramide 3D COPC";
    private const string ImportProcessingName = "Recopie d'une pyramide raster livrée";

    private string Executions => $"datastores/{datastore}/processings/executions";

    /// <summary>Launches the build, or joins the one that runs already, and waits for its end.</summary>
    /// <returns>The pyramid's entity, and the build's figures when one ran.</returns>
    /// <exception cref="DeliveryException">The build failed or was aborted; the message holds the end of its log.</exception>
    public async Task<(JsonObject StoredData, BuildFigures? Figures)> RunAsync(string upload, CancellationToken cancellation)
    {
        var former = options.Update is null ? null : await new ExecutionStep(api, report, datastore, options.PollInterval).PyramidAsync(options.Update, cancellation);
        var name = former is null ? options.Name : Json.Text(former["name"])!;
        if (await FindAsync(upload, name, cancellation) is { } known)
        {
            report.Say(former is null ? $"pyramid {name} is there already" : $"pyramid {name} has this update already");
            return (known, null);
        }

        var step = new ExecutionStep(api, report, datastore, options.PollInterval);
        var execution = await RunningAsync(upload, name, cancellation) ?? await step.LaunchAsync(await RequestAsync(upload, former, cancellation), cancellation);
        return await step.FollowAsync(execution, "pyramid", cancellation);
    }

    // A pyramid of this name that was made from this upload and is complete.
    private async Task<JsonObject?> FindAsync(string upload, string name, CancellationToken cancellation)
    {
        var executions = await api.ListAsync($"{Executions}?input_upload={upload}&status=SUCCESS", cancellation);
        foreach (var execution in executions.OfType<JsonObject>())
        {
            var details = await api.GetAsync($"{Executions}/{Json.Id(execution)}", cancellation);
            if (details["output"]?["stored_data"] is not { } output || !Agrees(details["parameters"]))
                continue;
            try
            {
                var storedData = await api.GetAsync($"datastores/{datastore}/stored_data/{Json.Id(output)}", cancellation);
                if ((string?)storedData["status"] is "GENERATED" && (string?)storedData["name"] == name)
                    return storedData;
            }
            catch (EntrepotException error) when (error.Status == System.Net.HttpStatusCode.NotFound)
            {
                // Deleted since.
            }
        }

        return null;
    }

    private async Task<JsonObject?> RunningAsync(string upload, string name, CancellationToken cancellation)
    {
        foreach (var status in (string[])["PROGRESS", "WAITING"])
        {
            foreach (var execution in (await api.ListAsync($"{Executions}?input_upload={upload}&status={status}", cancellation)).OfType<JsonObject>())
            {
                var details = await api.GetAsync($"{Executions}/{Json.Id(execution)}", cancellation);
                if (Agrees(details["parameters"]) && Json.Text(details["output"]?["stored_data"]?["name"]) == name)
                    return details;
            }
        }

        return null;
    }

    private bool Agrees(JsonNode? parameters) =>
        parameters is JsonObject given
        && Parameters().All(wanted => given[wanted.Key] is null || Written(given[wanted.Key]) == Written(wanted.Value));

    // As the command line has values: lists between commas.
    private static string? Written(JsonNode? value) => value is JsonArray list ? string.Join(',', list.Select(Written)) : value?.ToString();

    private JsonObject Parameters()
    {
        var parameters = KnownParameters();
        foreach (var (name, value) in options.Parameters)
            parameters[name] = value?.DeepClone();
        return parameters;
    }

    private JsonObject KnownParameters()
    {
        if (options.Pyramid is not null)
            return [];
        if (options.IsLidar)
            return new JsonObject { ["files"] = options.CopcFiles };
        if (options.Update is not null)
            return options.Area is null ? [] : new JsonObject { ["area"] = options.Area };
        var parameters = new JsonObject
        {
            ["tms"] = options.TileMatrixSet,
            ["compression"] = options.Compression,
            ["interpolation"] = options.Interpolation,
        };
        if (options.BottomLevel is not null)
            parameters["bottom"] = options.BottomLevel;
        if (options.TopLevel is not null)
            parameters["top"] = options.TopLevel;
        return parameters;
    }

    private async Task<JsonObject> RequestAsync(string upload, JsonObject? former, CancellationToken cancellation)
    {
        var inputs = new JsonObject { ["upload"] = new JsonArray(upload) };
        if (former is not null)
            inputs["stored_data"] = new JsonArray(Json.Id(former));
        return new JsonObject
        {
            ["processing"] = await ProcessingAsync(cancellation),
            ["inputs"] = inputs,
            ["output"] = new JsonObject
            {
                ["stored_data"] = former is null
                    ? new JsonObject { ["name"] = options.Name, ["storage_tags"] = new JsonArray("PYRAMIDE") }
                    : new JsonObject { ["_id"] = Json.Id(former) },
            },
            ["parameters"] = Parameters(),
        };
    }

    private async Task<string> ProcessingAsync(CancellationToken cancellation)
    {
        string[] names = options.IsLidar ? [LidarProcessingName] : options.Pyramid is null ? [ProcessingName, OlderProcessingName] : [ImportProcessingName];
        foreach (var name in names)
        {
            var found = await api.ListAsync($"datastores/{datastore}/processings?name={Uri.EscapeDataString(name)}", cancellation);
            if (found.Count > 0)
                return Json.Id(found[0]!);
        }

        throw new DeliveryException($"the datastore {datastore} may not use the processing \"{names[0]}\": ask its administrator for it");
    }
}
