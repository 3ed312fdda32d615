using System.Text.Json.Nodes;
using Grid.Fixtures;
using Grid.PointCloud;
using Grid.PointCloud.Copc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Grid.Clients.Tests.Tilesets;

/// <summary>3D Tiles in the viewers that people have, with the finest error asked for: every point is to be loaded.</summary>
public sealed class TilesetClientTests : IAsyncLifetime
{
    private readonly WebApplication _host = Host();
    private IReadOnlyDictionary<string, byte[]> _objects = new Dictionary<string, byte[]>();
    private long _points;

    public async Task InitializeAsync()
    {
        await using var copc = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(await TiledClouds.HillsideAsync(400, seed: 21)), "hillside.copc.laz"));
        (_points, _objects) = ((long)copc.Header.PointCount, await TiledClouds.TileAsync(copc));
        _host.MapGet("/tileset/{**name}", (string name, HttpContext http) =>
        {
            if (!_objects.TryGetValue(name, out var content))
                return Results.NotFound();
            if (name.EndsWith(".glb", StringComparison.Ordinal))
                http.Response.Headers.ContentEncoding = "gzip";
            return Results.Bytes(content, name.EndsWith(".glb", StringComparison.Ordinal) ? "model/gltf-binary" : "application/json");
        });
        _host.MapGet("/favicon.ico", () => Results.NoContent());
        await _host.StartAsync();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [TilesetClientFact]
    public async Task Cesium_loads_every_point_and_shades_them_by_their_attributes()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(Page("cesium.html"));
        await browser.UntilAsync($"window.errors.length > 0 || window.loaded?.points === {_points}");
        Assert.Equal("[]", (string?)await browser.EvaluateAsync("JSON.stringify(window.errors)"));
        Assert.Empty(browser.Complaints);
        Assert.Equal(_objects.Keys.Count(name => name.EndsWith(".glb", StringComparison.Ordinal)), (int)(await browser.EvaluateAsync("window.loaded.tiles"))!);
        // The middle of the hillside, 648512 6862512 in Lambert-93.
        Assert.Equal(2.2982, (double)(await browser.EvaluateAsync("window.loaded.longitude"))!, 0.001);
        Assert.Equal(48.8606, (double)(await browser.EvaluateAsync("window.loaded.latitude"))!, 0.001);
    }

    [TilesetClientFact]
    public async Task ITowns_loads_every_point()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(Page("itowns.html"));
        await browser.UntilAsync($"window.errors.length > 0 || window.loaded?.points === {_points}");
        Assert.Equal("[]", (string?)await browser.EvaluateAsync("JSON.stringify(window.errors)"));
        Assert.Empty(browser.Complaints);
    }

    [TilesetClientFact]
    public async Task Khronos_validator_finds_nothing_wrong_with_the_tiles()
    {
        var folder = Directory.CreateTempSubdirectory("grid-tiles-");
        try
        {
            var files = new List<string>();
            foreach (var (name, content) in _objects.Where(pair => pair.Key.EndsWith(".glb", StringComparison.Ordinal)))
            {
                files.Add(Path.Combine(folder.FullName, name.Replace('/', '_')));
                await File.WriteAllBytesAsync(files[^1], TiledClouds.Decompress(content));
            }

            var report = JsonNode.Parse((await Programs.RunAsync("node", [Path.Combine(TilesetClientFactAttribute.Folder, "Tilesets", "validate.mjs"), .. files])).Expect())!;
            Assert.Equal(files.Count, (int)report["files"]!);
            Assert.Equal("[]", report["found"]!.ToJsonString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Uri Page(string name) =>
        new(new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), $"pages/{name}");

    private static WebApplication Host()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var host = builder.Build();
        var types = new FileExtensionContentTypeProvider { Mappings = { [".mjs"] = "text/javascript", [".glb"] = "model/gltf-binary" } };
        foreach (var (path, folder) in (ReadOnlySpan<(string, string)>)[("/packages", "node_modules"), ("/pages", "Tilesets")])
        {
            var root = Path.Combine(TilesetClientFactAttribute.Folder, folder);
            if (Directory.Exists(root))
                host.UseStaticFiles(new StaticFileOptions { RequestPath = path, FileProvider = new PhysicalFileProvider(root), ContentTypeProvider = types });
        }

        host.UseRouting();
        return host;
    }
}

/// <summary>A fact that needs Chromium and the npm packages of tests/Clients: skipped at a desk that lacks them, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class TilesetClientFactAttribute : FactAttribute
{
    public TilesetClientFactAttribute()
    {
        if ((Browser.Program is null || !Directory.Exists(Path.Combine(Folder, "node_modules", "cesium"))) && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs Chromium, and the clients: npm ci in tests/Clients";
    }

    /// <summary>The folder of this project.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? "", "tests", "Clients");
    }
}
