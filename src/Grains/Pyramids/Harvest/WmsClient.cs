using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Grid.Imaging;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Pyramids.Harvest;

/// <summary>
/// Asks map services for pictures (WMS 1.3.0, GetMap). Answers are bounded in time and size, failures that may pass are tried again with growing
/// pauses, redirections are not followed: they could lead beyond the allow-list. Safe for concurrent use.
/// </summary>
public sealed partial class WmsClient(HarvestOptions options) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _places = new(options.RequestsInFlight);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The address of one map.</summary>
    /// <param name="extent">In the CRS's units, easting or longitude first; written as the CRS wants it.</param>
    public static Uri Address(HarvestOrder order, string crs, Extent extent, int width, int height)
    {
        var system = Crs.Parse(crs);
        double[] box = system.IsLatitudeFirst ? [extent.MinY, extent.MinX, extent.MaxY, extent.MaxX] : [extent.MinX, extent.MinY, extent.MaxX, extent.MaxY];
        var query = new StringBuilder();
        query.Append(order.Url).Append(order.Url.Contains('?') ? order.Url.EndsWith('?') || order.Url.EndsWith('&') ? "" : "&" : "?");
        query.Append(CultureInfo.InvariantCulture, $"SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS={Uri.EscapeDataString(order.Layers)}&STYLES=");
        query.Append(CultureInfo.InvariantCulture, $"&CRS={Uri.EscapeDataString(system.Name)}&BBOX={string.Join(',', box.Select(edge => edge.ToString("R", CultureInfo.InvariantCulture)))}");
        query.Append(CultureInfo.InvariantCulture, $"&WIDTH={width}&HEIGHT={height}&FORMAT={Uri.EscapeDataString(order.Format)}");
        if (order.Extras.Length > 0)
            query.Append('&').Append(order.Extras);
        return new Uri(query.ToString());
    }

    /// <summary>Reads one map whole. Called on worker threads.</summary>
    /// <exception cref="UnreadableRasterException">The service refuses it, or has failed as often as is allowed; the message names address and reason.</exception>
    public byte[] Read(Uri address, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            string reason;
            try
            {
                _places.Wait(cancellation);
                try
                {
                    return Ask(address, cancellation);
                }
                finally
                {
                    _places.Release();
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (RefusedException refused)
            {
                throw new UnreadableRasterException(NameOf(address), refused.Message);
            }
            catch (OperationCanceledException)
            {
                reason = $"no answer within {options.TimeoutSeconds} s";
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                reason = error.Message;
            }

            if (attempt >= options.Attempts)
                throw new UnreadableRasterException(NameOf(address), $"{reason}; asked {attempt} times");
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, attempt - 1) / 2)));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _places.Dispose();
    }

    private byte[] Ask(Uri address, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var answer = _http.Send(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        if (answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500)
            throw new HttpRequestException($"the service answered {(int)answer.StatusCode}");
        using var body = answer.Content.ReadAsStream(limit.Token);
        // A stream's synchronous reads heed no token: closing the connection ends them.
        using var end = limit.Token.Register(body.Dispose);
        var bytes = ReadBounded(body, limit.Token);
        var type = answer.Content.Headers.ContentType?.MediaType ?? "";
        if (answer.StatusCode != HttpStatusCode.OK || type.Contains("xml", StringComparison.OrdinalIgnoreCase) || type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
            throw new RefusedException($"the service answered {(int)answer.StatusCode}, {type}: {Sentence(bytes)}");
        return bytes;
    }

    private byte[] ReadBounded(Stream body, CancellationToken limit)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = body.Read(buffer)) > 0;)
            {
                whole.Write(buffer, 0, read);
                if (whole.Length > options.MaxImageBytes)
                    throw new RefusedException($"the answer passes {options.MaxImageBytes} bytes (Grid:Harvest:MaxImageBytes)");
            }
        }
        catch (ObjectDisposedException)
        {
            limit.ThrowIfCancellationRequested();
            throw;
        }

        return whole.ToArray();
    }

    // Keys are in the query: they stay out of logs.
    private static string NameOf(Uri address) => address.GetLeftPart(UriPartial.Path) + (Box().Match(address.Query) is { Success: true } box ? $" at {box.Groups[1].Value}" : "");

    private static string Sentence(byte[] answer)
    {
        var text = Markup().Replace(Encoding.UTF8.GetString(answer, 0, Math.Min(answer.Length, 4000)), " ").Trim();
        return text.Length <= 300 ? text : text[..300] + "…";
    }

    [GeneratedRegex("[?&]BBOX=([^&]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Box();

    [GeneratedRegex("<[^>]*>|\\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Markup();

    private sealed class RefusedException(string reason) : Exception(reason);
}
