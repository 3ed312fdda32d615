using System.Net;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Lots;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Pyramids are merged, and have their upper levels made anew, through the REST API.</summary>
[Collection("grid")]
public sealed class MergedPyramidTests(SharedGrid shared)
{
    private const string Merge = "Fusion de pyramides raster";
    private const string Head = "Pyramide raster : reconstruction des niveaux supérieurs";

    [Fact]
    public async Task Merged_pyramid_is_served_and_shows_the_upper_one_where_it_has_data()
    {
        const string Layer = "merged";
        var producer = shared.Producer;
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 1, 1, 600, 0.15, seed: 4);
        var upload = await producer.UploadAsync(folder, "upper lot");
        Directory.Delete(folder, recursive: true);
        JsonObject Parameters() => new() { ["compression"] = "zip", ["mask"] = true, ["bottom"] = "19", ["top"] = "12", ["width"] = 2, ["height"] = 2 };
        var under = await producer.BuildAsync(shared.Upload, "under", Parameters());
        var over = await producer.BuildAsync(upload, "over", Parameters());
        var union = await producer.RunAsync("Calcul de pyramide raster", [shared.Upload, upload], [], "both", Parameters());

        var merged = await producer.RunAsync(Merge, [], [over, under], Layer, new JsonObject { ["compression"] = "png" });
        var back = await producer.RunAsync(Merge, [], [merged, over], "again", new JsonObject { ["compression"] = "zip", ["bottom"] = "19", ["top"] = "19" });
        var headed = await producer.RunAsync(Head, [], [union], "headed", new JsonObject { ["reference_level"] = "17" });

        await producer.PublishAsync(merged, Layer);
        var tile = await shared.Http.GetByteArrayAsync(KvpTile.Of(StoredPyramid.Read(shared.Grid, merged), Layer, "image/png", "19").Address());
        Assert.True(tile.AsSpan(1, 3).SequenceEqual("PNG"u8));
        SortedDictionary<string, byte[]> expected = StoredPyramid.Read(shared.Grid, union).Slabs, actual = StoredPyramid.Read(shared.Grid, back).Slabs;
        Assert.Equal(expected.Keys.Where(path => path.Contains("/19/")), actual.Keys);
        Assert.All(actual, slab => Assert.True(slab.Value.AsSpan().SequenceEqual(expected[slab.Key]), $"{slab.Key} differs"));
        SamePyramids.Check(StoredPyramid.Read(shared.Grid, union), StoredPyramid.Read(shared.Grid, headed));
    }

    [Fact]
    public async Task What_cannot_be_merged_is_refused_with_a_sentence()
    {
        var lambert = await shared.Producer.BuildAsync(
            shared.Upload, "lambert", new JsonObject { ["tms"] = "LAMB93_50cm", ["compression"] = "png", ["bottom"] = "16", ["top"] = "14" });

        Assert.Contains("different tile matrix sets, PM and LAMB93_50cm", await RefusalAsync(Merge, [shared.Pyramid, lambert], []));
        Assert.Contains("at least 2", await RefusalAsync(Merge, [shared.Pyramid], []));
        Assert.Contains("west, south, east, north", await RefusalAsync(Merge, [lambert, shared.Pyramid], new() { ["bbox"] = new JsonArray(3, 45, 2, 46) }));
        Assert.Contains("TOP, ALPHATOP, MULTIPLY, REPLACE", await RefusalAsync(Merge, [lambert, shared.Pyramid], new() { ["merge_method"] = "BOTTOM" }));
        Assert.Contains("there is nothing to make", await RefusalAsync(Head, [lambert], new() { ["reference_level"] = "14" }));
        Assert.Contains("the pyramid's levels are", await RefusalAsync(Head, [lambert], new() { ["reference_level"] = "3" }));
    }

    private async Task<string> RefusalAsync(string processing, IReadOnlyList<string> inputs, JsonObject parameters)
    {
        var refused = await Assert.ThrowsAsync<EntrepotException>(() => shared.Producer.LaunchAsync(processing, [], inputs, "refused", parameters));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        return refused.Message;
    }
}
