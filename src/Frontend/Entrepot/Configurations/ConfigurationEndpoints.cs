using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Notes;
using Grid.Frontend.Entrepot.Security;
using Grid.Frontend.Maps;
using Grid.Interfaces.Catalogue;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Configurations;

/// <summary>Configurations: how stored data are to be served. Nothing changes for consumers before an offering is published or synchronised.</summary>
public static class ConfigurationEndpoints
{
    internal const string Table = "catalogue.configuration";

    internal const string Kind = "configuration";

    private static readonly EntityList Rows = new EntityList(Table)
        .Text("name")
        .Text("layer_name")
        .Choice("type")
        .Choice("status")
        .IdWithin("stored_data", "t.used_data")
        .Tags()
        .SortedBy("name", "layer_name", "status", "type", "last_event")
        .SortedAtFirstBy("t.last_event desc");

    public static void MapConfigurations(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/configurations").WithTags("Configurations");
        group.MapGet("/", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Rows, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"), Show))
            .WithSummary("Lists configurations, last changed first.");
        group.MapPost("/", CreateAsync).WithRight(Rights.Broadcast)
            .WithSummary("Creates a configuration of type WMTS-TMS, WMS-RASTER or DOWNLOAD: {type, name, layer_name, type_infos, metadata, attribution}.");
        group.MapGet("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader) => EntrepotJson.Ok(await ReadAsync(http, id, reader)))
            .WithSummary("Shows a configuration.");
        group.MapPut("/{id:guid}", ReplaceAsync).WithRight(Rights.Broadcast)
            .WithSummary("Replaces name, type_infos, attribution and metadata; served once its offering is synchronised.");
        group.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Broadcast).WithSummary("Changes name or extra.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithRight(Rights.Broadcast).WithSummary("Deletes a configuration without offerings.");
        group.MapPost("/{id:guid}/tags", AddTagsAsync).WithRight(Rights.Broadcast).WithSummary("Adds or replaces tags: a flat object.");
        group.MapDelete("/{id:guid}/tags", RemoveTagsAsync).WithRight(Rights.Broadcast).WithSummary("Removes tags by key.");
        datastore.MapNotes("configurations", Table, Kind, Rights.Broadcast);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, IGrainFactory grains, EntityReader reader, NpgsqlDataSource database, ExternalInfoOptions servers)
    {
        var body = await RequestBody.ReadAsync(http.Request);
        CheckServer(body.Json, servers);
        var id = Guid.NewGuid();
        var datastore = http.Datastore().Id;
        var prefix = await LayerNamePrefixAsync(database, datastore, http.RequestAborted);
        await Configuration(grains, id).CreateAsync(new NewConfiguration(datastore, body.Json.ToJsonString(), prefix, http.Caller().Initiator));
        return EntrepotJson.Created(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> ReplaceAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader, ExternalInfoOptions servers)
    {
        await RequireAsync(http, id, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        CheckServer(body.Json, servers);
        await Configuration(grains, id).ReplaceAsync(body.Json.ToJsonString(), http.Caller().Initiator);
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        await Configuration(grains, id).PatchAsync(body.Json.ToJsonString(), http.Caller().Initiator);
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Configuration(grains, id).DeleteAsync();
        return Results.NoContent();
    }

    private static async Task<IResult> AddTagsAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Configuration(grains, id).SetTagsAsync(await TagRequest.ReadAsync(http.Request));
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    private static async Task<IResult> RemoveTagsAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Configuration(grains, id).RemoveTagsAsync(TagRequest.Keys(http.Request));
        return EntrepotJson.Ok(await ReadAsync(http, id, reader));
    }

    internal static Task RequireAsync(HttpContext http, Guid id, EntityReader reader) =>
        reader.RequireAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);

    /// <summary>What the frontends would not ask is refused when it is said, not when somebody looks.</summary>
    private static void CheckServer(JsonObject body, ExternalInfoOptions servers)
    {
        if (body["type_infos"] is JsonObject infos && infos["getfeatureinfo"] is JsonObject asked && asked["server_url"] is JsonValue url && !servers.Allows(url.ToString()))
            throw new InvalidInputException($"\"type_infos.getfeatureinfo.server_url\" is \"{url}\": the platform asks {(servers.Servers is { Count: > 0 } allowed ? string.Join(", ", allowed) : "no other server")}.");
    }

    private static async Task<string?> LayerNamePrefixAsync(NpgsqlDataSource database, Guid datastore, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select doc ->> 'configuration_layer_name_prefix' from catalogue.datastore where id = @datastore");
        command.Parameters.AddWithValue("datastore", datastore);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    private static async Task<JsonObject> ReadAsync(HttpContext http, Guid id, EntityReader reader) =>
        Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted));

    private static JsonObject Show(JsonObject row) => EntityView.Show(row, "used_data");

    private static IConfigurationGrain Configuration(IGrainFactory grains, Guid id) => grains.GetGrain<IConfigurationGrain>(id.ToString());
}
