using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Tiles;
using Grid.Grains;
using Grid.Imaging.Gdal;
using Grid.Ogc.Downloads;
using Grid.Storage;
using Microsoft.Net.Http.Headers;

namespace Grid.Frontend.Downloads;

/// <summary>
/// The download service: feeds of resources, their parts and files at <c>/telechargement</c>, the files themselves by range, and an index of dalles a part.
/// The same tree lies at <c>/chunk/telechargement</c>, where clients that read by range expect it.
/// </summary>
public sealed class DownloadEndpoints(
    DownloadCatalogue catalogue, PublicAddress address, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore store)
{
    private const string IndexName = "index.geojson";
    private const int DefaultLimit = 10, MostLimit = 50;
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var service = routes.ServiceProvider.GetRequiredService<DownloadEndpoints>();
        foreach (var root in (string[])["/telechargement", "/chunk/telechargement"])
        {
            Add("/capabilities", (http, _) => service.CapabilitiesAsync(http, root));
            Add("/resource/{resource}", (http, values) => service.ResourceAsync(http, root, Text(values, "resource")));
            Add("/resource/{resource}/{part}", (http, values) => service.PartAsync(http, root, Text(values, "resource"), Text(values, "part")));
            Add("/download/{resource}/{part}/{file}", (http, values) => service.FileAsync(http, Text(values, "resource"), Text(values, "part"), Text(values, "file")));
            routes.MapMethods(root + "/{**path}", [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();

            void Add(string path, Func<HttpContext, RouteValueDictionary, Task<IResult>> answer) => routes.MapMethods(root + path, s_methods, async (HttpContext http) =>
            {
                Cors.Allow(http.Response);
                http.Response.Headers.AccessControlExposeHeaders = "Content-Range, Content-Length, Accept-Ranges, ETag, Last-Modified";
                return await answer(http, http.Request.RouteValues);
            }).ExcludeFromDescription();
        }

        return routes;

        static string Text(RouteValueDictionary values, string name) => (string)values[name]!;
    }

    private async Task<IResult> CapabilitiesAsync(HttpContext http, string root)
    {
        var resources = (await catalogue.ReadAsync(http.RequestAborted)).Values.OrderBy(resource => resource.Name, StringComparer.Ordinal).ToList();
        var here = address.Of(http) + root;
        return Feed(http, new("Téléchargement", null, $"{here}/capabilities", null, Latest(resources), 0, 0, 0, []), resources, resource => new DownloadEntry(
            resource.Title, $"{here}/resource/{Escape(resource.Name)}", DownloadFeed.AtomType, null, resource.Abstract, resource.Updated,
            resource.Parts[0].Crs, Union(resource.Parts.Select(part => part.BoundsInDegrees))));
    }

    private async Task<IResult> ResourceAsync(HttpContext http, string root, string name)
    {
        if (!(await catalogue.ReadAsync(http.RequestAborted)).TryGetValue(name, out var resource))
            return NotFound($"There is no resource {name}.");
        var here = address.Of(http) + root;
        var self = $"{here}/resource/{Escape(name)}";
        return Feed(http, new(resource.Title, resource.Abstract, self, $"{here}/capabilities", resource.Updated, 0, 0, 0, []), resource.Parts, part => new DownloadEntry(
            part.Title, $"{self}/{Escape(part.Name)}", DownloadFeed.AtomType, null, Contents(part),
            resource.Updated, part.Crs, part.BoundsInDegrees));
    }

    private async Task<IResult> PartAsync(HttpContext http, string root, string name, string partName)
    {
        var (resource, part) = await FindAsync(http, name, partName);
        if (part is null)
            return NotFound($"There is no resource {name}/{partName}.");
        var here = address.Of(http) + root;
        var folder = $"{here}/download/{Escape(name)}/{Escape(partName)}";
        List<DownloadEntry> entries =
        [
            new(IndexName, $"{folder}/{IndexName}", "application/geo+json", null, "Index des dalles", resource!.Updated, null, part.BoundsInDegrees),
            .. part.Files.Select(file => new DownloadEntry(
                file.Name, $"{folder}/{Escape(file.Name)}", file.MediaType, file.SizeBytes, file.Points is null ? null : $"{file.Points} points", resource.Updated, part.Crs, null)),
        ];
        return Feed(
            http, new(part.Title, null, $"{here}/resource/{Escape(name)}/{Escape(partName)}", $"{here}/resource/{Escape(name)}", resource.Updated, 0, 0, 0, []), entries, entry => entry);
    }

    private async Task<IResult> FileAsync(HttpContext http, string name, string partName, string fileName)
    {
        var (resource, part) = await FindAsync(http, name, partName);
        if (part is null)
            return NotFound($"There is no resource {name}/{partName}.");
        if (fileName == IndexName)
            return Index(http, $"{address.Of(http)}{http.Request.Path.Value![..^IndexName.Length]}", resource!, part);
        if (part.Files.FirstOrDefault(file => file.Name == fileName) is not { } wanted)
            return NotFound($"The resource {name}/{partName} has no file {fileName}.");
        try
        {
            if (await store.FindAsync(wanted.Key, http.RequestAborted) is not { } found)
                return NotFound($"The file {fileName} of the resource {name}/{partName} has just been replaced or withdrawn.");
            // A version's objects never change: what is read later of the same tag is of the same file.
            return Results.Stream(
                new ObjectStream(store, found), wanted.MediaType, fileDownloadName: null, found.LastModified, new EntityTagHeaderValue($"\"{found.ETag.Trim('"')}\""), enableRangeProcessing: true);
        }
        catch (StorageException)
        {
            http.Response.Headers.RetryAfter = "5";
            return Results.Text("The storage does not answer: try again later.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <summary>The files' footprints as GeoJSON (RFC 7946), the block's left out where there are dalles.</summary>
    private static IResult Index(HttpContext http, string folder, DownloadResource resource, DownloadPart part)
    {
        using var transform = part.Crs is null ? null : new GdalCoordinateTransform(part.Crs, CrsExtent.Wgs84);
        var hasTiles = part.Files.Any(file => !file.IsBlock);
        var features = new JsonArray();
        foreach (var file in part.Files.Where(file => !file.IsBlock || !hasTiles))
        {
            var (west, south, east, north) = (file.Ground[0], file.Ground[1], file.Ground[2], file.Ground[3]);
            double[] x = [west, east, east, west], y = [south, south, north, north];
            transform!.Transform(x, y);
            var ring = new JsonArray([.. Enumerable.Range(0, 5).Select(i => (JsonNode)new JsonArray(Math.Round(x[i % 4], 8), Math.Round(y[i % 4], 8)))]);
            var properties = new JsonObject { ["name"] = file.Name, ["url"] = folder + Escape(file.Name), ["size"] = file.SizeBytes, ["crs"] = part.Crs };
            if (file.Points is { } points)
                properties["points"] = points;
            if (file.Heights is { } heights)
                (properties["min_z"], properties["max_z"]) = (heights.Least, heights.Greatest);
            features.Add(new JsonObject
            {
                ["type"] = "Feature",
                ["id"] = file.Name,
                ["geometry"] = new JsonObject { ["type"] = "Polygon", ["coordinates"] = new JsonArray(ring) },
                ["properties"] = properties,
            });
        }

        var collection = new JsonObject { ["type"] = "FeatureCollection", ["name"] = $"{resource.Name}/{part.Name}", ["features"] = features };
        return Results.Bytes(JsonSerializer.SerializeToUtf8Bytes(collection), "application/geo+json", lastModified: resource.Updated);
    }

    private static IResult Feed<T>(HttpContext http, DownloadFeed feed, IReadOnlyList<T> all, Func<T, DownloadEntry> describe)
    {
        var query = http.Request.Query;
        if (!Whole("page", 1, int.MaxValue, out var page) || !Whole("limit", DefaultLimit, MostLimit, out var limit))
            return Results.Text($"page must be a number from 1 on, and limit one from 1 to {MostLimit}.", statusCode: StatusCodes.Status400BadRequest);
        var shown = feed with
        {
            Page = page,
            PageSize = limit,
            TotalEntries = all.Count,
            Entries = [.. all.Skip((int)Math.Min((page - 1L) * limit, int.MaxValue)).Take(limit).Select(describe)],
        };
        var wantsJson = query["outputFormat"] == "application/json" || http.Request.Headers.Accept.ToString().StartsWith("application/json", StringComparison.OrdinalIgnoreCase);
        http.Response.Headers.Vary = "Accept";
        return wantsJson ? Results.Bytes(shown.WriteJson(), "application/json") : Results.Bytes(shown.WriteAtom(), DownloadFeed.AtomType);

        bool Whole(string name, int standard, int most, out int number)
        {
            number = standard;
            return !query.TryGetValue(name, out var given) || (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most);
        }
    }

    private async Task<(DownloadResource? Resource, DownloadPart? Part)> FindAsync(HttpContext http, string name, string partName)
    {
        var resource = (await catalogue.ReadAsync(http.RequestAborted)).GetValueOrDefault(name);
        return (resource, resource?.Parts.FirstOrDefault(part => part.Name == partName));
    }

    private static IResult NotFound(string sentence) => Results.Text(sentence, statusCode: StatusCodes.Status404NotFound);

    private static string Contents(DownloadPart part) =>
        part.Points is null ? $"{part.Files.Count} dalles GeoTIFF" : $"{part.Points} points, {part.Files.Count} fichiers COPC";

    private static string Escape(string segment) => Uri.EscapeDataString(segment);

    private static DateTimeOffset Latest(List<DownloadResource> resources) => resources.Count == 0 ? DateTimeOffset.UnixEpoch : resources.Max(resource => resource.Updated);

    private static double[] Union(IEnumerable<IReadOnlyList<double>> all) => [.. all.Aggregate((a, b) => (double[])
        [Math.Min(a[0], b[0]), Math.Min(a[1], b[1]), Math.Max(a[2], b[2]), Math.Max(a[3], b[3])])];
}
