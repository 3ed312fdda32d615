using System.IO.Compression;
using System.Text.Json;
using Grid.Imaging.Inspection;
using Grid.Interfaces.Pyramids;
using Grid.Storage;

namespace Grid.Grains.Pyramids;

/// <summary>
/// The headers of a large lot's rasters, kept beside the pyramid while it is built where <see cref="Uploads.UploadHeaders"/> has not all of them: the build reads
/// them once, and each silo that has a region reads one object in place of a hundred thousand files.
/// </summary>
internal static class LotHeaders
{
    /// <summary>Rasters from which on a lot's headers are kept.</summary>
    public const int LeastRasters = 1000;

    /// <summary>Key of the object, below what is deleted when the build ends.</summary>
    public static string KeyOf(PyramidBuildOrder order) => $"{PyramidPlace.HandoverPrefixOf(order)}/headers.json.gz";

    /// <summary>Keeps them; without the rasters' CRS, which have been found to be the lot's.</summary>
    public static async Task WriteAsync(IObjectStore store, PyramidBuildOrder order, IReadOnlyList<RasterInfo> headers)
    {
        using var bytes = new MemoryStream();
        await using (var packed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            await JsonSerializer.SerializeAsync(packed, [.. headers.Select(header => header with { CrsName = null, CrsAuthority = null, CrsWkt = null })], HeaderJson.Default.ListRasterInfo);
        await store.PutAsync(KeyOf(order), bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    /// <summary>The headers in the order of the lot; null when they are not kept.</summary>
    public static async Task<IReadOnlyList<RasterInfo>?> ReadAsync(IObjectStore store, PyramidBuildOrder order)
    {
        try
        {
            await using var packed = new GZipStream(await store.OpenReadAsync(KeyOf(order)), CompressionMode.Decompress);
            var headers = await JsonSerializer.DeserializeAsync(packed, HeaderJson.Default.ListRasterInfo);
            return headers?.Count == order.Sources.Count ? headers : null;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }
}
