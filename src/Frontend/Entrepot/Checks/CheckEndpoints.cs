using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Checks;

/// <summary>The catalogue of checks, their runs and logs.</summary>
public static class CheckEndpoints
{
    private const string Kind = "check execution";

    private const string Table =
        """
        (select e.*, jsonb_build_object('_id', u.id, 'type', u.type, 'name', u.name) as upload_shown
         from catalogue.check_execution e join catalogue.upload u on u.id = e.upload)
        """;

    private static readonly EntityList Executions = new EntityList(Table)
        .Choice("status").Id("upload").Id("check", "t.check_id").SortedBy("start", "finish", "status");

    public static void MapChecks(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/checks").WithTags("Checks");
        group.MapGet("", (HttpContext http) => ListQuery.Answer(
            http, [.. CheckCatalogue.All.Where(check => ListQuery.Matches(check.Name, http.Request.Query.Text("name"))).Select(Show)]))
            .WithSummary("The checks that can be run on uploads.");
        group.MapGet("/{check:guid}", (Guid check) => EntrepotJson.Ok(Show(CheckCatalogue.Find(check) ?? throw new NotFoundException("check", check))))
            .WithSummary("A check.");

        var executions = group.MapGroup("/executions");
        executions.MapGet("", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Executions, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"), ShowExecution))
            .WithSummary("Runs of checks.");
        executions.MapGet("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader) =>
            EntrepotJson.Ok(ShowExecution(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted))))
            .WithSummary("A run of a check.");
        executions.MapGet("/{id:guid}/logs", async (HttpContext http, Guid id, EntityReader reader, LogQuery logs) =>
        {
            await reader.RequireAsync("catalogue.check_execution", Kind, http.Datastore().Id, id, http.RequestAborted);
            return await logs.AnswerAsync(http, id);
        }).WithSummary("The log of a run, an array of lines.");
        executions.MapDelete("/{id:guid}", CancelAsync).WithRight(Rights.Upload).WithSummary("Cancels a run that has not ended; it counts as failed.");
        executions.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Upload).WithSummary("Sets the callback of a run that has not ended.");
    }

    /// <summary>The summary of an upload's checks, the latest run of each: <c>asked, in_progress, passed, failed</c>, all four always there.</summary>
    public static async Task<JsonObject> SummariseAsync(NpgsqlDataSource database, Guid upload, CancellationToken cancellation)
    {
        var summary = new JsonObject { ["asked"] = new JsonArray(), ["in_progress"] = new JsonArray(), ["passed"] = new JsonArray(), ["failed"] = new JsonArray() };
        await using var command = database.CreateCommand(
            "select distinct on (check_id) to_jsonb(e)::text from catalogue.check_execution e where upload = @upload order by check_id, creation desc, id");
        command.Parameters.AddWithValue("upload", upload);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = JsonNode.Parse(reader.GetString(0))!.AsObject();
            var key = (string?)row["status"] switch
            {
                CheckStatus.Waiting => "asked",
                CheckStatus.Progress => "in_progress",
                CheckStatus.Success => "passed",
                _ => "failed",
            };
            summary[key]!.AsArray().Add(new JsonObject
            {
                ["_id"] = row["id"]!.DeepClone(), ["check"] = Name(row), ["creation"] = EntityView.Date((string)row["creation"]!), ["update"] = EntityView.Date((string)row["update"]!),
            });
        }

        return summary;
    }

    private static async Task<IResult> CancelAsync(HttpContext http, Guid id, EntityReader reader, IGrainFactory grains)
    {
        var row = await reader.ReadAsync("catalogue.check_execution", Kind, http.Datastore().Id, id, http.RequestAborted);
        if (CheckStatus.IsFinal((string)row["status"]!))
            throw new ConflictException($"Check execution {id} has ended with {row["status"]}: there is nothing to cancel.");
        await grains.GetGrain<IUploadGrain>((string)row["upload"]!).CancelCheckAsync(id);
        return Results.NoContent();
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, EntityReader reader, IGrainFactory grains)
    {
        await reader.RequireAsync("catalogue.check_execution", Kind, http.Datastore().Id, id, http.RequestAborted);
        var body = await RequestBody.ReadAsync(http.Request);
        var callback = body.Object("callback");
        body.ThrowIfInvalid();
        await grains.GetGrain<ICheckExecutionGrain>(id.ToString()).SetCallbackAsync(callback?.ToJsonString());
        return EntrepotJson.Ok(ShowExecution(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)));
    }

    private static JsonObject Show(CheckDefinition check) => new()
    {
        ["_id"] = check.Id.ToString(),
        ["name"] = check.Name,
        ["description"] = check.Description,
        ["priority"] = "STANDARD",
        ["default_uploads_check"] = new JsonArray([.. check.DefaultFor.Select(type => (JsonNode)type)]),
    };

    private static JsonObject ShowExecution(JsonObject row)
    {
        var shown = EntityView.Show(row, "check_id", "upload", "upload_shown");
        shown["check"] = Name(row);
        shown["upload"] = row["upload_shown"]?.DeepClone();
        return shown;
    }

    private static JsonObject Name(JsonObject row) => new()
    {
        ["_id"] = row["check_id"]!.DeepClone(), ["name"] = CheckCatalogue.Find(Guid.Parse((string)row["check_id"]!))?.Name,
    };
}
