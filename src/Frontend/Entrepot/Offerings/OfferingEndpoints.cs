using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Configurations;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Frontend.Layers;
using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Frontend.Entrepot.Offerings;

/// <summary>Offerings: configurations served at an endpoint.</summary>
public static class OfferingEndpoints
{
    /// <summary>The offerings with their configuration and endpoint.</summary>
    private const string Table = "catalogue.offering_shown";

    private const string Kind = "offering";

    private static readonly EntityList Rows = new EntityList(Table)
        .Choice("type")
        .Choice("status")
        .Flag("open")
        .Flag("available")
        .Text("layer_name")
        .Id("endpoint", "t.endpoint_id")
        .Id("configuration", "t.configuration_id")
        .IdWithin("stored_data", "t.used_data")
        .SortedBy("layer_name", "status", "type")
        .SortedAtFirstBy("t.creation desc");

    public static void MapOfferings(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/offerings").WithTags("Offerings");
        group.MapGet("/", (HttpContext http, ListQuery lists, PublicAddress address) =>
            ListAsync(http, lists, address, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"))).WithSummary("Lists offerings, newest first.");
        group.MapGet("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader, PublicAddress address) =>
            EntrepotJson.Ok(await ReadAsync(http, id, reader, address))).WithSummary("Shows an offering.");
        group.MapPut("/{id:guid}", SynchroniseAsync).WithRight(Rights.Broadcast)
            .WithSummary("Serves the configuration and its data as they are now. No body.");
        group.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Broadcast).WithSummary("Changes extra, public_activity or available.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithRight(Rights.Broadcast).WithSummary("Unpublishes; the offering is gone a little later.");

        var published = datastore.MapGroup("/configurations/{configuration:guid}/offerings").WithTags("Offerings");
        published.MapGet("/", ListOfConfigurationAsync).WithSummary("Lists a configuration's offerings.");
        published.MapPost("/", CreateAsync).WithRight(Rights.Broadcast).WithSummary("Publishes a configuration: {endpoint, open}.");
    }

    private static async Task<IResult> ListOfConfigurationAsync(
        HttpContext http, Guid configuration, EntityReader reader, ListQuery lists, PublicAddress address)
    {
        await ConfigurationEndpoints.RequireAsync(http, configuration, reader);
        return await ListAsync(http, lists, address, filter => filter.Add($"t.configuration_id = {filter.Parameter(configuration)}"));
    }

    private static async Task<IResult> ListAsync(HttpContext http, ListQuery lists, PublicAddress address, Action<ListFilter> scope)
    {
        var clouds = await PublishedClouds.ReadAsync(http);
        return await lists.AnswerAsync(http, Rows, scope, row => Show(http, address, clouds, row));
    }

    private static async Task<IResult> CreateAsync(HttpContext http, Guid configuration, IGrainFactory grains, EntityReader reader, PublicAddress address)
    {
        await ConfigurationEndpoints.RequireAsync(http, configuration, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        var id = Guid.NewGuid();
        await Offering(grains, id).CreateAsync(new NewOffering(http.Datastore().Id, configuration, body.Json.ToJsonString(), http.Caller().Initiator));
        return EntrepotJson.Created(await ReadAsync(http, id, reader, address));
    }

    private static async Task<IResult> SynchroniseAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader, PublicAddress address)
    {
        await RequireAsync(http, id, reader);
        await Offering(grains, id).SynchroniseAsync(http.Caller().Initiator);
        return EntrepotJson.Ok(await ReadAsync(http, id, reader, address));
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader, PublicAddress address)
    {
        await RequireAsync(http, id, reader);
        var body = await RequestBody.ReadAsync(http.Request);
        await Offering(grains, id).PatchAsync(body.Json.ToJsonString(), http.Caller().Initiator);
        return EntrepotJson.Ok(await ReadAsync(http, id, reader, address));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, Guid id, IGrainFactory grains, EntityReader reader)
    {
        await RequireAsync(http, id, reader);
        await Offering(grains, id).UnpublishAsync(http.Caller().Initiator);
        return Results.NoContent();
    }

    private static Task RequireAsync(HttpContext http, Guid id, EntityReader reader) =>
        reader.RequireAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);

    // Who reads PUBLISHED asks for tiles next: by then this frontend serves them, however late the notification is.
    private static async Task<JsonObject> ReadAsync(HttpContext http, Guid id, EntityReader reader, PublicAddress address)
    {
        var row = await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);
        if ((string?)row["status"] == "PUBLISHED" && http.RequestServices.GetService<PublishedLayers>() is { } layers)
            await layers.RefreshAsync(http.RequestAborted);
        return Show(http, address, await PublishedClouds.ReadAsync(http), row);
    }

    private static JsonObject Show(HttpContext http, PublicAddress address, PublishedClouds clouds, JsonObject row)
    {
        var shown = EntityView.Show(row, "used_data", "configuration_id", "endpoint_id");
        var name = (string)row["layer_name"]!;
        var layer = Uri.EscapeDataString(name);
        JsonArray urls = (string?)row["type"] switch
        {
            "WMS-RASTER" => [Url("WMS", "/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities")],
            "DOWNLOAD" => [Url("DOWNLOAD", $"/telechargement/resource/{layer}"), .. clouds.AddressesOf(name).Select(found => Url(found.Type, found.Path))],
            // Clients append /metadata.json to the layer's address.
            _ => [Url("WMTS", "/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetCapabilities"), Url("TMS", $"/tms/1.0.0/{layer}")],
        };
        shown["urls"] = urls;
        return shown;

        JsonObject Url(string type, string path) => new() { ["type"] = type, ["url"] = address.Absolute(http, path) };
    }

    private static IOfferingGrain Offering(IGrainFactory grains, Guid id) => grains.GetGrain<IOfferingGrain>(id.ToString());
}
