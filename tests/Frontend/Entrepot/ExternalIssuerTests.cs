using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>Tokens of an OpenID Connect issuer that runs on a loopback port of its own, with keys made here.</summary>
[Collection("Entrepôt")]
public sealed class ExternalIssuerTests(EntrepotHost host) : IAsyncLifetime
{
    private const string Audience = "grid";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly JsonArray _keys = [];
    private readonly MovableClock _clock = new();
    private WebApplication _app = null!;
    private TokenAuthority _authority = null!;
    private string _issuer = "";
    private string _discovered = "";
    private int _fetches;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapGet("/realm/.well-known/openid-configuration", () => Json(new JsonObject { ["issuer"] = _discovered, ["jwks_uri"] = $"{_issuer}/keys" }));
        _app.MapGet("/realm/keys", () =>
        {
            _fetches++;
            return Json(new JsonObject { ["keys"] = _keys.DeepClone() });
        });
        await _app.StartAsync();
        _issuer = _discovered = _app.Urls.First() + "/realm";
        _keys.Add((JsonNode)RsaKey("rsa", _rsa));
        _keys.Add((JsonNode)EcKey("ec", _ec));
        var options = Options.Create(new EntrepotOptions { Oidc = new ExternalIssuerOptions { Issuer = _issuer, Audience = Audience } });
        var external = new ExternalIssuer(options, host.Services.GetRequiredService<IHttpClientFactory>(), _clock);
        _authority = new TokenAuthority(host.Services.GetRequiredService<Secrets>(), external, host.Database, options, _clock);
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
        _ec.Dispose();
    }

    [Fact]
    public async Task Tokens_signed_with_RS256_and_ES256_are_accepted_and_stand_for_one_account()
    {
        var first = await AdmitAsync(Rs256(Claims()));
        var second = await AdmitAsync(Es256(Claims()));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal("someone@example.org", first.Email);
        Assert.False(first.Administrator);
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task Tokens_of_another_issuer_for_another_audience_or_out_of_time_are_refused()
    {
        await RefusedAsync(Rs256(Claims(("iss", "https://elsewhere.example.org"))));
        await RefusedAsync(Rs256(Claims(("aud", "another"))));
        await RefusedAsync(Rs256(Claims(("exp", _clock.GetUtcNow().ToUnixTimeSeconds() - 1))));
        await RefusedAsync(Rs256(Claims(("nbf", _clock.GetUtcNow().ToUnixTimeSeconds() + 3600))));
        await RefusedAsync(Rs256(Claims(("exp", "never"))));
        await AdmitAsync(Rs256(Claims(("aud", new JsonArray("another", Audience)))));
    }

    [Fact]
    public async Task Unknown_keys_and_changed_claims_are_refused()
    {
        using var other = RSA.Create(2048);
        await RefusedAsync(Rs256(Claims(), "unknown"));
        await RefusedAsync(Rs256(Claims(), "rsa", other));
        await RefusedAsync(Rs256(Claims(), "ec"));
        var parts = Rs256(Claims()).Split('.');
        await RefusedAsync($"{parts[0]}.{Encode(Claims(("sub", "root")).ToJsonString())}.{parts[2]}");
    }

    [Fact]
    public async Task A_key_that_the_issuer_adds_is_fetched_after_a_minute_and_one_that_it_drops_ends_within_the_hour()
    {
        await AdmitAsync(Rs256(Claims()));
        using var next = RSA.Create(2048);
        _keys.Clear();
        _keys.Add((JsonNode)RsaKey("next", next));
        await RefusedAsync(Rs256(Claims(), "next", next));
        Assert.Equal(1, _fetches);
        _clock.Move(TimeSpan.FromMinutes(2));
        await AdmitAsync(Rs256(Claims(), "next", next));
        Assert.Equal(2, _fetches);
        await RefusedAsync(Rs256(Claims()));
    }

    [Fact]
    public async Task An_algorithm_that_turns_the_public_key_into_a_secret_is_refused()
    {
        foreach (var secret in new[] { _rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), _rsa.ExportParameters(false).Modulus! })
            await RefusedAsync(JsonWebToken.SignHs256(Claims(), secret));
        await RefusedAsync($"{Encode("""{"alg":"none"}""")}.{Encode(Claims().ToJsonString())}.");
        await RefusedAsync(Rs256(Claims(("iss", TokenAuthority.OwnIssuer))));
    }

    [Fact]
    public async Task Headers_with_critical_extensions_or_members_given_twice_are_refused()
    {
        await RefusedAsync(Sign("""{"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false}"""));
        await RefusedAsync(Sign("""{"alg":"none","kid":"rsa","alg":"RS256"}"""));

        string Sign(string header)
        {
            var signed = $"{Encode(header)}.{Encode(Claims().ToJsonString())}";
            return $"{signed}.{Base64Url.EncodeToString(_rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        }
    }

    [Fact]
    public async Task An_issuer_that_is_down_or_gives_another_name_is_unavailable_and_not_a_wrong_token()
    {
        _discovered = "https://elsewhere.example.org";
        await Assert.ThrowsAsync<TimeoutException>(() => AdmitAsync(Rs256(Claims())));
        _discovered = _issuer;
        _clock.Move(TimeSpan.FromSeconds(11));
        await AdmitAsync(Rs256(Claims()));
        await _app.StopAsync();
        await AdmitAsync(Rs256(Claims()));
        _clock.Move(TimeSpan.FromHours(2));
        await Assert.ThrowsAsync<TimeoutException>(() => AdmitAsync(Rs256(Claims())));
    }

    [Theory]
    [InlineData("", "grid", "Grid:Oidc:Issuer")]
    [InlineData("http://issuer.example.org", "grid", "Grid:Oidc:Issuer")]
    [InlineData("https://issuer.example.org", " ", "Grid:Oidc:Audience")]
    public void Settings_that_would_accept_too_much_are_refused_by_name(string issuer, string audience, string key)
    {
        var options = new EntrepotOptions { Oidc = new ExternalIssuerOptions { Issuer = issuer, Audience = audience } };
        Assert.Contains(key, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    private Task<Caller> AdmitAsync(string token) => _authority.AuthenticateAsync(token, CancellationToken.None);

    private Task RefusedAsync(string token) => Assert.ThrowsAsync<UnauthorizedException>(() => AdmitAsync(token));

    private JsonObject Claims(params (string Name, JsonNode Value)[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = _issuer, ["sub"] = "someone", ["aud"] = Audience, ["email"] = "someone@example.org",
            ["exp"] = _clock.GetUtcNow().ToUnixTimeSeconds() + 4 * 3600,
        };
        foreach (var (name, value) in changes)
            claims[name] = value;
        return claims;
    }

    private string Rs256(JsonObject claims, string key = "rsa", RSA? signer = null)
    {
        var signed = $"{Encode($$"""{"alg":"RS256","kid":"{{key}}"}""")}.{Encode(claims.ToJsonString())}";
        var signature = (signer ?? _rsa).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private string Es256(JsonObject claims)
    {
        var signed = $"{Encode("""{"alg":"ES256","kid":"ec"}""")}.{Encode(claims.ToJsonString())}";
        var signature = _ec.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static JsonObject RsaKey(string id, RSA key)
    {
        var parameters = key.ExportParameters(false);
        return new() { ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
    }

    private static JsonObject EcKey(string id, ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new() { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id, ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    private static IResult Json(JsonObject document) => Results.Text(document.ToJsonString(), "application/json");

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private sealed class MovableClock : TimeProvider
    {
        private TimeSpan _moved;

        public void Move(TimeSpan by) => _moved += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _moved;
    }
}
