using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grid.Frontend.Tiles;
using Grid.Grains;
using Grid.Storage;

namespace Grid.Frontend.Tiles3D;

/// <summary>
/// 3D Tiles 1.1 of published clouds. <c>/3dtiles</c> lists them; <c>/3dtiles/LAYER/tileset.json</c> is stable, small and never cached without being asked
/// for again; it names the documents and tiles of the versions that are published now, which never change and may be kept for ever.
/// </summary>
public sealed partial class TilesetEndpoints(TilesetCatalogue catalogue, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore store)
{
    private const int MostRoots = 256;
    private const string Immutable = "public, max-age=31536000, immutable";
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Head];

    private readonly ConcurrentDictionary<string, TilesetRoot> _roots = new();

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var service = routes.ServiceProvider.GetRequiredService<TilesetEndpoints>();
        Add("/3dtiles", http => service.ListAsync(http));
        Add("/3dtiles/{layer}/tileset.json", http => service.LayerAsync(http, (string)http.GetRouteValue("layer")!));
        Add("/3dtiles/{layer}/{version}/{**name}", http =>
            service.ObjectAsync(http, (string)http.GetRouteValue("layer")!, (string)http.GetRouteValue("version")!, (string?)http.GetRouteValue("name") ?? ""));
        routes.MapMethods("/3dtiles/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        return routes;

        void Add(string path, Func<HttpContext, Task<IResult>> answer) => routes.MapMethods(path, s_methods, async (HttpContext http) =>
        {
            Cors.Allow(http.Response);
            try
            {
                return await answer(http);
            }
            catch (StorageException) when (!http.Response.HasStarted)
            {
                http.Response.Headers.RetryAfter = "5";
                return Results.Text("The storage does not answer: try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        }).ExcludeFromDescription();
    }

    private async Task<IResult> ListAsync(HttpContext http)
    {
        var layers = (await catalogue.ReadAsync(http.RequestAborted)).Values.OrderBy(layer => layer.Name, StringComparer.Ordinal);
        var list = new { layers = layers.Select(layer => new { name = layer.Name, title = layer.Title, points = layer.Points, tileset = $"3dtiles/{Uri.EscapeDataString(layer.Name)}/tileset.json" }) };
        return Fresh(http, JsonSerializer.SerializeToUtf8Bytes(list));
    }

    private async Task<IResult> LayerAsync(HttpContext http, string name)
    {
        if (!(await catalogue.ReadAsync(http.RequestAborted)).TryGetValue(name, out var layer))
            return NotFound($"There is no layer {name} with 3D Tiles.");
        var roots = new List<(string, TilesetRoot)>();
        foreach (var tileset in layer.Tilesets)
        {
            if (await RootAsync(tileset, http.RequestAborted) is not { } root)
                return NotFound($"The layer {name} has just been replaced or withdrawn.");
            roots.Add(($"{tileset.Version}/tileset.json", root));
        }

        return Fresh(http, TilesetRoot.Together(roots));
    }

    private async Task<IResult> ObjectAsync(HttpContext http, string layerName, string version, string name)
    {
        if (!(await catalogue.ReadAsync(http.RequestAborted)).TryGetValue(layerName, out var layer)
            || layer.Tilesets.FirstOrDefault(one => one.Version == version) is not { } tileset || !Names().IsMatch(name))
        {
            return NotFound($"There is no such part of a layer {layerName}.");
        }

        var isCompressed = AcceptsGzip(http.Request);
        // A version's objects never change: the tag needs no look into the store.
        var etag = isCompressed ? $"\"{version}-gzip\"" : $"\"{version}\"";
        var headers = http.Response.Headers;
        (headers.ETag, headers.CacheControl, headers.Vary) = (etag, Immutable, "Accept-Encoding");
        if (EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        if (await ReadAsync($"{tileset.Prefix}/{name}", http.RequestAborted) is not { } content)
        {
            headers.Remove("ETag");
            headers.CacheControl = "no-store";
            return NotFound($"There is no {name} in the layer {layerName}.");
        }

        if (isCompressed)
            headers.ContentEncoding = "gzip";
        return Results.Bytes(isCompressed ? content : Decompress(content), name.EndsWith(".glb", StringComparison.Ordinal) ? "model/gltf-binary" : "application/json");
    }

    private async Task<TilesetRoot?> RootAsync(PublishedTileset tileset, CancellationToken cancellation)
    {
        if (_roots.TryGetValue(tileset.Prefix, out var known))
            return known;
        if (await ReadAsync($"{tileset.Prefix}/tileset.json", cancellation) is not { } content)
            return null;
        if (_roots.Count >= MostRoots)
            _roots.Clear();
        return _roots[tileset.Prefix] = TilesetRoot.Read(Decompress(content));
    }

    private async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        if (await store.FindAsync(key, cancellation) is not { } found)
            return null;
        var content = new byte[found.LengthBytes];
        var read = await store.ReadAsync(key, 0, content, cancellation);
        return read == content.Length ? content : null;
    }

    private static IResult Fresh(HttpContext http, byte[] content)
    {
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"";
        (http.Response.Headers.ETag, http.Response.Headers.CacheControl) = (etag, "no-cache");
        return EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: true)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(content, "application/json");
    }

    private static byte[] Decompress(byte[] content)
    {
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static bool AcceptsGzip(HttpRequest request) => request.Headers.AcceptEncoding
        .SelectMany(line => line?.Split(',') ?? [])
        .Any(part => StringWithQualityHeaderValue.TryParse(part, out var coding) && coding.Value is "gzip" or "*" && coding!.Quality is not 0);

    private static IResult NotFound(string sentence) => Results.Text(sentence, statusCode: StatusCodes.Status404NotFound);

    [GeneratedRegex("^(tileset\\.json|trees/[0-9]+(-[0-9]+){3}\\.json|tiles/[0-9]+/[0-9]+(-[0-9]+){2}\\.glb)\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
