using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Grid.Cli.Lots;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>New data take the place of old ones behind a layer while it is in use.</summary>
[Collection("grid")]
public sealed class RebuiltPyramidTests(SharedGrid shared)
{
    private const int Clients = 4;

    [Fact]
    public async Task Rebuilt_pyramid_replaces_the_old_one_with_no_request_failing()
    {
        const string Layer = "ortho_live";
        var producer = shared.Producer;
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 2, 600, 0.2, seed: 2);
        var newer = await producer.UploadAsync(folder, "newer lot");
        Directory.Delete(folder, recursive: true);
        var parameters = new JsonObject { ["compression"] = "jpg90" };
        var pyramid = await producer.BuildAsync(shared.Upload, Layer, parameters.DeepClone().AsObject());
        var offering = await producer.PublishAsync(pyramid, Layer);
        var levels = StoredPyramid.Read(shared.Grid, pyramid).Levels;
        string[] addresses = [.. levels.TakeLast(4).Select(level => KvpTile.Of(StoredPyramid.Read(shared.Grid, pyramid), Layer, "image/jpeg", level).Address())];
        var before = await ReadAllAsync(addresses);

        var seen = new ConcurrentDictionary<(string Address, string Digest), int>();
        var failures = new ConcurrentBag<string>();
        using var end = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var request = client; !end.IsCancellationRequested; request++)
            {
                var address = addresses[request % addresses.Length];
                using var answer = await shared.Http.GetAsync(address);
                if (answer.StatusCode != HttpStatusCode.OK)
                    failures.Add($"{address}: {answer.StatusCode}");
                else
                    seen.AddOrUpdate((address, Digest(await answer.Content.ReadAsByteArrayAsync())), 1, (_, count) => count + 1);
            }
        })).ToList();

        await producer.BuildAsync(newer, pyramid, parameters);
        Assert.Equal(before, await ReadAllAsync(addresses));
        await producer.SynchroniseAsync(offering);
        var after = await ReadAllAsync(addresses);
        await end.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Empty(failures);
        Assert.All(addresses, address => Assert.NotEqual(before[address], after[address]));
        Assert.All(seen.Keys, tile => Assert.True(tile.Digest == before[tile.Address] || tile.Digest == after[tile.Address], "a tile is neither of the old pyramid nor of the new one"));
        Assert.True(seen.Values.Sum() > 50);
    }

    private async Task<Dictionary<string, string>> ReadAllAsync(IEnumerable<string> addresses)
    {
        var tiles = new Dictionary<string, string>();
        foreach (var address in addresses)
            tiles[address] = Digest(await shared.Http.GetByteArrayAsync(address));
        return tiles;
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
