using System.IO.Compression;
using System.Net;
using System.Text;
using System.Xml.Linq;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>HTTP around WMTS tiles and capabilities: validators, methods, encodings, other origins, other spellings.</summary>
[Collection("grid")]
public sealed class WmtsTileTests(SharedGrid shared)
{
    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private HttpClient Http => shared.Http;

    private KvpTile Tile => shared.Tile;

    [Fact]
    public async Task Tile_is_sent_with_its_type_and_length_and_may_be_kept()
    {
        using var answer = await Http.GetAsync(Tile.Address());
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(PngSignature, body[..8]);
        Assert.NotNull(answer.Headers.ETag);
        Assert.True(answer.Headers.CacheControl?.Public);
        Assert.True(answer.Headers.CacheControl?.MaxAge > TimeSpan.Zero);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("\"another\", {0}")]
    [InlineData("*")]
    public async Task Known_tile_is_answered_304_without_a_body(string known)
    {
        using var first = await Http.GetAsync(Tile.Address());
        using var request = new HttpRequestMessage(HttpMethod.Get, Tile.Address());
        request.Headers.TryAddWithoutValidation("If-None-Match", string.Format(known, first.Headers.ETag));
        using var second = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal("*", second.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Head_has_the_headers_of_get_and_no_body()
    {
        using var get = await Http.GetAsync(Tile.Address());
        using var head = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Tile.Address()));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        using var missing = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Tile.Address(("TILEROW", "0"))));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Preflight_of_a_browser_is_answered_without_a_token()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, Tile.Address());
        request.Headers.Add("Origin", "https://map.example.org");
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "x-requested-with");
        using var answer = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("GET", answer.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Contains("x-requested-with", answer.Headers.GetValues("Access-Control-Allow-Headers").Single());
    }

    [Fact]
    public async Task Form_by_post_gives_the_same_tile()
    {
        var expected = await Http.GetByteArrayAsync(Tile.Address());
        using var whole = await Http.PostAsync("/wmts", Form(Tile.Pairs()));
        Assert.Equal(expected, await whole.Content.ReadAsByteArrayAsync());
        using var halves = await Http.PostAsync("/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0", Form(Tile.Pairs(("SERVICE", null), ("REQUEST", null), ("VERSION", null))));
        Assert.Equal(expected, await halves.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Form_that_is_too_long_is_refused()
    {
        using var answer = await Http.PostAsync("/wmts", Form(Tile.Pairs() + "&x=" + new string('x', 70_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("PM")]
    [InlineData("PM_0_19")]
    [InlineData("PM_3_21")]
    public async Task Set_is_known_by_its_own_name_and_by_restricted_ones(string set)
    {
        Assert.Equal(await Http.GetByteArrayAsync(Tile.Address()), await Http.GetByteArrayAsync(Tile.Address(("TILEMATRIXSET", set))));
    }

    [Fact]
    public async Task Names_of_parameters_are_of_any_case_and_strangers_are_ignored()
    {
        var expected = await Http.GetByteArrayAsync(Tile.Address());
        var lower = string.Join('&', Tile.Pairs().Split('&').Select(pair => pair.Split('=')).Select(pair => $"{pair[0].ToLowerInvariant()}={pair[1]}"));
        Assert.Equal(expected, await Http.GetByteArrayAsync("/wmts?" + lower));
        Assert.Equal(expected, await Http.GetByteArrayAsync("/wmts?&" + Tile.Pairs() + "&DPI=96&apikey=&gp-access-lib=3.4.6&"));
        Assert.Equal(expected, await Http.GetByteArrayAsync(Tile.Address(("STYLE", ""))));
    }

    [Fact]
    public async Task Resource_address_gives_the_same_tile()
    {
        var expected = await Http.GetByteArrayAsync(Tile.Address());
        var place = $"{Tile.Level}/{Tile.Row}/{Tile.Col}";
        Assert.Equal(expected, await Http.GetByteArrayAsync($"/wmts/1.0.0/{Tile.Layer}/normal/PM/{place}.png"));
        Assert.Equal(expected, await Http.GetByteArrayAsync($"/wmts/1.0.0/{Tile.Layer}/normal/PM_0_19/{place}.png"));
        using var wrong = await Http.GetAsync($"/wmts/1.0.0/{Tile.Layer}/normal/PM/{place}.jpg");
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
    }

    [Fact]
    public async Task Capabilities_are_compressed_for_clients_that_take_it_and_validated_by_their_tag()
    {
        const string Address = "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities";
        var plain = await Http.GetByteArrayAsync(Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);
        request.Headers.Add("Accept-Encoding", "gzip");
        using var packed = await Http.SendAsync(request);
        Assert.Equal(["gzip"], packed.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        using var unpacked = new MemoryStream();
        await using (var gzip = new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress))
            await gzip.CopyToAsync(unpacked);
        Assert.Equal(plain, unpacked.ToArray());

        using var again = new HttpRequestMessage(HttpMethod.Get, Address);
        again.Headers.Add("Accept-Encoding", "gzip");
        again.Headers.IfNoneMatch.Add(packed.Headers.ETag!);
        using var unchanged = await Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Capabilities_behind_a_proxy_hold_the_address_that_clients_use()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "tiles.example.org");
        using var answer = await Http.SendAsync(request);
        var addresses = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Descendants()
            .Attributes(XName.Get("href", "http://www.w3.org/1999/xlink")).Select(address => address.Value).ToList();
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.StartsWith("https://tiles.example.org/", address));
    }

    private static StringContent Form(string pairs) => new(pairs, Encoding.ASCII, "application/x-www-form-urlencoded");
}
