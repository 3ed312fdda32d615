using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Frontend.Entrepot.Processings;

/// <summary>
/// How far the work of an execution is, asked from the grain that leads it, as JSON. Of all kinds: <c>status</c>, <c>fraction</c>, <c>time_left_s</c>,
/// <c>started</c>, <c>ended</c>, <c>failures</c>, and for tables <c>part</c> (slabs, files, tiles), <c>parts_done</c>, <c>parts_total</c>, <c>rate</c>,
/// <c>rate_unit</c>.
/// </summary>
public static class ExecutionProgress
{
    /// <summary>Of the work of a model, what its tiles are; the rest is their pyramid.</summary>
    private const double TilesShare = 0.8;

    /// <summary>Asks for it; the status is UNKNOWN while the work has not begun.</summary>
    public static async Task<JsonObject> AskAsync(IGrainFactory grains, Guid processing, Guid execution)
    {
        var key = execution.ToString();
        var pyramid = grains.GetGrain<IPyramidBuildGrain>(key);
        if (processing == ProcessingCatalogue.PointCloudPyramid.Id)
            return Show(await grains.GetGrain<IPointCloudBuildGrain>(key).GetProgressAsync());
        if (processing == ProcessingCatalogue.PyramidImport.Id)
            return Show(await grains.GetGrain<IPyramidImportGrain>(key).GetProgressAsync());
        if (processing != ProcessingCatalogue.TerrainModel.Id)
            return Show(await pyramid.GetProgressAsync());
        var model = await grains.GetGrain<ITerrainBuildGrain>(key).GetProgressAsync();
        if (model.Status != PyramidBuildStatus.Finished)
            return Show(model);
        var ofTiles = await pyramid.GetProgressAsync();
        // A moment passes between the tiles' end and the pyramid's begin.
        var shown = Show(ofTiles with { Status = ofTiles.Status == PyramidBuildStatus.Unknown ? PyramidBuildStatus.Planning : ofTiles.Status });
        shown["fraction"] = TilesShare + ((1 - TilesShare) * ofTiles.Fraction);
        return shown;
    }

    private static JsonObject Show(PointCloudBuildProgress progress) => new(Common(
        progress.Status, progress.Fraction, progress.TimeLeft, progress.Started, progress.Ended, progress.Failures,
        "files", progress.FilesDone, progress.FilesTotal, progress.MegapointsPerSecond, "Mpoints/s"))
    {
        ["files_done"] = progress.FilesDone,
        ["files_total"] = progress.FilesTotal,
        ["points"] = progress.Points,
        ["mpoints_per_s"] = progress.MegapointsPerSecond,
    };

    private static JsonObject Show(TerrainBuildProgress progress) => new(Common(
        progress.Status, TilesShare * progress.Fraction, progress.TimeLeft, progress.Started, progress.Ended, progress.Failures,
        "tiles", progress.TilesDone, progress.TilesTotal, progress.MegapointsPerSecond, "Mpoints/s"))
    {
        ["tiles_done"] = progress.TilesDone,
        ["tiles_total"] = progress.TilesTotal,
        ["points"] = progress.Points,
        ["mpoints_per_s"] = progress.MegapointsPerSecond,
    };

    private static JsonObject Show(PyramidBuildProgress progress) => new(Common(
        progress.Status, progress.Fraction, progress.TimeLeft, progress.Started, progress.Ended, progress.Failures,
        "slabs", progress.SlabsDone, progress.SlabsTotal, progress.MegapixelsPerSecond, "Mpix/s"))
    {
        ["slabs_done"] = progress.SlabsDone,
        ["slabs_total"] = progress.SlabsTotal,
        ["slabs_taken_over"] = progress.SlabsTakenOver,
        ["tiles"] = progress.Tiles,
        ["input_pixels"] = progress.InputPixels,
        ["mpix_per_s"] = progress.MegapixelsPerSecond,
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
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Common(
        PyramidBuildStatus status, double fraction, TimeSpan? left, DateTimeOffset? started, DateTimeOffset? ended, IReadOnlyList<string> failures,
        string part, long done, long total, double rate, string rateUnit) =>
    [
        new("status", status.ToString().ToUpperInvariant()),
        new("fraction", fraction),
        new("part", part),
        new("parts_done", done),
        new("parts_total", total),
        new("rate", rate),
        new("rate_unit", rateUnit),
        new("time_left_s", left?.TotalSeconds),
        new("started", started is { } from ? EntrepotJson.Date(from) : null),
        new("ended", ended is { } to ? EntrepotJson.Date(to) : null),
        new("failures", new JsonArray([.. failures.Select(failure => (JsonNode)failure)])),
    ];
}
