using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Benchmarks.Serving;

/// <summary>
/// Tiles of a published layer, asked for by wrk (2 threads, 32 connections) on the cores that the server has too, warm (from memory) and cold
/// (nothing kept in the server, the files in the page cache), and warm ones by HTTP/2 over TLS; and the same tiles from other servers, in turn with ours. Figures are medians of
/// the rounds, ratios too. A lot is built first when the data folder holds none.
/// </summary>
internal static class ServeBench
{
    /// <summary>Settings by which a server keeps no tile in memory.</summary>
    public static readonly string[] KeepNothing = ["Grid:Serving:HotTileBytes=0", "Grid:TileCache:HighMarkBytes=0", "Grid:TileCache:LowMarkBytes=0"];

    private const int Tiles = 2000;
    private const int Rounds = 3;
    private const int WarmUpSeconds = 8;
    private const int Seconds = 5;

    public static async Task<int> RunAsync(BenchOptions options)
    {
        if (!MeasuredProcess.IsInstalled("wrk"))
            return MissingWrk();
        var work = Path.Combine(options.Data, "serve");
        Directory.CreateDirectory(work);
        var missing = new JsonObject();
        var peers = new List<Peer>();
        try
        {
            IReadOnlyList<SampledTile> tiles;
            Table warm, cold;
            JsonObject encrypted;
            await using (var server = await RunningServer.StartAsync(options, Path.Combine(work, "grid"), Http2Load.MakeCertificate(work)))
            {
                using (var http = new HttpClient { BaseAddress = server.Address })
                    tiles = await TileList.SampleAsync(http, Tiles);
                await Peers.StartAsync(work, tiles, peers, missing);
                warm = await InTurnAsync(new Load(work, tiles.Select(tile => tile.Path)), server, peers);
                encrypted = await Http2Load.RunAsync(work, server.Encrypted!, server.ProcessId, tiles.Select(tile => tile.Path), Seconds);
            }

            await using (var server = await RunningServer.StartAsync(options, Path.Combine(work, "grid"), KeepNothing))
                cold = await InTurnAsync(new Load(work, tiles.Select(tile => tile.Path)), server, peers.Where(peer => peer.Name == "nginx_static"));

            var ratios = new JsonObject { ["cold_to_warm"] = Math.Round(cold.Ours.Rps / warm.Ours.Rps, 3) };
            foreach (var (name, ratio) in warm.Ratios)
                ratios[name] = Math.Round(ratio, 3);
            foreach (var (name, ratio) in cold.Ratios)
                ratios[name + "_cold"] = Math.Round(ratio, 3);
            var theirs = new JsonObject(warm.Theirs.Select(peer => KeyValuePair.Create<string, JsonNode?>(peer.Key, peer.Value.ToJson())));
            foreach (var (name, reason) in missing)
                theirs[name] = new JsonObject { ["missing"] = (string)reason! };
            Console.WriteLine(new JsonObject
            {
                ["bench"] = "serve",
                ["tiles"] = tiles.Count,
                ["mean_tile_bytes"] = (int)tiles.Average(tile => tile.Body.Length),
                ["ours"] = warm.Ours.ToJson(),
                ["ours_cold"] = cold.Ours.ToJson(),
                ["ours_http2_tls"] = encrypted,
                ["peers"] = theirs,
                ["ratios"] = ratios,
            }.ToJsonString());
            return 0;
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    public static int MissingWrk()
    {
        Console.WriteLine(JsonSerializer.Serialize(new { bench = "serve", missing = "wrk is not installed (Debian package wrk)" }));
        return 1;
    }

    // One after the other, round by round: what else the machine does then meets all alike.
    private static async Task<Table> InTurnAsync(Load load, RunningServer server, IEnumerable<Peer> others)
    {
        var peers = others.ToList();
        await load.RunAsync(server.Address, server.ProcessId, WarmUpSeconds);
        foreach (var peer in peers)
            await peer.RunAsync(2);
        var ours = new List<Carried>();
        var theirs = peers.ToDictionary(peer => peer.Name, _ => new List<Carried>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await load.RunAsync(server.Address, server.ProcessId, Seconds));
            foreach (var peer in peers)
                theirs[peer.Name].Add(await peer.RunAsync(Seconds));
        }

        return new Table(
            Carried.Median(ours),
            theirs.ToDictionary(peer => peer.Key, peer => Carried.Median(peer.Value)),
            theirs.ToDictionary(peer => peer.Key, peer => peer.Value.Zip(ours, (other, mine) => mine.Rps / other.Rps).Order().ElementAt(Rounds / 2)));
    }

    private sealed record Table(Carried Ours, Dictionary<string, Carried> Theirs, Dictionary<string, double> Ratios);
}
