using System.Diagnostics;
using Grid.Frontend.Layers;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Ogc;
using Grid.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Orleans.Runtime;

namespace Grid.Frontend.Tiles;

/// <summary>
/// Writes a tile as it is stored, or was made in a style: no decoding, no copy but the socket's; a header goes before samples that need one. The ETag
/// names the layer's version, the tile and the style, so that a client's known tile is answered 304 before any grain is called (RFC 9110 § 13.1.2).
/// </summary>
public sealed class TileResponse(TileSource source, ServingOptions options, ILogger<TileResponse> log)
{
    /// <summary>What an open service says of a tile that is there but cannot be read.</summary>
    public const string Unavailable = "The tile cannot be read now: try again in a moment.";

    /// <summary>A published tile changes only with the layer's version; browsers may keep it this long without asking.</summary>
    public const string CacheControl = "public, max-age=600";

    /// <summary>A hole in the data may be filled by the next publication.</summary>
    public const string NotFoundCacheControl = "public, max-age=60";

    private static readonly StringValues s_cacheControl = CacheControl;
    private static readonly StringValues s_notFoundCacheControl = NotFoundCacheControl;

    /// <summary>Answers with the tile, or 304.</summary>
    /// <returns>False, with nothing written, when the pyramid has no such tile.</returns>
    public ValueTask<bool> TryWriteAsync(IFeatureCollection http, in TileAddress tile, LayerStyle style)
    {
        var begun = Stopwatch.GetTimestamp();
        var request = http.GetRequiredFeature<IHttpRequestFeature>();
        var layer = (PublishedLayer)tile.Layer;
        if (request.Headers.IfNoneMatch is { Count: > 0 } known && HotTile.ETagOf(layer, tile, style) is var etag && EntityTags.Match(known, etag, any: false))
        {
            SetUnchanged(http.GetRequiredFeature<IHttpResponseFeature>(), etag);
            TileInstruments.Answered(begun, TileInstruments.Unchanged);
            return new ValueTask<bool>(true);
        }

        var fetch = source.GetAsync(tile, style, out var isHot);
        return fetch.IsCompletedSuccessfully ? WriteAsync(http, request, fetch.Result, begun, isHot) : AwaitAsync(http, request, fetch, begun);
    }

    /// <summary>Headers of an answer that a tile does not exist.</summary>
    public static void SetNotFound(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        response.Headers.CacheControl = s_notFoundCacheControl;
    }

    /// <summary>
    /// Readies the answer to a failure of the store or of a grain, or to too many requests; false when it is another's failure, or the answer
    /// has begun.
    /// </summary>
    public bool TrySetUnavailable(HttpContext http, Exception failure)
    {
        if (http.Response.HasStarted
            || failure is not (StorageException or TimeoutException or InvalidSlabException or TileCodecException or InvalidDataException
                or TooManyTileReadsException or OrleansMessageRejectionException))
            return false;
        // Refusals under load are many and all alike.
        if (failure is not TooManyTileReadsException)
            log.LogWarning("A tile of {Path} cannot be read: {Reason}", http.Request.Path, failure.Message);
        http.Response.Headers.ETag = default;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.RetryAfter = options.RetryAfterHeader;
        return true;
    }

    private static async ValueTask<bool> AwaitAsync(IFeatureCollection http, IHttpRequestFeature request, ValueTask<HotTile> fetch, long begun)
    {
        HotTile tile;
        try
        {
            tile = await fetch;
        }
        catch
        {
            TileInstruments.Answered(begun, TileInstruments.Failed);
            throw;
        }

        return await WriteAsync(http, request, tile, begun, isHot: false);
    }

    private static ValueTask<bool> WriteAsync(IFeatureCollection http, IHttpRequestFeature request, HotTile tile, long begun, bool isHot)
    {
        var write = WriteAsync(http, request, tile);
        TileInstruments.Answered(begun, TileInstruments.ResultOf(tile, isHot));
        return write;
    }

    private static ValueTask<bool> WriteAsync(IFeatureCollection http, IHttpRequestFeature request, HotTile tile)
    {
        if (tile == HotTile.Refused)
            return ValueTask.FromException<bool>(new TooManyTileReadsException());
        if (!tile.Exists)
            return new ValueTask<bool>(false);
        var response = http.GetRequiredFeature<IHttpResponseFeature>();
        // "*" stands for any tile that exists, so it is looked at only now.
        if (request.Headers.IfNoneMatch is { Count: > 0 } known && EntityTags.Match(known, tile.ETag, any: true))
        {
            SetUnchanged(response, tile.ETag);
            return new ValueTask<bool>(true);
        }

        var headers = response.Headers;
        headers.ContentType = tile.MimeType;
        headers.ContentLength = tile.LengthBytes;
        SetValidators(headers, tile.ETag);
        if (tile.ContentEncoding is { } encoding)
            headers.ContentEncoding = encoding;
        if (HttpMethods.IsHead(request.Method))
            return new ValueTask<bool>(true);
        var body = http.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        if (tile.Header.Length is > 0 and var length)
        {
            tile.Header.Span.CopyTo(body.GetSpan(length));
            body.Advance(length);
        }

        var write = body.WriteAsync(tile.Stored);
        return write.IsCompletedSuccessfully ? Completed(write.Result.IsCompleted) : FlushedAsync(write);
    }

    private static ValueTask<bool> Completed(bool _) => new(true);

    private static async ValueTask<bool> FlushedAsync(ValueTask<System.IO.Pipelines.FlushResult> write)
    {
        await write;
        return true;
    }

    private static void SetUnchanged(IHttpResponseFeature response, string etag)
    {
        response.StatusCode = StatusCodes.Status304NotModified;
        SetValidators(response.Headers, etag);
    }

    private static void SetValidators(IHeaderDictionary headers, string etag)
    {
        headers.ETag = etag;
        headers.CacheControl = s_cacheControl;
    }
}
