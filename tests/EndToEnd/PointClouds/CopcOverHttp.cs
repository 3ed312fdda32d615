using System.Net;
using System.Net.Http.Headers;
using Grid.PointCloud;
using Grid.PointCloud.Copc;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>A published COPC file, as clients on the web meet it.</summary>
internal static class CopcOverHttp
{
    /// <summary>Reads a file as clients by range do: its size, its first bytes, its last ones, and whether it has changed.</summary>
    public static async Task CheckRangesAsync(HttpClient http, Uri file)
    {
        var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, file));
        var (length, tag) = (head.Content.Headers.ContentLength!.Value, head.Headers.ETag!);
        Assert.Equal("bytes", head.Headers.AcceptRanges.ToString());
        Assert.Equal("*", head.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Content-Range", head.Headers.GetValues("Access-Control-Expose-Headers").Single());

        // The quick check of COPC's specification.
        var first = await SendAsync(new RangeHeaderValue(0, 588));
        Assert.Equal((HttpStatusCode.PartialContent, $"bytes 0-588/{length}"), (first.StatusCode, first.Content.Headers.ContentRange!.ToString()));
        var bytes = await first.Content.ReadAsByteArrayAsync();
        Assert.True(bytes.AsSpan().StartsWith("LASF"u8) && bytes.AsSpan(377).StartsWith("copc"u8) && bytes[393] == 1);

        var last = await SendAsync(new RangeHeaderValue(null, 32));
        Assert.Equal($"bytes {length - 32}-{length - 1}/{length}", last.Content.Headers.ContentRange!.ToString());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await SendAsync(new RangeHeaderValue(length, null))).StatusCode);
        var known = new HttpRequestMessage(HttpMethod.Get, file);
        known.Headers.IfNoneMatch.Add(tag);
        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(known)).StatusCode);

        Task<HttpResponseMessage> SendAsync(RangeHeaderValue range) => http.SendAsync(new HttpRequestMessage(HttpMethod.Get, file) { Headers = { Range = range } });
    }

    /// <summary>Downloads a file and decodes all its octants.</summary>
    public static async Task CheckPointsAsync(HttpClient http, Uri address, int points)
    {
        var file = await http.GetByteArrayAsync(address);
        await using var reader = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(file), "downloaded.copc.laz"));
        Assert.Equal((ulong)points, reader.Header.PointCount);
        var nodes = await reader.ReadNodesAsync();
        foreach (var node in nodes)
            (await reader.ReadPointsAsync(node)).Dispose();
    }
}
