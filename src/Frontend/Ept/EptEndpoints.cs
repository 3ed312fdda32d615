using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grid.Frontend.Downloads;
using Grid.Frontend.Tiles;
using Grid.Grains;
using Grid.Grains.PointClouds;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Ept;
using Grid.Storage;

namespace Grid.Frontend.Ept;

/// <summary>
/// Published COPC files as Entwine Point Tiles. <c>/ept</c> lists them; <c>/ept/LAYER/PART/FILE/ept.json</c> is stable, and what it leads to is cut out of the
/// file that is published now. Everything is asked for anew, by a tag that names the file's version.
/// </summary>
public sealed class EptEndpoints(DownloadCatalogue catalogue, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore store)
{
    private const string Ending = ".copc.laz";
    private const int MostViews = 64, CopyBytes = 1 << 20;
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Head];

    private readonly ConcurrentDictionary<string, EptView> _views = new();

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var service = routes.ServiceProvider.GetRequiredService<EptEndpoints>();
        Add("/ept", (http, _) => service.ListAsync(http));
        Add("/ept/{layer}/{part}/{file}/ept.json", (http, file) => service.AnswerAsync(http, file, (view, _) => Task.FromResult<byte[]?>(view.Describe())));
        Add("/ept/{layer}/{part}/{file}/ept-hierarchy/{name}", (http, file) => service.AnswerAsync(
            http, file, (view, stop) => KeyOf(http, ".json") is { } key ? view.HierarchyAsync(key, stop) : Task.FromResult<byte[]?>(null)));
        Add("/ept/{layer}/{part}/{file}/ept-data/{name}", (http, file) => service.PointsAsync(http, file));
        routes.MapMethods("/ept/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        return routes;

        void Add(string path, Func<HttpContext, DownloadFile?, Task<IResult>> answer) => routes.MapMethods(path, s_methods, async (HttpContext http) =>
        {
            Cors.Allow(http.Response);
            try
            {
                return await answer(http, await service.FileAsync(http));
            }
            catch (StorageException) when (!http.Response.HasStarted)
            {
                http.Response.Headers.RetryAfter = "5";
                return Results.Text("The storage does not answer: try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        }).ExcludeFromDescription();
    }

    /// <summary>Path of a file's description, from the server's root.</summary>
    public static string PathOf(DownloadResource resource, DownloadPart part, DownloadFile file) =>
        $"ept/{Escape(resource.Name)}/{Escape(part.Name)}/{Escape(file.Name[..^Ending.Length])}/ept.json";

    /// <summary>The files of a resource that there is a view of, blocks first, with their parts.</summary>
    public static IEnumerable<(DownloadPart Part, DownloadFile File)> FilesOf(DownloadResource resource) =>
        from part in resource.Parts
        from file in part.Files
        where file.Name.EndsWith(Ending, StringComparison.Ordinal)
        orderby file.IsBlock descending
        select (part, file);

    private async Task<IResult> ListAsync(HttpContext http)
    {
        var resources = (await catalogue.ReadAsync(http.RequestAborted)).Values.OrderBy(resource => resource.Name, StringComparer.Ordinal);
        var list = from resource in resources
                   from found in FilesOf(resource)
                   select new { layer = resource.Name, title = resource.Title, name = found.File.Name[..^Ending.Length], points = found.File.Points, ept = PathOf(resource, found.Part, found.File) };
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(JsonSerializer.SerializeToUtf8Bytes(new { files = list }), "application/json");
    }

    private async Task<DownloadFile?> FileAsync(HttpContext http)
    {
        if (http.GetRouteValue("layer") is not string layer || !(await catalogue.ReadAsync(http.RequestAborted)).TryGetValue(layer, out var resource))
            return null;
        var name = http.GetRouteValue("file") + Ending;
        return resource.Parts.FirstOrDefault(part => part.Name == (string?)http.GetRouteValue("part"))?.Files.FirstOrDefault(file => file.Name == name);
    }

    private async Task<IResult> AnswerAsync(HttpContext http, DownloadFile? file, Func<EptView, CancellationToken, Task<byte[]?>> write)
    {
        if (file is null)
            return NotFound(http);
        if (IsKnown(http, file))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        return await ViewAsync(file, http.RequestAborted) is { } view && await write(view, http.RequestAborted) is { } content
            ? Results.Bytes(content, "application/json")
            : NotFound(http);
    }

    private async Task<IResult> PointsAsync(HttpContext http, DownloadFile? file)
    {
        if (file is null || KeyOf(http, ".laz") is not { } key)
            return NotFound(http);
        if (IsKnown(http, file))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        if (await ViewAsync(file, http.RequestAborted) is not { } view || await view.FindAsync(key, http.RequestAborted) is not { } node)
            return NotFound(http);
        var (head, tail) = view.Wrap(node);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(CopyBytes, Math.Max(1, node.LengthBytes)));
        try
        {
            // The first part before the status is told: storage that does not answer is no 200.
            var read = await ReadAsync(file.Key, node, 0, buffer, http);
            (http.Response.ContentType, http.Response.ContentLength) = ("application/vnd.laszip", (long)head.Length + node.LengthBytes + tail.Length);
            if (HttpMethods.IsHead(http.Request.Method))
                return Results.Empty;
            await http.Response.Body.WriteAsync(head, http.RequestAborted);
            for (var done = 0; done < node.LengthBytes;)
            {
                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
                done += read;
                if (done < node.LengthBytes)
                    read = await ReadAsync(file.Key, node, done, buffer, http);
            }

            await http.Response.Body.WriteAsync(tail, http.RequestAborted);
            return Results.Empty;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadAsync(string key, CopcNode node, int done, byte[] buffer, HttpContext http)
    {
        var part = buffer.AsMemory(0, Math.Min(buffer.Length, node.LengthBytes - done));
        return await store.ReadAsync(key, node.Offset + done, part, http.RequestAborted) == part.Length
            ? part.Length
            : throw new StorageException($"\"{key}\" ends within octant {node.Key}.");
    }

    /// <summary>The view of a file, opened when it is asked for first; null when the object is gone.</summary>
    private async Task<EptView?> ViewAsync(DownloadFile file, CancellationToken cancellation)
    {
        if (_views.TryGetValue(file.Key, out var known))
            return known;
        try
        {
            var view = new EptView(await CopcReader.OpenAsync(await StoreByteSource.OpenAsync(store, file.Key, file.Name, cancellation), cancellation: cancellation));
            if (_views.Count >= MostViews)
                _views.Clear();
            return _views[file.Key] = view;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Says which version is answered with, and whether the client has it. An object of a key never changes.</summary>
    private static bool IsKnown(HttpContext http, DownloadFile file)
    {
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Key)).AsSpan(0, 8))}\"";
        (http.Response.Headers.ETag, http.Response.Headers.CacheControl) = (etag, "no-cache");
        return EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true);
    }

    private static OctantKey? KeyOf(HttpContext http, string ending)
    {
        if (http.GetRouteValue("name") is not string name || !name.EndsWith(ending, StringComparison.Ordinal))
            return null;
        return OctantKey.TryParse(name[..^ending.Length], out var key) && key.IsValid ? key : null;
    }

    private static IResult NotFound(HttpContext http)
    {
        http.Response.Headers.Remove("ETag");
        http.Response.Headers.CacheControl = "no-store";
        return Results.Text("There is no such file, or no such octant in it.", statusCode: StatusCodes.Status404NotFound);
    }

    private static string Escape(string segment) => Uri.EscapeDataString(segment);
}
