using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Grains;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Grid.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Entrepot.Uploads;

/// <summary>
/// Files of uploads: received as a stream, stored as they come, with their MD5 digest computed on the way. A file of any size costs a
/// buffer. What arrives in part is not kept; of several deliveries of a path the last one stored whole stays.
/// </summary>
public static class DeliveryEndpoints
{
    /// <summary>Largest MD5 file, in bytes: a million lines.</summary>
    private const long MaxMd5FileBytes = 128 * 1024 * 1024;

    public static void MapDeliveries(this RouteGroupBuilder uploads)
    {
        uploads.MapPost("/{upload:guid}/data", (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains, [FromKeyedServices(StoreNames.Uploads)] IObjectStore store) =>
            ReceiveAsync(http, upload, FileKind.Data, reader, grains, store))
            .WithRight(Rights.Upload).WithSummary("Delivers a file: ?path=folder/file.ext, multipart part \"file\".");
        uploads.MapPost("/{upload:guid}/md5", (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains, [FromKeyedServices(StoreNames.Uploads)] IObjectStore store) =>
            ReceiveAsync(http, upload, FileKind.Md5, reader, grains, store))
            .WithRight(Rights.Upload).WithSummary("Delivers an MD5 file, multipart part \"file\".");
        uploads.MapDelete("/{upload:guid}/data", (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
            RemoveAsync(http, upload, FileKind.Data, reader, grains)).WithRight(Rights.Upload).WithSummary("Removes a file: ?path=.");
        uploads.MapDelete("/{upload:guid}/md5", (HttpContext http, Guid upload, EntityReader reader, IGrainFactory grains) =>
            RemoveAsync(http, upload, FileKind.Md5, reader, grains)).WithRight(Rights.Upload).WithSummary("Removes an MD5 file: ?path=.");
        uploads.MapGet("/{upload:guid}/tree", async (HttpContext http, Guid upload, EntityReader reader, NpgsqlDataSource database) =>
        {
            await reader.RequireAsync(UploadEndpoints.Table, UploadEndpoints.Kind, http.Datastore().Id, upload, http.RequestAborted);
            return EntrepotJson.Ok(await FileTree.ReadAsync(database, upload, http.RequestAborted));
        }).WithSummary("The files as a tree, MD5 files at its root.");
    }

    private static async Task<IResult> ReceiveAsync(HttpContext http, Guid upload, FileKind kind, EntityReader reader, IGrainFactory grains, IObjectStore store)
    {
        Unbind(http);
        var grain = await UploadEndpoints.FindAsync(http, upload, reader, grains);
        if (kind == FileKind.Data)
            UploadPath.Checked(http.Request.Query.Text("path"));
        var file = await FilePart.OpenAsync(http.Request);
        // The stored name of data is that of the path, whatever the part's is; MD5 files go by the part's.
        var path = kind == FileKind.Data ? http.Request.Query.Text("path")! : UploadPath.Checked(file.FileName);
        var ticket = await grain.BeginDeliveryAsync(kind, path, http.Request.ContentLength ?? 0);
        DeliveredFile? delivered = null;
        try
        {
            using var content = new DeliveredContent(file.Content, kind == FileKind.Md5 ? Math.Min(MaxMd5FileBytes, ticket.MaxBytes) : ticket.MaxBytes);
            try
            {
                var stored = await store.PutAsync(ticket.ObjectKey, content, http.RequestAborted);
                delivered = new DeliveredFile(content.BytesRead, stored.ETag, content.Md5());
            }
            catch (Exception) when (content.Failure is not null)
            {
                throw content.Failure is ConflictException ? content.Failure : new InvalidInputException(
                    $"\"{path}\": the body ended after {content.BytesRead} bytes of the file, before its end; nothing was kept, send it again.");
            }
        }
        finally
        {
            // Not on the request's token: the ticket is given back whatever happened to the client.
            if (delivered is null)
                await grain.EndDeliveryAsync(ticket.Id, null);
        }

        await grain.EndDeliveryAsync(ticket.Id, delivered);
        return EntrepotJson.Ok(new JsonObject { ["path"] = path, ["size"] = delivered.SizeBytes, ["md5"] = delivered.Md5 });
    }

    private static async Task<IResult> RemoveAsync(HttpContext http, Guid upload, FileKind kind, EntityReader reader, IGrainFactory grains)
    {
        var path = UploadPath.Checked(http.Request.Query.Text("path"));
        await (await UploadEndpoints.FindAsync(http, upload, reader, grains)).RemoveFileAsync(kind, path);
        return Results.NoContent();
    }

    /// <summary>Lifts the server's limits for this request alone: a file is bounded by the quota, and a producer's line may stall.</summary>
    private static void Unbind(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }
}
