using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Frontend.Entrepot.Checks;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Notes;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>Uploads: what a producer delivers, from its creation to its closing. Files themselves: <see cref="DeliveryEndpoints"/>.</summary>
public static partial class UploadEndpoints
{
    internal const string Table = "catalogue.upload", Kind = "upload";

    private static readonly EntityList Uploads = new EntityList(Table)
        .Text("name").Choice("type").Choice("status").Text("srs").Flag("open", "coalesce((t.doc->>'open')::boolean, false)").Tags()
        .SortedBy("name", "last_event", "status", "size").SortedAtFirstBy("t.last_event desc");

    public static void MapUploads(this RouteGroupBuilder datastore)
    {
        var uploads = datastore.MapGroup("/uploads").WithTags("Uploads");
        uploads.MapGet("", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Uploads, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"), row => EntityView.Show(row)))
            .WithSummary("The uploads.");
        uploads.MapPost("", CreateAsync).WithRight(Rights.Upload).WithSummary("Creates an upload: {name, description, type, srs, type_infos}.");
        uploads.MapGet("/{upload:guid}", ShowAsync).WithSummary("An upload.");
        uploads.MapPatch("/{upload:guid}", PatchAsync).WithRight(Rights.Upload).WithSummary("Changes name, description, srs, open, extent or extra.");
        uploads.MapDelete("/{upload:guid}", async (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
        {
            await (await FindAsync(http, upload, reader, grains)).DeleteAsync(http.Caller().Initiator);
            return Results.NoContent();
        }).WithRight(Rights.Upload).WithSummary("Deletes an upload's files; the record stays as DELETED.");
        uploads.MapPost("/{upload:guid}/tags", async (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
        {
            var grain = await FindAsync(http, upload, reader, grains);
            await grain.SetTagsAsync(await TagRequest.ReadAsync(http.Request));
            return await ShowAsync(http, upload, reader);
        }).WithRight(Rights.Upload).WithSummary("Merges tags, a flat object.");
        uploads.MapDelete("/{upload:guid}/tags", async (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
        {
            await (await FindAsync(http, upload, reader, grains)).RemoveTagsAsync(TagRequest.Keys(http.Request));
            return Results.NoContent();
        }).WithRight(Rights.Upload).WithSummary("Removes tags by key: ?tags=a&tags=b.");
        uploads.MapPost("/{upload:guid}/close", CloseAsync).WithRight(Rights.Upload).WithSummary("Ends the delivery and starts the checks.");
        uploads.MapPost("/{upload:guid}/open", async (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
        {
            await (await FindAsync(http, upload, reader, grains)).OpenAsync(http.Caller().Initiator);
            return await ShowAsync(http, upload, reader);
        }).WithRight(Rights.Upload).WithSummary("Opens a closed or unstable upload again.");
        uploads.MapGet("/{upload:guid}/checks", async (HttpContext http, Guid upload, EntityReader reader, NpgsqlDataSource database) =>
        {
            await reader.RequireAsync(Table, Kind, http.Datastore().Id, upload, http.RequestAborted);
            return EntrepotJson.Ok(await CheckEndpoints.SummariseAsync(database, upload, http.RequestAborted));
        }).WithSummary("The checks asked, in progress, passed and failed.");
        uploads.MapPost("/{upload:guid}/checks", AskChecksAsync).WithRight(Rights.Upload).WithSummary("Runs further checks: [check id].");
        uploads.MapDeliveries();
        datastore.MapNotes("uploads", Table, Kind, Rights.Upload);
    }

    /// <summary>The grain of an upload of the request's datastore.</summary>
    /// <exception cref="NotFoundException">The datastore has no such upload.</exception>
    internal static async Task<IUploadGrain> FindAsync(HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains)
    {
        await reader.RequireAsync(Table, Kind, http.Datastore().Id, upload, http.RequestAborted);
        return grains.GetGrain<IUploadGrain>(upload.ToString());
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EntityReader reader, IGrainFactory grains)
    {
        var body = await RequestBody.ReadAsync(http.Request);
        var created = new NewUpload(
            http.Datastore().Id, body.RequiredText("name", 255), body.Text("description", 65_536) ?? "", body.RequiredChoice("type", UploadTypes.All),
            body.RequiredText("srs", 128), http.Caller().Email, body.Object("type_infos")?.ToJsonString(), http.Caller().Initiator);
        CheckSrs(body, created.Srs);
        body.ThrowIfInvalid();
        var id = Guid.NewGuid();
        await grains.GetGrain<IUploadGrain>(id.ToString()).CreateAsync(created);
        http.Response.Headers.Location = $"{http.Request.PathBase}{http.Request.Path}/{id}";
        return EntrepotJson.Created(EntityView.Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)));
    }

    private static async Task<IResult> ShowAsync(HttpContext http, Guid upload, EntityReader reader) =>
        EntrepotJson.Ok(EntityView.Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, upload, http.RequestAborted)));

    private static async Task<IResult> PatchAsync(HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains)
    {
        var grain = await FindAsync(http, upload, reader, grains);
        var body = await RequestBody.ReadAsync(http.Request);
        var patch = new UploadPatch(
            body.Has("name") ? body.RequiredText("name", 255) : null, body.Text("description", 65_536), body.Text("srs", 128), body.Flag("open"),
            body.Object("extent")?.ToJsonString(), body.Object("extra")?.ToJsonString());
        if (patch.Srs is not null)
            CheckSrs(body, patch.Srs);
        body.ThrowIfInvalid();
        await grain.PatchAsync(patch, http.Caller().Initiator);
        return await ShowAsync(http, upload, reader);
    }

    private static async Task<IResult> CloseAsync(HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains)
    {
        var grain = await FindAsync(http, upload, reader, grains);
        var body = await RequestBody.ReadAsync(http.Request);
        var callback = body.Object("callback");
        body.ThrowIfInvalid();
        await grain.CloseAsync(http.Caller().Initiator, callback?.ToJsonString());
        return await ShowAsync(http, upload, reader);
    }

    private static async Task<IResult> AskChecksAsync(HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains, NpgsqlDataSource database)
    {
        var grain = await FindAsync(http, upload, reader, grains);
        var ids = (await RequestBody.ReadListAsync(http.Request))
            .Select(text => Guid.TryParse(text, out var id) ? id : throw new InvalidInputException($"\"{text}\" is not the id of a check.")).ToList();
        await grain.AskChecksAsync(ids, http.Caller().Initiator);
        return EntrepotJson.Ok(await CheckEndpoints.SummariseAsync(database, upload, http.RequestAborted));
    }

    private static void CheckSrs(RequestBody body, string srs)
    {
        if (srs.Length > 0 && !SrsPattern().IsMatch(srs))
            body.Fault($"srs: \"{srs}\" is not an authority and a code, for example EPSG:2154 or IGNF:LAMB93.");
    }

    [GeneratedRegex(@"^[A-Za-z]{2,16}:[A-Za-z0-9_.-]{1,64}\z")]
    private static partial Regex SrsPattern();
}
