using System.Diagnostics;
using System.Globalization;
using Grid.Fixtures;
using Grid.Frontend.Pages;
using Grid.PointCloud;
using Grid.PointCloud.Copc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grid.Frontend.Tests.Pages;

/// <summary>The built pages as the host serves them, with the API and the WMTS of the stand-in behind, all on one free loopback port.</summary>
public sealed class StandIn : IAsyncLifetime
{
    /// <summary>How long a build of the stand-in takes.</summary>
    public const int BuildSeconds = 3;

    private readonly HttpClient _behind = new();
    private Process? _node;
    private WebApplication? _host;

    /// <summary>Root of the pages.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Points of the cloud at <c>3dtiles/hillside/tileset.json</c>.</summary>
    public long PointsOfCloud { get; private set; }

    /// <summary>The root of the checkout.</summary>
    public static string Checkout { get; } = FindCheckout();

    public async Task InitializeAsync()
    {
        var dist = Path.Combine(Checkout, "src", "Frontend", "wwwroot", "dist");
        if (!File.Exists(Path.Combine(dist, "index.html")))
            throw new InvalidOperationException($"The pages are not built: run npm ci && npm run build in {Path.Combine(Checkout, "src", "Frontend", "web")}.");
        _behind.BaseAddress = new Uri($"http://127.0.0.1:{await StartNodeAsync()}/");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.UseRouting();
        _host.MapPages(new PageFolder([dist]));
        await MapTilesetAsync(_host);
        _host.MapFallback(ForwardAsync);
        await _host.StartAsync();
        Address = new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        if (_node is { HasExited: false })
        {
            _node.Kill(entireProcessTree: true);
            await _node.WaitForExitAsync();
        }

        _node?.Dispose();
        _behind.Dispose();
    }

    private async Task MapTilesetAsync(WebApplication host)
    {
        await using var copc = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(await TiledClouds.HillsideAsync(500, seed: 11)), "hillside.copc.laz"));
        PointsOfCloud = (long)copc.Header.PointCount;
        var objects = await TiledClouds.TileAsync(copc);
        // The list names another host: the pages must not follow it there.
        host.MapGet("/3dtiles", () => new { layers = new[] { new { name = "hillside", title = "A hillside", tileset = "http://inner.invalid:8080/3dtiles/hillside/tileset.json" } } });
        host.MapGet("/3dtiles/hillside/{**name}", (string name, HttpContext context) =>
        {
            if (!objects.TryGetValue(name, out var content))
                return Results.NotFound();
            if (name.EndsWith(".glb", StringComparison.Ordinal))
                context.Response.Headers.ContentEncoding = "gzip";
            return Results.Bytes(content);
        });
    }

    private async Task<int> StartNodeAsync()
    {
        _node = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Path.Combine(Checkout, "tests", "Frontend", "Pages", "stand-in", "server.mjs") },
            RedirectStandardOutput = true,
            Environment =
            {
                ["STAND_IN_SECONDS"] = BuildSeconds.ToString(CultureInfo.InvariantCulture),
                // Capabilities name another host: the pages must not follow them there.
                ["STAND_IN_HOST"] = "inner.invalid:8080",
            },
        })!;
        return int.Parse(await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The stand-in ended at once."), CultureInfo.InvariantCulture);
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        if (context.Request.ContentLength > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        using var answer = await _behind.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (answer.Content.Headers.TryGetValues("Content-Range", out var range) || answer.Headers.TryGetValues("Content-Range", out range))
            context.Response.Headers.ContentRange = range.First();
        if (context.Response.StatusCode != StatusCodes.Status204NoContent)
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static string FindCheckout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("No Grid.sln above the tests.");
    }
}
