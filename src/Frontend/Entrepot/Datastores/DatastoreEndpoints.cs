using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Npgsql;

namespace Grid.Frontend.Entrepot.Datastores;

/// <summary>A datastore with its storages, endpoints, quotas and what is used of them.</summary>
public static class DatastoreEndpoints
{
    public static void MapDatastores(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("").WithTags("Datastores");
        group.MapGet("", async (HttpContext http, DatastoreReader reader) => EntrepotJson.Ok(await reader.ReadAsync(http)))
            .WithSummary("The datastore: community, storages, endpoints, quotas.");
        group.MapGet("/endpoints", async (HttpContext http, DatastoreReader reader) =>
        {
            var query = http.Request.Query;
            var endpoints = (await reader.ReadAsync(http))["endpoints"]!.AsArray().Select(item => item!.AsObject())
                .Where(item => ListQuery.Matches((string?)item["endpoint"]!["name"], query.Text("name")))
                .Where(item => query.List("type") is { Count: 0 } || query.List("type").Contains((string)item["endpoint"]!["type"]!))
                .Where(item => query.Flag("open") is not { } open || (bool)item["endpoint"]!["open"]! == open)
                .ToList();
            return ListQuery.Answer(http, endpoints);
        }).WithSummary("The endpoints that offerings can be published on.");
        group.MapGet("/storages", async (HttpContext http, DatastoreReader reader) => EntrepotJson.Ok((await reader.ReadAsync(http))["storages"]!.DeepClone()))
            .WithSummary("The storages, their quotas and what is used of them, in bytes.");
    }
}

/// <summary>Reads a datastore as the REST API shows it.</summary>
public sealed class DatastoreReader(NpgsqlDataSource database, PublicAddress address, IConfiguration configuration)
{
    /// <summary>The datastore of the request's path.</summary>
    public async Task<JsonObject> ReadAsync(HttpContext http)
    {
        var id = http.Datastore().Id;
        await using var command = database.CreateCommand(
            """
            select to_jsonb(d)::text, to_jsonb(c)::text,
              (select coalesce(sum(size), 0)::bigint from catalogue.stored_data where datastore = d.id and status <> 'DELETED'),
              (select coalesce(sum(size), 0)::bigint from catalogue.upload where datastore = d.id and status <> 'DELETED')
                + (select coalesce(sum(f.size), 0)::bigint from catalogue.upload u join catalogue.upload_file f on f.upload = u.id and f.kind = 'md5'
                   where u.datastore = d.id and u.status <> 'DELETED'),
              (select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('use',
                 (select count(*) from catalogue.offering o where o.endpoint = e.id and o.datastore = d.id)) order by e.type, e.open desc), '[]')
               from catalogue.endpoint e)::text,
              (select coalesce(jsonb_object_agg(l.label, l.use), '{}') from (
                 select label, sum(s.size)::bigint as use from catalogue.stored_data s, jsonb_array_elements_text(s.doc -> 'storage' -> 'labels') label
                 where s.datastore = d.id and s.status <> 'DELETED' group by label) l)::text
            from catalogue.datastore d join catalogue.community c on c.id = d.community where d.id = @id
            """);
        command.Parameters.AddWithValue("id", id);
        await using var reader = await command.ExecuteReaderAsync(http.RequestAborted);
        await reader.ReadAsync(http.RequestAborted);
        var row = JsonNode.Parse(reader.GetString(0))!.AsObject();
        var community = JsonNode.Parse(reader.GetString(1))!.AsObject();
        var quotas = row["doc"]!["quotas"]!;
        var main = configuration.GetSection("Grid:Storage");
        // What lies in each of the stores beside the main one; the quota is for all together.
        var uses = JsonNode.Parse(reader.GetString(5))!;
        var shown = new JsonObject
        {
            ["_id"] = id.ToString(),
            ["name"] = community["name"]!.DeepClone(),
            ["technical_name"] = community["technical_name"]!.DeepClone(),
            ["description"] = community["doc"]!["description"]?.DeepClone(),
            ["active"] = row["active"]!.DeepClone(),
            ["community"] = new JsonObject
            {
                ["_id"] = community["id"]!.DeepClone(), ["contact"] = community["doc"]!["contact"]?.DeepClone(), ["public"] = community["doc"]!["public"]?.DeepClone(),
            },
            ["processings"] = row["doc"]!["processings"]!.DeepClone(),
            ["checks"] = row["doc"]!["checks"]!.DeepClone(),
            ["storages"] = new JsonObject
            {
                ["data"] = new JsonArray([
                    Storage("pyramids", main, reader.GetInt64(2), quotas["data"]!, row, "PYRAMIDE", "VECTEUR", "ARCHIVE"),
                    .. main.GetSection("Others").GetChildren().Where(other => !other.GetValue<bool>("Foreign")).Select(other =>
                        Storage(other.Key, other, (long?)uses[other.Key] ?? 0, quotas["data"]!, row, "PYRAMIDE", other.Key)),
                ]),
                ["uploads"] = Storage("uploads", main, reader.GetInt64(3), quotas["uploads"]!, row),
                ["annexes"] = Storage("annexes", main, 0, quotas["annexes"]!, row),
            },
            ["endpoints"] = new JsonArray([.. JsonNode.Parse(reader.GetString(4))!.AsArray().Select(item => ShowEndpoint(http, item!.AsObject(), quotas))]),
            ["creation"] = EntityView.Date((string)row["creation"]!),
            ["update"] = EntityView.Date((string)row["update"]!),
        };
        if (row["doc"]!["configuration_layer_name_prefix"] is { } prefix)
            shown["configuration_layer_name_prefix"] = prefix.DeepClone();
        return shown;
    }

    private static JsonObject Storage(string name, IConfiguration settings, long use, JsonNode quota, JsonObject row, params string[] labels) => new()
    {
        ["use"] = use,
        ["quota"] = quota.DeepClone(),
        ["storage"] = new JsonObject
        {
            ["_id"] = Interfaces.Catalogue.StableId.Of("storage", name).ToString(),
            ["name"] = name,
            ["type"] = string.Equals(settings["Kind"], "S3", StringComparison.OrdinalIgnoreCase) ? "S3" : "FILESYSTEM",
            ["labels"] = new JsonArray([.. labels.Select(label => (JsonNode)label)]),
            ["creation"] = EntityView.Date((string)row["creation"]!),
            ["update"] = EntityView.Date((string)row["creation"]!),
        },
    };

    private JsonObject ShowEndpoint(HttpContext http, JsonObject row, JsonNode quotas)
    {
        var endpoint = EntityView.Show(row, "use");
        foreach (var url in endpoint["urls"]?.AsArray() ?? [])
            url!["url"] = address.Absolute(http, (string)url["url"]!);
        return new JsonObject { ["use"] = row["use"]!.DeepClone(), ["quota"] = quotas["endpoints"]!.DeepClone(), ["endpoint"] = endpoint };
    }
}
