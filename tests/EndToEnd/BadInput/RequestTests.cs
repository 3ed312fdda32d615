using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Requests that cannot be answered: each service says so in its own form.</summary>
[Collection(SharedGrid.Collection)]
public sealed class RequestTests(SharedGrid shared)
{
    [Fact]
    public async Task Absent_wrong_and_forged_tokens_are_refused_with_the_scheme()
    {
        var token = await Producer.TokenAsync(shared.Grid);
        var parts = token.Split('.');
        const string NoSignature = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        foreach (var bad in (string?[])[null, "", "nonsense", "a.b.c", $"{NoSignature}.{parts[1]}.", $"{parts[0]}.{parts[1]}.AAAA", token[..^2]])
        {
            using var http = new HttpClient { BaseAddress = shared.Grid.Address };
            if (bad is not null)
                http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {bad}");
            using var answer = await http.GetAsync("/api/users/me");
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{bad ?? "no token"}: {answer.StatusCode}");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Equal("unauthorized", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]);
        }
    }

    [Fact]
    public async Task Expired_token_is_refused_and_says_that_it_has_expired()
    {
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string> { ["Grid:TokenLifetimeSeconds"] = "2" });
        using var http = new HttpClient { BaseAddress = grid.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Producer.TokenAsync(grid));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/users/me")).StatusCode);
        var answer = await Producer.UntilAsync(() => http.GetAsync("/api/users/me"), answer => answer.StatusCode != HttpStatusCode.OK, "the token's end");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("expired", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Wrong_layer_level_tile_and_format_are_told_in_the_service_s_own_form()
    {
        var folder = shared.NewFolder();
        await new Dalle().WriteAsync(folder, "dalle.tif");
        (await shared.Grid.DeliverAsync(folder, "requests", "--compression", "jpg90")).Expect();
        using var http = new HttpClient { BaseAddress = shared.Grid.Address };
        const string Tile = "/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&STYLE=normal&LAYER={0}&TILEMATRIXSET=PM&TILEMATRIX={1}&TILECOL={2}&TILEROW={3}&FORMAT={4}";
        foreach (var (query, code) in new[]
        {
            (string.Format(Tile, "no_such_layer", "5", "1", "1", "image/jpeg"), "InvalidParameterValue"),
            (string.Format(Tile, "requests", "77", "1", "1", "image/jpeg"), "InvalidParameterValue"),
            (string.Format(Tile, "requests", "5", "99999999999999999999", "11", "image/jpeg"), "InvalidParameterValue"),
            (string.Format(Tile, "requests", "5", "-1", "11", "image/jpeg"), "Not Found"),
            (string.Format(Tile, "requests", "5", "x", "11", "image/jpeg"), "InvalidParameterValue"),
            (string.Format(Tile, "requests", "5", "1", "1", "image/tiff"), "InvalidParameterValue"),
            ("/wmts?SERVICE=WMTS&REQUEST=GetTile", "MissingParameterValue"),
            ("/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=DropTable", "InvalidParameterValue"),
        })
        {
            using var answer = await http.GetAsync(query);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{query}: {answer.StatusCode} {text}");
            Assert.Contains("Exception", text);
            Assert.True(text.Contains(code, StringComparison.Ordinal), $"{query}: {code} was expected: {text}");
        }

        foreach (var path in (string[])["/tms/1.0.0/no_such_layer/5/1/1.jpg", "/tms/1.0.0/requests/77/1/1.jpg", "/tms/1.0.0/requests/5/1/1.tiff", "/tms/1.0.0/requests/5/-1/1.jpg",
            "/tms/1.0.0/requests/5/1/..%2f..%2f..%2fetc%2fpasswd", "/tms/1.0.0/requests/5/31/31.jpg"])
        {
            using var answer = await http.GetAsync(path);
            Assert.True((int)answer.StatusCode is 400 or 404, $"{path}: {answer.StatusCode}");
            Assert.Contains("TileMapServerError", await answer.Content.ReadAsStringAsync());
        }
    }
}
