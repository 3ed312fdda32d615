using System.Net;
using System.Net.Http.Headers;
using Grid.Frontend.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grid.Frontend.Tests.Pages;

public sealed class PageEndpointsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-pages-");
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
    private WebApplication? _host;

    private string Dist => Path.Combine(_folder.FullName, "dist");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.MapPages(new PageFolder([Dist]));
        await _host.StartAsync();
        _http.BaseAddress = new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        await _host!.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Pages_not_built_say_how_to_build_them_and_are_found_once_built()
    {
        using var before = await _http.GetAsync("map");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.StatusCode);
        Assert.Contains("npm run build", await before.Content.ReadAsStringAsync());

        Build();

        Assert.Contains("the map", await _http.GetStringAsync("map"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("map")]
    [InlineData("builds")]
    [InlineData("data")]
    public async Task Page_may_load_nothing_from_elsewhere_and_run_no_inline_script(string page)
    {
        Build();
        using var answer = await _http.GetAsync(page);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("http", policy);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Hashed_asset_never_expires_and_page_is_asked_for_again()
    {
        Build();
        using var asset = await _http.GetAsync("assets/map-1A2B3C4D.js");
        Assert.Equal("public, max-age=31536000, immutable", asset.Headers.CacheControl!.ToString());
        Assert.Equal("text/javascript", asset.Content.Headers.ContentType!.MediaType);
        using var page = await _http.GetAsync("map");
        Assert.True(page.Headers.CacheControl!.NoCache);
    }

    [Fact]
    public async Task Known_etag_answers_304_without_a_body()
    {
        Build();
        using var first = await _http.GetAsync("map");
        var etag = first.Headers.ETag!;
        Assert.False(etag.IsWeak);
        using var request = new HttpRequestMessage(HttpMethod.Get, "map") { Headers = { IfNoneMatch = { etag } } };
        using var second = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
        Assert.Equal(etag, second.Headers.ETag);
    }

    [Fact]
    public async Task Compressed_form_has_its_own_etag_and_is_smaller()
    {
        Build();
        using var request = new HttpRequestMessage(HttpMethod.Get, "assets/map-1A2B3C4D.js") { Headers = { AcceptEncoding = { new StringWithQualityHeaderValue("br") } } };
        using var compressed = await _http.SendAsync(request);
        using var plain = await _http.GetAsync("assets/map-1A2B3C4D.js");
        Assert.Equal("br", compressed.Content.Headers.ContentEncoding.Single());
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.NotEqual(plain.Headers.ETag, compressed.Headers.ETag);
        Assert.True(compressed.Content.Headers.ContentLength < plain.Content.Headers.ContentLength);
        Assert.Contains("Accept-Encoding", compressed.Headers.Vary);
    }

    [Fact]
    public async Task Head_answers_the_headers_of_get_without_a_body()
    {
        Build();
        using var get = await _http.GetAsync("map");
        using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "map"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("assets/absent.js")]
    [InlineData("assets/..%2Findex.html")]
    [InlineData("assets/..%2F..%2Fsecret.txt")]
    [InlineData("assets/%2Fetc%2Fpasswd")]
    public async Task Name_that_is_no_built_asset_is_not_found(string path)
    {
        Build();
        using var answer = await _http.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private void Build()
    {
        Directory.CreateDirectory(Path.Combine(Dist, "assets"));
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.txt"), "secret");
        foreach (var page in (string[])["map", "builds", "data", "index"])
            File.WriteAllText(Path.Combine(Dist, page + ".html"), $"<!doctype html><title>the {page}</title>");
        File.WriteAllText(Path.Combine(Dist, "assets", "map-1A2B3C4D.js"), string.Concat(Enumerable.Repeat("export const layers = [];\n", 200)));
    }
}
