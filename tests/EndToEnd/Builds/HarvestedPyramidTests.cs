using System.Net;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A pyramid is made from the maps of another's service, and is judged by the pyramid that they show.</summary>
public sealed class HarvestedPyramidTests
{
    private const string Harvest = "Calcul ou mise à jour de pyramide raster par moissonnage WMS";
    private const string Layer = "shown";

    [PythonFact("mapproxy", "python3-mapproxy")]
    public async Task Harvest_of_a_lossless_layer_has_its_pixels_and_one_that_cannot_be_ends_with_a_sentence()
    {
        var maps = await MapService.StartAsync();
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Harvest:AllowedUrls:0"] = maps.Address, ["Grid:Harvest:Attempts"] = "2",
        });
        using var producer = await GridProducer.OfAsync(grid);
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 2, 600, 0.3);
        var upload = await producer.UploadAsync(folder, "lot");
        Directory.Delete(folder, recursive: true);
        var shown = await producer.BuildAsync(upload, Layer, new JsonObject { ["compression"] = "png", ["bottom"] = "19", ["top"] = "10" });
        await producer.PublishAsync(shown, Layer);
        maps.Show(grid.Address, Layer);
        var parameters = new JsonObject
        {
            ["harvest_url"] = maps.Address, ["harvest_layers"] = Layer, ["harvest_levels"] = new JsonArray("19", "16"), ["harvest_format"] = "image/png",
            ["harvest_area"] = await AreaAsync(producer, shown), ["harvest_dimensions"] = new JsonArray(900, 700), ["harvest_extras"] = "transparent=false",
            ["bottom"] = "19", ["top"] = "10", ["compression"] = "png", ["nodata"] = new JsonArray(255, 255, 255),
        };

        var harvested = await producer.RunAsync(Harvest, [], [], "harvested", parameters.DeepClone().AsObject());

        SortedDictionary<string, byte[]> expected = StoredPyramid.Read(grid, shown).Slabs, actual = StoredPyramid.Read(grid, harvested).Slabs;
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var level in (string[])["19", "16"])
            Assert.All(expected.Where(slab => slab.Key.Contains($"/{level}/")), slab => Assert.True(slab.Value.AsSpan().SequenceEqual(actual[slab.Key]), $"{slab.Key} differs"));

        await UpdateAsync(grid, producer, maps, harvested, parameters);
        maps.Show(grid.Address, Layer);

        Assert.Contains("is not among the services", await RefusalAsync(producer, parameters, "harvest_url", "http://127.0.0.1:1/service"));
        Assert.Contains("is not among the services", await RefusalAsync(producer, parameters, "harvest_url", maps.Address + "able"));
        Assert.Contains("lacks the bottom level", await RefusalAsync(producer, parameters, "harvest_levels", new JsonArray("16")));
        Assert.Contains("FLOAT32", await RefusalAsync(producer, parameters, "harvest_format", "image/x-bil;bits=32"));
        Assert.Contains("harvest_extras", await RefusalAsync(producer, parameters, "harvest_extras", "a b"));
        parameters["harvest_layers"] = "absent";
        Assert.Contains("absent", await FailureAsync(producer, parameters));
        await maps.DisposeAsync();
        parameters["harvest_layers"] = Layer;
        Assert.Contains("asked 2 times", await FailureAsync(producer, parameters));
    }

    /// <summary>The east of a pyramid is harvested of another layer: there it has that one's pixels, in the west its own, to the byte.</summary>
    private static async Task UpdateAsync(RunningGrid grid, GridProducer producer, MapService maps, string harvested, JsonObject parameters)
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 2, 600, 0.3, seed: 2);
        var other = await producer.BuildAsync(await producer.UploadAsync(folder, "other"), "other", new JsonObject { ["compression"] = "png", ["bottom"] = "19", ["top"] = "10" });
        Directory.Delete(folder, recursive: true);
        await producer.PublishAsync(other, "other");
        maps.Show(grid.Address, "other");
        var extent = (await producer.Api.GetAsync($"{producer.Datastore}/stored_data/{other}", default))["extent"]!["coordinates"]![0]!.AsArray();
        double west = extent.Min(point => (double)point![0]!), east = extent.Max(point => (double)point![0]!);
        double south = extent.Min(point => (double)point![1]!), north = extent.Max(point => (double)point![1]!), middle = (west + east) / 2;
        var asked = new JsonObject();
        foreach (var name in (string[])["harvest_url", "harvest_format", "harvest_dimensions", "harvest_extras"])
            asked[name] = parameters[name]!.DeepClone();
        asked["harvest_layers"] = "other";
        asked["harvest_levels"] = new JsonArray("19");
        asked["harvest_area"] = FormattableString.Invariant($"POLYGON(({middle} {south}, {east} {south}, {east} {north}, {middle} {north}, {middle} {south}))");

        var before = StoredPyramid.Read(grid, harvested);
        var updated = await producer.RunAsync(Harvest, [], [harvested], harvested, asked);

        Assert.Equal(harvested, updated);
        var after = StoredPyramid.Read(grid, updated);
        Assert.NotEqual(before.Folder, after.Folder);
        await producer.PublishAsync(updated, "updated");
        using var http = new HttpClient { BaseAddress = grid.Address };
        var (minCol, minRow, maxCol, maxRow) = after.Limits("19");
        var row = (minRow + maxRow) / 2;
        Task<byte[]> TileAsync(string layer, long col) => http.GetByteArrayAsync(new KvpTile(layer, "image/png", "PM", "19", col, row).Address());
        Assert.Equal(await TileAsync("other", maxCol - 1), await TileAsync("updated", maxCol - 1));
        Assert.Equal(await TileAsync(Layer, minCol + 1), await TileAsync("updated", minCol + 1));
        Assert.NotEqual(await TileAsync(Layer, maxCol - 1), await TileAsync("updated", maxCol - 1));
        // Where both meet, above, the parents have changed too.
        Assert.NotEqual(before.Slabs["DATA/" + SlabBelow(before, "16")], after.Slabs["DATA/" + SlabBelow(after, "16")]);
        asked["harvest_levels"] = new JsonArray("18");
        Assert.Contains("lacks the bottom level", (await Assert.ThrowsAsync<EntrepotException>(() => producer.LaunchAsync(Harvest, [], [harvested], harvested, asked.DeepClone().AsObject()))).Message);
    }

    private static string SlabBelow(StoredPyramid pyramid, string level)
    {
        var (minCol, minRow, _, _) = pyramid.Limits(level);
        return Path.GetRelativePath(Path.Combine(pyramid.Folder, pyramid.Name, "DATA"), pyramid.SlabOf(level, minCol, minRow));
    }

    private static async Task<string> RefusalAsync(GridProducer producer, JsonObject parameters, string name, JsonNode value)
    {
        var wrong = parameters.DeepClone().AsObject();
        wrong[name] = value;
        var refused = await Assert.ThrowsAsync<EntrepotException>(() => producer.LaunchAsync(Harvest, [], [], "refused", wrong));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        return refused.Message;
    }

    private static async Task<string> FailureAsync(GridProducer producer, JsonObject parameters)
    {
        var (execution, _) = await producer.LaunchAsync(Harvest, [], [], $"failed {Guid.NewGuid():n}", parameters.DeepClone().AsObject());
        Assert.Equal("FAILURE", await producer.EndOfAsync(execution));
        return string.Join('\n', await producer.Api.ListAsync($"{producer.Datastore}/processings/executions/{execution}/logs", default));
    }

    private static async Task<string> AreaAsync(GridProducer producer, string storedData)
    {
        var extent = (await producer.Api.GetAsync($"{producer.Datastore}/stored_data/{storedData}", default))["extent"]!["coordinates"]![0]!.AsArray();
        return $"POLYGON(({string.Join(", ", extent.Select(point => FormattableString.Invariant($"{(double)point![0]!} {(double)point[1]!}")))}))";
    }
}
