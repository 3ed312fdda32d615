using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Lots;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A pyramid takes new dalles through the REST API: only what they touch is built, and the result is that of a build from nothing.</summary>
[Collection("grid")]
public sealed class UpdatedPyramidTests(SharedGrid shared)
{
    private const string Pyramids = "Calcul ou mise à jour de pyramide raster";
    private const string Removal = "Pyramide raster : suppression d'une emprise";

    [Fact]
    public async Task Update_in_place_is_a_build_of_both_lots_and_is_served_once_synchronised()
    {
        const string Layer = "ortho_updated";
        var producer = shared.Producer;
        var newer = await NewerAsync("newer dalle");
        JsonObject Parameters() => new() { ["compression"] = "png", ["bottom"] = "19", ["width"] = 2, ["height"] = 2 };
        var pyramid = await producer.BuildAsync(shared.Upload, Layer, Parameters());
        var offering = await producer.PublishAsync(pyramid, Layer);
        var union = await producer.RunAsync(Pyramids, [shared.Upload, newer], [], "union", Parameters());
        var first = StoredPyramid.Read(shared.Grid, pyramid);
        var address = KvpTile.Of(first, Layer, "image/png", "10").Address();
        var before = Digest(await shared.Http.GetByteArrayAsync(address));

        var (execution, updated) = await producer.LaunchAsync(Pyramids, [newer], [pyramid], pyramid, []);
        Assert.Equal("SUCCESS", await producer.EndOfAsync(execution));

        Assert.Equal(pyramid, updated);
        SamePyramids.Check(StoredPyramid.Read(shared.Grid, union), StoredPyramid.Read(shared.Grid, pyramid));
        Assert.Equal(before, Digest(await shared.Http.GetByteArrayAsync(address)));
        await producer.SynchroniseAsync(offering);
        Assert.NotEqual(before, Digest(await shared.Http.GetByteArrayAsync(address)));
        var shown = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}", default);
        Assert.Equal(pyramid, (string?)shown["inputs"]!["stored_data"]![0]!["_id"]);
        var progress = await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}/progress", default);
        Assert.True((long)progress["slabs_taken_over"]! > 0);
    }

    [Fact]
    public async Task Removed_area_has_no_data_and_the_rest_is_untouched_and_delivering_it_again_brings_it_back()
    {
        var producer = shared.Producer;
        var parameters = new JsonObject { ["compression"] = "zip", ["mask"] = true, ["bottom"] = "19", ["width"] = 2, ["height"] = 2 };
        var whole = await producer.BuildAsync(shared.Upload, "whole", parameters);
        var area = await AreaAsync(whole);

        var holed = await producer.RunAsync(Removal, [], [whole], "holed", new JsonObject { ["area"] = area });
        var mended = await producer.RunAsync(Pyramids, [shared.Upload], [holed], "mended", new JsonObject { ["area"] = area });

        StoredPyramid a = StoredPyramid.Read(shared.Grid, whole), b = StoredPyramid.Read(shared.Grid, holed);
        Assert.Contains(a.Slabs, slab => !b.Slabs.TryGetValue(slab.Key, out var left) || !left.AsSpan().SequenceEqual(slab.Value));
        Assert.Contains(a.Slabs, slab => slab.Key.Contains("/19/") && b.Slabs.TryGetValue(slab.Key, out var left) && left.AsSpan().SequenceEqual(slab.Value));
        SamePyramids.Check(a, StoredPyramid.Read(shared.Grid, mended));
    }

    [Fact]
    public async Task What_cannot_be_updated_is_refused_with_a_sentence()
    {
        var newer = await NewerAsync("dalle that is refused");

        Assert.Contains("\"compression\" is \"zip\", the pyramid's is \"png\"", await RefusalAsync(Pyramids, [newer], [shared.Pyramid], new() { ["compression"] = "zip" }));
        Assert.Contains("longitude", await RefusalAsync(Removal, [], [shared.Pyramid], new() { ["area"] = "POLYGON((650000 6870000, 650100 6870000, 650100 6870100, 650000 6870000))" }));
        Assert.Contains("\"area\" is mandatory", await RefusalAsync(Removal, [], [shared.Pyramid], []));
        Assert.Contains("takes no upload", await RefusalAsync(Removal, [newer], [shared.Pyramid], new() { ["area"] = "POLYGON((2 48, 2.1 48, 2.1 48.1, 2 48))" }));
        Assert.Contains("takes at most 1", await RefusalAsync(Pyramids, [newer], [shared.Pyramid, Guid.NewGuid().ToString()], []));
        Assert.Contains("is for updates", await RefusalAsync(Pyramids, [newer], [], new() { ["area"] = "POLYGON((2 48, 2.1 48, 2.1 48.1, 2 48))" }));
        Assert.Contains("There is no stored data", await RefusalAsync(Pyramids, [newer], [Guid.NewGuid().ToString()], []));
    }

    private async Task<string> RefusalAsync(string processing, IReadOnlyList<string> uploads, IReadOnlyList<string> inputs, JsonObject parameters)
    {
        var refused = await Assert.ThrowsAsync<EntrepotException>(() => shared.Producer.LaunchAsync(processing, uploads, inputs, "refused", parameters));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        return refused.Message;
    }

    // Finer than the shared lot, and so on a sheet of its own: no kernel reaches over the seam when both are built at once.
    private async Task<string> NewerAsync(string name)
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 1, 1, 600, 0.15, seed: 4);
        var upload = await shared.Producer.UploadAsync(folder, name);
        Directory.Delete(folder, recursive: true);
        return upload;
    }

    // A triangle in the middle of the pyramid's extent.
    private async Task<string> AreaAsync(string storedData)
    {
        var extent = (await shared.Producer.Api.GetAsync($"{shared.Producer.Datastore}/stored_data/{storedData}", default))["extent"]!["coordinates"]![0]!.AsArray();
        double west = (double)extent[0]![0]!, south = (double)extent[0]![1]!, east = (double)extent[2]![0]!, north = (double)extent[2]![1]!;
        return FormattableString.Invariant(
            $"POLYGON(({At(west, east, 0.3)} {At(south, north, 0.3)}, {At(west, east, 0.7)} {At(south, north, 0.35)}, {At(west, east, 0.5)} {At(south, north, 0.7)}, {At(west, east, 0.3)} {At(south, north, 0.3)}))");
    }

    private static double At(double from, double to, double share) => from + ((to - from) * share);

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
