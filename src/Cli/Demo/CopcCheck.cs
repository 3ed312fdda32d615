using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grid.Cli.Api;

namespace Grid.Cli.Demo;

/// <summary>Asks for the first bytes of published COPC files, as a viewer does.</summary>
public static class CopcCheck
{
    /// <summary>Enough to know a COPC file (COPC 1.0).</summary>
    private const int HeadBytes = 589;

    /// <summary>Checks each file that an index of dalles names.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="DeliveryException">One is no COPC file, or is not served by range.</exception>
    public static async Task<int> VerifyAsync(Uri index, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var dalles = JsonNode.Parse(await http.GetStringAsync(index, cancellation))!["features"]!.AsArray();
        foreach (var dalle in dalles)
        {
            var file = new Uri((string)dalle!["properties"]!["url"]!);
            using var request = new HttpRequestMessage(HttpMethod.Get, file) { Headers = { Range = new RangeHeaderValue(0, HeadBytes - 1) } };
            using var answer = await http.SendAsync(request, cancellation);
            var head = await answer.Content.ReadAsByteArrayAsync(cancellation);
            if (answer.StatusCode != HttpStatusCode.PartialContent || head.Length != HeadBytes || !head.AsSpan().StartsWith("LASF"u8) || !head.AsSpan(377).StartsWith("copc"u8))
                throw new DeliveryException($"{file} answers {(int)answer.StatusCode} with {head.Length} bytes that are not the head of a COPC file");
        }

        return dalles.Count;
    }
}
