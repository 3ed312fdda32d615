using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Frontend.Entrepot.Processings;

/// <summary>How far the build of an execution is, as numbers. These routes are Grid's own, beside those of the Entrepôt.</summary>
public static class BuildEndpoints
{
    public static void MapBuilds(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/processings/executions/{id:guid}").WithTags("Processing executions");
        group.MapGet("/progress", async (HttpContext http, Guid id, IGrainFactory grains, EntityReader reader) =>
        {
            await ExecutionEndpoints.RequireAsync(http, id, reader);
            var progress = await Build(grains, id).GetProgressAsync();
            if (progress.Status == PyramidBuildStatus.Unknown && await Cloud(grains, id).GetProgressAsync() is { Status: not PyramidBuildStatus.Unknown } cloud)
                return EntrepotJson.Ok(Show(cloud));
            if (progress.Status == PyramidBuildStatus.Unknown)
                progress = await grains.GetGrain<IPyramidImportGrain>(id.ToString()).GetProgressAsync();
            return EntrepotJson.Ok(Show(progress));
        }).WithSummary("Progress of the build: slabs, share done, rate, time left in seconds, levels with their slab limits.");
        group.MapGet("/slabs", async (HttpContext http, Guid id, IGrainFactory grains, EntityReader reader) =>
        {
            await ExecutionEndpoints.RequireAsync(http, id, reader);
            return EntrepotJson.Ok(Show(await Build(grains, id).GetFinishedSlabsAsync(http.Request.Query.Number("from", 0, 0, int.MaxValue))));
        }).WithSummary("Slabs finished, from position \"from\" on: [level, column, row, tiles, bytes], and the position to ask for next.");
    }

    private static IPyramidBuildGrain Build(IGrainFactory grains, Guid id) => grains.GetGrain<IPyramidBuildGrain>(id.ToString());

    private static IPointCloudBuildGrain Cloud(IGrainFactory grains, Guid id) => grains.GetGrain<IPointCloudBuildGrain>(id.ToString());

    private static JsonObject Show(PointCloudBuildProgress progress) => new()
    {
        ["status"] = progress.Status.ToString().ToUpperInvariant(),
        ["fraction"] = progress.Fraction,
        ["files_done"] = progress.FilesDone,
        ["files_total"] = progress.FilesTotal,
        ["points"] = progress.Points,
        ["mpoints_per_s"] = progress.MegapointsPerSecond,
        ["time_left_s"] = progress.TimeLeft?.TotalSeconds,
        ["started"] = progress.Started is { } started ? EntrepotJson.Date(started) : null,
        ["ended"] = progress.Ended is { } ended ? EntrepotJson.Date(ended) : null,
        ["failures"] = new JsonArray([.. progress.Failures.Select(failure => (JsonNode)failure)]),
    };

    private static JsonObject Show(PyramidBuildProgress progress) => new()
    {
        ["status"] = progress.Status.ToString().ToUpperInvariant(),
        ["fraction"] = progress.Fraction,
        ["slabs_done"] = progress.SlabsDone,
        ["slabs_total"] = progress.SlabsTotal,
        ["slabs_taken_over"] = progress.SlabsTakenOver,
        ["tiles"] = progress.Tiles,
        ["input_pixels"] = progress.InputPixels,
        ["mpix_per_s"] = progress.MegapixelsPerSecond,
        ["time_left_s"] = progress.TimeLeft?.TotalSeconds,
        ["started"] = progress.Started is { } started ? EntrepotJson.Date(started) : null,
        ["ended"] = progress.Ended is { } ended ? EntrepotJson.Date(ended) : null,
        ["levels"] = new JsonArray([.. progress.Levels.Select(level => (JsonNode)new JsonObject
        {
            ["level"] = level.Level,
            ["slabs_done"] = level.SlabsDone,
            ["slabs_total"] = level.SlabsTotal,
            ["min_col"] = level.MinCol,
            ["min_row"] = level.MinRow,
            ["max_col"] = level.MaxCol,
            ["max_row"] = level.MaxRow,
        })]),
        ["failures"] = new JsonArray([.. progress.Failures.Select(failure => (JsonNode)failure)]),
    };

    private static JsonObject Show(FinishedSlabs page) => new()
    {
        ["slabs"] = new JsonArray([.. page.Slabs.Select(slab => (JsonNode)new JsonArray(slab.Level, slab.Col, slab.Row, slab.Tiles, slab.Bytes))]),
        ["next"] = page.Next,
    };
}
