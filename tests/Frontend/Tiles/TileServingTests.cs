using System.Net;
using System.Text;
using Grid.Interfaces.Tiles;
using Grid.Storage;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>What a frontend keeps, shares and refuses when it serves tiles.</summary>
public sealed class TileServingTests
{
    [Fact]
    public async Task A_tile_that_was_served_is_served_again_without_its_grain()
    {
        await using var host = await TileHost.StartAsync();
        var first = await host.Http.GetStringAsync(TileHost.Kvp(17, 2));
        Assert.StartsWith("pyramids/1/", first);
        Assert.EndsWith(" 33", first);
        foreach (var address in new[] { TileHost.Kvp(17, 2), TileHost.Rest(17, 2), TileHost.Tms(17, 2) })
            Assert.Equal(first, await host.Http.GetStringAsync(address));
        Assert.Equal(1, host.Slabs.Calls);
    }

    [Fact]
    public async Task That_there_is_no_tile_is_remembered_and_said_in_each_services_words()
    {
        await using var host = await TileHost.StartAsync();
        host.Slabs.Answer = (_, _) => new(CachedTile.Missing);
        foreach (var (address, word) in new[] { (TileHost.Kvp(1, 1), "ExceptionReport"), (TileHost.Rest(1, 1), "ExceptionReport"), (TileHost.Tms(1, 1), "TileMapServerError") })
        {
            using var answer = await host.Http.GetAsync(address);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains(word, await answer.Content.ReadAsStringAsync());
            Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        }

        Assert.Equal(1, host.Slabs.Calls);
    }

    [Fact]
    public async Task Requests_of_one_tile_share_one_fetch()
    {
        await using var host = await TileHost.StartAsync(("Grid:Serving:TileReads", "1"), ("Grid:Serving:TileReadsWaiting", "0"));
        var read = new TaskCompletionSource();
        host.Slabs.Answer = async (key, tile) =>
        {
            await read.Task;
            return SlabStandIn.TileOf(key, tile);
        };
        var first = host.Http.GetStringAsync(TileHost.Kvp(5, 5));
        await WaitForAsync(() => host.Slabs.Calls == 1);
        var others = Enumerable.Range(0, 20).Select(_ => host.Http.GetStringAsync(TileHost.Rest(5, 5))).ToList();

        // One of another tile finds no place and comes back refused, so those of this tile have come in before it or find it fetched.
        using var refused = await host.Http.GetAsync(TileHost.Kvp(6, 6));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        read.SetResult();
        Assert.All(await Task.WhenAll(others), body => Assert.EndsWith(" 85", body));
        Assert.EndsWith(" 85", await first);
        Assert.Equal(1, host.Slabs.Calls);
    }

