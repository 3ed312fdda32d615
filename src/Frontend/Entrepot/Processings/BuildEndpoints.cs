using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
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
            var row = await reader.ReadAsync(ExecutionEndpoints.Table, ExecutionEndpoints.Kind, http.Datastore().Id, id, http.RequestAborted);
            return EntrepotJson.Ok(await ExecutionProgress.AskAsync(grains, (Guid)row["processing_id"]!, id));
        }).WithSummary("Progress of the work: share done, slabs, files or tiles, rate, time left in seconds, levels with their slab limits.");
        group.MapGet("/slabs", async (HttpContext http, Guid id, IGrainFactory grains, EntityReader reader) =>
        {
            await ExecutionEndpoints.RequireAsync(http, id, reader);
            return EntrepotJson.Ok(Show(await grains.GetGrain<IPyramidBuildGrain>(id.ToString()).GetFinishedSlabsAsync(http.Request.Query.Number("from", 0, 0, int.MaxValue))));
        }).WithSummary("Slabs finished, from position \"from\" on: [level, column, row, tiles, bytes], and the position to ask for next.");
    }

    private static JsonObject Show(FinishedSlabs page) => new()
    {
        ["slabs"] = new JsonArray([.. page.Slabs.Select(slab => (JsonNode)new JsonArray(slab.Level, slab.Col, slab.Row, slab.Tiles, slab.Bytes))]),
        ["next"] = page.Next,
    };
}
