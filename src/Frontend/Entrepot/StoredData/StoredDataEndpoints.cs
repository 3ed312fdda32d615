using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Notes;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.StoredData;

/// <summary>Stored data: what executions made and configurations use. They are created by executions alone.</summary>
public static class StoredDataEndpoints
{
    /// <summary>Deleted stored data are not among these rows.</summary>
    private const string Table = "catalogue.live_stored_data";

    private const string Kind = "stored data";

    private static readonly EntityList Rows = new EntityList(Table)
        .Text("name")
        .Choice("type")
        .Choice("status")
        .Text("srs")
        .Choice("storage_type")
        .Tags()
        .SortedBy("name", "status", "type", "size", "last_event")
        .SortedAtFirstBy("t.last_event desc");

    public static void MapStoredData(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/stored_data").WithTags("Stored data");
        group.MapGet("/", (HttpContext http, ListQuery lists) => lists.AnswerAsync(http, Rows, filter =>
        {
            var datastore = filter.Parameter(http.Datastore().Id);
            string owned = $"t.datastore = {datastore}", shared = $"t.id in (select s.stored_data from catalogue.sharing s where s.datastore = {datastore})";
            var isOwned = http.Request.Query.Flag("owned") ?? http.Request.Query.Flag("shared") is not true;
            var isShared = http.Request.Query.Flag("shared") ?? http.Request.Query.Flag("owned") is not true;
            filter.Add((isOwned, isShared) switch { (true, true) => $"({owned} or {shared})", (true, false) => owned, (false, true) => shared, _ => "false" });
        }, Show)).WithSummary("Lists stored data, those that others share among them, last changed first.");
        group.MapGet("/{id:guid}", ReadAnyAsync).WithSummary("Shows stored data.");
        group.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Processing)
            .WithSummary("Changes name, description, edition, extent, extra, open or public_activity.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithRight(Rights.Processing)
            .WithSummary("Deletes stored data that no configuration uses and no execution writes.");
        group.MapPost("/{id:guid}/tags", AddTagsAsync).WithRight(Rights.Processing).WithSummary("Adds or replaces tags: a flat object.");
        group.MapDelete("/{id:guid}/tags", RemoveTagsAsync).WithRight(Rights.Processing).WithSummary("Removes tags by key.");
        group.MapGet("/{id:guid}/dependencies", DependenciesAsync).WithSummary("What uses the stored data, and what it uses.");
        group.MapGet("/{id:guid}/sharings", SharingsAsync).WithSummary("Datastores that the stored data are shared with.");
        group.MapPost("/{id:guid}/sharings", ShareAsync).WithRight(Rights.Processing)
            .WithSummary("Shares with datastores, an array of ids: they may show the stored data and take them as an input.");
        group.MapDelete("/{id:guid}/sharings", UnshareAsync).WithRight(Rights.Processing).WithSummary("Ends the sharing with ?datastores=, ids separated by commas.");
        datastore.MapNotes("stored_data", Table, Kind, Rights.Processing);
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        await StoredData(grains, id).PatchAsync(body.Json.ToJsonString(), http.Caller().Initiator);
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await StoredData(grains, id).DeleteAsync(http.Caller().Initiator);
        return Results.NoContent();
    }

    private static async Task<IResult> AddTagsAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await StoredData(grains, id).SetTagsAsync(await TagRequest.ReadAsync(http.Request));
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> RemoveTagsAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await StoredData(grains, id).RemoveTagsAsync(TagRequest.Keys(http.Request));
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> DependenciesAsync(HttpContext http, Guid id, EntityReader reader, NpgsqlDataSource database)
    {
        await RequireAsync(http, id, reader);
        await using var command = database.CreateCommand(
            """
            select coalesce(jsonb_agg(to_jsonb(c) order by c.creation), '[]')::text
            from (select id, name, creation, update from catalogue.configuration where used_data @> array[@id]) c
            """);
        command.Parameters.AddWithValue("id", id);
        var users = JsonNode.Parse((string)(await command.ExecuteScalarAsync(http.RequestAborted))!)!.AsArray();
        return EntrepotJson.Ok(new JsonObject
        {
            ["used_by"] = new JsonArray([.. users.Select(user => (JsonNode)EntityView.Show(user!.AsObject()))]),
            ["use"] = new JsonArray(),
        });
    }

    private static async Task<IResult> SharingsAsync(HttpContext http, Guid id, EntityReader reader, NpgsqlDataSource database)
    {
        await RequireAsync(http, id, reader);
        await using var command = database.CreateCommand(
            """
            select coalesce(jsonb_agg(jsonb_build_object('_id', d.id, 'name', c.name, 'technical_name', c.technical_name) order by s.creation, d.id), '[]')::text
            from catalogue.sharing s join catalogue.datastore d on d.id = s.datastore join catalogue.community c on c.id = d.community
            where s.stored_data = @id
            """);
        command.Parameters.AddWithValue("id", id);
        var datastores = JsonNode.Parse((string)(await command.ExecuteScalarAsync(http.RequestAborted))!)!.AsArray();
        return ListQuery.Answer(http, [.. datastores.Select(datastore => datastore!.DeepClone().AsObject())]);
    }

    private static async Task<IResult> ShareAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await StoredData(grains, id).ShareAsync(Datastores(await RequestBody.ReadListAsync(http.Request)));
        return Results.NoContent();
    }

    private static async Task<IResult> UnshareAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await StoredData(grains, id).UnshareAsync(Datastores(http.Request.Query["datastores"].SelectMany(list => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))));
        return Results.NoContent();
    }

    private static IReadOnlyList<Guid> Datastores(IEnumerable<string> given) =>
        [.. given.Select(text => Guid.TryParse(text, out var id) ? id : throw new InvalidInputException($"The datastore \"{text}\" is no UUID."))];

    private static Task RequireAsync(HttpContext http, Guid id, EntityReader reader) =>
        reader.RequireAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);

    private static async Task<JsonObject> ReadAsync(HttpContext http, Guid id, EntityReader reader) =>
        Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted));

    /// <summary>The stored data of the datastore, or of another that shares them with it.</summary>
    private static async Task<IResult> ReadAnyAsync(HttpContext http, Guid id, EntityReader reader, NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            $"select t.datastore from {Table} t join catalogue.sharing s on s.stored_data = t.id where t.id = @id and s.datastore = @datastore");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("datastore", http.Datastore().Id);
        var owner = await command.ExecuteScalarAsync(http.RequestAborted) as Guid?;
        return EntrepotJson.Ok(Show(await reader.ReadAsync(Table, Kind, owner ?? http.Datastore().Id, id, http.RequestAborted)));
    }

    private static JsonObject Show(JsonObject row) => EntityView.Show(row, "storage_type");

    private static IStoredDataGrain StoredData(IGrainFactory grains, Guid id) => grains.GetGrain<IStoredDataGrain>(id.ToString());
}
