using System.Net;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>The 3D Tiles of a published cloud, as clients on the web meet them.</summary>
internal static class TilesetOverHttp
{
    /// <summary>Reads all of a layer's tileset and holds it against the standard.</summary>
    public static async Task CheckAsync(Uri grid, string layer, long points)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip }) { BaseAddress = grid };
        using var plain = new HttpClient { BaseAddress = grid };
        Assert.Contains($"\"tileset\":\"3dtiles/{layer}/tileset.json\"", await http.GetStringAsync("3dtiles"));
        var check = await TilesetCheck.ReadAsync(name => http.GetByteArrayAsync($"3dtiles/{layer}/{name}"));
        Assert.Empty(check.Findings);
        Assert.Equal(points, check.Points);
        Assert.Equal(points, (long)check.Root["asset"]!["extras"]!["points"]!);

        // The first document is asked for anew, and answered shortly when it is known; what it names never changes.
        var first = await http.GetAsync($"3dtiles/{layer}/tileset.json");
        Assert.Equal(("no-cache", "*"), (first.Headers.CacheControl!.ToString(), first.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Equal(HttpStatusCode.NotModified, await AgainAsync($"3dtiles/{layer}/tileset.json", first.Headers.ETag!.ToString()));
        var tile = $"3dtiles/{layer}/{check.Tiles[0].Uri}";
        var answer = await plain.GetAsync(tile);
        Assert.Equal("model/gltf-binary", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("immutable", answer.Headers.CacheControl!.ToString());
        Assert.Empty(new GltfFile(await answer.Content.ReadAsByteArrayAsync()).Findings);
        Assert.Equal(HttpStatusCode.NotModified, await AgainAsync(tile, answer.Headers.ETag!.ToString()));

        foreach (var absent in (string[])["3dtiles/absent/tileset.json", $"3dtiles/{layer}/0123456789abcdef/tileset.json", $"{tile[..tile.LastIndexOf('/')]}/9-9-9.glb", $"{tile}/..%2F..%2Fsecret"])
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(absent)).StatusCode);

        async Task<HttpStatusCode> AgainAsync(string path, string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            return (await plain.SendAsync(request)).StatusCode;
        }
    }
}
