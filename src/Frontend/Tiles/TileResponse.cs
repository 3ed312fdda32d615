using System.Buffers;
using System.Globalization;
using Grid.Frontend.Layers;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Tiles;
using Grid.Ogc;
using Grid.Storage;
using Microsoft.Extensions.Primitives;
using Orleans;

namespace Grid.Frontend.Tiles;

/// <summary>
/// Writes a tile as it is stored: no decoding, no copy but the socket's; a header goes before samples that need one. The ETag names the layer's version and the tile, so that a client's
/// known tile is answered 304 before any grain is called (RFC 9110 § 13.1.2).
/// </summary>
public static class TileResponse
{
    // A published tile changes only with the layer's version; browsers may keep it this long without asking.
    private static readonly StringValues s_cacheControl = "public, max-age=600";
    private static readonly StringValues s_notFoundCacheControl = "public, max-age=60";

    /// <summary>Answers with the tile, or 304.</summary>
    /// <returns>False, with nothing written, when the pyramid has no such tile.</returns>
    public static ValueTask<bool> TryWriteAsync(HttpContext http, IGrainFactory grains, in TileAddress tile)
    {
        var layer = (PublishedLayer)tile.Layer;
        var etag = ETagOf(layer, tile);
        if (http.Request.Headers.IfNoneMatch is { Count: > 0 } known && EntityTags.Match(known, etag, any: false))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            SetValidators(http.Response, etag);
            return new ValueTask<bool>(true);
        }

        var fetch = PublishedLayer.GetTileAsync(grains, tile);
        return fetch.IsCompletedSuccessfully ? WriteAsync(http, tile, etag, fetch.Result) : AwaitAsync(http, tile, etag, fetch);
    }

    /// <summary>Headers of an answer that a tile does not exist.</summary>
    public static void SetNotFound(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        response.Headers.CacheControl = s_notFoundCacheControl;
    }

    /// <summary>What an open service says of a tile that is there but cannot be read.</summary>
    public const string Unavailable = "The tile cannot be read now: try again in a moment.";

    /// <summary>Readies the answer to a failure of the store or of a grain; false when it is another's failure, or the answer has begun.</summary>
    public static bool TrySetUnavailable(HttpContext http, Exception failure)
    {
        if (http.Response.HasStarted || failure is not (StorageException or TimeoutException or InvalidSlabException))
            return false;
        http.RequestServices.GetRequiredService<ILogger<PublishedLayer>>().LogWarning("A tile of {Path} cannot be read: {Reason}", http.Request.Path, failure.Message);
        http.Response.Headers.ETag = default;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.RetryAfter = "5";
        return true;
    }

    private static async ValueTask<bool> AwaitAsync(HttpContext http, TileAddress address, string etag, ValueTask<CachedTile> fetch) =>
        await WriteAsync(http, address, etag, await fetch);

    private static ValueTask<bool> WriteAsync(HttpContext http, in TileAddress address, string etag, CachedTile tile)
    {
        if (!tile.Exists)
            return new ValueTask<bool>(false);
        var layer = (PublishedLayer)address.Layer;
        var response = http.Response;
        // "*" stands for any tile that exists, so it is looked at only now.
        if (http.Request.Headers.IfNoneMatch is { Count: > 0 } known && EntityTags.Match(known, etag, any: true))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            SetValidators(response, etag);
            return new ValueTask<bool>(true);
        }

        response.ContentType = layer.MimeType;
        response.ContentLength = (layer.IsTiff ? TiffTile.HeaderLength : 0) + tile.Bytes.Length;
        SetValidators(response, etag);
        if (layer.Format.ContentEncoding is { } encoding)
            response.Headers.ContentEncoding = encoding;
        if (HttpMethods.IsHead(http.Request.Method))
            return new ValueTask<bool>(true);
        if (layer.IsTiff)
        {
            var matrix = address.Level.Matrix;
            var header = TiffTile.Header(layer.Format.Compression, layer.Format.SampleFormat == "FLOAT32", layer.Channels, matrix.TileWidth, matrix.TileHeight, tile.Bytes.Length);
            response.BodyWriter.Write(header);
        }

        var write = response.BodyWriter.WriteAsync(tile.Bytes, http.RequestAborted);
        return write.IsCompletedSuccessfully ? Completed(write.Result.IsCompleted) : FlushedAsync(write);
    }

    private static ValueTask<bool> Completed(bool _) => new(true);

    private static async ValueTask<bool> FlushedAsync(ValueTask<System.IO.Pipelines.FlushResult> write)
    {
        await write;
        return true;
    }

    private static void SetValidators(HttpResponse response, string etag)
    {
        response.Headers.ETag = etag;
        response.Headers.CacheControl = s_cacheControl;
    }

    private static string ETagOf(PublishedLayer layer, in TileAddress tile) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{layer.Version:x}-{tile.Level.Id}-{tile.Col}-{tile.Row}\"");
}
