using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Users;

/// <summary>The caller's own account.</summary>
public static class UserEndpoints
{
    public static void MapUsers(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users/me").WithTags("Users");
        users.MapGet("", ShowAsync).WithSummary("The caller: account, communities and rights.");
        users.MapDelete("/communities/{community:guid}", async (HttpContext http, Guid community, IGrainFactory grains) =>
        {
            await grains.GetGrain<ICommunityGrain>(community.ToString()).RemoveMemberAsync(http.Caller().Id);
            return Results.NoContent();
        }).WithSummary("Leaves a community.");
    }

    private static async Task<IResult> ShowAsync(HttpContext http, NpgsqlDataSource database)
    {
        // Six keys a community and no more: a client of the field refuses any other.
        await using var command = database.CreateCommand(
            """
            select to_jsonb(a)::text, coalesce((
              select jsonb_agg(jsonb_build_object('rights', m.rights, 'community', jsonb_strip_nulls(jsonb_build_object(
                '_id', c.id, 'public', coalesce(c.doc->'public', 'false'), 'name', c.name, 'technical_name', c.technical_name,
                'supervisor', c.doc->'supervisor'->'_id', 'datastore', d.id))) order by c.name)
              from catalogue.membership m join catalogue.community c on c.id = m.community left join catalogue.datastore d on d.community = c.id
              where m.account = a.id), '[]')::text
            from catalogue.account a where a.id = @id
            """);
        command.Parameters.AddWithValue("id", http.Caller().Id);
        await using var reader = await command.ExecuteReaderAsync(http.RequestAborted);
        await reader.ReadAsync(http.RequestAborted);
        var user = EntityView.Show(JsonNode.Parse(reader.GetString(0))!.AsObject(), "login");
        user["communities_member"] = JsonNode.Parse(reader.GetString(1));
        return EntrepotJson.Ok(user);
    }
}
