using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>The second part of a delivery: a processing execution that makes a pyramid of the upload, or stores the pyramid that it holds.</summary>
public sealed class BuildStep(EntrepotClient api, IReport report, DeliveryOptions options, string datastore)
{
    private const string ProcessingName = "Calcul ou mise à jour de pyramide raster";
    private const string OlderProcessingName = "Calcul de pyramide raster";
    private const string ImportProcessingName = "Recopie d'une pyramide raster livrée";
    private const int LogLinesShown = 20;

    private string Executions => $"datastores/{datastore}/processings/executions";

    /// <summary>Launches the build, or joins the one that runs already, and waits for its end.</summary>
    /// <returns>The pyramid's entity, and the build's figures when one ran.</returns>
    /// <exception cref="DeliveryException">The build failed or was aborted; the message holds the end of its log.</exception>
    public async Task<(JsonObject StoredData, BuildFigures? Figures)> RunAsync(string upload, CancellationToken cancellation)
    {
        var former = options.Update is null ? null : await PyramidAsync(options.Update, cancellation);
        var name = former is null ? options.Name : Json.Text(former["name"])!;
        if (await FindAsync(upload, name, cancellation) is { } known)
        {
            report.Say(former is null ? $"pyramid {name} is there already" : $"pyramid {name} has this update already");
            return (known, null);
        }

        var execution = await RunningAsync(upload, name, cancellation) ?? await LaunchAsync(upload, former, cancellation);
        var id = Json.Id(execution);
        var progress = await FollowAsync(id, cancellation);
        execution = await api.GetAsync($"{Executions}/{id}", cancellation);
        if ((string?)execution["status"] != "SUCCESS")
            throw new DeliveryException(await ExplainAsync(id, (string?)execution["status"], progress, cancellation));
        var storedData = await api.GetAsync($"datastores/{datastore}/stored_data/{Json.Id(execution["output"]!["stored_data"]!)}", cancellation);
        return (storedData, FiguresOf(execution, progress));
    }

    private async Task<JsonObject> PyramidAsync(string wanted, CancellationToken cancellation)
    {
        if (Guid.TryParse(wanted, out _))
            return await api.GetAsync($"datastores/{datastore}/stored_data/{wanted}", cancellation);
        var found = (await api.ListAsync($"datastores/{datastore}/stored_data?name={Uri.EscapeDataString(wanted)}&type=ROK4-PYRAMID-RASTER&limit=100", cancellation))
            .OfType<JsonObject>().Where(one => (string?)one["name"] == wanted).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new DeliveryException($"the datastore {datastore} has no raster pyramid named {wanted} to update"),
            _ => throw new DeliveryException($"the datastore {datastore} has {found.Count} raster pyramids named {wanted}: give --update an id, such as {Json.Id(found[0])}"),
        };
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
        && Parameters().All(wanted => given[wanted.Key] is null || Json.Text(given[wanted.Key]) == Json.Text(wanted.Value));

    private JsonObject Parameters()
    {
        if (options.Pyramid is not null)
            return [];
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

    private async Task<JsonObject> LaunchAsync(string upload, JsonObject? former, CancellationToken cancellation)
    {
        var inputs = new JsonObject { ["upload"] = new JsonArray(upload) };
        if (former is not null)
            inputs["stored_data"] = new JsonArray(Json.Id(former));
        var body = new JsonObject
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
        var execution = await api.PostAsync(Executions, body, cancellation);
        await api.PostAsync($"{Executions}/{Json.Id(execution)}/launch", null, cancellation);
        return execution;
    }

    private async Task<string> ProcessingAsync(CancellationToken cancellation)
    {
        string[] names = options.Pyramid is null ? [ProcessingName, OlderProcessingName] : [ImportProcessingName];
        foreach (var name in names)
        {
            var found = await api.ListAsync($"datastores/{datastore}/processings?name={Uri.EscapeDataString(name)}", cancellation);
            if (found.Count > 0)
                return Json.Id(found[0]!);
        }

        throw new DeliveryException($"the datastore {datastore} may not use the processing \"{names[0]}\": ask its administrator for it");
    }

    private Task<JsonObject> FollowAsync(string execution, CancellationToken cancellation) => report.TrackAsync("pyramid", async meter =>
    {
        var progress = new JsonObject();
        while (true)
        {
            // The status is read before the figures, so that the last figures are those of the end.
            var status = (string?)(await api.GetAsync($"{Executions}/{execution}", cancellation))["status"];
            var ended = status is "SUCCESS" or "FAILURE" or "ABORTED";
            if (status != "WAITING")
                progress = await ProgressAsync(execution, cancellation) ?? progress;
            Show(meter, progress);
            if (ended)
                return progress;
            await Task.Delay(options.PollInterval, cancellation);
        }
    });

    private async Task<JsonObject?> ProgressAsync(string execution, CancellationToken cancellation)
    {
        try
        {
            return await api.GetAsync($"{Executions}/{execution}/progress", cancellation);
        }
        catch (EntrepotException error) when (error.Status == System.Net.HttpStatusCode.NotFound)
        {
            // A Géoplateforme without this route: the state of the execution is all there is.
            return null;
        }
    }

    private static void Show(IMeter meter, JsonObject progress)
    {
        long done = Json.Long(progress["slabs_done"]), total = Json.Long(progress["slabs_total"]);
        if (total == 0)
        {
            meter.Set(0, "planning");
            return;
        }

        var rate = (Json.Number(progress["mpix_per_s"]) ?? 0).ToString("0.0", CultureInfo.InvariantCulture);
        var left = Json.Number(progress["time_left_s"]) is { } seconds ? $", {Figures.Duration(TimeSpan.FromSeconds(seconds))} left" : "";
        meter.Set(Json.Number(progress["fraction"]) ?? 0, $"{done} of {total} slabs, {rate} Mpix/s{left}");
    }

    private static BuildFigures FiguresOf(JsonObject execution, JsonObject progress)
    {
        var start = Json.Date(execution["start"]) ?? Json.Date(execution["launch"]);
        var seconds = start is { } from && Json.Date(execution["finish"]) is { } to ? (to - from).TotalSeconds : 0;
        var pixels = Json.Long(progress["input_pixels"]);
        var rate = Json.Number(progress["mpix_per_s"]) is > 0 and var told ? told : seconds > 0 ? pixels / seconds / 1e6 : 0;
        if (seconds <= 0 && rate > 0)
            seconds = pixels / rate / 1e6;
        return new BuildFigures(pixels, Json.Long(progress["slabs_done"]), Json.Long(progress["tiles"]), seconds, rate);
    }

    private async Task<string> ExplainAsync(string execution, string? status, JsonObject progress, CancellationToken cancellation)
    {
        var log = await api.ListAsync($"{Executions}/{execution}/logs?limit=10000", cancellation);
        var failures = (progress["failures"] as JsonArray ?? []).Select(failure => "  " + failure).Take(LogLinesShown);
        var end = log.Select(line => "  " + line).TakeLast(LogLinesShown);
        return string.Join('\n', failures.Prepend($"the build ended {status}:").Concat(end));
    }
}
