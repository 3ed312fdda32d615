using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Benchmarks.Serving;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.Benchmarks.Soak;

/// <summary>
/// Mixed load for as long as asked: clients ask for tiles and maps of a layer without pause, while every minute its pyramid is updated by a dalle or built
/// anew without it, in turns, and published. Every answer is compared with the bytes that the lots have; memory is sampled all the time. The last line is one JSON object.
/// </summary>
internal static class SoakBench
{
    private const string Layer = "soak";
    private const int Parts = 6;
    private static readonly TimeSpan _between = TimeSpan.FromMinutes(1);

    /// <param name="server">The server's program.</param>
    /// <param name="minutes">How long the load lasts.</param>
    /// <param name="tileClients">Clients that ask for tiles.</param>
    /// <param name="mapClients">Clients that ask for maps.</param>
    /// <returns>0 when no answer was wrong and none failed.</returns>
    public static async Task<int> RunAsync(string server, int minutes, int tileClients, int mapClients)
    {
        var seed = Random.Shared.Next(1_000_000);
        Console.Error.WriteLine($"seed {seed}");
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" }, server);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = grid.Address, Timeout = TimeSpan.FromSeconds(60) };
        using var producer = await GridProducer.OfAsync(grid);
        var (lot, dalle) = (await UploadAsync(producer, 1, dalles: 4), await UploadAsync(producer, 2, dalles: 1));
        var pyramid = await producer.BuildAsync(lot, Layer, Parameters());
        string[] offerings = [await producer.PublishAsync(pyramid, Layer), await producer.PublishAsync(pyramid, Layer, type: "WMS-RASTER")];

        var tiles = new Traffic("tiles", new ExpectedAnswers([.. (await TileList.SampleAsync(http, 600)).Select(tile => tile.Path)]), tileClients);
        List<Traffic> traffic = [tiles, new Traffic("maps", new ExpectedAnswers(Maps(seed)), mapClients)];
        foreach (var kind in traffic)
            await kind.Expected.LearnAsync(http);
        await ChangeAsync(isUpdate: true);
        foreach (var kind in traffic)
            await kind.Expected.LearnAsync(http);

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var memory = new MemorySamples(grid.ProcessId, grid.Data);
        List<Task> running = [memory.RunAsync(end.Token), .. traffic.Select(kind => kind.RunAsync(http, seed, end.Token))];
        var (changes, stale) = (0, 0);
        while (!end.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            var version = changes % 2;
            await ChangeAsync(isUpdate: version == 1);
            changes++;
            foreach (var kind in traffic)
                stale += await StaleAsync(http, kind.Expected, version);
            Console.Error.WriteLine(
                $"{DateTime.UtcNow:HH:mm:ss} change {changes}: {string.Join(", ", traffic.Select(kind => $"{kind.Requests} {kind.Name}, {kind.Wrong} wrong, {kind.Failed} failed"))}; {stale} stale; MiB {string.Join(' ', memory.Medians(Parts))}");
            if (_between - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } pause)
                await Task.Delay(pause, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        await Task.WhenAll(running);
        foreach (var problem in traffic.SelectMany(kind => kind.Problems))
            Console.Error.WriteLine(problem);
        var result = new JsonObject
        {
            ["bench"] = "soak",
            ["seed"] = seed,
            ["minutes"] = minutes,
            ["changes"] = changes,
            ["stale_after_publication"] = stale,
            ["memory_mib"] = new JsonArray([.. memory.Medians(Parts).Select(value => (JsonNode)value)]),
            ["peak_mib"] = memory.Peak,
            ["data_mib"] = new DirectoryInfo(grid.Data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) >> 20,
        };
        foreach (var kind in traffic)
        {
            result[kind.Name] = new JsonObject
            {
                ["clients"] = kind == tiles ? tileClients : mapClients, ["requests"] = kind.Requests, ["wrong"] = kind.Wrong, ["failed"] = kind.Failed, ["p99_ms"] = kind.P99,
            };
        }

        Console.WriteLine(result.ToJsonString());
        return stale == 0 && traffic.All(kind => kind.Wrong + kind.Failed == 0) ? 0 : 1;

        async Task ChangeAsync(bool isUpdate)
        {
            if (isUpdate)
                await producer.RunAsync("Calcul de pyramide raster", [dalle], [pyramid], pyramid, []);
            else
                await producer.BuildAsync(lot, pyramid, Parameters());
            foreach (var offering in offerings)
                await producer.SynchroniseAsync(offering);
        }
    }

    private static JsonObject Parameters() => new() { ["compression"] = "jpg90" };

    private static async Task<string> UploadAsync(GridProducer producer, int seed, int dalles)
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        try
        {
            OrthoLot.Generate(folder, 2, 2, 2000, 0.2, seed);
            foreach (var beyond in Directory.GetFiles(folder).Order(StringComparer.Ordinal).Skip(dalles))
                File.Delete(beyond);
            return await producer.UploadAsync(folder, $"soak {seed}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Maps of 400 pixels inside the lot, at several scales, in three systems.
    private static IReadOnlyList<string> Maps(int seed)
    {
        var random = new Random(seed);
        (string Crs, double X, double Y, double Side)[] places =
            [("EPSG:2154", 650_400, 6_869_600, 600), ("EPSG:3857", 259_000, 6_249_500, 900), ("CRS:84", 2.3225, 48.924, 0.008)];
        return [.. Enumerable.Range(0, 60).Select(i =>
        {
            var (crs, x, y, side) = places[i % places.Length];
            var width = side * (0.1 + (0.5 * random.NextDouble()));
            var west = x + ((side - width) * (random.NextDouble() - 0.5));
            var south = y + ((side - width) * (random.NextDouble() - 0.5));
            var box = string.Join(',', new[] { west, south, west + width, south + width }.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
            return $"/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={Layer}&STYLES=&CRS={crs}&BBOX={box}&WIDTH=400&HEIGHT=400&FORMAT=image/png";
        })];
    }

    // After a publication every address shows the new version, not the former one.
    private static async Task<int> StaleAsync(HttpClient http, ExpectedAnswers expected, int version)
    {
        var stale = 0;
        foreach (var path in expected.Telling.Take(50))
        {
            using var answer = await http.GetAsync(expected.Paths[path]);
            stale += expected.IsOf(version, path, await ExpectedAnswers.SumUpAsync(answer)) ? 0 : 1;
        }

        return stale;
    }
}
