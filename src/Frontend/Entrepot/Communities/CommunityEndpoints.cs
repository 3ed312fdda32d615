using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Communities;

/// <summary>Communities, their members, and the catalogue of public ones.</summary>
public static class CommunityEndpoints
{
    private const string Table =
        """
        (select c.id, c.technical_name, c.name, c.creation, c.update, c.doc || jsonb_strip_nulls(jsonb_build_object(
           'supervisor', jsonb_build_object('_id', s.id, 'email', s.doc->'email', 'first_name', s.doc->'first_name', 'last_name', s.doc->'last_name'),
           'datastore', case when d.id is null then null else jsonb_build_object('_id', d.id, 'active', d.active) end)) as doc
         from catalogue.community c left join catalogue.account s on s.id::text = c.doc->'supervisor'->>'_id'
         left join catalogue.datastore d on d.community = c.id)
        """;

    private static readonly EntityList Catalogue = new EntityList(Table).Text("name").Text("technical_name").SortedBy("name").SortedAtFirstBy("t.name");

    private static readonly EntityList Members = new EntityList(
        """
        (select m.account as id, m.community, m.rights, m.creation, m.update, jsonb_build_object(
           '_id', a.id, 'email', a.doc->'email', 'first_name', a.doc->'first_name', 'last_name', a.doc->'last_name') as "user"
         from catalogue.membership m join catalogue.account a on a.id = m.account)
        """).With((query, filter) =>
        {
            if (query.List("rights") is { Count: > 0 } rights)
                filter.Add($"t.rights @> {filter.Parameter(rights.ToArray())}");
        }).SortedAtFirstBy("t.creation");

    public static void MapCommunities(this RouteGroupBuilder api)
    {
        api.MapGet("/catalogs/communities", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Catalogue, filter => filter.Add("(t.doc->>'public')::boolean"), row => ShowListed(EntityView.Show(row))))
            .WithTags("Catalogues").WithSummary("The public communities.");

        var community = api.MapGroup("/communities/{community:guid}").WithTags("Communities");
        community.MapGet("", async (HttpContext http, Guid community, NpgsqlDataSource database) =>
        {
            await RequireAsync(http, database, community, null);
            return EntrepotJson.Ok(await ReadAsync(database, community, http.RequestAborted));
        }).WithSummary("A community.");
        community.MapPatch("", PatchAsync).WithSummary("Changes name, description, contact, supervisor or public.");
        community.MapGet("/users", async (HttpContext http, Guid community, NpgsqlDataSource database, ListQuery lists) =>
        {
            await RequireAsync(http, database, community, Rights.Community);
            return await lists.AnswerAsync(http, Members, filter => filter.Add($"t.community = {filter.Parameter(community)}"), ShowMember);
        }).WithSummary("The members and their rights.");
        community.MapPut("/users/{user:guid}", PutMemberAsync).WithSummary("Adds a member or changes its rights: {rights}.");
        community.MapDelete("/users/{user:guid}", async (HttpContext http, Guid community, Guid user, NpgsqlDataSource database, IGrainFactory grains) =>
        {
            await RequireAsync(http, database, community, Rights.Community);
            await grains.GetGrain<ICommunityGrain>(community.ToString()).RemoveMemberAsync(user);
            return Results.NoContent();
        }).WithSummary("Removes a member.");
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid community, NpgsqlDataSource database, IGrainFactory grains)
    {
        await RequireAsync(http, database, community, Rights.Community);
        var body = await RequestBody.ReadAsync(http.Request);
        var patch = new CommunityPatch(
            body.Has("name") ? body.RequiredText("name", 99) : null, body.Text("description", 4096), body.Text("contact", 320), body.Flag("public"),
            body.Has("supervisor") ? body.RequiredId("supervisor") : null);
        body.ThrowIfInvalid();
        await grains.GetGrain<ICommunityGrain>(community.ToString()).PatchAsync(patch);
        return EntrepotJson.Ok(await ReadAsync(database, community, http.RequestAborted));
    }

    private static async Task<IResult> PutMemberAsync(HttpContext http, Guid community, Guid user, NpgsqlDataSource database, IGrainFactory grains)
    {
        await RequireAsync(http, database, community, Rights.Community);
        var body = await RequestBody.ReadAsync(http.Request);
        var rights = (body.List("rights") ?? []).Select(right => right.ToUpperInvariant()).Distinct().ToList();
        foreach (var right in rights.Except(Rights.All))
            body.Fault($"rights: \"{right}\" is not one of {string.Join(", ", Rights.All)}.");
        body.ThrowIfInvalid();
        await grains.GetGrain<ICommunityGrain>(community.ToString()).PutMemberAsync(user, rights);
        await using var command = database.CreateCommand($"select to_jsonb(t)::text from {Members.Table} t where t.community = @community and t.id = @user");
        command.Parameters.AddWithValue("community", community);
        command.Parameters.AddWithValue("user", user);
        return EntrepotJson.Ok(ShowMember(JsonNode.Parse((string)(await command.ExecuteScalarAsync(http.RequestAborted))!)!.AsObject()));
    }

    /// <summary>Demands that the caller is a member, with a right unless it is null. Administrators and the supervisor have every right.</summary>
    private static async Task RequireAsync(HttpContext http, NpgsqlDataSource database, Guid community, string? right)
    {
        await using var command = database.CreateCommand(
            """
            select m.rights, coalesce(c.doc->'supervisor'->>'_id' = @account::text, false), coalesce((c.doc->>'public')::boolean, false)
            from catalogue.community c left join catalogue.membership m on m.community = c.id and m.account = @account where c.id = @community
            """);
        command.Parameters.AddWithValue("community", community);
        command.Parameters.AddWithValue("account", http.Caller().Id);
        await using var reader = await command.ExecuteReaderAsync(http.RequestAborted);
        if (!await reader.ReadAsync(http.RequestAborted))
            throw new NotFoundException("community", community);
        var rights = reader.IsDBNull(0) ? null : reader.GetFieldValue<string[]>(0);
        if (http.Caller().Administrator || reader.GetBoolean(1))
            return;
        if (right is null ? rights is null && !reader.GetBoolean(2) : rights?.Contains(right) != true)
            throw new ForbiddenException(right is null ? $"You are not a member of community {community}." : $"This needs the right {right} in community {community}.");
    }

    private static async Task<JsonObject> ReadAsync(NpgsqlDataSource database, Guid community, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select to_jsonb(t)::text from {Table} t where t.id = @id");
        command.Parameters.AddWithValue("id", community);
        return EntityView.Show(JsonNode.Parse((string)(await command.ExecuteScalarAsync(cancellation))!)!.AsObject());
    }

    private static JsonObject ShowListed(JsonObject shown)
    {
        shown.Remove("supervisor");
        shown.Remove("datastore");
        return shown;
    }

    private static JsonObject ShowMember(JsonObject row)
    {
        var shown = EntityView.Show(row, "community");
        shown.Remove("_id");
        return shown;
    }
}
