using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Benchmarks.Serving;

/// <summary>
/// What visitors of a layer see while a lot is delivered to the same server, checked, built into a pyramid and published, beside what they see when nothing else
/// goes on: a thousand tiles a second, a connection each for 32 visitors. No request may fail.
/// </summary>
internal static class BuildingBench
{
    private const int Tiles = 2000;
    private const int Clients = 32;
    private const int AloneSeconds = 8;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(32);

    public static async Task<int> RunAsync(BenchOptions options)
    {
        var work = Path.Combine(options.Data, "serve");
        Directory.CreateDirectory(work);
        var data = Path.Combine(work, "grid");
        var lot = Path.GetDirectoryName(BenchLot.Files(options)[0])!;
        await using var server = await RunningServer.StartAsync(options, data);
        using var http = new HttpClient { BaseAddress = server.Address };
        var paths = (await TileList.SampleAsync(http, Tiles)).Select(tile => tile.Path).ToList();
        await AskAsync(2);
        var alone = await AskAsync(AloneSeconds);

        using var api = new EntrepotClient(server.Address, Credentials.Read(Path.Combine(data, "secrets.json")));
        using var built = new CancellationTokenSource();
        var asking = Visitors.AskAsync(server.Address, paths, Clients, s_pause, built.Token);
        var watch = Stopwatch.StartNew();
        var name = $"built-{DateTime.UtcNow:HHmmss}";
        var result = await new Delivery(api, new PlainReport(Console.Error, TimeProvider.System), new DeliveryOptions { Folder = lot, Name = name }).RunAsync(CancellationToken.None);
        var delivered = watch.Elapsed.TotalSeconds;
        await built.CancelAsync();
        var during = await asking;

        var executions = $"datastores/{result.Datastore}/processings/executions";
        var execution = (await api.ListAsync($"{executions}?input_upload={result.Upload}", CancellationToken.None))[0]!;
        var progress = await api.GetAsync($"{executions}/{Json.Id(execution)}/progress", CancellationToken.None);
        var seconds = (Json.Date(progress["ended"])! - Json.Date(progress["started"])!).Value.TotalSeconds;
        Console.WriteLine(new JsonObject
        {
            ["bench"] = "serve --during-build",
            ["alone"] = alone.ToJson(),
            ["during_delivery_and_build"] = during.ToJson(),
            ["delivery_seconds"] = Math.Round(delivered, 2),
            ["build_seconds"] = seconds,
            ["build_mpix_per_s"] = Math.Round(Json.Long(progress["input_pixels"]) / 1e6 / seconds, 1),
        }.ToJsonString());
        return during.Failed == 0 ? 0 : 1;

        async Task<Visitors> AskAsync(int some)
        {
            using var over = new CancellationTokenSource(TimeSpan.FromSeconds(some));
            return await Visitors.AskAsync(server.Address, paths, Clients, s_pause, over.Token);
        }
    }
}
