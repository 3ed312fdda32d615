using System.IO.Compression;
using System.Text.Json;
using Grid.Grains.Pyramids;
using Grid.Imaging.Inspection;
using Grid.Interfaces.Pyramids;
using Grid.Interfaces.Uploads;
using Grid.Storage;

namespace Grid.Grains.Uploads;

/// <summary>
/// What the raster check found the files of an upload to be, in one object beside them, so that no build reads their headers again. Each entry names
/// the content it was read from: a file that was delivered anew since is not known.
/// </summary>
internal static class UploadHeaders
{
    /// <summary>Keeps them, in place of what an earlier check of the upload kept.</summary>
    public static async Task WriteAsync(IObjectStore store, Guid upload, IEnumerable<KnownRaster> rasters, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await using (var packed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            await JsonSerializer.SerializeAsync(packed, [.. rasters.Select(Shortened)], HeaderJson.Default.ListKnownRaster, cancellation);
        await store.PutAsync(UploadPath.HeadersKey(upload), bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellation);
    }

    /// <summary>What is known of rasters of any uploads, in their order; null for one of which nothing is.</summary>
    public static async Task<RasterInfo?[]> ReadAsync(IObjectStore store, IReadOnlyList<SourceRaster> rasters)
    {
        var found = new RasterInfo?[rasters.Count];
        var headers = new Dictionary<Guid, Dictionary<(string, string), RasterInfo>>();
        for (var i = 0; i < rasters.Count; i++)
        {
            if (rasters[i].ETag is not { } etag || UploadOf(rasters[i]) is not { } upload)
                continue;
            if (!headers.TryGetValue(upload, out var known))
                headers[upload] = known = await ReadAsync(store, upload);
            found[i] = known.GetValueOrDefault((rasters[i].Name, etag));
        }

        return found;
    }

    private static Guid? UploadOf(SourceRaster raster) =>
        raster.Key.Split('/', 3) is [_, var id, _] && Guid.TryParse(id, out var upload) && raster.Key == UploadPath.DataKey(upload, raster.Name) ? upload : null;

    // Without them, or with those of a build that wrote others, the files are read.
    private static async Task<Dictionary<(string, string), RasterInfo>> ReadAsync(IObjectStore store, Guid upload)
    {
        try
        {
            await using var packed = new GZipStream(await store.OpenReadAsync(UploadPath.HeadersKey(upload)), CompressionMode.Decompress);
            var rasters = await JsonSerializer.DeserializeAsync(packed, HeaderJson.Default.ListKnownRaster) ?? [];
            return rasters.ToDictionary(raster => (raster.Raster.Name, raster.ETag), raster => raster.Raster);
        }
        catch (Exception absent) when (absent is ObjectNotFoundException or JsonException or InvalidDataException)
        {
            return [];
        }
    }

    // A code says all that its definition does.
    private static KnownRaster Shortened(KnownRaster known) =>
        known.Raster.CrsAuthority is null ? known : known with { Raster = known.Raster with { CrsWkt = null } };
}

/// <summary>A raster of an upload.</summary>
/// <param name="ETag">Names the content of the file that <paramref name="Raster"/> was read from.</param>
internal sealed record KnownRaster(string ETag, RasterInfo Raster);
