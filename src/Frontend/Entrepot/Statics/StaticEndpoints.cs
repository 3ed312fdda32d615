using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Grains.Catalogue;
using Grid.Imaging.Styles;
using Grid.Interfaces.Catalogue;
using Microsoft.AspNetCore.Http.Features;
using Orleans;

namespace Grid.Frontend.Entrepot.Statics;

/// <summary>Statics: style files that configurations refer to. Every datastore begins with those of <see cref="DefaultStyles"/>.</summary>
public static class StaticEndpoints
{
    private const string Table = "catalogue.static", Kind = "static";

    private static readonly EntityList Rows = new EntityList(Table).Text("name").Choice("type").SortedBy("name", "type");

    // The file, a few form fields, and what stands between them.
    private static readonly FormOptions Form = new()
    {
        MultipartBodyLengthLimit = Rok4StyleJson.MaxBytes, BufferBodyLengthLimit = Rok4StyleJson.MaxBytes + (1 << 18), ValueCountLimit = 32,
        ValueLengthLimit = 65_536, MemoryBufferThreshold = Rok4StyleJson.MaxBytes + (1 << 18),
    };

    public static void MapStatics(this RouteGroupBuilder datastore)
    {
        var statics = datastore.MapGroup("/statics").WithTags("Statics");
        statics.MapGet("", (HttpContext http, ListQuery lists) => lists.AnswerAsync(
            http, Rows, filter => filter.Add($"t.datastore = {filter.Parameter(http.Datastore().Id)}"), Show))
            .WithSummary("The statics: styles of raster layers.");
        statics.MapPost("", CreateAsync).WithRight(Rights.Broadcast)
            .WithSummary("Creates a static from the multipart part \"file\"; name, type (ROK4-STYLE) and description in the query or in form fields.");
        statics.MapGet("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader) =>
            EntrepotJson.Ok(Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)))).WithSummary("A static.");
        statics.MapGet("/{id:guid}/file", FileAsync).WithSummary("The static's file.");
        statics.MapPut("/{id:guid}", ReplaceAsync).WithRight(Rights.Broadcast)
            .WithSummary("Replaces the file, multipart part \"file\"; layers show it once their offering is synchronised.");
        statics.MapPatch("/{id:guid}", PatchAsync).WithRight(Rights.Broadcast).WithSummary("Changes name, description or extra.");
        statics.MapDelete("/{id:guid}", async (HttpContext http, Guid id, EntityReader reader, IGrainFactory grains) =>
        {
            await (await FindAsync(http, id, reader, grains)).DeleteAsync();
            return Results.NoContent();
        }).WithRight(Rights.Broadcast).WithSummary("Deletes a static that no configuration uses.");
    }

    private static async Task<IResult> CreateAsync(HttpContext http, EntityReader reader, IGrainFactory grains)
    {
        var (form, file) = await ReadAsync(http.Request);
        var created = new NewStatic(http.Datastore().Id, Required("name", 255), Required("type", 64), Text("description"), file);
        var id = Guid.NewGuid();
        await grains.GetGrain<IStaticGrain>(id.ToString()).CreateAsync(created);
        http.Response.Headers.Location = $"{http.Request.PathBase}{http.Request.Path}/{id}";
        return EntrepotJson.Created(Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)));

        string? Text(string name) => http.Request.Query.Text(name) ?? (form[name].ToString() is { Length: > 0 } text ? text : null);

        string Required(string name, int most) => Text(name) is not { } text ? throw new InvalidInputException($"{name} is missing: it goes in the query or in a form field.")
            : text.Length <= most && !text.Contains('\0') ? text
            : throw new InvalidInputException($"{name} has {text.Length} characters: 1 to {most} are allowed.");
    }

    private static async Task<IResult> ReplaceAsync(HttpContext http, Guid id, EntityReader reader, IGrainFactory grains)
    {
        var grain = await FindAsync(http, id, reader, grains);
        await grain.ReplaceAsync((await ReadAsync(http.Request)).File);
        return EntrepotJson.Ok(Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)));
    }

    private static async Task<IResult> PatchAsync(HttpContext http, Guid id, EntityReader reader, IGrainFactory grains)
    {
        var grain = await FindAsync(http, id, reader, grains);
        await grain.PatchAsync((await RequestBody.ReadAsync(http.Request)).Json.ToJsonString());
        return EntrepotJson.Ok(Show(await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted)));
    }

    private static async Task<IResult> FileAsync(HttpContext http, Guid id, EntityReader reader, StyleDocuments documents)
    {
        var row = await reader.ReadAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);
        var file = await documents.FindAsync((string)row["digest"]!, http.RequestAborted) ?? throw new NotFoundException(Kind, id);
        return Results.Bytes(file, "application/json", $"{Rok4StyleJson.Read(file, Kind).Identifier}.json");
    }

    private static async Task<IStaticGrain> FindAsync(HttpContext http, Guid id, EntityReader reader, IGrainFactory grains)
    {
        await reader.RequireAsync(Table, Kind, http.Datastore().Id, id, http.RequestAborted);
        return grains.GetGrain<IStaticGrain>(id.ToString());
    }

    private static async Task<(IFormCollection Form, StaticFile File)> ReadAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
            throw new InvalidInputException($"Content-Type \"{request.ContentType}\": a body of multipart/form-data with a part \"file\" is expected.");
        try
        {
            var form = await request.ReadFormAsync(Form, request.HttpContext.RequestAborted);
            var part = form.Files.GetFile("file") ?? throw new InvalidInputException("The multipart body has no part named \"file\".");
            var content = new byte[part.Length];
            await using var stream = part.OpenReadStream();
            await stream.ReadExactlyAsync(content, request.HttpContext.RequestAborted);
            return (form, new StaticFile(part.FileName, content));
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException and not BadHttpRequestException && !request.HttpContext.RequestAborted.IsCancellationRequested))
        {
            throw new InvalidInputException($"The multipart body cannot be read: {wrong.Message}");
        }
    }

    private static JsonObject Show(JsonObject row) => EntityView.Show(row, "digest");
}
