using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Orleans;

namespace Grid.Frontend.Entrepot.Processings;

/// <summary>Processing executions: created with their output, launched, followed, aborted.</summary>
public static class ExecutionEndpoints
{
    /// <summary>The executions with inputs and output at their present state.</summary>
    internal const string Table = "catalogue.execution_shown";

    internal const string Kind = "processing execution";

    private static readonly EntityList Rows = new EntityList(Table)
        .Choice("status")
        .Id("processing", "t.processing_id")
        .IdWithin("input_upload", "t.input_uploads")
        .IdWithin("input_stored_data", "t.input_stored_data")
        .Id("output_upload", "t.output_upload")
        .Id("output_stored_data", "t.output_stored_data")
        .Date("launch_after", "t.launch", ">=")
        .Date("launch_before", "t.launch", "<=")
        .SortedBy("status", "launch", "start", "finish")
        .SortedAtFirstBy("t.creation desc");

    public static void MapExecutions(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/processings/executions").WithTags("Processing executions");
        group.MapGet("/", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Rows, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"), Show)).WithSummary("Lists executions, newest first.");
        group.MapPost("/", CreateAsync).WithRight(Rights.Processing)
            .WithSummary("Creates an execution and its output: {processing, inputs: {upload: []}, output: {stored_data: {name}}, parameters}.");
        group.MapGet("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader) => EntrepotJson.Ok(await ReadAsync(http, id, reader)))
            .WithSummary("Shows an execution.");
        group.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Processing).WithSummary("Sets or removes the callback.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithRight(Rights.Processing).WithSummary("Deletes an execution that is not running.");
        group.MapPost("/{id:guid}/launch", LaunchAsync).WithRight(Rights.Processing).WithSummary("Launches a CREATED execution.");
        group.MapPost("/{id:guid}/abort", AbortAsync).WithRight(Rights.Processing).WithSummary("Aborts a running execution; it is ABORTED a little later.");
        group.MapGet("/{id:guid}/logs", LogsAsync).WithSummary("The log, an array of lines.");
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IGrainFactory grains, EntityReader reader)
    {
        var body = await RequestBody.ReadAsync(http.Request);
        var id = Guid.NewGuid();
        await Execution(grains, id).CreateAsync(new NewExecution(http.Datastore().Id, body.Json.ToJsonString(), http.Caller().Initiator));
        return EntrepotJson.Created(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        if (body.Has("callback"))
            await Execution(grains, id).SetCallbackAsync(body.Json["callback"]?.ToJsonString());
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Execution(grains, id).DeleteAsync();
        return Results.NoContent();
    }

    private static async Task<IResult> LaunchAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Execution(grains, id).LaunchAsync(http.Caller().Initiator);
        return Results.NoContent();
    }

    private static async Task<IResult> AbortAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Execution(grains, id).AbortAsync(http.Caller().Initiator);
        return Results.NoContent();
    }

    private static async Task<IResult> LogsAsync(HttpContext http, Guid id, EntityReader reader, LogQuery logs)
    {
        await RequireAsync(http, id, reader);
        return await logs.AnswerAsync(http, id);
    }

    internal static Task RequireAsync(HttpContext http, Guid id, EntityReader reader) =>
        reader.RequireAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);

    private static async Task<JsonObject> ReadAsync(HttpContext http, Guid id, EntityReader reader) =>
        Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted));

    private static JsonObject Show(JsonObject row) =>
        EntityView.Show(row, "processing_id", "input_uploads", "input_stored_data", "output_upload", "output_stored_data");

    private static IProcessingExecutionGrain Execution(IGrainFactory grains, Guid id) => grains.GetGrain<IProcessingExecutionGrain>(id.ToString());
}
