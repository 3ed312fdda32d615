using System.Net;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A datastore shares a pyramid with another, which makes a copy of its own of it.</summary>
[Collection("grid")]
public sealed class SharedPyramidTests(SharedGrid shared)
{
    private const string Copy = "Pyramide raster : copie";

    [Fact]
    public async Task Shared_pyramid_is_copied_into_another_datastore_and_served_from_there_after_the_original_has_gone()
    {
        const string Layer = "neighbours";
        var owner = shared.Producer;
        var neighbour = await owner.InAsync(SharedGrid.Neighbour);
        var id = neighbour.Datastore["datastores/".Length..];
        var pyramid = await owner.BuildAsync(shared.Upload, "to share", new JsonObject { ["compression"] = "png", ["bottom"] = "19", ["top"] = "15" });
        var own = $"{owner.Datastore}/stored_data/{pyramid}";
        var seen = $"{neighbour.Datastore}/stored_data/{pyramid}";
        async Task<HttpStatusCode> RefusedAsync(Func<Task> act) => (await Assert.ThrowsAsync<EntrepotException>(act)).Status;

        // What is not shared is not there.
        Assert.Equal(HttpStatusCode.NotFound, await RefusedAsync(() => owner.Api.GetAsync(seen, default)));
        Assert.Equal(HttpStatusCode.BadRequest, await RefusedAsync(() => neighbour.LaunchAsync(Copy, [], [pyramid], Layer, [])));
        Assert.Equal(HttpStatusCode.BadRequest, await RefusedAsync(() => owner.Api.PostAsync($"{own}/sharings", new JsonArray(Guid.NewGuid().ToString()), default)));

        await owner.Api.PostAsync($"{own}/sharings", new JsonArray(id), default);
        Assert.Equal(id, (string?)Assert.Single(await owner.Api.ListAsync($"{own}/sharings", default))!["_id"]);
        Assert.Equal("to share", (string?)(await owner.Api.GetAsync(seen, default))["name"]);
        Assert.Equal(pyramid, (string?)Assert.Single(await owner.Api.ListAsync($"{neighbour.Datastore}/stored_data?shared=true", default))!["_id"]);
        Assert.Empty(await owner.Api.ListAsync($"{neighbour.Datastore}/stored_data?owned=true", default));

        // It may be read and not changed.
        Assert.Equal(HttpStatusCode.NotFound, await RefusedAsync(() => owner.Api.PostAsync($"{seen}/tags", new JsonObject { ["a"] = "b" }, default)));
        Assert.Equal(HttpStatusCode.NotFound, await RefusedAsync(() => owner.Api.DeleteAsync(seen, default)));

        var copy = await neighbour.RunAsync(Copy, [], [pyramid], "to share", []);
        SamePyramids.Check(StoredPyramid.Read(shared.Grid, pyramid), StoredPyramid.Read(shared.Grid, copy));
        Assert.Equal(copy, (string?)Assert.Single(await owner.Api.ListAsync($"{neighbour.Datastore}/stored_data?owned=true", default))!["_id"]);

        await owner.Api.DeleteAsync($"{own}/sharings?datastores={id}", default);
        Assert.Empty(await owner.Api.ListAsync($"{own}/sharings", default));
        Assert.Equal(HttpStatusCode.NotFound, await RefusedAsync(() => owner.Api.GetAsync(seen, default)));
        await owner.Api.DeleteAsync(own, default);
        await neighbour.PublishAsync(copy, Layer);
        var tile = KvpTile.InTheMiddle(StoredPyramid.Read(shared.Grid, copy), Layer, "image/png");
        Assert.True((await shared.Http.GetByteArrayAsync(tile.Address())).AsSpan(1, 3).SequenceEqual("PNG"u8));
    }
}
