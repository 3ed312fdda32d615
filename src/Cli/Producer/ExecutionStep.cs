using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>Launches processing executions and follows them to their end.</summary>
public sealed class ExecutionStep(EntrepotClient api, IReport report, string datastore, TimeSpan pollInterval)
{
    private const int LogLinesShown = 20;

    private string Executions => $"datastores/{datastore}/processings/executions";

    /// <summary>The raster pyramid of an id or a name that one alone has.</summary>
    /// <exception cref="DeliveryException">None has the name, or several.</exception>
    public async Task<JsonObject> PyramidAsync(string wanted, CancellationToken cancellation)
    {
        if (Guid.TryParse(wanted, out _))
            return await api.GetAsync($"datastores/{datastore}/stored_data/{wanted}", cancellation);
        var found = (await api.ListAsync($"datastores/{datastore}/stored_data?name={Uri.EscapeDataString(wanted)}&type=ROK4-PYRAMID-RASTER&limit=100", cancellation))
            .OfType<JsonObject>().Where(one => (string?)one["name"] == wanted).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new DeliveryException($"the datastore {datastore} has no raster pyramid named {wanted}"),
            _ => throw new DeliveryException($"the datastore {datastore} has {found.Count} raster pyramids named {wanted}: give an id, such as {Json.Id(found[0])}"),
        };
    }

    /// <summary>Creates an execution of a request as the API takes it, and launches it.</summary>
    public async Task<JsonObject> LaunchAsync(JsonObject request, CancellationToken cancellation)
    {
        var execution = await api.PostAsync(Executions, request, cancellation);
        await api.PostAsync($"{Executions}/{Json.Id(execution)}/launch", null, cancellation);
        return execution;
    }

    /// <summary>Waits for an execution's end, showing how far it is.</summary>
    /// <returns>Its stored data, and the figures of the work.</returns>
    /// <exception cref="DeliveryException">It failed or was aborted; the message holds the end of its log.</exception>
    public async Task<(JsonObject StoredData, BuildFigures Figures)> FollowAsync(JsonObject execution, string what, CancellationToken cancellation)
    {
        var id = Json.Id(execution);
        var progress = await WatchAsync(id, what, cancellation);
        execution = await api.GetAsync($"{Executions}/{id}", cancellation);
        if ((string?)execution["status"] != "SUCCESS")
            throw new DeliveryException(await ExplainAsync(id, (string?)execution["status"], progress, cancellation));
        var storedData = await api.GetAsync($"datastores/{datastore}/stored_data/{Json.Id(execution["output"]!["stored_data"]!)}", cancellation);
        return (storedData, FiguresOf(execution, progress));
    }

    private Task<JsonObject> WatchAsync(string execution, string what, CancellationToken cancellation) => report.TrackAsync(what, async meter =>
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
            await Task.Delay(pollInterval, cancellation);
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
        if (progress["mpoints_per_s"] is not null)
        {
            var speed = (Json.Number(progress["mpoints_per_s"]) ?? 0).ToString("0.00", CultureInfo.InvariantCulture);
            var rest = Json.Number(progress["time_left_s"]) is { } still ? $", {Figures.Duration(TimeSpan.FromSeconds(still))} left" : "";
            meter.Set(Json.Number(progress["fraction"]) ?? 0, $"{Json.Long(progress["parts_done"])} of {Json.Long(progress["parts_total"])} {progress["part"]}, {speed} million points/s{rest}");
            return;
        }

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
        return string.Join('\n', failures.Prepend($"the execution ended {status}:").Concat(end));
    }
}
