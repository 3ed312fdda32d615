using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Frontend.Entrepot.Notes;

/// <summary>
/// Comments and events of entities, the same for uploads, stored data and configurations. A comment is a row of its own with no invariant
/// beside its entity's existence, so these routes write it themselves.
/// </summary>
public static class NoteEndpoints
{
    private const int MaxCommentLength = 65_536;

    /// <summary>Maps <c>/{collection}/{id}/comments</c>, <c>…/comments/{comment}</c> and <c>…/events</c> under a datastore.</summary>
    /// <param name="collection">The path segment, for example <c>uploads</c>.</param>
    /// <param name="table">The qualified table of the entities.</param>
    /// <param name="kind">The entity's name in sentences.</param>
    /// <param name="right">The right that writing a comment needs.</param>
    public static void MapNotes(this RouteGroupBuilder datastore, string collection, string table, string kind, string right)
    {
        var entity = datastore.MapGroup($"/{collection}/{{id:guid}}").WithTags("Comments and events");
        entity.MapGet("/comments", async (HttpContext http, Guid id, EntityReader reader, ListQuery lists) =>
        {
            await reader.RequireAsync(table, kind, http.Datastore().Id, id, http.RequestAborted);
            return await lists.AnswerAsync(
                http, new EntityList("catalogue.comment_with_author").SortedAtFirstBy("t.creation"),
                filter => filter.Add($"t.entity = {filter.Parameter(id)}"), row => EntityView.Show(row, "entity"));
        }).WithSummary($"Comments on the {kind}, oldest first.");
        entity.MapPost("/comments", async (HttpContext http, Guid id, EntityReader reader, NpgsqlDataSource database) =>
        {
            await reader.RequireAsync(table, kind, http.Datastore().Id, id, http.RequestAborted);
            var text = await ReadTextAsync(http.Request);
            var comment = Guid.NewGuid();
            await WriteAsync(database, "insert into catalogue.comment (id, entity, text, author) values (@comment, @entity, @text, @author)", comment, id, text, http);
            return EntrepotJson.Created(await ShowAsync(database, comment, http.RequestAborted));
        }).WithRight(right).WithSummary($"Comments on the {kind}: {{text}}.");
        entity.MapPut("/comments/{comment:guid}", async (HttpContext http, Guid id, Guid comment, EntityReader reader, NpgsqlDataSource database) =>
        {
            await reader.RequireAsync(table, kind, http.Datastore().Id, id, http.RequestAborted);
            var text = await ReadTextAsync(http.Request);
            if (await WriteAsync(database, "update catalogue.comment set text = @text, update = now() where id = @comment and entity = @entity", comment, id, text, http) == 0)
                throw new NotFoundException("comment", comment);
            return EntrepotJson.Ok(await ShowAsync(database, comment, http.RequestAborted));
        }).WithRight(right).WithSummary("Replaces a comment's text.");
        entity.MapDelete("/comments/{comment:guid}", async (HttpContext http, Guid id, Guid comment, EntityReader reader, NpgsqlDataSource database) =>
        {
            await reader.RequireAsync(table, kind, http.Datastore().Id, id, http.RequestAborted);
            if (await WriteAsync(database, "delete from catalogue.comment where id = @comment and entity = @entity", comment, id, "", http) == 0)
                throw new NotFoundException("comment", comment);
            return Results.NoContent();
        }).WithRight(right).WithSummary("Deletes a comment.");
        entity.MapGet("/events", async (HttpContext http, Guid id, EntityReader reader, ListQuery lists) =>
        {
            await reader.RequireAsync(table, kind, http.Datastore().Id, id, http.RequestAborted);
            return await lists.AnswerAsync(
                http, new EntityList("catalogue.event").SortedAtFirstBy("t.id desc"),
                filter => filter.Add($"t.entity = {filter.Parameter(id)}"), row => row["doc"]!.DeepClone().AsObject());
        }).WithSummary($"What happened to the {kind}, newest first.");
    }

    private static async Task<string> ReadTextAsync(HttpRequest request)
    {
        var body = await RequestBody.ReadAsync(request);
        var text = body.RequiredText("text", MaxCommentLength);
        body.ThrowIfInvalid();
        return text;
    }

    private static async Task<int> WriteAsync(NpgsqlDataSource database, string statement, Guid comment, Guid entity, string text, HttpContext http)
    {
        await using var command = database.CreateCommand(statement);
        command.Parameters.AddWithValue("comment", comment);
        command.Parameters.AddWithValue("entity", entity);
        command.Parameters.AddWithValue("text", text);
        command.Parameters.AddWithValue("author", http.Caller().Id);
        return await command.ExecuteNonQueryAsync(http.RequestAborted);
    }

    private static async Task<JsonObject> ShowAsync(NpgsqlDataSource database, Guid comment, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select to_jsonb(t)::text from catalogue.comment_with_author t where id = @comment");
        command.Parameters.AddWithValue("comment", comment);
        var text = await command.ExecuteScalarAsync(cancellation) as string ?? throw new NotFoundException("comment", comment);
        return EntityView.Show(JsonNode.Parse(text)!.AsObject(), "entity");
    }
}
