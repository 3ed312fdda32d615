using Grid.Cli.Api;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Benchmarks.Builds;

/// <summary>A lot's build on a running platform, as the server dates it from start to end.</summary>
internal sealed record DeliveredBuild(double Seconds, long Pixels, long Slabs, long TakenOver)
{
    public double MegapixelsPerSecond => Math.Round(Pixels / 1e6 / Seconds, 1);

    /// <summary>Delivers the lot, waits until its pyramid is published, and asks how the build went.</summary>
    public static async Task<DeliveredBuild> RunAsync(EntrepotClient api, DeliveryOptions options)
    {
        var result = await new Delivery(api, new PlainReport(Console.Error, TimeProvider.System), options).RunAsync(CancellationToken.None);
        var executions = $"datastores/{result.Datastore}/processings/executions";
        var execution = (await api.ListAsync($"{executions}?input_upload={result.Upload}", CancellationToken.None))[0]!;
        var progress = await api.GetAsync($"{executions}/{Json.Id(execution)}/progress", CancellationToken.None);
        return new DeliveredBuild(
            (Json.Date(progress["ended"])! - Json.Date(progress["started"])!).Value.TotalSeconds, Json.Long(progress["input_pixels"]),
            Json.Long(progress["slabs_done"]), Json.Long(progress["slabs_taken_over"]));
    }
}
