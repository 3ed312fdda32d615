using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Interfaces.Catalogue;
using Grid.Tiling;

namespace Grid.Frontend.Entrepot.Statics;

/// <summary>The tile matrix sets that pyramids can be made in.</summary>
public static class TileMatrixSetEndpoints
{
    public static void MapTileMatrixSets(this RouteGroupBuilder api)
    {
        var sets = api.MapGroup("/statics/tms").WithTags("Statics");
        sets.MapGet("", (HttpContext http) =>
        {
            var (type, srs) = (http.Request.Query.Text("type"), http.Request.Query.Text("srs"));
            return ListQuery.Answer(http, [.. TileMatrixSets.All
                .Where(set => ListQuery.Matches(set.Id, type) && ListQuery.Matches(set.Crs, srs))
                .Select(set => new JsonObject { ["_id"] = set.Id, ["srs"] = set.Crs })]);
        }).WithSummary("The tile matrix sets.");
        sets.MapGet("/{tms}", (string tms) =>
        {
            var set = Find(tms);
            return EntrepotJson.Ok(new JsonObject
            {
                ["_id"] = set.Id,
                ["srs"] = set.Crs,
                ["levels"] = new JsonArray([.. set.Matrices.Select(matrix => new JsonObject { ["id"] = matrix.Id, ["resolution"] = matrix.CellSize })]),
            });
        }).WithSummary("A tile matrix set and its levels.");
        sets.MapGet("/{tms}/file", (string tms) => Results.Bytes(TileMatrixSetJson.Write(Find(tms)), "application/json"))
            .WithSummary("The tile matrix set's file.");
    }

    private static TileMatrixSet Find(string name) => TileMatrixSets.Find(name) ?? throw new NotFoundException($"There is no tile matrix set \"{name}\".");
}
