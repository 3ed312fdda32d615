using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>
/// The keys of the configured OpenID Connect issuer (OpenID Connect Discovery 1.0, RFC 7517), fetched from the issuer's own host alone, kept an
/// hour, and fetched again, at most once a minute, when a token names a key that is not known. Accepts RS256 and ES256 (RFC 7518 § 3).
/// </summary>
public sealed class ExternalIssuer(IOptions<EntrepotOptions> options, IHttpClientFactory clients, TimeProvider clock)
{
    /// <summary>Largest document read from the issuer, in bytes.</summary>
    private const int MaxDocumentBytes = 1024 * 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1), Pause = TimeSpan.FromMinutes(1), PauseAfterFailure = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile KeySet _keys = new([], DateTimeOffset.MinValue);
    private DateTimeOffset _failed = DateTimeOffset.MinValue;

    /// <summary>The issuer's URL, or null when none is configured.</summary>
    public string? Issuer => options.Value.Oidc is { Issuer.Length: > 0 } oidc ? oidc.Issuer : null;

    public string? Audience => options.Value.Oidc?.Audience;

    /// <summary>True when one of the issuer's keys signed the token.</summary>
    public async Task<bool> IsSignedAsync(JsonWebToken token, CancellationToken cancellation)
    {
        // An extension that a token declares critical and that is not understood makes it invalid (RFC 7515 § 4.1.11).
        if (token.Algorithm is not ("RS256" or "ES256") || token.Header.ContainsKey("crit"))
            return false;
        var keys = await KeysAsync(token.KeyId, cancellation);
        return keys.Any(key => IsSignedBy(key, token));
    }

    private static bool IsSignedBy(JsonObject key, JsonWebToken token)
    {
        if ((token.KeyId is not null && Text(key, "kid") != token.KeyId) || Text(key, "use") is not (null or "sig"))
            return false;
        try
        {
            switch (token.Algorithm, Text(key, "kty"))
            {
                case ("RS256", "RSA"):
                    using (var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }))
                        return rsa.KeySize >= 2048 && rsa.VerifyData(token.SignedBytes, token.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                case ("ES256", "EC") when Text(key, "crv") == "P-256":
                    var point = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") };
                    using (var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point }))
                        return ecdsa.VerifyData(token.SignedBytes, token.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
                default:
                    return false;
            }
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<JsonObject>> KeysAsync(string? wanted, CancellationToken cancellation)
    {
        if (IsGood(_keys, wanted))
            return _keys.Keys;
        await _fetching.WaitAsync(cancellation);
        try
        {
            if (IsGood(_keys, wanted))
                return _keys.Keys;
            // Callers of an issuer that is away would otherwise wait for it one after the other.
            if (clock.GetUtcNow() - _failed < PauseAfterFailure)
                throw new TimeoutException($"The issuer {Issuer} did not give its keys a moment ago.");
            _keys = new KeySet(await FetchAsync(cancellation), clock.GetUtcNow());
            return _keys.Keys;
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException or InvalidDataException
            || (failed is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            _failed = clock.GetUtcNow();
            throw new TimeoutException($"The issuer {Issuer} does not give its keys.", failed);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private bool IsGood(KeySet keys, string? wanted)
    {
        var age = clock.GetUtcNow() - keys.Fetched;
        return age < Lifetime && (age < Pause || wanted is null || keys.Keys.Any(key => Text(key, "kid") == wanted));
    }

    private async Task<IReadOnlyList<JsonObject>> FetchAsync(CancellationToken cancellation)
    {
        var issuer = new Uri(Issuer!.TrimEnd('/') + "/");
        var discovery = await GetAsync(new Uri(issuer, ".well-known/openid-configuration"), cancellation);
        if (Text(discovery, "issuer") != Issuer)
            throw new InvalidDataException($"The discovery document of {Issuer} is of another issuer.");
        if (!Uri.TryCreate(Text(discovery, "jwks_uri"), UriKind.Absolute, out var keysUri)
            || keysUri.Scheme != issuer.Scheme || keysUri.Authority != issuer.Authority)
            throw new InvalidDataException($"The keys of {Issuer} are not on its own host.");
        var document = await GetAsync(keysUri, cancellation);
        return document["keys"] is JsonArray keys ? [.. keys.OfType<JsonObject>()] : throw new InvalidDataException("The key set has no keys.");
    }

    private async Task<JsonObject> GetAsync(Uri uri, CancellationToken cancellation)
    {
        using var client = clients.CreateClient(nameof(ExternalIssuer));
        client.MaxResponseContentBufferSize = MaxDocumentBytes;
        client.Timeout = TimeSpan.FromSeconds(10);
        var text = await client.GetStringAsync(uri, cancellation);
        return JsonNode.Parse(text) as JsonObject ?? throw new InvalidDataException($"{uri} is not a JSON object.");
    }

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static byte[] Bytes(JsonObject key, string name) => Base64Url.DecodeFromChars(Text(key, name) ?? "");

    private sealed record KeySet(IReadOnlyList<JsonObject> Keys, DateTimeOffset Fetched);
}
