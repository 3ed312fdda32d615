using System.Net.Http.Headers;
using Grid.Frontend.Layers;
using Grid.Ogc.Wms;

namespace Grid.Frontend.Maps;

/// <summary>
/// Asks other servers, those that <see cref="ExternalInfoOptions"/> allow, what is at a place of a layer, and passes on what they say. They are not
/// followed elsewhere, have so much time and may send so many bytes.
/// </summary>
public sealed class ExternalInfoClient(ExternalInfoOptions options, ILogger<ExternalInfoClient> log) : IDisposable
{
    private static readonly string[] s_types =
        ["text/plain", "text/html", "text/xml", "application/xml", "application/json", "application/geo+json", "application/vnd.ogc.gml", "application/gml+xml"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds), MaxResponseContentBufferSize = options.MaxBytes,
    };

    /// <summary>Answers with what the layer's server says of a pixel of a map.</summary>
    /// <returns>Null once answered; otherwise why nothing was written.</returns>
    public async Task<MapFailure?> TryWriteAsync(HttpContext http, PublishedLayer layer, ExternalInfo info, GetMapInfo asked)
    {
        var map = asked.Map;
        var address = info.AddressOf(layer.Name, map.Crs, map.Extent, map.Width, map.Height, asked.I, asked.J, asked.InfoFormat, asked.FeatureCount);
        if (!options.Allows(address.GetLeftPart(UriPartial.Path)))
            return Failure(layer, StatusCodes.Status502BadGateway, "is not among those that may be asked (Grid:FeatureInfo:Servers)");
        try
        {
            using var answer = await _http.GetAsync(address, http.RequestAborted);
            if (!answer.IsSuccessStatusCode)
                return Failure(layer, StatusCodes.Status502BadGateway, $"answered with status {(int)answer.StatusCode}");
            var type = answer.Content.Headers.ContentType;
            if (type?.MediaType is not { } media || !s_types.Contains(media, StringComparer.OrdinalIgnoreCase))
                return Failure(layer, StatusCodes.Status502BadGateway, $"answered with {type?.MediaType ?? "no type"}");
            var body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
            http.Response.ContentType = type.CharSet is { } charset ? new MediaTypeHeaderValue(media, charset.Trim('"')).ToString() : media;
            http.Response.ContentLength = body.Length;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            if (!HttpMethods.IsHead(http.Request.Method))
                await http.Response.Body.WriteAsync(body, http.RequestAborted);
            return null;
        }
        catch (TaskCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return Failure(layer, StatusCodes.Status504GatewayTimeout, $"did not answer within {options.TimeoutSeconds} s");
        }
        catch (HttpRequestException failure)
        {
            log.LogWarning("The server that knows layer {Layer} cannot be asked: {Reason}", layer.Name, failure.Message);
            return Failure(
                layer, StatusCodes.Status502BadGateway,
                failure.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"sent more than {options.MaxBytes} bytes" : "cannot be reached");
        }
    }

    public void Dispose() => _http.Dispose();

    private static MapFailure Failure(PublishedLayer layer, int status, string what) => new(status, $"The server that knows what is on layer {layer.Name} {what}.", IsRequest: false);
}
