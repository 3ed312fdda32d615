using System.Text.Json;
using Grid.Frontend.Layers;
using Npgsql;

namespace Grid.Frontend.Downloads;

/// <summary>A file that can be downloaded.</summary>
/// <param name="Key">Object key in the store.</param>
/// <param name="Ground">West, south, east, north in the CRS of its part.</param>
/// <param name="Heights">Least and greatest; null where they are not known.</param>
/// <param name="Points">Null of what is no point cloud.</param>
/// <param name="IsBlock">True of a file of the whole block, that others have parts of.</param>
public sealed record DownloadFile(
    string Name, string Key, long SizeBytes, IReadOnlyList<double> Ground, (double Least, double Greatest)? Heights, long? Points, bool IsBlock)
{
    /// <summary>Media type, by the ending of the name.</summary>
    public string MediaType => Name.EndsWith(".copc.laz", StringComparison.Ordinal) ? "application/vnd.laszip+copc" : "image/tiff; application=geotiff; profile=cloud-optimized";
}

/// <summary>The files of one stored data, of one version.</summary>
/// <param name="Crs">Null when there is no file.</param>
/// <param name="BoundsInDegrees">West, south, east, north.</param>
/// <param name="Points">Null of what is no point cloud.</param>
public sealed record DownloadPart(string Name, string Title, string? Crs, IReadOnlyList<double> BoundsInDegrees, long? Points, IReadOnlyList<DownloadFile> Files);

/// <summary>What one offering publishes.</summary>
public sealed record DownloadResource(string Name, string Title, string Abstract, DateTimeOffset Updated, IReadOnlyList<DownloadPart> Parts);

/// <summary>The published downloads. Safe for concurrent use.</summary>
public sealed class DownloadCatalogue(NpgsqlDataSource database, PublishedLayers layers, ILogger<DownloadCatalogue> log)
{
    private readonly PublishedDocuments<DownloadResource> _documents = new(database, layers, log, Read, resource => resource.Name);

    /// <summary>The resources by name; hold them for the length of a request.</summary>
    public ValueTask<IReadOnlyDictionary<string, DownloadResource>> ReadAsync(CancellationToken cancellation) => _documents.ReadAsync(cancellation);

    private static DownloadResource Read(JsonElement doc, DateTimeOffset updated) =>
        new(doc.GetProperty("name").GetString()!, doc.GetProperty("title").GetString()!, doc.GetProperty("abstract").GetString() ?? "", updated,
            [.. doc.GetProperty("pyramids").EnumerateArray().Select(part => new DownloadPart(
                part.GetProperty("name").GetString()!, part.GetProperty("title").GetString()!, part.GetProperty("crs").GetString(),
                Numbers(part.GetProperty("bounds")), Whole(part, "points"), [.. part.GetProperty("files").EnumerateArray().Select(ReadFile)]))]);

    // Bounds are of the ground, or least x, y, z, then greatest.
    private static DownloadFile ReadFile(JsonElement file)
    {
        var bounds = Numbers(file.GetProperty("bounds"));
        return new DownloadFile(
            file.GetProperty("name").GetString()!, file.GetProperty("key").GetString()!, file.GetProperty("size").GetInt64(),
            bounds.Length == 6 ? [bounds[0], bounds[1], bounds[3], bounds[4]] : bounds, bounds.Length == 6 ? (bounds[2], bounds[5]) : null,
            Whole(file, "points"), file.TryGetProperty("block", out var block) && block.GetBoolean());
    }

    private static long? Whole(JsonElement element, string member) =>
        element.TryGetProperty(member, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : null;

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];
}
