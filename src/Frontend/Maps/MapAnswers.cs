using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grid.Frontend.Layers;
using Grid.Frontend.Tiles;
using Grid.Grains;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Maps;
using Grid.Storage;
using Microsoft.Net.Http.Headers;
using Orleans;

namespace Grid.Frontend.Maps;

/// <summary>Why a map is not drawn, for the service's own form of errors.</summary>
/// <param name="IsRequest">Whether the request is at fault; otherwise the platform is, for a while.</param>
public sealed record MapFailure(int HttpStatus, string Text, bool IsRequest);

/// <summary>
/// Answers with drawn maps. A map's ETag is a digest of the order and of its layers' versions, so that a client's known map is answered 304 without
/// being drawn (RFC 9110 § 13.1.2).
/// </summary>
public sealed class MapAnswers(IGrainFactory grains, ILogger<MapAnswers> log)
{
    /// <summary>Every map grain is as good as any other.</summary>
    private const string Key = "maps";

    private readonly Lazy<IMapGrain> _maps = new(() => grains.GetGrain<IMapGrain>(Key));

    /// <summary>Draws the map and answers with it.</summary>
    /// <param name="contentType">The answer's type; null takes the order's.</param>
    /// <param name="fileName">Name under which browsers save the map; null lets them show it.</param>
    /// <returns>Null once answered; otherwise why nothing was written.</returns>
    public async Task<MapFailure?> TryWriteAsync(
        HttpContext http, MapOrder order, IEnumerable<PublishedLayer> layers, string? fileName = null, string? contentType = null)
    {
        var response = http.Response;
        var etag = ETagOf(order, layers);
        if (EntityTags.Match(http.Request.Headers.IfNoneMatch, etag, any: false))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            SetValidators(response, etag);
            return null;
        }

        DrawnMap map;
        try
        {
            map = await _maps.Value.DrawAsync(order, http.RequestAborted);
        }
        catch (Exception failure) when (FailureOf(http, failure) is { } answer)
        {
            return answer;
        }

        response.ContentType = contentType ?? order.MimeType;
        response.ContentLength = map.Bytes.Length;
        SetValidators(response, etag);
        if (fileName is not null)
            response.Headers.ContentDisposition = Attachment(fileName);
        if (!HttpMethods.IsHead(http.Request.Method))
            await response.BodyWriter.WriteAsync(map.Bytes, http.RequestAborted);
        return null;
    }

    /// <summary>The values at a pixel of a map, one entry a layer of the order; or why there are none.</summary>
    public async Task<(IReadOnlyList<MapValues> Values, MapFailure? Failure)> ValuesAsync(HttpContext http, MapOrder order, int column, int row)
    {
        try
        {
            return (await _maps.Value.ValuesAsync(order, column, row, http.RequestAborted), null);
        }
        catch (Exception failure) when (FailureOf(http, failure) is { } answer)
        {
            return ([], answer);
        }
    }

    /// <summary>The header that makes browsers save an answer; characters that cannot stand in a file's name go.</summary>
    public static string Attachment(string fileName)
    {
        var name = new string([.. fileName.Where(c => !char.IsControl(c) && c is not ('/' or '\\' or '"')).Take(200)]);
        var header = new ContentDispositionHeaderValue("attachment");
        header.SetHttpFileName(name.Length > 0 ? name : "map");
        return header.ToString();
    }

    private MapFailure? FailureOf(HttpContext http, Exception failure)
    {
        switch (failure)
        {
            case MapRefusedException:
                return new MapFailure(StatusCodes.Status400BadRequest, failure.Message, IsRequest: true);
            case MapsBusyException:
                http.Response.Headers.RetryAfter = "1";
                http.Response.Headers.CacheControl = "no-store";
                return new MapFailure(StatusCodes.Status503ServiceUnavailable, failure.Message, IsRequest: false);
            case StorageException or TimeoutException or InvalidSlabException or UnreadableRasterException or TileCodecException:
            case { } away when Outage.Is(away):
                log.LogWarning("A map of {Path} cannot be drawn: {Reason}", http.Request.Path, failure.Message);
                http.Response.Headers.RetryAfter = "5";
                http.Response.Headers.CacheControl = "no-store";
                return new MapFailure(StatusCodes.Status503ServiceUnavailable, "The map cannot be drawn now: try again in a moment.", IsRequest: false);
            default:
                return null;
        }
    }

    private static void SetValidators(HttpResponse response, string etag)
    {
        response.Headers.ETag = etag;
        response.Headers.CacheControl = "public, max-age=600";
    }

    private static string ETagOf(MapOrder order, IEnumerable<PublishedLayer> layers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{order.Crs} {order.MinX:R} {order.MinY:R} {order.MaxX:R} {order.MaxY:R} {order.Width} {order.Height} ");
        text.Append(CultureInfo.InvariantCulture, $"{order.MimeType} {order.IsTransparent} {order.Background} {order.Quality} {order.Compression}");
        foreach (var layer in order.Layers)
            text.Append(CultureInfo.InvariantCulture, $" {layer.Style}/{layer.Interpolation}");
        foreach (var layer in layers)
            text.Append(CultureInfo.InvariantCulture, $" {layer.Name}/{layer.Version}");
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return $"\"{Convert.ToHexStringLower(digest.AsSpan(0, 12))}\"";
    }
}