    [Theory]
    [InlineData("/wmts")]
    [InlineData("/tms")]
    public async Task More_requests_than_can_be_fetched_are_refused_for_now_and_the_others_are_served(string service)
    {
        await using var host = await TileHost.StartAsync(
            ("Grid:Serving:TileReads", "2"), ("Grid:Serving:TileReadsWaiting", "3"), ("Grid:Serving:TileWaitMilliseconds", "60000"), ("Grid:Serving:RetryAfterSeconds", "7"));
        var reads = new TaskCompletionSource();
        host.Slabs.Answer = async (key, tile) =>
        {
            await reads.Task;
            return SlabStandIn.TileOf(key, tile);
        };
        var requests = Enumerable.Range(0, 50).Select(i => host.Http.GetAsync(service == "/tms" ? TileHost.Tms(i, 0) : TileHost.Kvp(i, 0))).ToList();
        await WaitForAsync(() => requests.Count(request => request.IsCompleted) == 45);
        reads.SetResult();
        var answers = await Task.WhenAll(requests);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(5, host.Slabs.Calls);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
            Assert.True(answer.Headers.CacheControl?.NoStore);
            Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        });
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(TileHost.Kvp(60, 60))).StatusCode);
    }

    [Fact]
    public async Task A_request_that_has_waited_long_enough_is_refused()
    {
        await using var host = await TileHost.StartAsync(("Grid:Serving:TileReads", "1"), ("Grid:Serving:TileWaitMilliseconds", "1"));
        var read = new TaskCompletionSource();
        host.Slabs.Answer = async (key, tile) =>
        {
            await read.Task;
            return SlabStandIn.TileOf(key, tile);
        };
        var first = host.Http.GetAsync(TileHost.Kvp(0, 0));
        await WaitForAsync(() => host.Slabs.Calls == 1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Http.GetAsync(TileHost.Kvp(1, 0))).StatusCode);
        read.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task A_failed_fetch_is_not_remembered()
    {
        await using var host = await TileHost.StartAsync();
        host.Slabs.Answer = (_, _) => throw new StorageException("the store is away");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Http.GetAsync(TileHost.Kvp(0, 0))).StatusCode);
        host.Slabs.Answer = (_, _) => ValueTask.FromException<CachedTile>(new TimeoutException());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Http.GetAsync(TileHost.Tms(0, 0))).StatusCode);
        host.Slabs.Answer = (key, tile) => new(SlabStandIn.TileOf(key, tile));
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(TileHost.Kvp(0, 0))).StatusCode);
    }

    [Fact]
    public async Task Values_that_cannot_be_read_now_are_an_error_of_the_service()
    {
        await using var host = await TileHost.StartAsync();
        var address = TileHost.Kvp(1, 1).Replace("GetTile", "GetFeatureInfo") + "&I=1&J=1&INFOFORMAT=text/plain";
        Assert.Contains("2", await host.Http.GetStringAsync(address));
        host.Slabs.Pixel = () => throw new StorageException("the store is away");
        using var answer = await host.Http.GetAsync(address);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("ExceptionReport", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Tag_of_capabilities_is_that_of_their_bytes()
    {
        await using var host = await TileHost.StartAsync();
        const string Address = "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities";
        using var first = await host.Http.GetAsync(Address);
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("gzip"));
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync("gzip;q=0"));
        // The same sequence and another document, as after a start with other settings.
        host.Publish(1, "TIFF_RAW_UINT8");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(null));

        async Task<HttpStatusCode> StatusAsync(string? coding)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            if (coding is not null)
                request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
            using var answer = await host.Http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Publishing_under_load_shows_no_stale_and_no_failing_tile()
    {
        await using var host = await TileHost.StartAsync();
        var published = 1L;
        var done = false;
        var clients = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var asked = 0;
            for (; !Volatile.Read(ref done) || asked == 0; asked++)
            {
                var before = Volatile.Read(ref published);
                using var answer = await host.Http.GetAsync(asked % 2 == 0 ? TileHost.Kvp(client, asked % 4) : TileHost.Tms(client, asked % 4));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                var version = long.Parse((await answer.Content.ReadAsStringAsync()).Split('/')[1]);
                Assert.StartsWith($"\"{version:x}-", answer.Headers.ETag!.Tag);
                Assert.True(version >= before, $"version {version} after {before} was published");
            }
        })).ToList();
        for (var version = 2L; version <= 200; version++)
        {
            host.Publish(version);
            Volatile.Write(ref published, version);
            await host.Http.GetStringAsync(TileHost.Kvp(0, 0));
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Clients_that_know_each_other_by_http_2_are_served_alike()
    {
        await using var host = await TileHost.StartAsync();
        using var http = new HttpClient
        {
            BaseAddress = host.Http2Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var expected = await host.Http.GetStringAsync(TileHost.Kvp(3, 3));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => http.GetAsync(TileHost.Kvp(3, 3))));
        foreach (var answer in answers)
        {
            Assert.Equal((HttpVersion.Version20, HttpStatusCode.OK), (answer.Version, answer.StatusCode));
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        }

        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, TileHost.Kvp(3, 3))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        Assert.Equal(expected.Length, head.Content.Headers.ContentLength);
        using var missing = await http.GetAsync(TileHost.Kvp(3, 333));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Encrypted_clients_are_served_by_either_version_of_http(int version)
    {
        await using var host = await TileHost.StartAsync();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var http = new HttpClient(handler)
        {
            BaseAddress = host.TlsAddress, DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var expected = await host.Http.GetStringAsync(TileHost.Kvp(3, 3));
        for (var i = 0; i < 3; i++)
        {
            using var answer = await http.GetAsync(TileHost.Kvp(3, 3));
            Assert.Equal((version, HttpStatusCode.OK), (answer.Version.Major, answer.StatusCode));
            Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        }
    }

    /// <summary>The host filter makes the other server ask all its middleware and routes.</summary>
    [Fact]
    public async Task The_short_way_answers_as_the_usual_one()
    {
        await using var direct = await TileHost.StartAsync();
        await using var usual = await TileHost.StartAsync(("AllowedHosts", "127.0.0.1"));
        foreach (var host in new[] { direct, usual })
            host.Slabs.Answer = (key, tile) => new(tile % 7 == 0 ? CachedTile.Missing : SlabStandIn.TileOf(key, tile));
        foreach (var format in new[] { "TIFF_PNG_UINT8", "TIFF_RAW_UINT8", "TIFF_ZIP_FLOAT32" })
        {
            direct.Publish(3, format);
            usual.Publish(3, format);
            foreach (var request in Requests())
            {
                var name = $"{format} {request}";
                var (one, other) = (await AnswerAsync(direct.Http, request), await AnswerAsync(usual.Http, request));
                Assert.True(one == other, $"{name}\n{one}\n{other}");
            }
        }

        using var stranger = new HttpRequestMessage(HttpMethod.Get, TileHost.Kvp(1, 1));
        stranger.Headers.Host = "stranger.example.org";
        Assert.Equal(HttpStatusCode.BadRequest, (await usual.Http.SendAsync(stranger)).StatusCode);
    }

    private static IEnumerable<string> Requests()
    {
        string[] addresses =
        [
            TileHost.Kvp(1, 1), TileHost.Kvp(0, 0), TileHost.Kvp(99, 1), TileHost.Kvp(1, 1, "13"), TileHost.Kvp(1, 1).Replace("STYLE=normal", "STYLE="), TileHost.Kvp(1, 1) + "&DPI=96",
            TileHost.Kvp(1, 1).Replace("image/png", "image/tiff"), TileHost.Kvp(1, 1).Replace("image/png", "image%2Fpng"), TileHost.Kvp(1, 1).Replace("image/png", "image/x-bil;bits=32"),
            TileHost.Kvp(1, 1).Replace("/wmts?", "/wmts/?"), TileHost.Kvp(1, 1).Replace("/wmts?", "/WMTS?"), TileHost.Kvp(1, 1).Replace("/wmts?", "/wmtsx?"), TileHost.Rest(1, 1),
            TileHost.Rest(0, 0), TileHost.Rest(1, 99), TileHost.Rest(1, 1).Replace("png", "tif"), TileHost.Rest(1, 1).Replace("png", "bil"), TileHost.Rest(1, 1) + "?x=1",
            TileHost.Rest(1, 1).Replace("/a/", "/%61/"), TileHost.Rest(1, 1).Replace("/a/", "/b/"), TileHost.Rest(1, 1) + "/", TileHost.Tms(1, 1), TileHost.Tms(0, 0), TileHost.Tms(99, 1),
            TileHost.Tms(1, 1).Replace("png", "tif"), TileHost.Tms(1, 1).Replace("png", "bil"), TileHost.Tms(1, 1).Replace("1.0.0", "1.0"), TileHost.Tms(1, 1, "40"), "/tms/1.0.0/a", "/tms", "/wmts",
        ];
        foreach (var address in addresses)
        {
            foreach (var method in new[] { "GET", "HEAD", "OPTIONS", "POST", "DELETE" })
            {
                yield return $"{method} {address}";
                if (method is "GET" or "HEAD")
                {
                    yield return $"{method} {address} \"3-12-1-1\"";
                    yield return $"{method} {address} *";
                    yield return $"{method} {address} W/\"1-12-1-1\"";
                }
            }
        }
    }

    private static async Task<string> AnswerAsync(HttpClient http, string request)
    {
        var parts = request.Split(' ', 3);
        using var message = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (parts.Length == 3)
            message.Headers.TryAddWithoutValidation("If-None-Match", parts[2]);
        using var answer = await http.SendAsync(message);
        // A document names the server's own address, so that its tag is another one on each.
        var isDocument = answer.Content.Headers.ContentType?.MediaType is "text/xml" or "application/json";
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date" && !(isDocument && header.Key == "ETag"))
            .OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
        // Addresses in documents hold the port.
        var body = Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync()).Replace(http.BaseAddress!.Port.ToString(), "PORT");
        return $"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n{body}";
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
