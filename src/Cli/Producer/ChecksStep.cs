using System.Text;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>Waits until the checks of a closed upload end.</summary>
public sealed class ChecksStep(EntrepotClient api, IReport report, DeliveryOptions options, string datastore)
{
    private const int LogLinesShown = 40;

    /// <summary>Returns when the upload is <c>CLOSED</c>, all checks passed.</summary>
    /// <exception cref="DeliveryException">A check failed; the message holds the errors of its log.</exception>
    public async Task RunAsync(string upload, CancellationToken cancellation)
    {
        var checks = await report.TrackAsync("checks", async meter =>
        {
            while (true)
            {
                var now = await api.GetAsync($"datastores/{datastore}/uploads/{upload}/checks", cancellation);
                int waiting = Count(now, "asked"), running = Count(now, "in_progress"), passed = Count(now, "passed"), failed = Count(now, "failed");
                var total = Math.Max(1, waiting + running + passed + failed);
                meter.Set((double)(passed + failed) / total, running > 0 ? string.Join(", ", Names(now, "in_progress")) : "");
                if (waiting + running == 0 && await StatusAsync(upload, cancellation) != "CHECKING")
                    return now;
                await Task.Delay(options.PollInterval, cancellation);
            }
        });
        if (Count(checks, "failed") > 0)
            throw new DeliveryException(await ExplainAsync(upload, checks, cancellation));
        if (await StatusAsync(upload, cancellation) is var status and not "CLOSED")
            throw new DeliveryException($"the upload is {status} after its checks: CLOSED was expected");
        report.Say($"checks passed: {string.Join(", ", Names(checks, "passed"))}");
    }

    private async Task<string?> StatusAsync(string upload, CancellationToken cancellation) =>
        (string?)(await api.GetAsync($"datastores/{datastore}/uploads/{upload}", cancellation))["status"];

    private async Task<string> ExplainAsync(string upload, JsonObject checks, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        foreach (var failed in (checks["failed"] as JsonArray ?? []).OfType<JsonObject>())
        {
            text.AppendLine($"the check {Json.Text(failed["check"]?["name"])} failed:");
            var log = await api.ListAsync($"datastores/{datastore}/checks/executions/{Json.Id(failed)}/logs?limit=1000", cancellation);
            var lines = log.Select(line => line?.ToString() ?? "").ToList();
            var errors = lines.Where(line => line.Contains("ERROR||", StringComparison.Ordinal)).ToList();
            foreach (var line in (errors.Count > 0 ? errors : lines).Take(LogLinesShown))
                text.AppendLine("  " + line);
        }

        return text.Append($"correct these files and run the same command again: the upload {upload} is opened again and only what changed is sent").ToString();
    }

    private static int Count(JsonObject checks, string state) => (checks[state] as JsonArray)?.Count ?? 0;

    private static IEnumerable<string> Names(JsonObject checks, string state) =>
        (checks[state] as JsonArray ?? []).Select(check => Json.Text(check?["check"]?["name"]) ?? "?");
}
