using System.Net;
using System.Text.Json;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.PointClouds;

/// <summary>The Entwine Point Tiles of a published cloud, as clients on the web meet them.</summary>
internal static class EptOverHttp
{
    /// <summary>Finds the files of a layer of one part with its own name; reads all of the first with npm's copc where it is installed, and its edges by hand.</summary>
    public static async Task CheckAsync(Uri grid, string layer, IReadOnlyList<string> files, long points)
    {
        using var http = new HttpClient { BaseAddress = grid };
        var listed = JsonDocument.Parse(await http.GetStringAsync("ept")).RootElement.GetProperty("files").EnumerateArray().Where(file => file.GetProperty("layer").GetString() == layer);
        Assert.Equal(files.Select(file => $"ept/{layer}/{layer}/{file}/ept.json"), listed.Select(file => file.GetProperty("ept").GetString()));
        var root = $"ept/{layer}/{layer}/{files[0]}";
        await CheckNpmAsync(new Uri(grid, root), points);

        var described = await http.GetAsync($"{root}/ept.json");
        Assert.Equal(("no-cache", "*"), (described.Headers.CacheControl!.ToString(), described.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Equal(points, JsonDocument.Parse(await described.Content.ReadAsStringAsync()).RootElement.GetProperty("points").GetInt64());
        var whole = await http.GetByteArrayAsync($"{root}/ept-data/0-0-0-0.laz");
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{root}/ept-data/0-0-0-0.laz"));
        Assert.Equal(whole.Length, head.Content.Headers.ContentLength);
        foreach (var path in (string[])["ept.json", "ept-hierarchy/0-0-0-0.json", "ept-data/0-0-0-0.laz"])
        {
            using var again = new HttpRequestMessage(HttpMethod.Get, $"{root}/{path}");
            again.Headers.IfNoneMatch.Add(described.Headers.ETag!);
            Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(again)).StatusCode);
        }

        foreach (var absent in (string[])[$"ept/absent/{layer}/x/ept.json", $"ept/{layer}/{layer}/absent/ept.json", $"{root}/ept-hierarchy/1-0-0-0.json", $"{root}/ept-data/9-1-1-1.laz",
            $"{root}/ept-data/0-0-0.laz", $"{root}/ept-data/0-0-0-1.laz", $"{root}/ept-data/40-0-0-0.laz", $"{root}/ept-data/0-0-0-0.bin"])
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(absent)).StatusCode);
    }

    private static async Task CheckNpmAsync(Uri root, long points)
    {
        var folder = Sources.Folder("tests/Benchmarks");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "copc")))
            return;
        var read = JsonDocument.Parse((await Programs.RunAsync("node", [Path.Combine(folder, "Lidar", "ept.mjs"), root.AbsoluteUri])).Expect()).RootElement;
        Assert.Equal(points, read.GetProperty("nodes").EnumerateObject().Sum(node => node.Value.GetProperty("points").GetInt64()));
    }
}
