using System.Net;
using System.Security.Cryptography;

namespace Grid.Fixtures.Clusters;

/// <summary>Readers who ask for the tiles of a layer over and over, each waiting for its answer, and hold every answer against the first one of its tile.</summary>
public sealed class TileTraffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly IReadOnlyList<string> _tiles;
    private readonly byte[][] _expected;
    private readonly HttpClient _http;
    private readonly Task<List<string>>[] _readers;
    private readonly long[] _milliseconds = new long[60_001];

    private TileTraffic(HttpClient http, IReadOnlyList<string> tiles, byte[][] expected, int readers)
    {
        (_http, _tiles, _expected) = (http, tiles, expected);
        _readers = [.. Enumerable.Range(0, readers).Select(reader => Task.Run(() => ReadAsync(reader)))];
    }

    /// <summary>Answers so far.</summary>
    public long Answers => _milliseconds.Sum();

    /// <summary>The time in which a share of the answers came, to the millisecond; 1 for the slowest.</summary>
    public TimeSpan Within(double share)
    {
        var left = (long)Math.Ceiling(share * Answers);
        var milliseconds = 0;
        while (milliseconds < _milliseconds.Length - 1 && (left -= _milliseconds[milliseconds]) > 0)
            milliseconds++;
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <summary>Asks for each tile of a layer once, and goes on asking from then on.</summary>
    public static async Task<TileTraffic> BeginAsync(Uri server, string layer, int readers = 4)
    {
        var http = new HttpClient { BaseAddress = server };
        var tiles = await LayerTiles.OfLayerAsync(http, layer);
        var expected = new byte[tiles.Count][];
        for (var i = 0; i < tiles.Count; i++)
            expected[i] = SHA256.HashData(await http.GetByteArrayAsync(tiles[i]));
        return new TileTraffic(http, tiles, expected, readers);
    }

    /// <summary>Stops asking; returns a sentence for each answer that was not the tile.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _enough.CancelAsync();
        return [.. (await Task.WhenAll(_readers)).SelectMany(failures => failures)];
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _http.Dispose();
        _enough.Dispose();
    }

    private async Task<List<string>> ReadAsync(int first)
    {
        var failures = new List<string>();
        for (var i = first * 37; !_enough.IsCancellationRequested; i++)
        {
            var tile = i % _tiles.Count;
            var began = Environment.TickCount64;
            try
            {
                using var answer = await _http.GetAsync(_tiles[tile]);
                var bytes = await answer.Content.ReadAsByteArrayAsync();
                if (answer.StatusCode != HttpStatusCode.OK)
                    failures.Add($"{(int)answer.StatusCode} after {Environment.TickCount64 - began} ms for {_tiles[tile]}");
                else if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(_expected[tile]))
                    failures.Add($"{bytes.Length} other bytes for {_tiles[tile]}");
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                failures.Add($"{error.Message} after {Environment.TickCount64 - began} ms for {_tiles[tile]}");
            }

            Interlocked.Increment(ref _milliseconds[Math.Min(Environment.TickCount64 - began, _milliseconds.Length - 1)]);
        }

        return failures;
    }
}
