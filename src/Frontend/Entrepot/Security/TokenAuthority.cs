using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Interfaces.Catalogue;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>Issues Grid's own tokens and tells which account any accepted token stands for.</summary>
public sealed class TokenAuthority(
    Secrets secrets, ExternalIssuer external, NpgsqlDataSource database, IOptions<EntrepotOptions> options, TimeProvider clock)
{
    /// <summary>What Grid's own tokens carry in <c>iss</c>: tokens are of the installation, whatever address it is reached at.</summary>
    public const string OwnIssuer = "grid";

    /// <summary>A signed access token for an account.</summary>
    public string Issue(AccountOptions account, string client)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return JsonWebToken.SignHs256(
            new JsonObject
            {
                ["iss"] = OwnIssuer,
                ["sub"] = account.Id.ToString(),
                ["preferred_username"] = account.Login,
                ["azp"] = client,
                ["iat"] = now,
                ["exp"] = now + options.Value.TokenLifetimeSeconds,
                ["jti"] = Guid.NewGuid().ToString(),
            },
            secrets.TokenKey);
    }

    /// <summary>The account of a token.</summary>
    /// <exception cref="UnauthorizedException">The token is not one, is not signed by an accepted issuer, has expired, or its account is gone.</exception>
    public async Task<Caller> AuthenticateAsync(string token, CancellationToken cancellation)
    {
        if (JsonWebToken.Split(token) is not { } split)
            throw new UnauthorizedException("The bearer token is not a JSON Web Token.");
        if (split.Issuer != OwnIssuer && external.Issuer is not null && split.Issuer == external.Issuer)
            return await AdmitExternalAsync(split, cancellation);
        if (split.Issuer != OwnIssuer || !split.IsSignedHs256(secrets.TokenKey))
            throw new UnauthorizedException("The bearer token is not signed by an issuer that this server accepts.");
        if (!split.IsTimely(clock.GetUtcNow()))
            throw new UnauthorizedException("The bearer token has expired: ask for a new one.");
        return Guid.TryParse(split.Subject, out var id) && await FindAsync(id, cancellation) is { } caller
            ? caller
            : throw new UnauthorizedException("The account of the bearer token does not exist any more.");
    }

    private async Task<Caller> AdmitExternalAsync(JsonWebToken token, CancellationToken cancellation)
    {
        if (!await external.IsSignedAsync(token, cancellation))
            throw new UnauthorizedException($"The bearer token is not signed by a key of {external.Issuer}.");
        if (!token.IsTimely(clock.GetUtcNow()))
            throw new UnauthorizedException("The bearer token has expired: ask for a new one.");
        if (!token.IsFor(external.Audience!) || token.Subject is not { Length: > 0 } subject)
            throw new UnauthorizedException($"The bearer token is not for {external.Audience}.");
        var id = StableId.Of("external account", $"{external.Issuer}\n{subject}");
        if (await FindAsync(id, cancellation) is { } known)
            return known;
        // The first authenticated call makes the account.
        await using var command = database.CreateCommand(
            "insert into catalogue.account (id, login, doc) values (@id, @login, @doc::jsonb) on conflict (id) do nothing");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("login", $"{subject}@{external.Issuer}");
        command.Parameters.AddWithValue("doc", new JsonObject
        {
            ["email"] = token.Claim("email") ?? "", ["first_name"] = token.Claim("given_name") ?? "", ["last_name"] = token.Claim("family_name") ?? "",
            ["administrator"] = false, ["technical"] = false,
        }.ToJsonString());
        await command.ExecuteNonQueryAsync(cancellation);
        return (await FindAsync(id, cancellation))!;
    }

    private async Task<Caller?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select login, coalesce(doc->>'email', ''), coalesce(doc->>'first_name', ''), coalesce(doc->>'last_name', ''),
                   coalesce((doc->>'administrator')::boolean, false)
            from catalogue.account where id = @id
            """);
        command.Parameters.AddWithValue("id", id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new Caller(id, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetBoolean(4))
            : null;
    }
}
