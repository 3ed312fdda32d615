using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>
/// The token endpoint of RFC 6749 at the paths of the Géoplateforme's realm: grants <c>password</c> and <c>client_credentials</c>, user info
/// (OpenID Connect Core § 5.3) and the discovery document.
/// </summary>
public static class TokenEndpoints
{
    private const string Realm = "/auth/realms/geoplateforme";
    private const string Protocol = Realm + "/protocol/openid-connect";

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{Protocol}/token", IssueAsync).WithTags("Authentication").WithSummary("Gives an access token for a password or a client's secret.");
        routes.MapGet($"{Protocol}/userinfo", UserInfoAsync).WithTags("Authentication").WithSummary("Tells whose token it is.");
        routes.MapGet($"{Realm}/.well-known/openid-configuration", Discovery).WithTags("Authentication").WithSummary("Where the endpoints are.");
    }

    private static async Task<IResult> IssueAsync(
        HttpContext http, Secrets secrets, TokenAuthority tokens, LoginThrottle throttle, IOptions<EntrepotOptions> options)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength is > 64 * 1024)
            return Refuse(StatusCodes.Status400BadRequest, "invalid_request", "A form with grant_type is expected.");
        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or BadHttpRequestException)
        {
            return Refuse(StatusCodes.Status400BadRequest, "invalid_request", "The form cannot be read.");
        }

        var (client, clientSecret) = ClientOf(http.Request, form);
        var isPassword = form["grant_type"] == "password";
        var name = isPassword ? form["username"].ToString() : client;
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        try
        {
            throttle.ThrowIfBlocked(name, address);
        }
        catch (TooManyAttemptsException blocked)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(blocked.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Refuse(StatusCodes.Status429TooManyRequests, "too_many_requests", blocked.Message);
        }

        var account = form["grant_type"].ToString() switch
        {
            // Public clients send whatever secret their settings hold, so it is not looked at beside a password.
            "password" => secrets.IsPasswordOf(name, form["password"].ToString()) ? Account(options.Value, name) : null,
            "client_credentials" => secrets.IsSecretOf(client, clientSecret)
                ? Account(options.Value, options.Value.Clients.First(known => known.Id == client).Account) : null,
            _ => null,
        };
        if (account is not null)
        {
            throttle.Succeeded(name);
            http.Response.Headers.CacheControl = "no-store";
            return EntrepotJson.Ok(new JsonObject
            {
                ["access_token"] = tokens.Issue(account, client),
                ["expires_in"] = options.Value.TokenLifetimeSeconds,
                ["token_type"] = "Bearer",
                ["scope"] = "profile email",
            });
        }

        if (!isPassword && form["grant_type"] != "client_credentials")
            return Refuse(StatusCodes.Status400BadRequest, "unsupported_grant_type", "grant_type is password or client_credentials.");
        throttle.Failed(name, address);
        return isPassword
            ? Refuse(StatusCodes.Status401Unauthorized, "invalid_grant", "Invalid user credentials")
            : Refuse(StatusCodes.Status401Unauthorized, "invalid_client", "Invalid client or Invalid client credentials");
    }

    private static async Task<IResult> UserInfoAsync(HttpContext http, TokenAuthority tokens)
    {
        try
        {
            var header = http.Request.Headers.Authorization.ToString();
            var caller = await tokens.AuthenticateAsync(header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "", http.RequestAborted);
            return EntrepotJson.Ok(new JsonObject
            {
                ["sub"] = caller.Id.ToString(), ["preferred_username"] = caller.Login, ["email"] = caller.Email,
                ["given_name"] = caller.FirstName, ["family_name"] = caller.LastName,
            });
        }
        catch (UnauthorizedException refused)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return Refuse(StatusCodes.Status401Unauthorized, "invalid_token", refused.Message);
        }
        catch (Exception unavailable) when (unavailable is NpgsqlException or TimeoutException)
        {
            return Refuse(StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", "Try again in a moment.");
        }
    }

    private static IResult Discovery(HttpContext http, PublicAddress address) => EntrepotJson.Ok(new JsonObject
    {
        ["issuer"] = address.Absolute(http, Realm),
        ["token_endpoint"] = address.Absolute(http, $"{Protocol}/token"),
        ["userinfo_endpoint"] = address.Absolute(http, $"{Protocol}/userinfo"),
        ["grant_types_supported"] = new JsonArray("password", "client_credentials"),
        ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "client_secret_basic"),
        ["response_types_supported"] = new JsonArray(),
        ["subject_types_supported"] = new JsonArray("public"),
    });

    private static AccountOptions? Account(EntrepotOptions options, string login) => options.Accounts.Find(account => account.Login == login);

    private static (string Id, string Secret) ClientOf(HttpRequest request, IFormCollection form)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return (form["client_id"].ToString(), form["client_secret"].ToString());
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[6..].Trim(), bytes, out var length))
            return ("", "");
        var pair = System.Text.Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair.Length == 2 ? (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1])) : ("", "");
    }

    /// <summary>Errors of OAuth 2.0 carry one sentence, not a list.</summary>
    private static IResult Refuse(int status, string error, string description) =>
        Results.Json(new JsonObject { ["error"] = error, ["error_description"] = description }, EntrepotJson.Options, statusCode: status);
}
