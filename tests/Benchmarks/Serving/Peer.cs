using System.Diagnostics;

namespace Grid.Benchmarks.Serving;

/// <summary>Another server that serves the same tiles, with the addresses at which it does.</summary>
internal sealed class Peer(string name, Process process, Uri address, Load load) : IDisposable
{
    public string Name => name;

    public Task<Carried> RunAsync(int seconds) => load.RunAsync(address, process.Id, seconds);

    /// <summary>Starts a peer and checks that it answers with the very bytes of the tiles.</summary>
    public static async Task<Peer> StartAsync(string name, ProcessStartInfo start, Uri address, string folder, IReadOnlyList<SampledTile> tiles, Func<SampledTile, int, string> pathOf)
    {
        var peer = new Peer(name, Process.Start(start)!, address, new Load(folder, tiles.Select(pathOf)));
        try
        {
            await RunningServer.WaitAsync(new Uri(address, pathOf(tiles[0], 0)), peer.Process, TimeSpan.FromSeconds(20));
            using var http = new HttpClient { BaseAddress = address };
            for (var i = 0; i < tiles.Count; i += 97)
            {
                var body = await http.GetByteArrayAsync(pathOf(tiles[i], i));
                if (!body.AsSpan().SequenceEqual(tiles[i].Body))
                    throw new InvalidOperationException($"{name} answers {pathOf(tiles[i], i)} with other bytes than the pyramid's.");
            }

            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    private Process Process => process;

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
