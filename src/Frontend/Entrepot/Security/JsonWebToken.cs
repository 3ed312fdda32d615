using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>A signed token in the compact form of RFC 7515, split but not yet believed.</summary>
/// <param name="Header">The protected header.</param>
/// <param name="Claims">The payload.</param>
/// <param name="SignedBytes">What the signature covers.</param>
public sealed record JsonWebToken(JsonObject Header, JsonObject Claims, byte[] SignedBytes, byte[] Signature)
{
    /// <summary>Tokens longer than this are not looked at.</summary>
    public const int MaxLength = 16 * 1024;

    public string Algorithm => Text(Header, "alg") ?? "";

    public string? KeyId => Text(Header, "kid");

    public string? Issuer => Text(Claims, "iss");

    public string? Subject => Text(Claims, "sub");

    /// <summary>Splits a compact token; null when it is not one.</summary>
    public static JsonWebToken? Split(string token)
    {
        if (token.Length > MaxLength)
            return null;
        var parts = token.Split('.');
        try
        {
            return parts.Length == 3
                && Parse(parts[0]) is JsonObject header
                && Parse(parts[1]) is JsonObject claims
                ? new JsonWebToken(header, claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]))
                : null;
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Signs claims with HMAC-SHA256 (RFC 7518 § 3.2).</summary>
    public static string SignHs256(JsonObject claims, ReadOnlySpan<byte> key)
    {
        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>True when the token is of HMAC-SHA256 and signed by the key; takes the same time wherever signatures differ.</summary>
    public bool IsSignedHs256(ReadOnlySpan<byte> key) =>
        Algorithm == "HS256" && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, SignedBytes), Signature);

    /// <summary>True when <c>exp</c> is there and to come, and <c>nbf</c> is not; a minute of difference between clocks is allowed for <c>nbf</c>.</summary>
    public bool IsTimely(DateTimeOffset now) =>
        Seconds("exp") is { } end && now.ToUnixTimeSeconds() < end
        && (Seconds("nbf") is not { } begin || begin <= now.ToUnixTimeSeconds() + 60);

    /// <summary>True when <c>aud</c> names the audience, or <c>azp</c> does.</summary>
    public bool IsFor(string audience) => Claims["aud"] switch
    {
        JsonArray several when several.Any(item => item is JsonValue value && value.TryGetValue<string>(out var text) && text == audience) => true,
        JsonValue one when one.TryGetValue<string>(out var text) && text == audience => true,
        _ => Text(Claims, "azp") == audience,
    };

    /// <summary>A claim's text, or null.</summary>
    public string? Claim(string name) => Text(Claims, name);

    private long? Seconds(string name) => Claims[name] is JsonValue value && value.TryGetValue<double>(out var seconds) ? (long)seconds : null;

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // A member given twice would be read one way here and another way elsewhere (RFC 7519 § 4).
    private static JsonNode? Parse(string part) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(part), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
