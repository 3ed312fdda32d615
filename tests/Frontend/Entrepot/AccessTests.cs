using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Security;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Frontend.Tests.Entrepot;

[Collection("Entrepôt")]
public sealed class AccessTests(EntrepotHost host)
{
    private const string Token = "/auth/realms/geoplateforme/protocol/openid-connect/token";

    [Theory]
    [InlineData("/api/users/me")]
    [InlineData("/api/catalogs/communities")]
    [InlineData("/api/statics/tms")]
    [InlineData("/api/nothing/here")]
    public async Task Every_route_of_the_api_needs_a_token(string path)
    {
        var (status, body) = await host.Anyone.CallAsync("GET", path);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.IsType<JsonArray>(body!["error_description"]);
    }

    [Fact]
    public async Task Token_answer_holds_what_the_official_client_reads()
    {
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(host.DataFolder, "secrets.json")))!;
        var (status, body) = await AskAsync(("grant_type", "client_credentials"), ("client_id", (string)secrets["client_id"]!), ("client_secret", (string)secrets["client_secret"]!));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEmpty((string)body["access_token"]!);
        Assert.Equal(3600, (int)body["expires_in"]!);
    }

    [Fact]
    public void Secrets_are_readable_by_their_owner_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(host.DataFolder, "secrets.json")).UnixFileMode);

    [Fact]
    public async Task Wrong_passwords_are_refused_and_then_not_even_looked_at()
    {
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var (status, body) = await AskAsync(("grant_type", "password"), ("username", "guessed"), ("password", $"guess {attempt}"));
            // The address may have been blocked by another test of the same kind; a name's own count is what is shown here.
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Equal("Invalid user credentials", (string?)body["error_description"]);
        }

        var (blocked, _) = await AskAsync(("grant_type", "password"), ("username", "guessed"), ("password", "guess 5"));
        Assert.Equal(HttpStatusCode.TooManyRequests, blocked);
        await host.RestartAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    public async Task Bearers_that_are_no_token_are_refused(string token) => Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(token));

    [Fact]
    public async Task Tokens_with_no_algorithm_another_key_or_a_changed_claim_are_refused()
    {
        var own = host.Producer.DefaultRequestHeaders.Authorization!.Parameter!;
        var parts = own.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        var none = $"{Encode("{\"alg\":\"none\"}")}.{parts[1]}.";
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(none));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(JsonWebToken.SignHs256(claims, new byte[32])));
        claims["exp"] = 99999999999;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync($"{parts[0]}.{Encode(claims.ToJsonString())}.{parts[2]}"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(own));
    }

    [Fact]
    public async Task Expired_tokens_are_refused()
    {
        var parts = host.Producer.DefaultRequestHeaders.Authorization!.Parameter!.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1;
        var expired = JsonWebToken.SignHs256(claims, host.Services.GetRequiredService<Secrets>().TokenKey);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(expired));
    }

    [Fact]
    public async Task Members_read_but_change_only_what_their_rights_allow()
    {
        using var reader = await host.LogInAsync("reader");
        await reader.ReadAsync($"{host.Root}/uploads");
        var (status, body) = await reader.CallAsync("POST", $"{host.Root}/uploads", """{"name":"n","description":"","type":"RASTER","srs":"EPSG:2154"}""");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("UPLOAD", body.Sentences());
    }

    [Fact]
    public async Task Datastores_of_others_are_closed()
    {
        using var reader = await host.LogInAsync("reader");
        await reader.ReadAsync($"/api/datastores/{EntrepotHost.SmallDatastore}", HttpStatusCode.Forbidden);
        await reader.ReadAsync($"/api/datastores/{Guid.NewGuid()}", HttpStatusCode.NotFound);
        await reader.ReadAsync("/api/datastores/not-a-uuid/uploads", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Me_shows_communities_with_the_six_keys_that_strict_clients_take()
    {
        var me = await host.Producer.ReadAsync("/api/users/me");
        Assert.Equal("demo@localhost", (string?)me["email"]);
        var community = me["communities_member"]!.AsArray().First(member => (string?)member!["community"]!["technical_name"] == "demo")!;
        Assert.Equal(["_id", "datastore", "name", "public", "supervisor", "technical_name"], community["community"]!.AsObject().Select(key => key.Key).Order());
        Assert.Equal(EntrepotHost.Datastore.ToString(), (string?)community["community"]!["datastore"]);
        Assert.Contains("UPLOAD", community["rights"]!.AsArray().Select(right => (string?)right));
    }

    [Fact]
    public async Task Supervisor_stays_and_others_come_and_go()
    {
        var me = (string)(await host.Producer.ReadAsync("/api/users/me"))["_id"]!;
        var community = (await host.Producer.ReadAsync($"/api/datastores/{EntrepotHost.SmallDatastore}"))["community"]!["_id"]!;
        Assert.Equal(HttpStatusCode.Conflict, (await host.Producer.CallAsync("DELETE", $"/api/communities/{community}/users/{me}")).Status);
        using var reader = await host.LogInAsync("reader");
        var readerId = (string)(await reader.ReadAsync("/api/users/me"))["_id"]!;
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Producer.CallAsync("PUT", $"/api/communities/{community}/users/{readerId}", """{"rights":["FLY"]}""")).Status);
        var (status, member) = await host.Producer.CallAsync("PUT", $"/api/communities/{community}/users/{readerId}", """{"rights":["UPLOAD"]}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(readerId, (string?)member!["user"]!["_id"]);
        await reader.ReadAsync($"/api/datastores/{EntrepotHost.SmallDatastore}");
        Assert.Equal(HttpStatusCode.NoContent, (await reader.CallAsync("DELETE", $"/api/users/me/communities/{community}")).Status);
        await reader.ReadAsync($"/api/datastores/{EntrepotHost.SmallDatastore}", HttpStatusCode.Forbidden);
    }

    private async Task<(HttpStatusCode, JsonNode)> AskAsync(params (string, string)[] form)
    {
        using var answer = await host.Anyone.PostAsync(Token, new FormUrlEncodedContent(form.ToDictionary(pair => pair.Item1, pair => pair.Item2)));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private async Task<HttpStatusCode> StatusOfAsync(string token)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync("/api/users/me");
        return answer.StatusCode;
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
